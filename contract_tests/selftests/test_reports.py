"""What a report says, that each file of it is whole, and that no secret is in it."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from contract_tests.contract.masking import learn
from contract_tests.report.collected import SCHEMA, Report
from contract_tests.report.github import annotations
from contract_tests.report.outcome import Outcome
from contract_tests.report.writing import ReportError, write
from contract_tests.selftests.made_reports import APIS, CURL, FACTS, NASTY, deviation, finding, made, strictly


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
    report = made(finding(1), finding(2, known="OPS-1"), finding(3, status=500, pointer="/a"))
    report.outcomes["error"] = Outcome("x.py::error", "failed", "RuntimeError")
    report.outcomes["skip"] = Outcome("x.py::skip", "skipped", "needs --safety full")
    report.deviations = [deviation("known"), deviation("overdue")]
    assert strictly(report.data(FACTS, APIS)) == []


def test_known_deviations_are_not_broken_contracts() -> None:
    data = made(finding(1, known="OPS-1")).data(FACTS, APIS)
    assert (data["broken"], data["verdict"]["state"]) == ([], "held")
    assert [one["finding"]["known"] for one in data["known"]] == ["OPS-1"]
    assert "1 known deviation" in data["verdict"]["text"]


def test_each_phase_of_a_test_is_taken_and_the_worst_counts() -> None:
    report = Report()
    for when, ending, more in (
        ("setup", "passed", {"layer": "law"}),
        ("call", "skipped", {"findings": [finding(known="OPS-1")]}),
        ("teardown", "passed", {"findings": [finding(known="OPS-1")], "refused": 2}),
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
    ("change", "state", "says"),
    [
        ({}, "held", "1 test passed"),
        ({"finding": {}}, "broken", "One contract is broken"),
        ({"outcome": "failed"}, "error", "1 test could not be carried out"),
        ({"outcome": "skipped"}, "nothing", "Nothing was tested"),
        ({"facts": {"stopped": "--max-requests 5"}}, "stopped", "the run was stopped (--max-requests 5)"),
        ({"facts": {"left_behind": ["x"]}}, "attention", "1 object left behind"),
        ({"state": "overdue"}, "attention", "1 known deviation overdue"),
        ({"state": "not looked at"}, "held", "1 test passed"),
    ],
)
def test_the_verdict_says_what_the_run_means(change: dict[str, Any], state: str, says: str) -> None:
    report = made(*([finding()] if "finding" in change else []))
    report.outcomes["good"].outcome = change.get("outcome", "passed")
    report.deviations = [deviation(change["state"])] if "state" in change else []
    verdict = report.data(FACTS | change.get("facts", {}), APIS)["verdict"]
    assert verdict["state"] == state
    assert says in verdict["text"]


def test_secrets_are_masked_in_all_files_of_a_report(tmp_path: Path) -> None:
    learn("hush-hush-1234")
    report = made(finding(text="came hush-hush-1234"), law="hush-hush-1234", curl=[CURL.replace("it", "hush-hush-1234")])
    report.outcomes["skip"] = Outcome("x.py::skip", "skipped", "hush-hush-1234")
    report.deviations = [deviation("known", reason="hush-hush-1234")]
    report.write(tmp_path, FACTS | {"profile": "hush-hush-1234"}, APIS)
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) == 5
    assert [file.name for file in files if "hush-hush" in file.read_text("utf-8")] == []
    assert "hush-hush" not in "".join(annotations(report))


def test_a_folder_that_is_a_file_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    with pytest.raises(ReportError, match=r"taken/failures/01-op1_a_law.sh: (Not a directory|File exists)$"):
        made(finding()).write(tmp_path / "taken", FACTS, APIS)


def test_a_disk_that_is_full_leaves_the_old_file_and_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.txt", "old")

    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(ReportError, match=r"a.txt: No space left on device"):
        write(tmp_path / "a.txt", "new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("a.txt", "old")]


def test_the_page_needs_nothing_beside_it_and_shows_texts_as_texts(tmp_path: Path) -> None:
    report = made(finding(text=NASTY), law=NASTY)
    report.deviations = [
        deviation("known", link="https://issues.example.org/1"),
        deviation("known", link="javascript:alert(1)"),
    ]
    report.write(tmp_path, FACTS, APIS)
    page = (tmp_path / "report.html").read_text("utf-8")
    assert re.findall(r'(?:src|href)="([^"]*)"', page) == ["https://issues.example.org/1"]
    assert not re.search(r"url\(|@import|<script|<link", page)
    assert "&lt;script&gt;" in page


def test_the_page_shows_verdict_law_requests_deviations_and_what_was_not_run(tmp_path: Path) -> None:
    report = made(finding(1), finding(2, known="OPS-1"))
    report.outcomes["skip"] = Outcome("x.py::skip", "skipped", "needs --safety full")
    report.deviations = [deviation("overdue")]
    report.write(tmp_path, FACTS, APIS)
    page = (tmp_path / "report.html").read_text("utf-8")
    wanted = ["One contract is broken at", "op1 (GET /1)", "<dd>a law</dd>", "documented: x", "$ALICE_TOKEN", "overdue", "OPS-1"]
    assert [text for text in [*wanted, "2027-01-31", "needs --safety full", "createCommunity 201"] if text not in page] == []
