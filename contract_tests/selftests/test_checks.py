"""Checks and matchers can fail: each is seen to accept what is right and to name what is wrong."""

import json

import pytest
from requests import Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict

from contract_tests.actors import expectations as match
from contract_tests.actors.caller import Answer
from contract_tests.contract import checks
from contract_tests.contract.operations import operations
from contract_tests.transport.guard import Guard
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.wire import Wire

ERROR = json.dumps({"error": {"code": 404, "message": "Not Found", "details": "no"}}).encode()


@pytest.mark.parametrize(
    ("method", "status", "headers", "body", "wrong"),
    [
        ("GET", 200, {"Content-Length": "2"}, b"{}", ""),
        ("GET", 200, {"Content-Length": "3"}, b"{}", "Content-Length is 3"),
        ("HEAD", 200, {"Content-Length": "3"}, b"", ""),
        ("DELETE", 204, {"Content-Length": "0"}, b"", ""),
        ("DELETE", 204, {"Content-Length": "2"}, b"", "has a body"),
        ("GET", 304, {"Content-Length": "7"}, b"", ""),
        ("GET", 304, {}, b"x", "has a body"),
        ("GET", 404, {}, ERROR, ""),
        ("GET", 403, {}, ERROR, "error.code is 404, the status is 403"),
        ("GET", 404, {}, b"<html>", "without an error object"),
        ("GET", 404, {}, b'{"error": 404}', "without an error object"),
        ("GET", 500, {}, ERROR.replace(b"404", b"500"), "500: "),
        ("GET", 401, {}, ERROR.replace(b"404", b"401"), "401 without WWW-Authenticate"),
        ("PATCH", 405, {}, ERROR.replace(b"404", b"405"), "405 without Allow"),
        ("PATCH", 405, {"Allow": "GET"}, ERROR.replace(b"404", b"405"), ""),
    ],
)
def test_a_check_names_what_is_wrong(method: str, status: int, headers: dict[str, str], body: bytes, wrong: str) -> None:
    errors = checks.faults(method, status, CaseInsensitiveDict(headers), body)
    assert bool(errors) is bool(wrong), errors
    assert wrong in " ".join(errors.values())


def _reply(status: int, body: bytes, **headers: str) -> Answer:
    response = Response()
    response.status_code, response._content, response.headers = status, body, CaseInsensitiveDict(headers)  # noqa: SLF001 - as adapters do
    wire = Wire({}, HTTPAdapter(), Guard("full", ()), Ledger())
    return Answer(response, operations("linagora")["getCommunity"], "alice", wire)


@pytest.mark.parametrize(
    ("matcher", "reply", "wrong"),
    [
        (match.status(200, 204), _reply(204, b""), ""),
        (match.status(200, 204), _reply(404, b""), "status 404 where 200 or 204 is the contract"),
        (match.json_is([1]), _reply(200, b"[1]"), ""),
        (match.json_is([1]), _reply(200, b"[2]"), "body [2] where [1]"),
        (match.has(a=1), _reply(200, b'{"a": 1, "b": 2}'), ""),
        (match.has(a=1), _reply(200, b"{}"), "a is '(missing)' where 1"),
        (match.has(a=None), _reply(200, b"{}"), "a is '(missing)' where None"),
        (match.header("X", 1), _reply(200, b"", x="1"), ""),
        (match.header("X", 1), _reply(200, b""), "header X is None where '1'"),
        (match.body_is(b"a"), _reply(200, b"b"), "1 bytes that are not the 1 expected"),
        (match.refusal(404), _reply(404, ERROR), ""),
        (match.refusal(404), _reply(404, b""), "404 without an error object"),
        (match.refusal(403), _reply(403, ERROR), "error.code is 404, the status is 403"),
    ],
)
def test_a_matcher_names_what_is_wrong(matcher: match.Matcher, reply: Answer, wrong: str) -> None:
    errors = matcher(reply)
    assert bool(errors) is bool(wrong), errors
    assert wrong in " ".join(errors)


def test_a_mismatch_fails_the_test_and_names_operation_and_caller() -> None:
    with pytest.raises(AssertionError, match=r"getCommunity \(GET /api/communities/{community_id}\) as alice: status 404"):
        match.expect(_reply(404, b""), match.status(200))
