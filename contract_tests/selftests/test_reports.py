"""What a report says, that each file of it is whole, and that no secret is in it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.contract.finding import Place
from contract_tests.contract.masking import learn
from contract_tests.report.collected import Report
from contract_tests.report.document import SCHEMA
from contract_tests.report.github import annotations
from contract_tests.report.outcome import Outcome
from contract_tests.report.outcome import written as handed
from contract_tests.report.verdict import Ended, verdict
from contract_tests.report.writing import ReportError, write
from contract_tests.selftests.made_reports import BODY, NASTY, data, deviation, finding, made, step, strictly, written


def test_each_key_of_a_report_is_described() -> None:
    def undescribed(schema: Any, where: str = "") -> Iterator[str]:
        for name, part in schema.get("properties", {}).items():
            if "description" not in part:
                yield f"{where}/{name}"
            yield from undescribed(part, f"{where}/{name}")
            yield from undescribed(part.get("items", {}), f"{where}/{name}")

    schema = json.loads(SCHEMA.read_text("utf-8"))
    assert [key for part in (schema, *schema["$defs"].values()) for key in undescribed(part)] == []


def test_a_report_built_by_hand_keeps_to_the_schema_too() -> None:
    report = made(finding(1), finding(2, known="OPS-1"), finding(3, status=500, place=Place("/a")))
    report.outcomes["error"] = Outcome("x.py::error", "failed", "RuntimeError")
    report.outcomes["skip"] = Outcome("x.py::skip", "skipped", "needs --safety full")
    report.states = [deviation("known"), deviation("overdue")]
    assert strictly(data(report)) == []


def test_known_deviations_are_not_broken_contracts() -> None:
    found = data(made(finding(1, known="OPS-1")))
    assert (found["broken"], found["verdict"]["state"]) == ([], "partial")
    assert [one["known"] for one in found["known"]] == ["OPS-1"]
    assert "1 known deviation" in found["verdict"]["text"]


def test_each_phase_of_a_test_is_taken_and_the_worst_counts() -> None:
    report = Report()
    for when, ending, more in (
        ("setup", "passed", {"layer": "law"}),
        ("call", "skipped", {"findings": [handed([finding(known="OPS-1")])]}),
        ("teardown", "passed", {"findings": [handed([finding(known="OPS-1")])], "refused": 2}),
    ):
        phase = pytest.TestReport("x.py::t", ("x.py", 1, "t"), {}, ending, None, when, duration=1.5)  # type: ignore[arg-type]
        phase.contract = more  # type: ignore[attr-defined]
        if when == "call":
            phase.wasxfail = "known: OPS-1"
        report.pytest_runtest_logreport(phase)
    [outcome] = report.outcomes.values()
    assert (outcome.outcome, outcome.reason, outcome.seconds, outcome.layer) == ("known", "known: OPS-1", 4.5, "law")
    assert (outcome.refused, len(outcome.findings)) == (2, 1)


@pytest.mark.parametrize(
    ("ended", "state", "status", "says"),
    [
        (Ended(outcomes={"passed": 1}), "held", 0, "1 test passed"),
        (
            Ended(outcomes={"failed": 1}, broken=1, found_by=1),
            "broken",
            1,
            "One contract is broken at the mock, met by 1 test of 1",
        ),
        (Ended(outcomes={"failed": 1}, errors=1), "error", 1, "1 test could not be carried out"),
        (Ended(outcomes={"skipped": 1}), "nothing", 5, "Nothing was judged"),
        (Ended(outcomes={"not judged": 1}), "nothing", 5, "Nothing was judged"),
        (Ended(outcomes={"passed": 1}, stopped="--max-requests 5"), "stopped", 2, "the run was stopped (--max-requests 5)"),
        (Ended(outcomes={"skipped": 1}, stopped="silence"), "stopped", 2, "the run was stopped (silence)"),
        (Ended(outcomes={"failed": 1}, broken=1, stopped="silence"), "broken", 1, "The run was stopped: silence"),
        (Ended(outcomes={"passed": 1}, left_behind=1), "attention", 1, "1 object left behind"),
        (Ended(outcomes={"passed": 1}, deviations={"overdue": 1}), "attention", 1, "1 known deviation overdue"),
        (Ended(outcomes={"passed": 1}, deviations={"vanished": 2}), "attention", 1, "2 known deviations vanished"),
        (Ended(outcomes={"passed": 1}, deviations={"not looked at": 1}), "held", 0, "1 test passed"),
        (Ended(outcomes={"passed": 1, "skipped": 9}, reached=1, operations=36), "partial", 0, "1 of 36 operations answered"),
        (
            Ended(outcomes={"passed": 1, "skipped": 9}, needs={"a": 2, "--safety sandbox": 7}),
            "partial",
            0,
            "To ask more: --safety sandbox: 7 tests; a: 2 tests.",
        ),
    ],
)
def test_the_verdict_says_what_the_run_means(ended: Ended, state: str, status: int, says: str) -> None:
    found = verdict(ended)
    assert (found.state, found.status) == (state, status)
    assert says in found.text


def test_secrets_are_masked_in_all_files_of_a_report(tmp_path: Path) -> None:
    learn("hush-hush-1234")
    steps = (step(BODY.replace(b"it", b"hush-hush-1234"), b"hush-hush-1234"),)
    report = made(finding(detail="came hush-hush-1234", source="hush-hush-1234", steps=steps), law="hush-hush-1234")
    report.outcomes["skip"] = Outcome("x.py::skip", "skipped", "hush-hush-1234")
    report.states = [deviation("known", reason="hush-hush-1234")]
    written(report, tmp_path, profile="hush-hush-1234")
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) == 5
    assert [file.name for file in files if "hush-hush" in file.read_text("utf-8")] == []
    assert "hush-hush" not in "".join(annotations(report))


def test_a_folder_that_is_a_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ReportError, match=r"taken/failures/01-op1_behaviour.sh: (Not a directory|File exists)$"):
        written(made(finding()), tmp_path / "taken")


def test_a_disk_that_is_full_leaves_the_old_file_and_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt", "old")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ReportError, match=r"a.txt: No space left on device"):
        write(tmp_path / "a.txt", "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "old")]


def test_the_page_needs_nothing_beside_it_and_shows_texts_as_texts(tmp_path: Path) -> None:
    report = made(finding(detail=NASTY), law=NASTY)
    report.states = [
        deviation("known", link="https://issues.example.org/1"),
        deviation("known", link="javascript:alert(1)"),
    ]
    written(report, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["https://issues.example.org/1"]
    assert not re.search(r"url\(|@import|<script|<link", page)
    assert "&lt;script&gt;" in page


def test_the_page_shows_verdict_law_requests_deviations_and_what_was_not_run(tmp_path: Path) -> None:
    report = made(finding(1), finding(2, known="OPS-1"))
    report.outcomes["skip"] = Outcome("x.py::skip", "skipped", "needs --safety full")
    report.states = [deviation("overdue")]
    written(report, tmp_path)
    page = (tmp_path / "report.html").read_text("utf-8")
    wanted = [
        "One contract is broken at",
        "op1 answers 501",
        "<dd>a law</dd>",
        "documented: x",
        "$ALICE_TOKEN",
        "overdue",
        "OPS-1",
    ]
    assert [text for text in [*wanted, "2027-01-31", "needs --safety full", "createCommunity 201"] if text not in page] == []
