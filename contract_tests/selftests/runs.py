"""Runs of the suite inside a test of the suite."""

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from contract_tests import PACKAGE

# Options that leave only the laws of linagora: to see how a run goes, no more has to be collected.
LINAGORA_LAWS = [f"--ignore-glob=/*/{name}/*" for name in ("conformance", "machines", "casavi", "security")]
# Plugins of others cost a third of a short run and have no part in it.
ALONE = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
COMMAND = ["-P", "-m", "contract_tests.cli"]  # Python's arguments, as the script `contract-tests` has it
# Schemathesis' own plugin has no part in the suite, and takes a quarter of a second to load.
QUIET = ["-q", "-p", "no:cacheprovider", "-p", "no:unraisableexception", "-p", "no:schemathesis"]


@dataclass(eq=False)
class Run:
    """What a run answered: the exit status, the outcome of each test, and the texts of the failures."""

    status: int = 0
    outcomes: dict[str, str] = field(default_factory=dict)
    failures: str = ""
    reasons: set[str] = field(default_factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        name = report.nodeid.rpartition("contract_tests/")[2]
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[name] = report.outcome
        if report.failed:
            self.failures += "\n".join([report.longreprtext, *(f"{title}\n{text}" for title, text in report.sections)])
        if report.skipped and isinstance(report.longrepr, tuple):
            self.reasons.add(str(report.longrepr[2]))


def run(tests: list[str], *options: str, environment: dict[str, str] | None = None, plugins: Sequence[object] = ()) -> Run:
    """Runs some tests of the suite in this process; `tests` are paths inside the package, with node ids."""
    result = Run()
    with pytest.MonkeyPatch.context() as patch:
        # Nobody reads a shorter example here.
        clean(patch, ALONE | {"CONTRACT_SHRINK": "no"} | (environment or {}))
        arguments = [*QUIET, *(str(PACKAGE / test) for test in tests), *options]
        result.status = int(pytest.main(arguments, plugins=[result, *plugins]))
    return result


def run_process(*options: str, folder: Path, after: str = "") -> "subprocess.CompletedProcess[str]":
    """Runs the suite in a new process in `folder`; `after` is Python that runs there when pytest is done, with its `code`."""
    arguments = [*QUIET, *options]
    program = f"import sys, pytest\ncode = pytest.main({arguments!r})\n{after}\nsys.exit(code)"
    return run_python("-c", program, folder=folder, environment={"PYTHONPATH": str(PACKAGE.parent)})


def run_command(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """Runs `contract-tests` in `folder`."""
    return run_python(*COMMAND, *arguments, folder=folder)


def run_python(*arguments: str, folder: Path, environment: dict[str, str] | None = None) -> "subprocess.CompletedProcess[str]":
    """Runs Python in `folder`, without the options of the run outside."""
    program, variables = [sys.executable, *arguments], without_options() | (environment or {})
    return subprocess.run(program, cwd=folder, env=variables, text=True, capture_output=True, check=False)


def without_options() -> dict[str, str]:
    """The environment without the options of the run outside."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("CONTRACT_", "PYTEST_"))}


def clean(patch: pytest.MonkeyPatch, environment: dict[str, str]) -> None:
    """An environment with no options but these, whatever the options of the run outside."""
    for name in os.environ.keys() - without_options().keys():
        patch.delenv(name)
    for name, value in environment.items():
        patch.setenv(name, value)
