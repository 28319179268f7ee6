"""How a run is spread over processes: whole files, those that take longest first."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract_tests import PACKAGE
from contract_tests.contract import masking
from contract_tests.report.collected import Report
from contract_tests.report.outcome import Outcome
from contract_tests.run import spreading
from contract_tests.run.ending import end
from contract_tests.run.plan import make_plan
from contract_tests.run.plugin import pytest_collection_modifyitems
from contract_tests.transport.target import mock_target

ITSELF = [str(PACKAGE / "selftests")]


def _config(numprocesses: int | None, dist: str = "no", tests: Path = PACKAGE, ignore: list[str] = ITSELF, **more: Any) -> Any:
    option = SimpleNamespace(
        numprocesses=numprocesses, dist=dist, usepdb=False, keyword="", markexpr="", loadscopereorder=True, ignore=ignore
    )
    place = SimpleNamespace(dir=Path.cwd())
    return SimpleNamespace(option=option, args=[str(tests)], invocation_params=place, getoption=more.get, stash={})


@pytest.mark.parametrize(
    ("config", "processes", "dist"),
    [
        (_config(None), 3, "loadfile"),
        (_config(None, ignore=[]), 4, "loadfile"),
        (_config(2), 2, "loadfile"),
        (_config(0), 0, "no"),
        (_config(2, "worksteal"), 2, "worksteal"),
        (_config(None, tests=PACKAGE / "laws"), None, "no"),
        (_config(None, contract_target="http://127.0.0.1:1"), None, "no"),
    ],
    ids=["nothing is said", "with its own tests", "-n 2", "-n 0", "--dist", "a part", "at a URL"],
)
def test_a_whole_run_is_spread_by_files(config: Any, processes: int | None, dist: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "_cores", lambda: 3)
    spreading.spread(config)
    assert (config.option.numprocesses, config.option.dist) == (processes, dist)
    assert config.option.loadscopereorder is (dist != "loadfile")  # or the files with the fewest tests come last


@pytest.mark.parametrize(
    ("worker", "order"),
    [
        (True, ["selftests/test_causes.py", "machines/test_casavi.py", "conformance/test_links.py", "laws/casavi/test_units.py"]),
        (
            False,
            ["conformance/test_links.py", "laws/casavi/test_units.py", "machines/test_casavi.py", "selftests/test_causes.py"],
        ),
    ],
)
def test_what_takes_longest_begins_where_there_are_several_processes(worker: bool, order: list[str]) -> None:
    config: Any = SimpleNamespace(stash={}, **({"workerinput": {}} if worker else {}))
    items: Any = [SimpleNamespace(path=PACKAGE / name, stash={}) for name in sorted(order)]
    pytest_collection_modifyitems(config, items)
    assert [item.path for item in items] == [PACKAGE / name for name in order]


def test_who_only_hands_out_the_tests_starts_no_mock_and_hides_its_logins_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    bearer = mock_target().profile.principals[0].bearer
    assert bearer is not None
    monkeypatch.setattr(masking, "_known", [()])  # as in a process that has asked nobody
    plan = make_plan({"target": "mock"}, 0, idle=True)
    assert plan.target.profile.principals == ()
    assert bearer in masking.masked(bearer)
    report = Report()
    report.outcomes["a"] = Outcome("a", "failed", f"got {bearer}")
    end(plan, report, whole=True, worker=False)
    assert bearer not in masking.masked(bearer)


@pytest.mark.parametrize(
    ("more", "hands_out"),
    [
        ({"dist": "loadfile"}, True),
        ({}, False),
        ({"dist": "loadfile", "collectonly": True}, False),
        ({"dist": "loadfile", "worker": True}, False),
    ],
)
def test_a_process_hands_out_tests_where_others_run_them(more: dict[str, Any], hands_out: bool) -> None:
    option = SimpleNamespace(**{"dist": "no", "collectonly": False} | more)
    config: Any = SimpleNamespace(option=option, **({"workerinput": {}} if "worker" in more else {}))
    assert spreading.hands_out(config) is hands_out
