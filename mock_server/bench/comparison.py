"""Servers side by side over HTTP: all are started, and take turns at each workload."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

import psutil

from mock_server.app import create_app
from mock_server.bench import files, load
from mock_server.bench.processes import LOAD_CORE, pin
from mock_server.bench.requests import Request
from mock_server.bench.running import Running, running, send
from mock_server.bench.servers import Server, choose
from mock_server.bench.workloads import UPLOAD, Plan, make_plan
from mock_server.config import Config

CONNECTIONS = 16


@dataclass(frozen=True, slots=True)
class Turn:
    """One server at one workload for a moment. rate: answers a second; cpu: microseconds of the server for each; statuses: how
    often each; busy: the share of its core that the load generator needed."""

    round: int
    workload: str
    server: str
    rate: float
    cpu: float
    statuses: Mapping[int, int]
    busy: float


@dataclass(frozen=True, slots=True)
class Footprint:
    """start: seconds until the first answer. Memory in MB, ready: then; loaded: after all workloads but uploads."""

    start: float
    ready: float
    loaded: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """skipped tells why a server is not there, missing why it took no part in a workload: by (workload, server)."""

    turns: list[Turn] = field(default_factory=list)
    footprints: dict[str, Footprint] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    missing: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def busiest(self) -> float:
        """The greatest share of its core that the load generator needed in a turn."""
        return max((turn.busy for turn in self.turns), default=0.0)


def compare(names: Collection[str], database_url: str | None, workers: int, seconds: float, rounds: int) -> Comparison:
    """A turn takes so many seconds. Before the rounds that count, one twice as long warms up: node compiles as it goes."""
    found = Comparison()
    plan = make_plan(create_app(Config()), f"bench-{os.getpid()}")
    with tempfile.TemporaryDirectory() as folder, load_generator() as generator, contextlib.ExitStack() as stack:
        chosen, skipped = choose(names, files.write(plan, Path(folder)), database_url, workers)
        found.skipped.update(skipped)
        servers = list(_start(chosen, plan, stack, found))
        for workload, request in plan.workloads.items():
            if workload == UPLOAD:
                # Not after them, since how much is kept of uploads is not how much a server needs.
                _weigh(servers, found)
            for number in range(rounds + 1):
                for server in servers:
                    _take_turn(found, generator, server, workload, request, number, seconds if number else 2 * seconds)
    return found


@contextlib.contextmanager
def load_generator() -> Iterator[Executor]:
    """One process on the core of the load generator."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=pin, initargs=(LOAD_CORE,)) as executor:
        yield executor


def _start(chosen: Sequence[Server], plan: Plan, stack: contextlib.ExitStack, found: Comparison) -> Iterator[Running]:
    for server in chosen:
        try:
            now = stack.enter_context(running(server))
        except (RuntimeError, OSError) as error:
            found.skipped[server.name] = str(error)
            continue
        if server.is_mock:
            stack.callback(_forget, now.port, plan)
            send(now.port, plan.prepare)
        yield now


def _forget(port: int, plan: Plan) -> None:
    with contextlib.suppress(OSError):  # it may have ended
        send(port, plan.forget)


def _weigh(servers: Sequence[Running], found: Comparison) -> None:
    for server in servers:
        with contextlib.suppress(psutil.Error):  # it has ended, which its turns tell
            found.footprints[server.server.name] = Footprint(server.start, server.ready, server.tree.megabytes())


def _take_turn(
    found: Comparison, generator: Executor, server: Running, workload: str, request: Request, number: int, seconds: float
) -> None:
    place = workload, server.server.name
    if workload in server.server.lacks:
        found.missing[place] = "it has no such thing"
    if place in found.missing:
        return
    try:
        cpu = server.tree.cpu_seconds()
        done = generator.submit(load.run, server.port, request, seconds, CONNECTIONS).result()
        cpu = server.tree.cpu_seconds() - cpu
    except (OSError, psutil.Error) as error:
        found.missing[place] = server.tree.last_line() or str(error) or "an answer did not come"
        return
    refused = [status for status in done.statuses if status >= 400]
    if refused:
        found.missing[place] = f"it answers {', '.join(map(str, refused))}"
    elif number:
        turn = Turn(number, *place, done.requests / done.seconds, cpu * 1e6 / done.requests, done.statuses, done.busy)
        found.turns.append(turn)
