"""A server that has been started and answers."""

from __future__ import annotations

import contextlib
import http.client
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

from mock_server.bench.load import HOST
from mock_server.bench.processes import Tree, started
from mock_server.bench.requests import Request
from mock_server.bench.servers import Server

_SECONDS_TO_START = 30.0


@dataclass(frozen=True, slots=True)
class Running:
    """start is how many seconds passed until the first answer, ready the MB of memory then."""

    server: Server
    tree: Tree
    port: int
    start: float
    ready: float


@contextlib.contextmanager
def running(server: Server) -> Iterator[Running]:
    """Raises RuntimeError where the server does not start, with its reason."""
    port = _free_port()
    began = time.perf_counter()
    command = [part.replace("{port}", str(port)) for part in server.command]
    with started(command, server.environment, spread=server.spread) as tree:
        while not _answers(port):
            reason = tree.last_line()
            if reason or time.perf_counter() - began > _SECONDS_TO_START:
                raise RuntimeError(reason or f"it does not answer after {_SECONDS_TO_START:.0f} s")
            time.sleep(0.01)
        yield Running(server, tree, port, time.perf_counter() - began, tree.megabytes())


def send(port: int, request: Request) -> int:
    """The status of the answer. Raises OSError."""
    connection = http.client.HTTPConnection(HOST, port, timeout=_SECONDS_TO_START)
    with contextlib.closing(connection):
        connection.request(request.method, request.path, request.body, dict(request.headers))
        return connection.getresponse().status


def _answers(port: int) -> bool:
    try:
        send(port, Request("", "GET", "/"))
    except (OSError, http.client.HTTPException):
        return False
    return True


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
