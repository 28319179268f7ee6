"""The time that each operation takes within this process, without HTTP server or client."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import median
from typing import TYPE_CHECKING, Any

from mock_server.app import create_app
from mock_server.bench.bare import create_bare
from mock_server.bench.requests import Answer, Request, ask
from mock_server.bench.story import tell
from mock_server.bench.workloads import forget, make_plan
from mock_server.bench.world import World
from mock_server.config import Config

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# So many stories are told side by side: each operation is asked for so often in a row, as under load.
BURST = 10
BARE_GET, BARE_POST = "bare Flask GET", "bare Flask POST"


@dataclass(frozen=True, slots=True)
class Cost:
    """Medians of one operation in microseconds; a tenth of the CPU times are below low, a tenth above high. ratio is to what
    bare Flask needs in the same run, for a GET or for a POST."""

    operation: str
    method: str
    cpu: float
    low: float
    high: float
    elapsed: float
    ratio: float
    requests: int


@dataclass(slots=True)
class _Times:
    method: str
    cpu: list[float] = field(default_factory=list)
    elapsed: list[float] = field(default_factory=list)


def measure(database_url: str | None, rounds: int) -> list[Cost]:
    """Each operation of both APIs and bare Flask, in turns. Raises BootError where the mock cannot start."""
    app = create_app(Config(database_url=database_url))
    # As in the server: what is there now is never garbage.
    gc.collect()
    gc.freeze()
    # Not the session of anybody who uses the database.
    session = f"bench-{os.getpid()}"
    measured: dict[str, _Times] = {}
    try:
        for _ in range(rounds):
            _measure_round(app, session, measured)
    finally:
        ask(app, forget(session).environ())
        app.close()
    return _costs(measured)


def _measure_round(app: WSGIApplication, session: str, measured: dict[str, _Times]) -> None:
    plan = make_plan(app, session)
    bare = create_bare(plan.seed)
    for name, request in ((BARE_GET, plan.workloads["get"]), (BARE_POST, plan.workloads["create"])):
        _time(bare, [replace(request, operation=name)] * BURST, measured)
    world = World(app, session)
    stories = [tell(world, number) for number in range(BURST)]
    requests = [next(story) for story in stories]
    while requests:
        answers = _time(app, requests, measured)
        requests = [r for r in map(_following, stories, answers) if r is not None]
    ask(app, Request("", "POST", "/__mock/reset", {"X-Mock-Session": session}).environ())


def _following(story: Any, answer: Answer) -> Request | None:
    try:
        following: Request = story.send(answer.value)
        return following
    except StopIteration:
        return None


def _time(app: WSGIApplication, requests: Sequence[Request], measured: dict[str, _Times]) -> list[Answer]:
    environs = [request.environ() for request in requests]
    times = measured.setdefault(requests[0].operation, _Times(requests[0].method))
    answers = []
    for environ in environs:
        elapsed, cpu = time.perf_counter_ns(), time.thread_time_ns()
        answers.append(ask(app, environ))
        times.cpu.append((time.thread_time_ns() - cpu) / 1000)
        times.elapsed.append((time.perf_counter_ns() - elapsed) / 1000)
    return answers


def _costs(measured: Mapping[str, _Times]) -> list[Cost]:
    bare = {method: median(measured[name].cpu) for method, name in (("GET", BARE_GET), ("POST", BARE_POST))}
    return [_cost(name, times, bare["GET" if times.method == "GET" else "POST"]) for name, times in measured.items()]


def _cost(operation: str, times: _Times, bare: float) -> Cost:
    ordered = sorted(times.cpu)
    tenth, cpu = len(ordered) // 10, median(ordered)
    low, high = ordered[tenth], ordered[-1 - tenth]
    return Cost(operation, times.method, cpu, low, high, median(times.elapsed), cpu / bare, len(ordered))
