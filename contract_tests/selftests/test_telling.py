"""How a broken contract is told: the law, the requests without secrets, each fault once; and how much was exercised."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from requests import Request, Response
from requests.adapters import HTTPAdapter

from contract_tests.contract.finding import Kind, Step
from contract_tests.contract.masking import masked
from contract_tests.contract.operations import operations
from contract_tests.contract.second_judge import disagreements
from contract_tests.faults.servers import mock, serve
from contract_tests.report.curl import curl
from contract_tests.report.curl import told as told_steps
from contract_tests.report.page import FAULTS_PAGE, PAGE, write_faults_page
from contract_tests.selftests.runs import run
from contract_tests.transport.guard import Guard
from contract_tests.transport.in_process import WsgiApp
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.wire import Wire

TITLES = "laws/linagora/test_titles.py"
ALICE = {"Authorization": "Bearer the-secret-of-alice"}


def _without_title_check(app: WsgiApp) -> WsgiApp:
    def lenient(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            environ["QUERY_STRING"] = "noTitleCheck=true"
        return app(environ, start_response)

    return lenient


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, Any]]:
    """What a run against a server that takes a title twice says in the terminal, and its report."""
    folder = tmp_path_factory.mktemp("report")
    with serve(_without_title_check(mock())) as url:
        result = run([TITLES], "--target", url, "--api", "linagora", "--report", str(folder), "--tb=auto")
    assert result.status == pytest.ExitCode.TESTS_FAILED
    return result.failures, json.loads((folder / "report.json").read_text())


def test_a_failure_shows_what_came_what_had_to_come_and_the_law(told: tuple[str, dict[str, Any]]) -> None:
    text, _ = told
    assert "createCommunity answers 201 where 409 is the contract" in text
    assert "documented: linagora document, POST /api/communities: 409, a community already exists with this title" in text
    assert "Traceback" not in text
    assert "def test_" not in text


def test_a_failure_shows_the_calls_that_lead_there(told: tuple[str, dict[str, Any]]) -> None:
    text, _ = told
    calls = re.findall(r'-X POST \S+ -H "Authorization: Bearer \$(\w+)"', text)
    assert calls[:2] == ["ALICE_TOKEN", "BOB_TOKEN"]


def test_a_cause_is_told_once_with_all_tests_that_met_it(told: tuple[str, dict[str, Any]]) -> None:
    text, report = told
    assert text.count("The same as in") >= 1
    [once] = [one for one in report["broken"] if one["cause"].get("operation") == "createCommunity"]
    assert len(once["tests"]) >= 2


def _step(**more: Any) -> Step:
    values: dict[str, Any] = {
        "api": "linagora",
        "caller": "alice",
        "operation": "createCommunity",
        "method": "POST",
        "url": "http://localhost/api/communities",
        "headers": (),
        "body": b"",
        "status": 201,
        "answer_headers": (),
        "answer": b"{}",
    }
    return Step(**(values | more))


def test_simultaneous_calls_are_one_line() -> None:
    assert told_steps([_step(status=201), _step(status=409)])[0].startswith("# createCommunity, 2 times: 201, 409\n")


def test_the_login_is_the_variable_of_who_asked() -> None:
    assert '-H "Authorization: Bearer $ALICE_TOKEN"' in curl(_step(login="Authorization", scheme="Bearer "))
    assert '-H "Cookie: $MAX_COOKIE_COOKIE"' in curl(_step(caller="max (cookie)", login="Cookie"))


def test_a_body_that_no_shell_takes_is_begun() -> None:
    command = curl(_step(body=b'{"password": "SECRET"}' + b"x" * 200_000))
    assert command.endswith("x'  # the first 2000 of 200022 bytes")
    assert len(command) < 3000
    assert "SECRET" not in command


def _response(method: str, url: str, status: int = 200, body: bytes = b"{}", **more: Any) -> Response:
    response = Response()
    response.request = Request(method, url, **more).prepare()
    response.url = response.request.url or ""
    response.status_code, response._content = status, body  # noqa: SLF001 - as adapters do
    return response


def _wire() -> Wire:
    wire = Wire({"linagora": "http://localhost"}, HTTPAdapter(), Guard("full", ()), Ledger())
    wire.names["Bearer the-secret-of-alice"] = "alice"
    wire.logged_in.add("Bearer the-secret-of-alice")
    return wire


def test_a_step_keeps_who_asked_and_no_secret() -> None:
    step = _wire().step(_response("GET", "http://localhost/api/communities/1", headers=ALICE))
    assert (step.caller, step.operation, step.login, step.scheme) == ("alice", "getCommunity", "Authorization", "Bearer ")
    assert "secret" not in repr(step)


def test_a_login_that_is_nobodys_is_shown() -> None:
    step = _wire().step(_response("GET", "http://localhost/api/communities/1", headers={"Authorization": "Bearer wrong"}))
    assert "-H 'Authorization: Bearer wrong'" in curl(step)


@pytest.mark.parametrize(
    "text",
    [
        '{"oidcAccessToken": "SECRET"}',
        '{"inviteToken":"SECRET"}',
        '{"a": {"password" : "SECRET"}}',
        "grant_type=refresh_token&refresh_token=SECRET",
        "https://localhost/check?invite_token=SECRET",
        "https://localhost/callback?code=SECRET&state=x",
    ],
)
def test_what_lets_somebody_in_is_masked(text: str) -> None:
    assert "SECRET" not in masked(text)
    assert "SECRET" not in curl(_step(body=text.encode()))


def test_what_led_to_an_answer_is_all_writes_and_the_last_reads() -> None:
    wire = _wire()
    reads = [_response("GET", f"http://localhost/api/communities/{number}") for number in range(9)]
    wire.last.extend([_response("POST", "http://localhost/api/communities", 201), *reads])
    assert [step.url.rpartition("/")[2] for step in wire.steps(reads[-1])] == ["communities", "6", "7", "8"]
    assert [step.url.rpartition("/")[2] for step in wire.steps(reads[0])] == ["communities", "0"]


COMMUNITY = {
    "_id": "5375de9fd684db7f6fbd5010",
    "title": "Node.js",
    "type": "open",
    "creator": "5375de9fd684db7f6fbd5011",
    "domain_ids": ["5375de9fd684db7f6fbd5012"],
    "timestamps": {"creation": "2024-01-15T09:00:00.000Z"},
    "activity_stream": {
        "uuid": "b3da7c07-6bba-4d43-88eb-7d97e6eaa3cd",
        "timestamps": {"creation": "2024-01-15T09:00:00.000Z"},
    },
}


@pytest.mark.parametrize(
    ("status", "change", "wrong"),
    [
        (201, {}, ""),
        (201, {"title": None}, "title"),
        (201, {"domain_ids": "main"}, "domain_ids"),
        (201, {"timestamps": {"creation": "yesterday"}}, "creation"),
        (418, {}, "418"),
    ],
)
def test_the_second_judge_names_what_is_wrong(status: int, change: dict[str, Any], wrong: str) -> None:
    body = json.dumps(COMMUNITY | change).encode()
    asked = {"title": "Node.js", "domain_ids": ["5375de9fd684db7f6fbd5012"]}
    response = _response("POST", "http://localhost/api/communities", status, body, json=asked)
    response.headers.update({"Content-Type": "application/json", "Content-Length": str(len(body))})
    errors = disagreements(operations("linagora")["createCommunity"], (), response, inferred=True)
    assert bool(errors) is bool(wrong), errors
    said = {str(part) for one in errors for part in (one.place.property.rpartition(".")[2], one.got)}
    assert wrong in (said or {""})


def test_the_second_judge_sees_that_a_malformed_request_was_accepted() -> None:
    body = json.dumps(COMMUNITY).encode()
    response = _response("POST", "http://localhost/api/communities", 201, body, json={"title": 7})
    response.headers.update({"Content-Type": "application/json", "Content-Length": str(len(body))})
    errors = disagreements(operations("linagora")["createCommunity"], (), response, inferred=True)
    assert (Kind.ACCEPTED, "body") in {(one.kind, one.flaw.part) for one in errors}


def test_the_page_shows_what_came_and_what_never_did(told: tuple[str, dict[str, Any]], tmp_path: Path) -> None:
    with serve(mock()) as url:
        run([TITLES], "--target", url, "--api", "linagora", "--report", str(tmp_path))
    page = (tmp_path / PAGE).read_text("utf-8")
    assert re.search(r'<td class="met" title="createCommunity 201">\d+</td>', page)
    assert '<td class="never" title="listMembers 200">' in page
    assert re.search(r'class="chip met">query noTitleCheck \d+/\d+<', page)
    assert not re.search(r'(src|href)="', page), "the page needs something beside it"


def test_the_page_shows_the_fault_matrix_as_a_heat_map(tmp_path: Path) -> None:
    caught = {"killed": True, "requests": 3, "seconds": 0.1, "test": "test_x", "message": "x"}
    missed = caught | {"killed": False}
    fault = {"api": "linagora", "operator": 1, "operation": "createCommunity", "name": "one", "how": "wsgi", "why": ""}
    matrix = {
        "run": {"seed": 0, "seconds": 1.0},
        "layers": ["conformance", "law"],
        "operators": {"1": "201 becomes 200"},
        "faults": [
            fault | {"layers": {"conformance": caught, "law": missed}, "peer": missed, "killed": True},
            fault | {"name": "two", "layers": {"law": missed}, "peer": None, "killed": False, "why": "nothing looks at it"},
        ],
    }
    (tmp_path / "faults.json").write_text(json.dumps(matrix))
    write_faults_page(tmp_path, {"target": "mock"}, [])
    page = (tmp_path / FAULTS_PAGE).read_text("utf-8")
    cells = re.findall(r"<th>1 201 becomes 200</th>(.*?)</tr>", page, re.DOTALL)[0]
    assert re.findall(r">(\d+/\d+)<", cells) == ["1/1", "0/2", "1/2", "0/1"]
    assert "nothing looks at it" in page
