"""The header `Prefer`: a status, an example or a delay for one request, without any set-up (RFC 7240)."""

from __future__ import annotations

import time

import pytest
from werkzeug.test import TestResponse

from mock_server.config import API_NAMES
from mock_server.faults import read_preferences
from mock_server.spec import Operation, load_apis
from mock_server.tests.client import Mock, problem
from mock_server.tests.residents import POSTS
from mock_server.validation import ResponseValidator, Schemas

_APIS = load_apis(API_NAMES)
_OPERATIONS = [(api, operation) for api in _APIS.values() for operation in api.operations]


def _ask(mock: Mock, prefer: str, path: str = "/api/communities", person: str | None = None) -> TestResponse:
    return mock.get(path, person, headers={"Prefer": prefer})


def _sent(mock: Mock, operation: Operation, prefer: str) -> TestResponse:
    path = operation.path.replace("{", "").replace("}", "")
    return mock(operation.method, path, headers={"Prefer": prefer})


def _reply(response: TestResponse) -> tuple[int, str | None, dict[str, str], object]:
    body = response.get_json() if response.mimetype == "application/json" else None
    return response.status_code, response.mimetype or None, dict(response.headers), body


def test_every_status_of_the_documents_can_be_had_and_keeps_to_the_spec(mock: Mock) -> None:
    """Where nobody is logged in, and nothing of that path exists: only pictures and files have no example."""
    ignored = []
    for api, operation in _OPERATIONS:
        judge = ResponseValidator(Schemas(api), operation)
        for status in operation.responses:
            response = _sent(mock, operation, f"code={status}")
            if "Preference-Applied" not in response.headers:
                ignored.append((operation.id, status))
                continue
            assert response.headers["Preference-Applied"] == f"code={status}"
            assert response.status_code == int(status)
            assert judge.error(*_reply(response)) is None, (operation.id, status)
    assert ignored == [("getCommunityAvatar", "200")]


def test_every_named_example_can_be_had(mock: Mock) -> None:
    named = [
        (operation, name, response.examples[name])
        for _, operation in _OPERATIONS
        for response in operation.responses.values()
        for name in response.examples
        if name
    ]
    assert len(named) > 80
    for operation, name, (_, value) in named:
        response = _sent(mock, operation, f"example={name}")
        assert (response.headers["Preference-Applied"], response.get_json()) == (f"example={name}", value)


def test_several_preferences_are_honoured_together_and_told(mock: Mock) -> None:
    started = time.perf_counter()
    response = _ask(mock, 'delay=80, CODE="404"; foo=bar, example=community, code=500')
    assert time.perf_counter() - started >= 0.08
    assert response.headers["Preference-Applied"] == "delay=80, code=404, example=community"
    assert problem(response)[1] == "community 538e3bd6654d7c3307f990fa does not exist"
    entry = mock.journal()[-1]
    assert (entry["ignoredPreferences"], entry["status"], entry["duration"] >= 80) == ([], 404, True)


@pytest.mark.parametrize(
    "prefer",
    ["respond-async", "code=299", "code=abc", "code", "example=nowhere", "delay=-1", "delay=1e3", "delay=600001", "dynamic=true"],
)
def test_what_cannot_be_honoured_is_ignored_and_noted_in_the_journal(mock: Mock, prefer: str) -> None:
    response = _ask(mock, prefer, f"/api/communities?domain_id={mock.domain()}", "alice")
    assert (response.status_code, "Preference-Applied" in response.headers) == (200, False)
    assert mock.journal()[-1]["ignoredPreferences"] == [prefer]


def test_a_status_beyond_the_spec_is_an_error_of_the_api(mock: Mock) -> None:
    assert problem(_ask(mock, "code=503")) == (503, "the request has the header Prefer: code=503")
    assert _ask(mock, "code=429").headers["Retry-After"] == "1"
    assert _ask(mock, "code=401").headers["WWW-Authenticate"] == 'Bearer realm="linagora"'


def test_the_control_api_and_preflights_have_no_preferences(mock: Mock) -> None:
    assert _ask(mock, "code=503", "/__mock/health").status_code == 200
    post = {"communityId": 1, "title": "News", "text": "News"}
    assert mock.post(POSTS, json=post, headers={"Prefer": "code=503"}).status_code == 201
    assert mock("OPTIONS", "/api/communities", headers={"Prefer": "code=503"}).status_code == 200
    assert problem(_ask(mock, "code=503", "/nowhere"))[0] == 404


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("foo; bar", ["foo"]),
        ('foo; bar=""', ["foo"]),
        ('foo=""; bar', ["foo"]),
        ('a="x, y; z", b = 1 ;c=2', ['a="x, y; z"', "b=1"]),
        (",, =x, a, A=1", ["a"]),
        ("", []),
    ],
)
def test_preferences_are_read_as_rfc_7240_writes_them(header: str, read: list[str]) -> None:
    assert [str(preference) for preference in read_preferences(header)] == read
