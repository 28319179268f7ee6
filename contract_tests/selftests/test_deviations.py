"""Deviations: a known difference is reported as known, one that has vanished or is overdue fails the run, drafts fit at once."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from contract_tests.contract.finding import Finding
from contract_tests.faults.servers import Deployment, mock, serve
from contract_tests.profile.deviations import Deviation, Deviations, DeviationsError, draft, read_deviations
from contract_tests.report.outcome import Outcome
from contract_tests.run.ending import reached
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
FINDING = Finding("createCommunity (POST /api/communities)", "a_law", "status 200 where 201 is the contract", 200)
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
    app = Deployment(mock())
    with serve(app if sound else lambda environ, start_response: _other(environ, start_response, app)) as url:
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


def test_a_draft_is_as_narrow_as_it_can_be(drafted: tuple[Run, Path]) -> None:
    known = read_deviations(drafted[1]).known
    assert all(one.operation and (one.status or one.pointer or one.text) for one in known)
    places = {(one.operation, one.status, one.pointer) for one in known}
    assert ("getCommunity", 200, "/timestamps") in places
    assert ("listCommunities", 200, "/*/timestamps") in places
    assert ("createCommunity", 200, "") in places
    assert not {"deleteCommunity", "listMembers"} & {operation for operation, _, _ in places}


def test_a_new_fault_is_red_beside_the_known_ones(drafted: tuple[Run, Path], tmp_path: Path) -> None:
    text = drafted[1].read_text("utf-8")
    entries = [f"[[deviation]]{entry}" for entry in text.split("[[deviation]]")[1:]]
    narrow = tmp_path / "known.toml"
    narrow.write_text("\n".join(entry for entry in entries if "/*/timestamps" not in entry), "utf-8")
    result = _run(tmp_path, [*TESTS, *CONFORMANCE], "--deviations", str(narrow))
    assert result.status == pytest.ExitCode.TESTS_FAILED
    assert "timestamps" in result.failures


def test_a_known_difference_is_told_as_known(drafted: tuple[Run, Path], tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    file.write_text(drafted[1].read_text("utf-8").replace("TODO: why this is so, and who knows", "an old version"), "utf-8")
    result = _run(tmp_path, TESTS, "--deviations", str(file), "--report", str(tmp_path))
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert result.status == pytest.ExitCode.OK, result.failures
    assert report["outcomes"]["known"] > 0
    assert report["broken"] == []
    assert {one["state"] for one in report["deviations"]} == {"known", "not looked at"}
    assert {one["finding"]["known"] for one in report["known"]} == {"an old version"}


def test_a_difference_that_has_vanished_fails_a_whole_run() -> None:
    one = Deviation("a_law", "an old version", LATER, "createCommunity", 200)
    known = Deviations((one,), today=date(2026, 1, 1))
    assert [state["state"] for state in known.states([FINDING], lambda _: True)] == ["known"]
    assert [state["state"] for state in known.states([], lambda _: True)] == ["vanished"]
    assert [state["state"] for state in known.states([], lambda _: False)] == ["not looked at"]


LAW = Outcome("laws/x.py::test_a_law[1]", layer="law", checked={"linagora listMembers openapi-core": 3})
GENERATED = Outcome(
    "conformance/test_conformance.py::test_conformance[x]", layer="conformance", checked={"linagora listMembers y": 3}
)


@pytest.mark.parametrize(
    ("outcome", "operation", "check", "would_meet_it"),
    [
        (LAW, "createCommunity", "a_law", True),
        (LAW, "listMembers", "openapi-core", True),
        (LAW, "getMember", "openapi-core", False),
        (LAW, "listMembers", "JsonSchemaError", False),
        (GENERATED, "listMembers", "JsonSchemaError", True),
        (GENERATED, "getMember", "JsonSchemaError", False),
        (replace(LAW, outcome="skipped"), "createCommunity", "a_law", False),
        (replace(GENERATED, outcome="known"), "listMembers", "JsonSchemaError", True),
    ],
)
def test_only_what_was_tried_can_have_vanished(outcome: Outcome, operation: str, check: str, would_meet_it: bool) -> None:
    assert reached(outcome, Deviation(check, "old", LATER, operation)) is would_meet_it


def test_an_overdue_difference_fails_the_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "known.toml"
    file.write_text('[[deviation]]\noperation = "listMembers"\ncheck = "a_law"\nreason = "old"\nreview = 2020-01-01\n', "utf-8")
    result = _run(tmp_path, ["laws/linagora/test_reading.py"], "--deviations", str(file), sound=True)
    assert result.status == pytest.ExitCode.TESTS_FAILED
    assert "deviation listMembers, a_law: its review date is over: look again" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "covered"),
    [
        ({}, True),
        ({"operation": "getCommunity"}, False),
        ({"check": "another_law"}, False),
        ({"status": 201}, False),
        ({"status": None}, True),
        ({"pointer": "/title"}, False),
        ({"text": "status 200 where * is the contract"}, True),
        ({"text": "status 500*"}, False),
    ],
)
def test_an_entry_covers_what_it_names_and_nothing_else(change: dict[str, Any], covered: bool) -> None:
    entry: dict[str, Any] = {
        "check": "a_law",
        "reason": "old",
        "review": LATER,
        "operation": "createCommunity",
        "status": 200,
    } | change
    assert Deviation(**entry).covers(FINDING) is covered


def test_a_draft_can_be_read_again_whatever_a_failure_says(tmp_path: Path) -> None:
    text = 'what "he" said: \\ \n \x7f 🏠 [1] ?'
    found = [Finding("", "a_law", text), Finding("getCommunity (GET /x)", "b", "y", 200, "/a~1b"), FINDING]
    file = tmp_path / "known.toml"
    file.write_text(draft(found, Deviations(), "quick", "sandbox"), "utf-8")
    known = read_deviations(file)
    assert (known.depth, known.safety, len(known.known)) == ("quick", "sandbox", 3)
    assert known.cover(found)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[deviation]]\nchek = 'a'", "entry 1: chek: is not known here; did you mean check?"),
        ("[[deviation]]\ncheck = 'a'\noperation = 'b'\nreview = 2999-01-01", "entry 1: reason: is missing"),
        ("[[deviation]]\ncheck = 'a'\nreason = 'b'\nreview = 2999-01-01", "entry 1: operation: is missing, and so is text"),
        ("[[deviation]]\ncheck = 'a'\nstatus = '200'", "entry 1: status: int is needed, not str"),
        ("[[deviation]]\nreview = '2999-01-01'", "entry 1: review: date is needed, not str"),
        ("deviation = 1", "a file of [[deviation]] tables is needed"),
        ("depht = 'deep'", "depht: is not known here; did you mean depth?"),
        ("depth = 'bottomless'", "depth: one of quick, standard, deep is needed"),
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
