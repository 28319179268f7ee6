"""Checks and matchers can fail: each is seen to accept what is right and to name what is wrong."""

import json
from typing import Any

import pytest
from requests import Request, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from contract_tests.actors import expectations as match
from contract_tests.actors.caller import Answer
from contract_tests.contract import checks
from contract_tests.contract.finding import ContractError, Kind
from contract_tests.contract.operations import operations
from contract_tests.transport.guard import Guard
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.wire import Wire

ERROR = json.dumps({"error": {"code": 404, "message": "Not Found", "details": "no"}}).encode()
JSON = {"Content-Type": "application/json"}


OPERATION = operations("linagora")["getCommunity"]


@pytest.mark.parametrize(
    ("method", "status", "headers", "body", "wrong"),
    [
        ("GET", 200, {"Content-Length": "2"}, b"{}", None),
        ("GET", 200, {"Content-Length": "3"}, b"{}", (Kind.BODY, "length", "")),
        ("HEAD", 200, {"Content-Length": "3"}, b"", None),
        ("DELETE", 204, {"Content-Length": "0"}, b"", None),
        ("DELETE", 204, {"Content-Length": "2"}, b"", (Kind.BODY, "empty", "")),
        ("GET", 304, {"Content-Length": "7"}, b"", None),
        ("GET", 304, {}, b"x", (Kind.BODY, "empty", "")),
        ("GET", 404, JSON, ERROR, None),
        ("GET", 403, JSON, ERROR, (Kind.SCHEMA, "const", "error.code")),
        ("GET", 404, {"Content-Type": "text/html"}, b"<html>", (Kind.CONTENT_TYPE, "", "")),
        ("GET", 404, {}, ERROR, (Kind.CONTENT_TYPE, "", "")),
        ("GET", 404, JSON, b"<html>", (Kind.BODY, "json", "")),
        ("GET", 404, JSON, b"caf\xe9", (Kind.BODY, "json", "")),
        ("GET", 404, JSON, b"[" * 3000, (Kind.BODY, "json", "")),
        ("GET", 404, JSON, b'{"error": 404}', (Kind.SCHEMA, "required", "error")),
        ("GET", 404, JSON, ERROR.replace(b'"no"', b"7"), (Kind.SCHEMA, "type", "error.details")),
        ("GET", 500, JSON, ERROR.replace(b"404", b"500"), (Kind.SERVER_ERROR, "", "")),
        ("GET", 401, JSON, ERROR.replace(b"404", b"401"), (Kind.HEADER, "required", "WWW-Authenticate")),
        ("PATCH", 405, JSON, ERROR.replace(b"404", b"405"), (Kind.HEADER, "required", "Allow")),
        ("PATCH", 405, JSON | {"Allow": "GET"}, ERROR.replace(b"404", b"405"), None),
    ],
)
def test_a_check_says_what_is_wrong(
    method: str, status: int, headers: dict[str, str], body: bytes, wrong: tuple[Kind, str, str] | None
) -> None:
    found = checks.faults(OPERATION, method, status, CaseInsensitiveDict(headers), body)
    assert [(one.kind, one.keyword, one.place.property) for one in found] == ([wrong] if wrong else [])


def _reply(status: int, body: bytes, **headers: str) -> Answer:
    response = Response()
    response.status_code, response._content, response.headers = status, body, CaseInsensitiveDict(headers)  # noqa: SLF001 - as adapters do
    wire = Wire({}, HTTPAdapter(), Guard("full", ()), Ledger())
    return Answer(response, operations("linagora")["getCommunity"], "alice", wire)


@pytest.mark.parametrize(
    ("matcher", "answer", "wrong"),
    [
        (match.status(200, 204), _reply(204, b""), ()),
        (match.status(200, 204), _reply(404, b""), ([200, 204], 404)),
        (match.json_is([1]), _reply(200, b"[1]"), ()),
        (match.json_is([1]), _reply(200, b"[2]"), ([1], [2])),
        (match.json_is([1]), _reply(200, b"[" * 3000), ([1], None)),
        (match.has(a=1), _reply(200, b'{"a": 1, "b": 2}'), ()),
        (match.has(a=1), _reply(200, b"{}"), (1, None)),
        (match.has(a=None), _reply(200, b"{}"), (None, None)),
        (match.header("X", 1), _reply(200, b"", x="1"), ()),
        (match.header("X", 1), _reply(200, b""), ("1", None)),
        (match.header("X", 1), _reply(200, b"", x="2"), ("1", "2")),
        (match.body_is(b"a"), _reply(200, b"b"), ("1 bytes", "1 other bytes")),
        (match.refusal(404), _reply(404, ERROR, **{"Content-Type": "application/json"}), ()),
        (match.refusal(404), _reply(404, b""), ("application/json", "none")),
        (match.refusal(403), _reply(404, ERROR), ([403], 404)),
    ],
)
def test_a_matcher_says_what_is_wrong(matcher: match.Matcher, answer: Answer, wrong: tuple[Any, ...]) -> None:
    assert [(one.expected, one.got) for one in matcher(answer)] == ([wrong] if wrong else [])


def _sent(status: int, body: bytes = b"{}", method: str = "POST", path: str = "", **headers: str) -> Answer:
    """An answer to alice, who creates a community."""
    wire = Wire({"linagora": "http://x"}, HTTPAdapter(), Guard("full", ()), Ledger())
    wire.logged_in.add("Bearer alice")
    response = Response()
    title = b'{"title": "Chess", "domain_ids": ["5375de4bd684db7f6fbd4f98"]}'
    login = {"Authorization": "Bearer alice", "Content-Type": "application/json"} | headers
    response.request = Request(method, f"http://x/api/communities{path}", data=title, headers=login).prepare()
    response.status_code, response._content = status, body  # noqa: SLF001 - as adapters do
    return Answer(response, operations("linagora")["createCommunity"], "alice", wire)


@pytest.mark.parametrize(
    ("answer", "expected", "kind", "own"),
    [
        (_sent(409), 201, Kind.BEHAVIOUR, True),
        (_sent(500), 201, Kind.SERVER_ERROR, False),
        (_sent(418), 201, Kind.STATUS, False),
        (_sent(400, Authorization="Bearer wrong"), 401, Kind.STATUS, False),
        (_sent(201, path="?noTitleCheck=7"), 400, Kind.ACCEPTED, False),
    ],
)
def test_a_wrong_status_ends_a_test_and_has_a_kind(answer: Answer, expected: int, kind: Kind, own: bool) -> None:
    with pytest.raises(ContractError) as caught:
        match.expect(answer, match.status(expected))
    assert [one.kind for one in caught.value.findings] == [kind]
    assert caught.value.own is own
    with pytest.raises(ContractError) as caught:
        match.need(answer, match.status(expected))
    assert caught.value.own is False


def test_another_success_is_kept_and_the_test_goes_on() -> None:
    answer = _sent(200)
    assert match.expect(answer, match.status(201)) is answer
    assert [(one.kind, one.got) for one in answer.wire.kept.values()] == [(Kind.STATUS, 200)]
