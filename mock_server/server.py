"""The server on its port: granian, its workers, the addresses they listen on, and the line that says it is ready."""

from __future__ import annotations

import contextlib
import errno
import http.client
import logging
import multiprocessing
import os
import secrets
import signal
import socket
import ssl
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from granian.constants import HTTPModes, Interfaces, SSLProtocols
from granian.log import LogLevels
from granian.server.mp import MPServer, WorkerProcess

from mock_server import logs
from mock_server.app import MockServer, create_app
from mock_server.config import Config, family_of, url_of
from mock_server.errors import BootError
from mock_server.guard import is_exposed
from mock_server.reloading import Reloader
from mock_server.tls import Certificate, certificate
from mock_server.worker import ENDING, lasting, load_app

log = logging.getLogger("mock_server")

_SECONDS_BETWEEN_DEATHS = 0.5
_SECONDS_TO_END = 5  # for what is being answered when the server is told to end
# What `localhost` is: some clients try the one first, some the other, and some only one of them.
_LOOPBACK = ("127.0.0.1", "::1")


def serve(config: Config) -> None:
    """Serve until SIGTERM or Ctrl-C. Raises BootError."""
    config, notes = with_control_token(config)
    reloader = Reloader(config) if config.reload else None
    # Made before the workers are forked, so that they share its memory and a fault in it is told once.
    app = lasting(create_app(config))
    if config.database_url:
        app.close()
    signal.signal(ENDING, signal.SIG_IGN)  # so do workers until they know what it means
    forked = multiprocessing.get_start_method() == "fork"
    with reserved(config.host, config.port) as (addresses, port), certificate(config) as tls, _shared(app, config) as shared:
        options = server_options(port, tls)
        server = _AnnouncingServer(
            "mock_server",
            address=addresses[0],
            workers=config.workers,
            workers_kill_timeout=_SECONDS_TO_END,
            respawn_failed_workers=True,
            **options,
        )
        server.addresses = addresses
        server.loss = "" if config.database_url else ", with the state that it had in memory"
        server.url = url_of(config.host, port, tls=tls is not None)
        if tls and tls.authority:
            notes = [*notes, f"the certificate is made for this run; clients have to trust {tls.authority}"]
        for note in notes:
            logs.tell(note)
        load = partial(load_app, config, app if forked else None, reloader, addresses[1:], options, shared)
        server.serve(target_loader=load, wrap_loader=False)


def with_control_token(config: Config) -> tuple[Config, list[str]]:
    """Beyond loopback, the control API is for those who read this terminal; a note tells them the token."""
    if not is_exposed(config) or config.control_token or config.insecure_control:
        return config, []
    config = replace(config, control_token=secrets.token_urlsafe(16))
    return config, [f"control calls need the token {config.control_token}"]


def server_options(port: int, tls: Certificate | None) -> dict[str, Any]:
    """What the servers of all addresses have in common."""
    return {
        "port": port,
        "interface": Interfaces.ASGINL,
        "http": HTTPModes.http1,
        "websockets": False,
        "backlog": 1024,
        "log_level": LogLevels.error,
        "log_dictconfig": {"loggers": {"_granian": {"propagate": True}}},
        "ssl_cert": tls and tls.chain,
        "ssl_key": tls and tls.key,
        "ssl_protocol_min": SSLProtocols.tls12,
    }


@contextlib.contextmanager
def _shared(app: MockServer, config: Config) -> Iterator[Path | None]:
    """The file in which all workers count requests; None where files cannot be made, so that each counts by itself."""
    with contextlib.ExitStack() as stack:
        shared = None
        with contextlib.suppress(OSError):
            file = stack.enter_context(tempfile.NamedTemporaryFile(prefix="mock-server-"))
            file.truncate(app.counters.bytes * config.workers)
            shared = Path(file.name)
        yield shared


class _AnnouncingServer(MPServer):
    addresses: Sequence[str]
    url: str
    loss: str  # what is lost with a worker that dies
    replaced_at = 0.0

    def signal_handler_reload(self, *arguments: Any) -> None:
        """SIGHUP, as of a closed terminal, ends the server; new workers would not have the state that is in memory."""
        self.signal_handler_interrupt(*arguments)  # type: ignore[no-untyped-call]

    def _spawn_worker(self, idx: int, target: Any, callback_loader: Any) -> WorkerProcess:  # type: ignore[override]  # as MPServer
        return super()._spawn_worker(idx, target, partial(callback_loader, idx))

    def _stop_workers(self) -> None:
        for worker in self.wrks:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker._id(), ENDING)  # type: ignore[no-untyped-call]  # noqa: SLF001
        super()._stop_workers()  # type: ignore[no-untyped-call]

    def _respawn_workers(self, *arguments: Any, **options: Any) -> None:
        """Also when it happens often: whatever kills workers, those who ask had better be answered in between."""
        log.warning("a worker died and is replaced%s", self.loss)
        time.sleep(max(0.0, self.replaced_at + _SECONDS_BETWEEN_DEATHS - time.monotonic()))
        super()._respawn_workers(*arguments, **options)
        self.replaced_at = time.monotonic()
        self.respawned_wrks.clear()  # or a second death within seconds would end the server

    def startup(self, *arguments: Any) -> None:
        super().startup(*arguments)  # type: ignore[no-untyped-call]  # not annotated there
        # Not before: a thread that holds an import lock while the workers are forked would leave it locked in them.
        threading.Thread(target=_announce, args=(self.url, self.addresses, self.bind_port), daemon=True).start()


@contextlib.contextmanager
def reserved(host: str, port: int) -> Iterator[tuple[list[str], int]]:
    """The addresses of the host, and a port that was free on them.

    The workers share it with SO_REUSEPORT, which alone would let two servers share it as well.
    """
    with contextlib.ExitStack() as stack:
        addresses: list[str] = []
        for name in _LOOPBACK if host == "localhost" else (host,):
            try:
                address, port = stack.enter_context(_reservation(name, port))
            except OSError as error:
                if addresses and error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL):
                    continue
                raise _cannot_listen(name, port, error) from error
            addresses.append(address)
        yield addresses, port


@contextlib.contextmanager
def _reservation(host: str, port: int) -> Iterator[tuple[str, int]]:
    family = family_of(host)
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))
        address, port = probe.getsockname()[:2]
    with socket.socket(family) as reservation:
        reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reservation.bind((address, port))
        yield address, port


def _cannot_listen(host: str, port: int, error: OSError) -> BootError:
    busy = error.errno == errno.EADDRINUSE
    hint = "; is another mock-server running? Choose another --port, or 0 for a free one" if busy else ""
    return BootError(f"cannot listen on {host}:{port}: {error.strerror}{hint}")


def _announce(url: str, addresses: Sequence[str], port: int) -> None:
    """Say that the server is ready as soon as it answers on each of its addresses."""
    waiting = list(addresses)
    while waiting:
        if _is_healthy(waiting[0], port, tls=url.startswith("https:")):
            waiting.pop(0)
        else:
            time.sleep(0.01)
    print(f"mock-server ready on {url}", flush=True)


def _is_healthy(address: str, port: int, *, tls: bool) -> bool:
    # Not urllib: it would ask the proxy of the environment.
    connection: http.client.HTTPConnection
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection(address, port, timeout=5, context=context)
    else:
        connection = http.client.HTTPConnection(address, port, timeout=5)
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/__mock/health", headers={"Host": "localhost"})
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
