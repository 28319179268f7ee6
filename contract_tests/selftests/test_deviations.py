"""Deviations: a known difference is reported as known, one that has vanished or is overdue fails the run, drafts fit at once."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contract_tests.contract.cause import cause_of
from contract_tests.contract.counts import Counts, Seen
from contract_tests.contract.finding import Finding, Flaw, Kind, Place
from contract_tests.faults.servers import Deployment, near, shared_mock
from contract_tests.profile.deviations import Deviation, Deviations, DeviationsError, draft, read_deviations
from contract_tests.report.outcome import Outcome
from contract_tests.run.ending import tried
from contract_tests.selftests.runs import Run, run
from contract_tests.selftests.written_profiles import write_profile

TESTS = [
    "laws/linagora/test_reading.py",
    "laws/linagora/test_titles.py",
    "laws/linagora/test_listing.py",
    "conformance/test_links.py",
]
CONFORMANCE = ["conformance/test_conformance.py"]
NARROW = "not conformance or (linagora and alice and (listCommunities or getCommunity or createCommunity))"
FINDING = Finding("linagora", "createCommunity", Kind.STATUS, [201], 200, status=200, keyword="status", law="a_law")
LATER = date(2999, 1, 1)


def _other(environ: dict[str, Any], start_response: Any, app: Any) -> Iterable[bytes]:
    """A server that answers creations with 200, and leaves the times out of each community."""
    begun: dict[str, Any] = {}

    def note(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
        begun.update(status=status, headers=dict(headers))
        return lambda _: None

    body = b"".join(app(environ, note))
    if environ["REQUEST_METHOD"] == "POST" and begun["status"].startswith("201"):
        begun["status"] = "200 OK"
    if environ["PATH_INFO"].startswith("/api/communities") and begun["headers"].get("Content-Type") == "application/json":
        data = json.loads(body)
        for item in data if isinstance(data, list) else [data]:
            item.pop("timestamps", None)
        body = json.dumps(data).encode()
    start_response(begun["status"], list((begun["headers"] | {"Content-Length": str(len(body))}).items()))
    return [body]


def _run(folder: Path, tests: list[str], *options: str, sound: bool = False) -> Run:
    app = Deployment(shared_mock())
    with near(app if sound else lambda environ, start_response: _other(environ, start_response, app)) as url:
        profile = write_profile(folder, "judge_inferred = true")
        at = ["--target", url, "--profile", str(profile), "--safety", "sandbox", "--api", "linagora", "-k", NARROW]
        return run(tests, *at, *options)


@pytest.fixture(scope="module")
def drafted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, Path]:
    folder = tmp_path_factory.mktemp("draft")
    return _run(folder, [*TESTS, *CONFORMANCE], "--write-deviations", str(folder / "known.toml")), folder / "known.toml"


def test_with_its_draft_the_second_run_is_green(drafted: tuple[Run, Path], tmp_path: Path) -> None:
    first, file = drafted
    assert first.status == pytest.ExitCode.TESTS_FAILED
    second = _run(tmp_path, [*TESTS, *CONFORMANCE], "--deviations", str(file))
    assert second.status == pytest.ExitCode.OK, second.failures
    assert "failed" not in second.outcomes.values()


def test_a_draft_has_one_entry_for_each_cause(drafted: tuple[Run, Path]) -> None:
    known = read_deviations(drafted[1]).known
    assert [one.telling() for one in known] == [
        {"operation": "createCommunity", "got": "200"},
        {"component": "Community", "property": "timestamps", "keyword": "required"},
    ]
    text = drafted[1].read_text("utf-8")
    assert "# createCommunity answers 200 where 201 is the contract\n[[deviation]]" in text


def test_a_new_fault_is_red_beside_the_known_ones(drafted: tuple[Run, Path], tmp_path: Path) -> None:
    first, _, _ = drafted[1].read_text("utf-8").rpartition("[[deviation]]")
    narrow = tmp_path / "known.toml"
    narrow.write_text(first, "utf-8")
    result = _run(tmp_path, [*TESTS, *CONFORMANCE], "--deviations", str(narrow))
    assert result.status == pytest.ExitCode.TESTS_FAILED
    assert "Community.timestamps is missing" in result.failures


def test_a_known_difference_is_told_as_known(drafted: tuple[Run, Path], tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(drafted[1].read_text("utf-8").replace("TODO: why this is so, and who knows", "an old version"), "utf-8")
    result = _run(tmp_path, TESTS, "--deviations", str(file), "--report", str(tmp_path))
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert result.status == pytest.ExitCode.OK, result.failures
    assert "failed" not in report["outcomes"]
    assert report["broken"] == []
    assert {one["state"] for one in report["deviations"]} == {"known"}
    assert {one["known"] for one in report["known"]} == {"an old version"}


def _entry(**more: Any) -> Deviation:
    values: dict[str, Any] = {"kind": "status", "operation": "createCommunity", "reason": "old", "review": LATER}
    return Deviation(**(values | more))


def test_a_difference_that_has_vanished_fails_a_whole_run() -> None:
    known = Deviations((_entry(),), today=date(2026, 1, 1))
    assert [state for _, state in known.states([FINDING], lambda _: True)] == ["known"]
    assert [state for _, state in known.states([], lambda _: True)] == ["vanished"]
    assert [state for _, state in known.states([], lambda _: False)] == ["not looked at"]


LAW = Outcome("laws/x.py::test_a_law[1]", layer="law", counts=Counts(seen=Counter({Seen("linagora", "listMembers", 200): 3})))


@pytest.mark.parametrize(
    ("outcome", "entry", "would_meet_it"),
    [
        (LAW, {"operation": "listMembers"}, True),
        (LAW, {"operation": "getMember"}, False),
        (LAW, {"operation": "listMembers", "laws": ("a_law",)}, True),
        (LAW, {"operation": "listMembers", "laws": ("another_law",)}, False),
        (LAW, {"operation": "", "component": "Community"}, True),
        (LAW, {"operation": "", "after": "addMember"}, False),
        (replace(LAW, outcome="skipped"), {"operation": "listMembers"}, False),
        (replace(LAW, outcome="not judged"), {"operation": "listMembers"}, False),
        (replace(LAW, outcome="known"), {"operation": "listMembers"}, True),
        (replace(LAW, counts=Counts()), {"operation": "", "component": "Community"}, False),
    ],
)
def test_only_what_was_tried_can_have_vanished(outcome: Outcome, entry: dict[str, Any], would_meet_it: bool) -> None:
    assert tried([outcome], _entry(**entry)) is would_meet_it


def test_an_overdue_difference_fails_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "known.toml"
    file.write_text(
        '[[deviation]]\nkind = "behaviour"\noperation = "listMembers"\nreason = "old"\nreview = 2020-01-01\n', "utf-8"
    )
    result = _run(tmp_path, ["laws/linagora/test_reading.py"], "--deviations", str(file), sound=True)
    assert result.status == pytest.ExitCode.TESTS_FAILED
    assert "deviation behaviour, operation listMembers: its review date is over: look again" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "covered"),
    [
        ({}, True),
        ({"api": "linagora"}, True),
        ({"api": "casavi"}, False),
        ({"operation": "getCommunity"}, False),
        ({"kind": "behaviour"}, False),
        ({"got": "200"}, True),
        ({"got": "202"}, False),
        ({"property": "title"}, False),
        ({"laws": ["a_law", "another"]}, True),
        ({"laws": ["another"]}, False),
        ({"flaw": "body"}, False),
    ],
)
def test_an_entry_covers_what_it_names_and_nothing_else(change: dict[str, Any], covered: bool) -> None:
    assert _entry(**change).covers(FINDING) is covered


def test_any_flaw_of_a_body_is_one() -> None:
    accepted = Finding("linagora", "createCommunity", Kind.ACCEPTED, status=201, flaw=Flaw("body", "title"))
    assert _entry(kind="accepted", flaw="body").covers(accepted)
    assert not _entry(kind="accepted", flaw="body description").covers(accepted)


def test_a_draft_can_be_read_again_whatever_a_failure_says(tmp_path: Path) -> None:
    text = 'what "he" said: \\ \n \x7f 🏠 [1] ?'
    found = [
        Finding("linagora", "", Kind.BEHAVIOUR, law=text),
        Finding("linagora", "getCommunity", Kind.SCHEMA, place=Place("/a~1b", "Community", text), keyword="type"),
        FINDING,
    ]
    file = tmp_path / "known.toml"
    file.write_text(draft([(cause_of(one), text, [text]) for one in found], Deviations(), "quick", "sandbox"), "utf-8")
    known = read_deviations(file)
    assert (known.depth, known.safety, len(known.known)) == ("quick", "sandbox", 3)
    assert all(known.mark(one).known for one in found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[deviation]]\nknid = 'a'", "entry 1: knid: is not known here; did you mean kind?"),
        ("[[deviation]]\nkind = 'status'\noperation = 'b'\nreview = 2999-01-01", "entry 1: reason: is missing"),
        ("[[deviation]]\nkind = 'status'\nreason = 'b'\nreview = 2999-01-01", "entry 1: it would excuse everything of its kind"),
        ("[[deviation]]\nkind = 'chess'", "entry 1: kind: one of 'no answer', 'server error', 'status'"),
        ("[[deviation]]\nkind = 'status'\nstatus = 'x'", "entry 1: status: input should be a valid integer"),
        ("[[deviation]]\nreview = 'tomorrow'", "entry 1: review: "),
        ("deviation = 1", "deviation: "),
        ("depht = 'deep'", "depht: is not known here; did you mean depth?"),
        ("depth = 'bottomless'", "depth: one of 'quick', 'standard', 'deep' is needed"),
        ("x = [", "Invalid value"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(text: str, words: str, tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(DeviationsError) as error:
        read_deviations(file)
    assert words in str(error.value)
    assert str(file) in str(error.value)
