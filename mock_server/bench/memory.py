"""The memory that the mock takes after many requests in one session."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass

from mock_server.app import create_app
from mock_server.bench import load
from mock_server.bench.comparison import CONNECTIONS, load_generator
from mock_server.bench.running import running, send
from mock_server.bench.servers import mock
from mock_server.bench.workloads import make_plan
from mock_server.config import Config

_SECONDS = 1.0  # for which one thing is asked, before the next is


@dataclass(frozen=True, slots=True)
class Memory:
    """MB when the server was ready, and after so many requests."""

    ready: float
    after: float
    requests: int


def weigh(requests: int, database_url: str | None) -> Memory:
    """Only what reads is asked for: how much is kept of what is written is not how much a server needs. Raises RuntimeError
    where the server does not start, OSError where it does not answer."""
    plan = make_plan(create_app(Config()), f"bench-{os.getpid()}")
    reading = [request for request in plan.workloads.values() if request.method == "GET"]
    done = 0
    with load_generator() as generator, running(mock(database_url=database_url)) as server:
        send(server.port, plan.prepare)
        for request in itertools.cycle(reading):
            done += generator.submit(load.run, server.port, request, _SECONDS, CONNECTIONS).result().requests
            if done >= requests:
                break
        found = Memory(server.ready, server.tree.megabytes(), done)
        send(server.port, plan.forget)
    return found
