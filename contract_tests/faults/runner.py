"""Runs the suite inside pytest, once on the sound mock, and then on each faulty one in a forked process."""

import gc
import inspect
import os
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from threading import Lock
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from contract_tests import PACKAGE
from contract_tests.contract.counts import Counts, read_counts
from contract_tests.faults.forks import run_forked
from contract_tests.faults.planting import NOT_ALLOWED, Fault
from contract_tests.report.outcome import Outcome, read
from contract_tests.report.terminal import line
from contract_tests.run.explain import HANDED, law_of
from contract_tests.run.plan import Plan
from contract_tests.run.plugin import CONFORMANCE, LAYERS, PLAN, layer
from contract_tests.transport.in_process import WsgiApp

LAYER_NAMES = (CONFORMANCE[0], *(name for name, _ in LAYERS.values()))
OWNERS = {"linagora": "alice", "casavi": "max"}
PATIENCE = 120.0
LONGEST_MESSAGE = 500


@dataclass(frozen=True)
class Judgement:
    """What tests said about one fault: the one that found it, in which layer, what it found, and its output in `full`."""

    killed: bool
    requests: int = 0
    seconds: float = 0.0
    test: str = ""
    message: str = ""
    full: str = ""
    layer: str = ""


Reached = tuple[str, str, str]  # an API, one of its operations, and a status that it answered


@dataclass
class TimedTest:
    """A test, with what it did on the sound mock; `name` is its node id inside the package, `law` what it is about."""

    item: pytest.Item
    seconds: float = 0.0
    outcome: str = "passed"
    reached: frozenset[Reached] = frozenset()

    @cached_property
    def name(self) -> str:
        return self.item.nodeid.rpartition(f"{PACKAGE.name}/")[2]

    @property
    def layer(self) -> str:
        return layer(self.item.path)

    @cached_property
    def laws(self) -> set[str]:
        """The law, with parameters and without."""
        return {law_of(self.item), self.item.name.removeprefix("test_")}

    def is_of(self, fault: Fault, laws: Iterable[str]) -> bool:
        """Whether it is one of these laws about the API of the fault."""
        return not self.laws.isdisjoint(laws) and fault.api in self.name

    def concerns(self, fault: Fault) -> bool:
        if self.is_of(fault, fault.laws):
            return True
        if fault.everywhere:
            return any(api == fault.api for api, _, _ in self.reached)
        if fault.only == NOT_ALLOWED:  # a test that reaches no operation asks for verbs that there are not
            return not self.reached or any(operation == fault.operation for _, operation, _ in self.reached)
        return any(operation == fault.operation and status.startswith(fault.only) for _, operation, status in self.reached)


Question = tuple[Fault, Sequence[TimedTest]]


@dataclass
class Baseline:
    """The suite on the sound mock."""

    tests: list[TimedTest] = field(default_factory=list)
    requests: int = 0
    seconds: float = 0.0

    @property
    def broken(self) -> list[str]:
        return [known.name for known in self.tests if known.outcome == "failed"]

    @property
    def laws(self) -> set[str]:
        return set().union(*(known.laws for known in self.tests))

    @property
    def counted(self) -> list[Outcome]:
        """What each test handed over to the report."""
        return [Outcome(known.name, layer=known.layer, counts=_counts(known.item)) for known in self.tests]

    def seconds_of(self, api: str) -> float:
        """How long the tests of one API took."""
        return sum(known.seconds for known in self.tests if any(reached[0] == api for reached in known.reached))


class CountedApp:
    """Counts the requests that concern the APIs, those of the control API aside."""

    def __init__(self, app: WsgiApp) -> None:
        self.app, self.count = app, 0
        self._lock = Lock()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        if not environ["PATH_INFO"].startswith("/__mock"):
            with self._lock:
                self.count += 1
        return self.app(environ, start_response)


@dataclass(eq=False)
class Runner:
    """A plugin of pytest that has `use` do something with the suite, in the place of running it once.

    `only` are the laws that are wanted; all of the suite if None. Tests of `trusted` layers are not run on the sound mock first.
    """

    use: Callable[["Runner"], None]
    only: frozenset[str] | None = None
    wanted_layers: Sequence[str] = LAYER_NAMES
    trusted: Sequence[str] = ()
    step: Callable[[int, int], None] = lambda _done, _all: None
    baseline: Baseline = field(default_factory=Baseline)
    errors: list[str] = field(default_factory=list)
    plan: Plan = field(init=False)
    patience: float = PATIENCE
    seed: int | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.option.contract_seed = self.seed
        config.pluginmanager.set_blocked("terminalreporter")  # its options are looked at, but it has nothing to say

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.errors.append(f"{report.nodeid}: {report.longreprtext}")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.plan = session.config.stash[PLAN]
        adapter: Any = self.plan.target.gate.inner
        counted = adapter.app = CountedApp(adapter.app)
        tests = [known for known in map(TimedTest, session.items) if self._wants(known)]
        for number, known in enumerate(tests):
            self.step(number, len(tests))
            if known.layer not in self.trusted:
                _time(known, tests[number + 1].item if number + 1 < len(tests) else None)
        self.baseline = Baseline(tests, counted.count, sum(known.seconds for known in tests))
        inspect.getmodule(inspect.currentframe())  # else each child looks up the files of all modules, for its one traceback
        gc.collect()
        gc.freeze()  # or each child copies nearly all of it
        self.use(self)
        return True

    def _wants(self, known: TimedTest) -> bool:
        return known.layer in self.wanted_layers and (self.only is None or not known.laws.isdisjoint(self.only))

    def owner(self, api: str) -> str:
        """The header with which the owner of an API's things logs in."""
        people = self.plan.target.profile.of(api)
        return next(person.headers["Authorization"] for person in people if person.name == OWNERS[api])

    def ask(self, questions: Sequence[Question], at_once: int, together: int = 1) -> Generator[tuple[int, Judgement], None, None]:
        """Has tests look at faults, so many processes at once; answers what they say, by number, as it comes.

        Each has a process of its own; of those around the server, which leave nothing behind, so many as `together` share one.
        """
        groups = _grouped(questions, together)
        jobs = [partial(self._judge_all, [questions[number] for number in group]) for group in groups]
        for ended in run_forked(jobs, at_once, self.patience * together):
            group = groups[ended.number]
            silent = Judgement(killed=False, seconds=round(ended.seconds, 2), message=ended.why)
            yield from zip(group, ended.result or [silent] * len(group), strict=True)

    def _judge_all(self, questions: Sequence[Question]) -> list[Judgement]:
        return [self.judge(*question) for question in questions]

    def judge(self, fault: Fault, tests: Sequence[TimedTest]) -> Judgement:
        """Plants the fault and runs tests until the first that fails. In a child, unless the fault stands around the server."""
        adapter: Any = self.plan.target.gate.inner
        counted: CountedApp = adapter.app
        sound: Any = counted.app
        counted.app, counted.count = fault.plant(sound, self.owner(fault.api)), 0
        self.plan.told.clear()
        try:
            return _first_failure(counted, tests)
        finally:
            counted.app = sound

    def order(self, fault: Fault, layers: Sequence[str]) -> list[TimedTest]:
        """The tests that a fault concerns: those of its laws, those named after its operation, the others; the fastest first."""
        found = [known for known in self.baseline.tests if known.layer in layers and known.concerns(fault)]
        return sorted(
            found, key=lambda known: (not known.is_of(fault, fault.laws), fault.operation not in known.name, known.seconds)
        )

    def of_law(self, fault: Fault, law: str) -> list[TimedTest]:
        """The tests of one law that has to catch the fault."""
        return [known for known in self.order(fault, LAYER_NAMES) if known.is_of(fault, [law])]


def run_suite(runner: Runner, *options: str) -> int:
    """Collects the suite for the mock in this process, and hands it to the runner."""
    environment = {name: value for name, value in os.environ.items() if name.startswith(("CONTRACT_", "PYTEST_"))}
    for name in environment:
        del os.environ[name]
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CONTRACT_SHRINK": "no"}
    absent = [f"-pno:{name}" for name in ("cacheprovider", "logging", "warnings", "unraisableexception")]
    chosen = ["-p", "contract_tests.run.plugin", "-o", "addopts=", "-s", "--tb=native", "--target", "mock", *options]
    try:
        return int(pytest.main([*absent, *chosen, f"--ignore={PACKAGE / 'selftests'}", str(PACKAGE)], plugins=[runner]))
    finally:
        for name in ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "CONTRACT_SHRINK"):
            del os.environ[name]
        os.environ |= environment


def _grouped(questions: Sequence[Question], together: int) -> list[list[int]]:
    """The numbers of the questions, those that share a process together; a fault that is asked about twice is in two groups."""
    around = [number for number, (fault, _) in enumerate(questions) if fault.how == "wsgi"]
    number_of_groups = -(-len(around) // together)
    shared = [around[first::number_of_groups] for first in range(number_of_groups)]
    return [*shared, *([number] for number, (fault, _) in enumerate(questions) if fault.how != "wsgi")]


def _time(known: TimedTest, following: pytest.Item | None) -> None:
    """Runs a test on the sound mock."""
    reports = runtestprotocol(known.item, log=False, nextitem=following)
    outcomes = {report.outcome for report in reports}
    known.outcome = next((one for one in ("failed", "skipped") if one in outcomes), "passed")
    known.seconds = sum(report.duration for report in reports)
    known.reached = _reached(known.item)


def _reached(item: pytest.Item) -> frozenset[Reached]:
    return frozenset((one.api, one.operation, str(one.status)) for one in _counts(item).seen)


def _counts(item: pytest.Item) -> Counts:
    return read_counts(item.stash.get(HANDED, {}).get("counts", {}))


def _first_failure(counted: CountedApp, tests: Sequence[TimedTest]) -> Judgement:
    seconds = 0.0
    for known in tests:
        known.item.stash[HANDED].pop("findings", None)  # of the fault before
        reports = runtestprotocol(known.item, log=False, nextitem=None)
        seconds += sum(report.duration for report in reports)
        failed = next((report for report in reports if report.failed), None)
        if failed is not None:
            full = "\n".join([failed.longreprtext, *(f"{title}\n{text}" for title, text in failed.sections)])
            return Judgement(True, counted.count, round(seconds, 3), known.name, _message(known.item, failed), full, known.layer)
    return Judgement(killed=False, requests=counted.count, seconds=round(seconds, 3))


def _message(item: pytest.Item, report: pytest.TestReport) -> str:
    """The first finding that the test handed over; of a failure without any, what was raised."""
    said = [one for found in item.stash.get(HANDED, {}).get("findings", ()) for one in read(found)]  # a test may hand over none
    if said:
        return line(said[0])[:LONGEST_MESSAGE]
    crash = getattr(report.longrepr, "reprcrash", None)
    return (crash.message if crash else report.longreprtext)[:LONGEST_MESSAGE] or "failed"
