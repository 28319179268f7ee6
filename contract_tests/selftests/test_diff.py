"""The difference of two reports: what broke, what was fixed, and what nobody looked at is neither."""

import json
from pathlib import Path
from typing import Any

import pytest

from contract_tests.contract.cause import STATUS
from contract_tests.contract.finding import Finding, Kind
from contract_tests.report.collected import Report
from contract_tests.report.diff import compare, main
from contract_tests.report.document import document
from contract_tests.report.outcome import Outcome


def _report(**tests: str) -> dict[str, Any]:
    """A report of tests by name, each with "passed", "skipped", "error", or the operation of the fault that it met.

    A fault in brackets is a known one.
    """
    report = Report("mock", ("linagora",))
    for name, how in tests.items():
        outcome = report.outcomes[name] = Outcome(f"contract_tests/laws/test_x.py::{name}", how)
        if how == "error":
            outcome.outcome = "failed"
        elif how not in {"passed", "skipped"}:
            known = "OPS-1" if how.startswith("(") else ""
            outcome.outcome = "known" if known else "failed"
            got = {"status": 200, "got": 200, "expected": [404], "keyword": STATUS}
            outcome.findings = (Finding("linagora", how.strip("()"), Kind.BEHAVIOUR, known=known, **got),)  # type: ignore[arg-type]
    return document(report, {"target": "mock"})


FAULT = "getCommunity"
TOLD = "getCommunity answers 200 where 404 is the contract"


@pytest.mark.parametrize(
    ("old", "new", "section", "says"),
    [
        ({"a": "passed"}, {"a": FAULT}, "broke", "404"),
        ({"a": "skipped"}, {"a": FAULT}, "broke", "its tests did not run before"),
        ({}, {"a": FAULT}, "broke", "its tests did not run before"),
        ({"a": f"({FAULT})"}, {"a": FAULT}, "broke", "a known deviation before"),
        ({"a": "passed"}, {"a": "error"}, "broke", "could not be carried out"),
        ({"a": FAULT}, {"a": "passed"}, "fixed", "404"),
        ({"a": f"({FAULT})"}, {"a": "passed"}, "fixed", "known deviation"),
        ({"a": "error"}, {"a": "passed"}, "fixed", "could not be carried out"),
        ({"a": FAULT}, {"a": FAULT}, "stayed", "404"),
        ({"a": FAULT}, {"a": "passed", "b": FAULT}, "stayed", "404"),
        ({"a": FAULT}, {"a": f"({FAULT})"}, "stayed", "known deviation"),
        ({"a": FAULT}, {"a": "skipped"}, "unseen", "404"),
        ({"a": FAULT}, {}, "unseen", "404"),
        ({"a": FAULT, "b": FAULT}, {"a": "passed", "b": "skipped"}, "unseen", "1 of 2 tests passed"),
        ({"a": "passed"}, {"a": "skipped"}, "unasked", "test_x::a"),
        ({"a": "passed"}, {}, "unasked", "test_x::a"),
    ],
)
def test_each_change_stands_in_one_section(old: dict[str, str], new: dict[str, str], section: str, says: str) -> None:
    found = {name: lines for name, lines in vars(compare(_report(**old), _report(**new))).items() if lines and name != "coverage"}
    assert set(found) == {section}
    assert says in found[section][0]


def test_a_fault_that_hides_behind_another_is_not_fixed() -> None:
    found = compare(_report(a=FAULT), _report(a="listMembers"))
    assert (len(found.broke), len(found.unseen), found.fixed) == (1, 1, [])


def test_a_new_known_deviation_breaks_nothing() -> None:
    assert compare(_report(a="passed"), _report(a=f"({FAULT})")).broke == []


def test_where_the_suite_is_installed_makes_no_difference() -> None:
    old = _report(a=FAULT)
    new = json.loads(
        json.dumps(_report(a="passed")).replace("contract_tests/laws", ".venv/lib/site-packages/contract_tests/laws")
    )
    assert len(compare(old, new).fixed) == 1


def _written(folder: Path, report: dict[str, Any]) -> Path:
    folder.mkdir()
    (folder / "report.json").write_text(json.dumps(report))
    return folder


def test_the_command_takes_folders_and_files_and_fails_if_something_broke(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    old, new = _written(tmp_path / "old", _report(a="passed")), _written(tmp_path / "new", _report(a=FAULT))
    assert main(old, new) == 1
    assert capsys.readouterr().out == (
        f"1 broke\nbroke:\n  {TOLD}\nmet: operations 0 of 15 -> 0 of 15, statuses 0 of 0 -> 0 of 0, parameters 0 of 0 -> 0 of 0\n"
    )
    assert main(new / "report.json", old, markdown=True) == 0
    assert f"### Fixed\n\n- {TOLD}\n" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (None, "No such file or directory"),
        ("", "this is no JSON"),
        ("[]", "this is no report"),
        ('{"format": "x"}', "this is no report"),
        ('{"format": "community-contracts report", "version": 1}', "version 1"),
        ('{"format": "community-contracts report", "version": 2}', '"verdict" is a required property'),
    ],
)
def test_what_is_no_report_is_one_line_and_exit_status_2(
    tmp_path: Path, text: str | None, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if text is not None:
        (tmp_path / "report.json").write_text(text)
    assert main(tmp_path, tmp_path) == 2
    told = capsys.readouterr().err
    assert says in told
    assert told.count("\n") == 1
