"""How a run is spread over processes: whole files, those that take longest first."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract_tests import PACKAGE
from contract_tests.run import spreading
from contract_tests.run.plugin import pytest_collection_modifyitems


def _config(numprocesses: int | None, dist: str = "no", tests: Path = PACKAGE, **more: Any) -> Any:
    option = SimpleNamespace(numprocesses=numprocesses, dist=dist, usepdb=False, keyword="", markexpr="", loadscopereorder=True)
    place = SimpleNamespace(dir=Path.cwd())
    return SimpleNamespace(option=option, args=[str(tests)], invocation_params=place, getoption=more.get, stash={})


@pytest.mark.parametrize(
    ("config", "processes", "dist"),
    [
        (_config(None), 3, "loadfile"),
        (_config(2), 2, "loadfile"),
        (_config(0), 0, "no"),
        (_config(2, "worksteal"), 2, "worksteal"),
        (_config(None, tests=PACKAGE / "laws"), None, "no"),
        (_config(None, contract_target="http://127.0.0.1:1"), None, "no"),
    ],
    ids=["nothing is said", "-n 2", "-n 0", "--dist", "a part", "at a URL"],
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
