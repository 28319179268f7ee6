"""How a run is spread over the cores of a machine, and where it may not be."""

import os

import pytest

from contract_tests import PACKAGE
from contract_tests.run.options import OPTIONS, given
from contract_tests.run.plan import Plan
from contract_tests.transport.gate import NO_LIMITS
from contract_tests.transport.target import TargetError

MOST_WORKERS = 4  # a worker takes some 300 MB


def spread(config: pytest.Config) -> None:
    """Takes several processes for a run of the whole suite, if nobody said otherwise (`-n 0`) and each can have its own mock.

    Each file goes to one process, since its tests share what was made for them; the files that take longest begin.
    """
    option = config.option
    if (
        not is_whole(config) or option.usepdb or getattr(option, "dist", None) != "no"
    ):  # absent where pytest-xdist is not installed
        return
    if option.numprocesses is None and _is_own_mock(config) and (cores := _cores()) > 1:
        option.numprocesses = cores + _waits(config)
    if option.numprocesses:
        option.dist, option.loadscopereorder = "loadfile", False


def _cores() -> int:
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(there, MOST_WORKERS)


def _waits(config: pytest.Config) -> bool:
    """Whether the tests of the suite itself are run too: while they wait for servers, one more process can work."""
    own = PACKAGE / "selftests"
    return own.exists() and str(own) not in (config.option.ignore or ())


def is_whole(config: pytest.Config) -> bool:
    """Whether all of the suite is to run: a part of it is done before another process is up."""
    folders = {(config.invocation_params.dir / name).resolve() for name in config.args}
    whole = any(PACKAGE.is_relative_to(folder) for folder in folders) or "contract_tests" in config.args
    return whole and not config.option.keyword and not config.option.markexpr


def _is_own_mock(config: pytest.Config) -> bool:
    """Whether each process can have a mock of its own, and none has to keep a limit that is meant for all of them."""
    limits = [name for name in OPTIONS if name.startswith("max-") or name == "rate"]
    return {given(config, name) for name in ("target", "profile", *limits)} <= {None, "", "mock"}


def hands_out(config: pytest.Config) -> bool:
    """Whether this process runs no test itself, but hands them out to others."""
    option = config.option
    return getattr(option, "dist", "no") != "no" and not (option.collectonly or hasattr(config, "workerinput"))


def check_processes(config: pytest.Config, plan: Plan) -> None:
    """Raises TargetError where several processes would each keep a limit that is meant for all of them."""
    several = hasattr(config, "workerinput") or getattr(config.option, "numprocesses", None)
    if several and (plan.limits != NO_LIMITS or plan.target.profile.connection.rate):
        raise TargetError("-n: limits such as --rate hold for one process; leave out -n, or the limits")
