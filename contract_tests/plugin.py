"""The face towards pytest: options, header, settings of property tests, failure details, summary and report.

It is loaded (by `entry`) in runs that concern this package, and in no others.
"""

import os
import tempfile
import zlib
from collections.abc import Generator
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck, Phase
from hypothesis.configuration import set_hypothesis_home_dir

from contract_tests.entry import PACKAGE
from contract_tests.explain import explain, source
from contract_tests.plan import OPTIONS, Plan, make_plan
from contract_tests.report import PROPERTY, Report, told
from contract_tests.targets import TargetError

PLAN: pytest.StashKey[Plan] = pytest.StashKey()
REPORT: pytest.StashKey[Report] = pytest.StashKey()

MOST_WORKERS = 4  # a worker takes some 300 MB

# The layers, by folder; what lies in none belongs to the first. Each can be run alone by its marker.
CONFORMANCE = "conformance", "generated requests, each answer held against the spec"
LAYERS = {
    "laws": ("law", "laws of behaviour over several requests"),
    "machines": ("machine", "random sequences of requests, each answer held against a plain model"),
    "security": ("security", "who may do what, and that what is refused changes nothing"),
}


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("contract tests", "contract tests (each also by environment: CONTRACT_TARGET, CONTRACT_PROFILE, ...)")
    for name, option in OPTIONS.items():
        group.addoption(f"--{name}", dest=f"contract_{name}", default=None, **option)


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> None:
    """Spreads a run of the whole suite over the cores, if nobody said otherwise (`-n 0`) and each core can have its own mock."""
    if hasattr(config, "workerinput"):  # a worker is one of those already
        return
    option = config.option
    chosen = getattr(option, "numprocesses", 0)  # of pytest-xdist; 0 where that is not installed
    cores = min(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1, MOST_WORKERS)
    if chosen is None and cores > 1 and option.dist == "no" and not option.usepdb and _is_whole(config) and _is_own_mock(config):
        option.numprocesses, option.dist = cores, "loadfile"


def _is_whole(config: pytest.Config) -> bool:
    """Whether all of the suite is to run: a part of it is done before another process is up."""
    folders = {(config.invocation_params.dir / name).resolve() for name in config.args}
    whole = any(PACKAGE.is_relative_to(folder) for folder in folders) or "contract_tests" in config.args
    return whole and not config.option.keyword and not config.option.markexpr


def _is_own_mock(config: pytest.Config) -> bool:
    values = {
        config.getoption(f"contract_{name}") or os.environ.get(f"CONTRACT_{name.upper()}") for name in ("target", "profile")
    }
    return values <= {None, "", "mock"}


def pytest_configure(config: pytest.Config) -> None:
    for name, what in (*LAYERS.values(), CONFORMANCE):
        config.addinivalue_line("markers", f"{name}: {what}")
    config.addinivalue_line(
        "markers", "basis(kind, source): where an expectation stands: documented, or inferred by us, and in which words"
    )
    options = {name: config.getoption(f"contract_{name}") for name in OPTIONS}
    try:
        plan = make_plan(options, _given_seed(config))
    except TargetError as error:
        raise pytest.UsageError(str(error)) from None
    config.option.contract_seed = plan.seed  # workers of pytest-xdist take the options of their controller
    if "HYPOTHESIS_STORAGE_DIRECTORY" not in os.environ:
        # Its tables of characters are worth keeping, but not in the folder where somebody happens to test.
        set_hypothesis_home_dir(Path(tempfile.gettempdir()) / "contract-tests-hypothesis")
    config.stash[PLAN], config.stash[REPORT] = plan, Report()
    config.pluginmanager.register(config.stash[REPORT])


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
        item.user_properties.append((PROPERTY, {"layer": layer(item.path), "source": source(item)}))
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


def layer(path: Path) -> str:
    """The marker of the layer that a test file belongs to."""
    return LAYERS.get(path.relative_to(PACKAGE).parts[0], CONFORMANCE)[0]


def has_basis(path: Path) -> bool:
    """Whether the tests of a file have to say where they stand."""
    return layer(path) in {"law", "security"}


def _tests_the_suite(path: Path) -> bool:
    return path.is_relative_to(PACKAGE / "selftests")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and call.excinfo is not None and _ours(item) and not _tests_the_suite(item.path):
        explain(item, call.excinfo, report)
    return report


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps the order of the files; only the tests of the suite itself come last, since they take longest."""
    items.sort(key=lambda item: _tests_the_suite(item.path))


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    plan = config.stash.get(PLAN, None)
    if plan is None or not config.stash[REPORT].outcomes:
        return
    report = config.stash[REPORT]
    terminalreporter.section("contract")
    for number, broken in enumerate(report.broken(), 1):
        for line in told(number, broken):
            terminalreporter.write_line(line)
    for line in report.summary(plan.apis):
        terminalreporter.write_line(line)
    if plan.report_dir is not None:
        report.write(plan.report_dir, plan.facts, plan.apis)
        terminalreporter.write_line(f"report: {plan.report_dir / 'report.md'} and {plan.report_dir / 'coverage.html'}")
