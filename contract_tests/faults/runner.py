"""Runs the suite inside pytest, once on the sound mock, and then on each faulty one in a forked process."""

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from threading import Lock
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from contract_tests import PACKAGE
from contract_tests.contract.counts import read_counts
from contract_tests.faults.forks import run_forked
from contract_tests.faults.planting import ANYTHING, Fault
from contract_tests.report.outcome import Outcome
from contract_tests.run.explain import HANDED
from contract_tests.run.plan import Plan
from contract_tests.run.plugin import CONFORMANCE, LAYERS, PLAN, layer
from contract_tests.transport.in_process import WsgiApp

LAYER_NAMES = (CONFORMANCE[0], *(name for name, _ in LAYERS.values()))
OWNERS = {"linagora": "alice", "casavi": "max"}
PATIENCE = 120.0
LONGEST_MESSAGE = 500


@dataclass(frozen=True)
class Judgement:
    """What was said about one fault: by which test, in one line and in `full`."""

    killed: bool
    requests: int = 0
    seconds: float = 0.0
    test: str = ""
    message: str = ""
    full: str = ""
    layer: str = ""


Question = tuple[Fault, Sequence[str]]


@dataclass
class TimedTest:
    """A test, with what it did on the sound mock: its seconds, and what was answered, as "api operation status"."""

    item: pytest.Item
    name: str
    layer: str
    seconds: float
    seen: frozenset[str]
    outcome: str

    def is_named_by(self, fault: Fault) -> bool:
        return any(self.name == test or self.name.startswith(f"{test}[") for test in fault.tests)

    def concerns(self, fault: Fault) -> bool:
        if self.is_named_by(fault):
            return True
        if fault.only == "405" and not self.seen:
            return True  # a test that reaches no operation asks for verbs that there are not
        start = f"{fault.api} " if fault.operation == ANYTHING else f"{fault.api} {fault.operation} "
        if fault.only and fault.only != "405" and fault.operation != ANYTHING:
            start += fault.only
        return any(key.startswith(start) for key in self.seen)


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
    def counted(self) -> list[Outcome]:
        """What each test handed over to the report."""
        return [
            Outcome(known.name, layer=known.layer, counts=read_counts(known.item.stash.get(HANDED, {}).get("counts", {})))
            for known in self.tests
        ]

    def seconds_of(self, api: str) -> float:
        """How long the tests of one API took."""
        return sum(known.seconds for known in self.tests if any(key.startswith(f"{api} ") for key in known.seen))


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

    `only` are the node ids, inside the package, of the tests that are wanted; all of the suite if None. Tests of `trusted` layers
    are not run on the sound mock first.
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
        items = [item for item in session.items if self._wanted(item)]
        for number, item in enumerate(items):
            self.step(number, len(items))
            trusted = layer(item.path) in self.trusted
            following = items[number + 1] if number + 1 < len(items) else None
            self.baseline.tests.append(_known(item, [] if trusted else runtestprotocol(item, log=False, nextitem=following)))
        self.baseline.requests = counted.count
        self.baseline.seconds = sum(known.seconds for known in self.baseline.tests)
        gc.collect()
        gc.freeze()  # or each child copies nearly all of it
        self.use(self)
        return True

    def _wanted(self, item: pytest.Item) -> bool:
        name = test_name(item)
        chosen = self.only is None or not self.only.isdisjoint({name, name.partition("[")[0]})
        return chosen and layer(item.path) in self.wanted_layers

    def login(self, api: str) -> str:
        """The header with which the owner of an API's things logs in."""
        people = self.plan.target.profile.of(api)
        return next(person.headers["Authorization"] for person in people if person.name == OWNERS[api])

    def ask(self, questions: Sequence[Question], at_once: int) -> Iterator[tuple[Fault, Sequence[str], Judgement]]:
        """Has layers look at faults, each time in a process of its own; answers the verdicts as they come."""
        jobs = [partial(self.judge, *question) for question in questions]
        for ended in run_forked(jobs, at_once, self.patience):
            verdict = ended.result or Judgement(killed=False, seconds=round(ended.seconds, 2), message=ended.why)
            yield *questions[ended.number], verdict

    def judge(self, fault: Fault, layers: Sequence[str] = LAYER_NAMES, *, own_tests: bool = False) -> Judgement:
        """Plants the fault and runs the tests of these layers that it concerns, until the first that fails.

        In a child, unless the fault stands around the server. `own_tests` are those that were made for it, and no others.
        """
        adapter: Any = self.plan.target.gate.inner
        counted: CountedApp = adapter.app
        sound: Any = counted.app
        counted.app, counted.count = fault.plant(sound, self.login(fault.api)), 0
        try:
            return self._first_failure(
                counted, [one for one in self.order(fault, layers) if not own_tests or one.is_named_by(fault)]
            )
        finally:
            counted.app = sound

    def _first_failure(self, counted: CountedApp, tests: Sequence[TimedTest]) -> Judgement:
        seconds = 0.0
        for known in tests:
            reports = runtestprotocol(known.item, log=False, nextitem=None)
            seconds += sum(report.duration for report in reports)
            failed = next((report for report in reports if report.failed), None)
            if failed is not None:
                return _killed(failed, known, counted.count, seconds)
        return Judgement(killed=False, requests=counted.count, seconds=round(seconds, 3))

    def order(self, fault: Fault, layers: Sequence[str]) -> list[TimedTest]:
        """The tests that a fault concerns: those made for it, those named after its operation, the others; the fastest first."""
        found = [known for known in self.baseline.tests if known.layer in layers and known.concerns(fault)]
        return sorted(found, key=lambda known: (not known.is_named_by(fault), fault.operation not in known.name, known.seconds))


def run_suite(runner: Runner, paths: Sequence[str], *options: str) -> int:
    """Collects the suite for the mock in this process, and hands it to the runner."""
    environment = {name: value for name, value in os.environ.items() if name.startswith(("CONTRACT_", "PYTEST_"))}
    for name in environment:
        del os.environ[name]
    os.environ |= {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "CONTRACT_SHRINK": "no"}
    absent = [f"-pno:{name}" for name in ("cacheprovider", "logging", "warnings", "unraisableexception")]
    targets = [str(PACKAGE / path) for path in paths] or [str(PACKAGE)]
    arguments = [*absent, "-p", "contract_tests.run.plugin", "-o", "addopts=", "-s", "--tb=short", "--target", "mock", *options]
    try:
        return int(pytest.main([*arguments, f"--ignore={PACKAGE / 'selftests'}", *targets], plugins=[runner]))
    finally:
        for name in ("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "CONTRACT_SHRINK"):
            del os.environ[name]
        os.environ |= environment


def test_name(item: pytest.Item) -> str:
    """The node id inside the package."""
    return item.nodeid.rpartition(f"{PACKAGE.name}/")[2]


test_name.__test__ = False  # type: ignore[attr-defined]  # it is no test


def _known(item: pytest.Item, reports: Sequence[pytest.TestReport]) -> TimedTest:
    outcomes = {report.outcome for report in reports}
    outcome = next((one for one in ("failed", "skipped") if one in outcomes), "passed")
    seen = frozenset(" ".join(map(str, key)) for key in read_counts(item.stash.get(HANDED, {}).get("counts", {})).seen)
    seconds = sum(report.duration for report in reports)
    return TimedTest(item, test_name(item), layer(item.path), seconds, seen, outcome)


def _killed(report: pytest.TestReport, known: TimedTest, requests: int, seconds: float) -> Judgement:
    crash = getattr(report.longrepr, "reprcrash", None)
    message = (crash.message if crash else report.longreprtext).strip() or "failed"
    full = "\n".join([report.longreprtext, *(f"{title}\n{text}" for title, text in report.sections)])
    verdict = Judgement(killed=True, requests=requests, seconds=round(seconds, 3), test=known.name, full=full, layer=known.layer)
    first, *others = [line for line in message.splitlines() if line.strip()]
    told = f"{first} {others[0]}" if first.endswith(":") and others else first
    return replace(verdict, message=told[:LONGEST_MESSAGE])
