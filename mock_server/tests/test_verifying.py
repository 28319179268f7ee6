"""GET /__mock/journal/verify: whether requests were made as somebody expects, and what is different in the nearest."""

from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mock_server import journal_face
from mock_server.journal.verifying import MISSING, differences
from mock_server.tests.client import Mock, problem

TICKET = {"communityId": 1, "ticketTypeId": 2342, "fields": {"23": "Who mows the lawn?"}}


def verify(mock: Mock, **conditions: Any) -> TestResponse:
    query = {name: value if isinstance(value, str) else json.dumps(value) for name, value in conditions.items()}
    return mock.get("/__mock/journal/verify", query_string=query)


def holds(mock: Mock, **conditions: Any) -> bool:
    answer = verify(mock, **conditions)
    assert answer.status_code in (200, 409), answer.get_json()
    assert answer.get_json()["holds"] is (answer.status_code == 200)
    return answer.status_code == 200


def explained(mock: Mock, **conditions: Any) -> list[str]:
    status, details = problem(verify(mock, **conditions))
    assert status == 409
    return details.splitlines()


def test_requests_are_counted_on_each_database(any_mock: Mock) -> None:
    any_mock.post("/api/v1/tickets", "casavi:max", json=TICKET)
    any_mock.post("/api/v1/tickets", "casavi:erika", json=TICKET)
    (made, _) = any_mock.journal(operation="createTicket")
    assert verify(any_mock, operation="createTicket", caller="max", times=1).get_json() == {
        "holds": True,
        "matched": [made["id"]],
        "nearest": None,
        "differences": [],
    }


def test_a_request_has_to_meet_all_conditions(mock: Mock) -> None:
    mock.post("/api/v1/tickets", "casavi:max", json=TICKET)
    mock.post("/api/v1/tickets", "casavi:erika", json=TICKET | {"communityId": 2})
    for condition in (
        {"body": {"communityId": 1}},
        {"body": {"communityId": 2, "fields": {"23": "Who mows the lawn?"}}},
        {"status": 201},
        {"caller": "max"},
    ):
        assert holds(mock, operation="createTicket", times=1, **condition)
        assert not holds(mock, operation="createTicket", times=2, **condition)
    assert holds(mock, operation="createTicket")
    assert holds(mock, path="/api/v1/tickets", times=2)
    assert holds(mock, times=2)
    assert not holds(mock, operation="createTicket", body={"communityId": 1}, caller="erika")
    assert not holds(mock, operation="createTicket", times=0)
    assert holds(mock, operation="listTickets", times=0)


def test_the_query_is_compared_as_it_stands_in_a_url(mock: Mock) -> None:
    mock.get("/api/v1/communities/1/notifications?unreadOnly=true&page=1&tag=a&tag=b", "casavi:max")
    assert holds(mock, operation="listNotifications", query={"unreadOnly": True, "page": 1})
    assert holds(mock, operation="listNotifications", query={"tag": ["a", "b"]})
    assert not holds(mock, operation="listNotifications", query={"tag": "a"})
    assert not holds(mock, operation="listNotifications", query={"limit": 1})


def test_a_caller_is_who_the_login_was_good_for_at_that_time(mock: Mock) -> None:
    alice = mock.principal("alice")
    mock.get("/api/communities", headers={"Cookie": f"{alice['cookie']['name']}={alice['cookie']['value']}"})
    mock.get("/api/v1/communities/1/ticket-types", "casavi:max")
    expired = {"Authorization": f"Bearer {alice['expired_bearer']}"}
    mock.get("/api/communities", headers=expired)
    assert holds(mock, caller="alice", times=1, operation="listCommunities")
    assert holds(mock, caller=alice["user_id"], times=1)
    assert holds(mock, caller="max", times=1)
    mock.put("/__mock/clock", json={"now": "2019-01-01T00:00:00Z"})
    mock.get("/api/communities", headers=expired)
    mock.delete("/__mock/clock")
    assert holds(mock, caller="alice", times=2)


def test_too_few_are_told_with_what_is_different_in_the_nearest(mock: Mock) -> None:
    assert explained(mock, operation="createTicket") == [
        "createTicket: expected 1 call or more, found none",
        f"Nothing has been requested in the session {mock.session}.",
    ]
    mock.get("/api/v1/units?community_id=1", "casavi:max")
    mock.post("/api/v1/tickets", "casavi:max", json=TICKET)
    mock.post("/api/v1/tickets", "casavi:erika", json=TICKET | {"communityId": 2})
    units, made, refused = (entry["id"] for entry in mock.journal())
    assert explained(
        mock, operation="createTicket", times=1, caller="max", body={"communityId": 2, "fields": {"23": "Who?"}}
    ) == [
        'createTicket by max with the body {"communityId":2,"fields":{"23":"Who?"}}: expected 1 call, found none',
        f"The nearest request is #{refused} POST /api/v1/tickets by erika, answered with 403: you are not in community 2",
        "What is different there:",
        '  body /fields/23 is "Who mows the lawn?", expected "Who?"',
        '  caller is "erika", expected "max"',
    ]
    answer = verify(mock, operation="createTicket", times=2, status=201, body={"unitId": 433}).get_json()
    assert answer["matched"] == []
    assert answer["nearest"] == {"id": made} | next(entry for entry in mock.journal() if entry["id"] == made)
    assert answer["differences"] == [{"at": "/body/unitId", "expected": 433}]
    assert explained(mock, operation="listUnits", times=2)[-3:] == [
        f"The nearest other request is #{refused} POST /api/v1/tickets by erika, answered with 403: you are not in community 2",
        "What is different there:",
        '  operation is "createTicket", expected "listUnits"',
    ]
    assert verify(mock, operation="listUnits", times=2).get_json()["matched"] == [units]


def test_a_misspelt_path_is_the_nearest_and_has_the_reason_beside_it(mock: Mock) -> None:
    mock.post("/api/v1/ticket", "casavi:max", json=TICKET)
    mock.get("/api/v1/units?community_id=1", "casavi:max")
    reason = "no operation has the path /api/v1/ticket; the nearest is /api/v1/tickets"
    assert explained(mock, operation="createTicket", body=TICKET)[1:] == [
        f"The nearest request is #{mock.journal()[0]['id']} POST /api/v1/ticket, answered with 404: {reason}",
        "What is different there:",
        '  operation is none, expected "createTicket"',
    ]


def test_preflights_are_no_calls(mock: Mock) -> None:
    mock("OPTIONS", "/api/v1/tickets")
    assert holds(mock, path="/api/v1/tickets", times=0)


def test_too_many_are_listed(mock: Mock) -> None:
    for _ in range(7):
        mock.get("/api/v1/units?community_id=1", "casavi:max")
    first, *_ = (entry["id"] for entry in mock.journal())
    lines = explained(mock, operation="listUnits", times=0)
    assert lines[0] == "listUnits: expected no call, found 7"
    assert lines[2] == f"  #{first} GET /api/v1/units?community_id=1 by max, answered with 200"
    assert lines[-1] == "  and 2 more"
    assert verify(mock, operation="listUnits", times=0).get_json()["nearest"] is None


def test_secrets_are_compared_and_not_told(mock: Mock) -> None:
    mock.post("/api/login", json={"username": "alice", "password": "alice-secret"})
    mock.get("/api/v1/invitations/check?token=hush")
    assert holds(mock, path="/api/login", body={"password": "alice-secret"})
    for conditions in (
        {"path": "/api/login", "body": {"username": "bob", "password": "bobs-secret"}},
        {"operation": "checkInviteToken", "query": {"token": "shush"}},
    ):
        text = verify(mock, **conditions).get_data(as_text=True)
        assert "***" in text
        assert not any(secret in text for secret in ("alice-secret", "bobs-secret", "hush"))


@pytest.mark.parametrize(
    ("conditions", "reason"),
    [
        ({"operation": "createTickt"}, "there is no operation createTickt; did you mean createTicket?"),
        ({"caller": "mxa"}, "there is no caller mxa; did you mean max?"),
        ({"operaton": "createTicket"}, "there is no condition operaton; did you mean operation?"),
        ({"times": "-1"}, "times must be a number, such as times=1"),
        ({"status": "4xx"}, "status must be a number, such as status=1"),
        ({"query": "[]"}, 'query must be an object of JSON, such as {"page": 2}'),
        ({"body": "{"}, "body cannot be read as JSON: unexpected end of data: line 1 column 2 (char 1)"),
    ],
)
def test_what_cannot_be_verified_is_refused(conditions: dict[str, str], reason: str, mock: Mock) -> None:
    assert problem(verify(mock, **conditions)) == (400, reason)


def test_nobody_counts_what_the_journal_has_dropped(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal_face, "KEEP", 2)
    for _ in range(2):
        mock.get("/api/v1/units?community_id=1", "casavi:max")
    assert holds(mock, operation="listUnits")
    assert explained(mock, operation="createTicket", times=0) == [
        "createTicket: expected no call, found none",
        "The journal has dropped older requests, since it keeps the last 1000 of a session.",
    ]


@pytest.mark.parametrize(
    ("expected", "found", "places"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, []),
        ({"a": {"b": [{"c": 1}]}}, {"a": {"b": [{"c": 1, "d": 2}]}}, []),
        (1, 1.0, []),
        (True, 1, [()]),
        (0, False, [()]),
        ([1, 2], [1, 2, 3], [()]),
        ([1, 2], [1, 3], [(1,)]),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 2}}, [("a", "b"), ("a", "c")]),
        ({}, [], [()]),
        ({"a": None}, {}, [("a",)]),
    ],
)
def test_objects_may_have_more_and_all_else_is_the_same(expected: Any, found: Any, places: list[tuple[str | int, ...]]) -> None:
    assert [difference.place for difference in differences(expected, found)] == places


def test_what_is_not_there_is_not_null() -> None:
    (difference,) = differences({"a": None}, {})
    assert difference.found is MISSING
