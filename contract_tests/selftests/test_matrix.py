"""The fault matrix: a sample of it, what it writes, and what it says to options that it cannot use."""

import json
import os
import signal
import sys
import time
from argparse import Namespace
from collections.abc import Callable
from importlib.util import find_spec
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NoReturn

import pytest
from rich.console import Console

from contract_tests import cli
from contract_tests.faults import forks, matrix, runner
from contract_tests.faults import linagora as planted
from contract_tests.faults.catalogue import BY_HAND, FAULTS, OPERATORS
from contract_tests.faults.planting import Fault
from contract_tests.faults.results import Results
from contract_tests.faults.runner import LAYER_NAMES, Judgement
from contract_tests.faults.survivors import NOBODY_LOOKS, REASONS
from contract_tests.selftests.test_faults import LAWS_INSIDE

KEPT_LAW = "joining_twice_is_joining_once"
KEPT_TEST = f"laws/linagora/test_joining.py::test_{KEPT_LAW}"
LAW = ("law",)
OPTIONS = {"layer": list(LAW), "once": True, "jobs": 2, "peer": False, "seed": None, "fail_under": 97.0}


def _run(faults: list[Fault], only: set[str], folder: Path, **options: object) -> tuple[int, dict[str, Any], str]:
    """The exit status, faults.json, and what was said."""
    said = StringIO()
    tried = matrix.Matrix(
        Namespace(**OPTIONS | options, report=folder), faults, Console(file=said, width=200), only=frozenset(only)
    )
    return tried.run(), json.loads((folder / "faults.json").read_text()), said.getvalue()


def test_faults_are_found_whichever_way_they_come_into_the_server(tmp_path: Path) -> None:
    # Which law finds which fault is for test_faults.py; here it is the matrix around it that has to say so.
    sample = list({fault.how: fault for fault in FAULTS if str(fault) in LAWS_INSIDE or fault.laws == (KEPT_LAW,)}.values())
    laws = {KEPT_LAW, *LAWS_INSIDE.values()}
    status, _, said = _run(sample, laws, tmp_path, layer=["law", "security"], fail_under=100.0)
    assert status == 0, said
    assert {fault.how for fault in sample} == {"wsgi", "handler", "store"}
    assert "found: 3 of 3 faults, 100.0 %" in said


def test_each_reason_is_that_of_a_planted_fault() -> None:
    assert set(REASONS) <= {str(fault) for fault in FAULTS}


def test_a_fault_that_is_none_survives_and_fails_the_run(tmp_path: Path) -> None:
    nothing = Fault("addMember", 29, "nothing at all", lambda asked, send: send(asked))
    status, told, said = _run([nothing], {KEPT_LAW}, tmp_path)
    assert status == 1
    assert "nothing at all" in said
    assert "0 of 1 faults, 0.0 %" in said
    (fault,) = told["faults"]
    assert (fault["killed"], fault["why"], fault["how"]) == (False, NOBODY_LOOKS, "wsgi")
    assert fault["layers"]["law"]["requests"] > 0


def test_a_fault_that_is_found_is_told_in_full(tmp_path: Path) -> None:
    rejoining = next(fault for fault in BY_HAND if fault.name == "joining twice joins anew")
    status, told, _ = _run([rejoining], {KEPT_LAW}, tmp_path, once=False)
    assert status == 0
    assert told["operators"]["29"] == OPERATORS[29]
    (fault,) = told["faults"]
    assert fault["layers"]["law"] | {"seconds": 0, "message": ""} == {
        "killed": True,
        "requests": fault["layers"]["law"]["requests"],
        "seconds": 0,
        "test": KEPT_TEST,
        "message": "",
    }
    assert fault["layers"]["law"]["message"]
    assert fault["peer"] is None


def test_where_the_sound_server_fails_nothing_is_planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix, "_unsound", lambda _: "The sound server fails 1 tests")
    said = StringIO()
    options = Namespace(**OPTIONS, report=tmp_path)
    assert matrix.Matrix(options, [BY_HAND[0]], Console(file=said), only=frozenset({KEPT_LAW})).run() == 1
    assert "The sound server fails 1 tests" in said.getvalue()
    assert not (tmp_path / "faults.json").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--operator", "49"], "argument --operator: a number from 1 to 48 is needed"),
        (["--operator", "x"], "argument --operator: a number from 1 to 48 is needed"),
        (["--layer", "cake"], "argument --layer: invalid choice: 'cake'"),
        (["--jobs", "0"], "argument --jobs: a number from 1 on is needed"),
        (["--fail-under", "101"], "argument --fail-under: a number from 0 to 100 is needed"),
        (["--report", "/dev/null/x"], "argument --report: /dev/null/x: Not a directory"),
        (["--api", "casavi", "--operator", "26"], "no planted fault is of that API and operator"),
        (["--reckless"], "unrecognized arguments: --reckless"),
    ],
)
def test_a_wrong_option_is_one_clear_line(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        matrix.main(options)
    assert ended.value.code == 2
    last = capsys.readouterr().err.splitlines()[-1]
    assert words in last


def test_without_the_mock_or_fork_one_sentence_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(cli, "find_spec", lambda name: None if name == "mock_server" else find_spec(name))
    assert cli.main(["faults"]) == 1
    assert "mock_server is not installed" in capsys.readouterr().err
    monkeypatch.setattr(matrix, "AVAILABLE", False)
    assert matrix.main([]) == 1
    assert "it needs fork" in capsys.readouterr().err


def test_a_job_that_takes_too_long_or_breaks_is_told() -> None:
    (late,) = forks.run_forked([lambda: time.sleep(60)], at_once=1, patience=0.1)
    assert late.why.startswith("not done in")
    jobs: list[Callable[[], object]] = [lambda: "done", lambda: 1 // 0, lambda: os._exit(3)]
    ended = {one.number: one for one in forks.run_forked(jobs, at_once=3, patience=60)}
    assert ended[0].result == "done"
    assert "ZeroDivisionError" in ended[1].why
    assert ended[2].why == "the process broke"


@pytest.mark.parametrize(
    ("ending", "on_sound"), [(signal.SIGINT, False), (signal.SIGTERM, True)], ids=["faults", "the sound server"]
)
def test_a_signal_ends_the_run_with_what_it_has(ending: signal.Signals, on_sound: bool, tmp_path: Path) -> None:
    pid, said = tmp_path / "pid", tmp_path / "said"
    process = get_context("fork").Process(target=_run_without_end, args=(tmp_path, on_sound, pid, said))
    process.start()
    try:
        _wait_for(pid, "")
        _wait_for(said, "" if on_sound else "1 of 1 found")
        os.kill(process.pid or 0, ending)
        process.join(60)
    finally:
        process.kill()
    assert process.exitcode == 128 + ending
    assert ("stopped before the first fault" if on_sound else "found: 1 of 1 faults") in said.read_text()
    assert (tmp_path / "faults.json").exists() != on_sound
    with pytest.raises(ProcessLookupError):  # and no child lives on
        os.kill(int(pid.read_text()), 0)


def _run_without_end(folder: Path, on_sound: bool, pid: Path, said: Path) -> NoReturn:
    """A run with one fault that is found and one that is never answered, or with a suite that never ends; its exit status."""

    def endless(*_: object) -> NoReturn:
        pid.write_text(str(os.getpid()))
        time.sleep(60)
        raise AssertionError("the signal did not come")

    if on_sound:
        vars(runner)["_time"] = endless
    found = [fault for fault in planted.FAULTS if fault.laws == (KEPT_LAW,)]
    stop = matrix.Stop()
    stop.watch()
    with said.open("w", buffering=1) as out:
        options, faults = Namespace(**OPTIONS, report=folder), [*found, Fault("addMember", 29, "no answer", endless)]
        sys.exit(matrix.Matrix(options, faults, Console(file=out), only=frozenset([KEPT_LAW]), stop=stop).run())


def _wait_for(file: Path, text: str) -> None:
    end = time.monotonic() + 60
    while not (file.exists() and (there := file.read_text()) and text in there):
        assert time.monotonic() < end, f"{file} has no {text!r}"
        time.sleep(0.05)


def test_a_law_that_is_gone_is_named(tmp_path: Path) -> None:
    fault = Fault("addMember", 29, "nothing at all", lambda asked, send: send(asked), by="no_such_law")
    results = Results(LAYER_NAMES, None, 1, [fault])
    results.whole = True
    results.note(fault, "law", Judgement(killed=False))
    assert results.absent == ["no_such_law"]
    assert results.why(fault) == "no_such_law should find it"


def test_an_interrupted_run_counts_what_is_there() -> None:
    results = Results(LAYER_NAMES, None, 1, FAULTS[:3])
    results.note(FAULTS[0], "law", Judgement(True, 3, 0.1, "t", "m", layer="law"))
    results.note(FAULTS[1], "law", Judgement(False, 9, 0.2))
    assert (results.asked, results.killed, results.rate) == (2, 1, 50.0)
    assert [one["name"] for one in results.data()["faults"]] == [FAULTS[0].name, FAULTS[1].name]
