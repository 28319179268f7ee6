"""The face towards pytest: options, header, settings of property tests, failure details, summary and report.

It is loaded (by `entry`) in runs that concern this package, and in no others.
"""

import gc
import logging
import os
import signal
import sys
import tempfile
import zlib
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis.configuration import set_hypothesis_home_dir

from contract_tests import PACKAGE
from contract_tests.contract.basis import NotAsked
from contract_tests.contract.choices import APIS
from contract_tests.contract.masking import Filter, masked
from contract_tests.contract.operations import overlays, use_overlays
from contract_tests.report.collected import Report
from contract_tests.run.adding import add_options, fill_in
from contract_tests.run.ending import Ending, end
from contract_tests.run.explain import HANDED, explain, finish, law_of, mask, source
from contract_tests.run.options import OPTIONS, given
from contract_tests.run.plan import Plan, make_plan
from contract_tests.run.preflight import preflight
from contract_tests.run.spreading import check_processes, hands_out, is_whole, spread
from contract_tests.transport.ledger import LedgerError
from contract_tests.transport.target import TargetError

PLAN: pytest.StashKey[Plan] = pytest.StashKey()
REPORT: pytest.StashKey[Report] = pytest.StashKey()
ENDING: pytest.StashKey[Ending] = pytest.StashKey()
OVERLAYS: pytest.StashKey[tuple[Path, ...]] = pytest.StashKey()
FAILURES: pytest.StashKey[int] = pytest.StashKey()
SIGTERM: pytest.StashKey[Any] = pytest.StashKey()

OBJECTS = 10_000  # that come before Python looks for garbage
ASK_AGAIN = 10  # failures between two looks whether the target is still there and everybody still let in

# The layers, by folder; what lies in none belongs to the first. Each can be run alone by its marker.
CONFORMANCE = "conformance", "generated requests, each answer held against the spec"
LAYERS = {
    "laws": ("law", "laws of behaviour over several requests"),
    "machines": ("machine", "random sequences of requests, each answer held against a plain model"),
    "laws/security": ("security", "who may do what, and that what is refused changes nothing"),
}


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    add_options(parser, pluginmanager)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Spreads a run over the cores where that is of use, and has pytest write its own report beside ours."""
    fill_in(config)
    if hasattr(config, "workerinput"):  # a worker is one of those already
        return
    spread(config)
    directory = given(config, "report")
    if directory and not config.option.xmlpath:
        config.option.xmlpath = str(Path(directory) / "junit.xml")


def pytest_configure(config: pytest.Config) -> None:
    for name, what in (*LAYERS.values(), CONFORMANCE):
        config.addinivalue_line("markers", f"{name}: {what}")
    config.addinivalue_line(
        "markers", "basis(kind, source): where an expectation stands: documented, or inferred by us, and in which words"
    )
    options = {name: config.getoption(f"contract_{name}") for name in OPTIONS}
    logging.getLogger("urllib3.connectionpool").addFilter(Filter())
    config.stash[OVERLAYS] = overlays()
    try:
        plan = make_plan(options, _given_seed(config), idle=hands_out(config))
        check_processes(config, plan)
        _check_target(config, plan)
    except TargetError as error:
        raise pytest.UsageError(masked(str(error))) from None
    config.option.contract_seed = plan.seed  # workers of pytest-xdist take the options of their controller
    if "HYPOTHESIS_STORAGE_DIRECTORY" not in os.environ:
        # Its tables of characters are worth keeping, but not in the folder where somebody happens to test.
        set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "contract-tests-hypothesis")
    config.stash[PLAN], config.stash[REPORT] = plan, Report(plan.target.name, plan.apis)
    config.pluginmanager.register(config.stash[REPORT])
    if not plan.target.resettable:
        # A run that is cancelled cleans up as after Ctrl-C.
        config.stash[SIGTERM] = signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Gives the documents back as they were: the tests of the suite itself run it inside their own run."""
    if OVERLAYS in config.stash:
        before = config.stash[OVERLAYS]
        use_overlays(before)
    if SIGTERM in config.stash:
        signal.signal(signal.SIGTERM, config.stash[SIGTERM])


def _check_target(config: pytest.Config, plan: Plan) -> None:
    """Raises TargetError with what is wrong with a deployment or its profile, before a hundred tests say it."""
    if not (plan.target.resettable or config.option.collectonly or hasattr(config, "workerinput")):
        wrong = preflight(plan.target, plan.apis)
        if wrong:
            raise TargetError("\n".join(wrong))


def _given_seed(config: pytest.Config) -> int | None:
    seed = config.getoption("hypothesis_seed", None)
    if seed is None:
        return getattr(config.option, "contract_seed", None)
    return int(seed) if seed.isdigit() else zlib.crc32(seed.encode())


def pytest_report_header(config: pytest.Config) -> str | None:
    plan = config.stash.get(PLAN, None)
    return None if plan is None else "contract: " + ", ".join(f"{name} {value}" for name, value in plan.facts.items())


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """The tests of this suite itself need the mock, and have nothing to say about a URL."""
    plan = config.stash.get(PLAN, None)
    aside = plan is not None and plan.target.name != "mock" and _tests_the_suite(collection_path)
    return True if aside else None


def pytest_itemcollected(item: pytest.Item) -> None:
    """Lets tests of the target hand over what they see; gives property tests the seed and the size of this run."""
    plan = item.config.stash.get(PLAN, None)
    if plan is None or not _ours(item):
        return
    if not _tests_the_suite(item.path):
        law = law_of(item).replace("_", " ")
        item.stash[HANDED] = {"layer": layer(item.path), "source": source(item), "law": law if source(item) else ""}
        item.add_marker(layer(item.path))
    test: Any = getattr(item, "obj", None)
    if getattr(test, "is_hypothesis_test", False):
        settings = property_settings(plan.depth.laws, shrink=plan.shrink)
        hypothesis.seed(plan.seed)(test)
        test._hypothesis_internal_use_settings = settings  # noqa: SLF001 - as its own plugin does


def property_settings(examples: int, *, shrink: bool = True) -> hypothesis.settings:
    """Settings for tests that talk to a server: no deadline, no database, nothing printed but the falsifying example."""
    return hypothesis.settings(
        max_examples=examples,
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, *([Phase.shrink] if shrink else [])),
    )


def _ours(item: pytest.Item) -> bool:
    return item.path.is_relative_to(PACKAGE)


@cache
def layer(path: Path) -> str:
    """The marker of the layer that a test file belongs to: that of the innermost folder which has one."""
    folders = [folder.as_posix() for folder in path.relative_to(PACKAGE).parents]
    return next((LAYERS[folder] for folder in folders if folder in LAYERS), CONFORMANCE)[0]


def has_basis(path: Path) -> bool:
    """Whether the tests of a file have to say where they stand."""
    return layer(path) in {"law", "security"}


@cache
def _tests_the_suite(path: Path) -> bool:
    return path.is_relative_to(PACKAGE / "selftests")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    plan = item.config.stash.get(PLAN, None)
    if plan is None or HANDED not in item.stash:
        return (yield)
    with _without_code(item.config) as left_out:
        report = yield
    if report.failed and call.excinfo is not None:
        brief = report.longrepr
        explain(item, call.excinfo, report, plan)
        if left_out and report.failed and report.longrepr is brief:  # an error of the suite itself
            report.longrepr = item.repr_failure(call.excinfo)
        if isinstance(call.excinfo.value, LedgerError):
            plan.target.gate.stop(str(call.excinfo.value))  # nothing more can be created safely
    if call.excinfo is not None and isinstance(call.excinfo.value, pytest.skip.Exception):
        needs = call.excinfo.value.needs if isinstance(call.excinfo.value, NotAsked) else ""
        item.stash[HANDED].update(reason=str(call.excinfo.value.msg), needs=needs)
    if report.failed and not hasattr(item.config, "workerinput"):
        _count_failure(item.config, plan)
    mask(report)
    handed = item.stash[HANDED]
    vars(report)["contract"] = handed.copy()  # which pytest-xdist hands on as well
    return report


@contextmanager
def _without_code(config: pytest.Config) -> Iterator[bool]:
    """Has pytest leave out the code of a failure, which its findings replace: at a broken server it takes most of a run."""
    style = config.option.tbstyle
    config.option.tbstyle = "value" if style == "auto" else style
    try:
        yield style == "auto"
    finally:
        config.option.tbstyle = style


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips what is left of a run that was stopped."""
    plan = item.config.stash.get(PLAN, None)
    if plan is not None and HANDED in item.stash:
        plan.target.gate.test = item.nodeid
        plan.target.gate.check()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    try:
        return (yield)
    finally:
        # Also where the test was skipped in the middle.
        if HANDED in item.stash and isinstance(sys.exception(), NoneType | pytest.skip.Exception):
            finish(item, item.config.stash[PLAN])


def _count_failure(config: pytest.Config, plan: Plan) -> None:
    """Stops the run at its limit; and where failures tell only that the target, or a login, is not what it was."""
    number = config.stash[FAILURES] = config.stash.get(FAILURES, 0) + 1
    if plan.limits.failures is not None and number >= plan.limits.failures:
        plan.target.gate.stop(f"--max-failures {plan.limits.failures} is reached")
    elif not plan.target.resettable and number % ASK_AGAIN == 1:
        wrong = preflight(plan.target, plan.apis)
        if wrong:
            plan.target.gate.stop("; ".join(wrong))


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> Generator[None, None, None]:
    """After all tests, also those of an interrupted run: the last cleaning, the verdict on deviations, and the reports."""
    config, unwritten = session.config, ""
    try:
        result = yield  # what is torn down after an interruption is torn down here
    except OSError as error:  # of pytest's own report, where the disk is full
        result, unwritten = None, f"{config.option.xmlpath}: {error.strerror}"
    plan = config.stash.get(PLAN, None)
    if plan is not None and (config.stash[REPORT].outcomes or plan.ledger.entries):
        ending = end(plan, config.stash[REPORT], whole=is_whole(config), worker=hasattr(config, "workerinput"))
        config.stash[ENDING] = ending
        if unwritten:
            ending.lines.append(unwritten)
            ending.unwritten = True
        if session.exitstatus in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
            session.exitstatus = ending.status
    return result


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is about an API that was not chosen.

    It keeps the order of the files; only the tests of the suite itself come last, since they take longest. Where the files are
    spread over processes, what takes longest comes first, or all but one of them would wait for it in the end.
    """
    plan = config.stash.get(PLAN, None)
    others = set(APIS) - set(plan.apis if plan else APIS)
    left = [item for item in items if HANDED in item.stash and others & set(getattr(item, "fixturenames", ()))]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in set(left)]
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: (not _tests_the_suite(item.path), "machines" not in item.path.parts))
    else:
        items.sort(key=lambda item: _tests_the_suite(item.path))


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Spares a run a twelfth of its time: Python looks for garbage less often, and not in what stays until the end."""
    if PLAN in session.config.stash and gc.get_threshold()[0] != OBJECTS:  # else a run around this one has done so
        gc.freeze()
        gc.set_threshold(OBJECTS, *gc.get_threshold()[1:])


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    ending = config.stash.get(ENDING, None)
    if ending is not None:
        terminalreporter.section("contract")
        for line in ending.lines:
            terminalreporter.write_line(line)
