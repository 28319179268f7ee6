"""Faults: which requests they strike, what they do, that they are of one session and leave nothing behind."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mock_server.breaking import misfitting
from mock_server.config import API_NAMES
from mock_server.dispatch import Reply
from mock_server.spec import load_apis
from mock_server.tests.client import Mock, problem
from mock_server.tests.openid import exchange, log_in, tokens
from mock_server.tests.residents import TICKETS, UNITS, new_ticket, read
from mock_server.validation import ResponseValidator, Schemas

FAULTS = "/__mock/faults"


def _break(mock: Mock, **fault: Any) -> dict[str, Any]:
    response = mock.post(FAULTS, json=fault)
    assert response.status_code == 201, response.get_json()
    return dict(response.get_json())


def _list(mock: Mock, person: str = "alice", **options: Any) -> TestResponse:
    return mock.get("/api/communities", person, query_string={"domain_id": mock.domain()}, **options)


def _statuses(mock: Mock, times: int, person: str = "alice") -> list[int]:
    return [_list(mock, person).status_code for _ in range(times)]


def test_a_fault_answers_in_the_shape_of_the_api_or_with_a_body_of_its_own(any_mock: Mock) -> None:
    _break(any_mock, name="down", status=503)
    assert problem(_list(any_mock)) == (503, "this is down of /__mock/faults")
    assert problem(any_mock.get("/nowhere"))[0] == 404
    assert any_mock.get("/__mock/health").status_code == 200
    _break(any_mock, name="down", status=200, body={"not": ["an", "array"]})
    assert _list(any_mock).get_json() == {"not": ["an", "array"]}
    page = any_mock.post(FAULTS, json={"name": "down", "status": 502, "body": "<h1>Bad Gateway</h1>"})
    assert page.get_json() == {"name": "down", "status": 502, "body": "<h1>Bad Gateway</h1>", "matched": 0, "hits": 0}
    assert (_list(any_mock).mimetype, _list(any_mock).text) == ("text/html", "<h1>Bad Gateway</h1>")
    assert any_mock.journal()[-1]["faults"] == ["down"]


def test_a_struck_operation_is_not_carried_out_and_one_whose_answer_is_lost_is(any_mock: Mock) -> None:
    _break(any_mock, operation="createTicket", status=500, times=1)
    assert new_ticket(any_mock).status_code == 500
    before = len(read(any_mock, TICKETS))
    _break(any_mock, operation="createTicket", drop=True)
    with pytest.raises(ConnectionAbortedError):
        new_ticket(any_mock)
    assert len(read(any_mock, TICKETS)) == before + 1


def test_too_many_requests_and_an_expired_login_look_like_the_real_ones(any_mock: Mock) -> None:
    _break(any_mock, api="linagora", retry_after=7.0)
    limited = _list(any_mock)
    assert (problem(limited)[0], limited.headers["Retry-After"]) == (429, "7")
    _break(any_mock, api="casavi", expired_login=True)
    mine = tokens(any_mock)
    refused = any_mock.get(UNITS, headers={"Authorization": f"Bearer {mine['access_token']}"})
    assert (refused.status_code, refused.headers["WWW-Authenticate"]) == (401, 'Bearer realm="casavi"')
    assert any_mock.get("/.well-known/openid-configuration").status_code == 200


def test_faults_reach_the_provider_of_logins_too(mock: Mock) -> None:
    code = log_in(mock)
    _break(mock, operation="openid.token", status=503, times=1)
    assert problem(exchange(mock, code))[0] == 503
    assert exchange(mock, code).status_code == 200


@pytest.mark.parametrize("person", ["bob", "id"])
def test_a_fault_can_be_for_one_operation_or_one_caller(any_mock: Mock, person: str) -> None:
    caller = any_mock.id_of("bob") if person == "id" else person
    _break(any_mock, caller=caller, operation="listCommunities", status=500)
    path = any_mock.create("Meant for others")
    assert [_list(any_mock, one).status_code for one in ("alice", "bob", "carol")] == [200, 500, 200]
    assert any_mock.get(path, "bob").status_code == 200
    assert any_mock.get("/api/communities", headers={"Authorization": "Bearer no.token"}).status_code == 401


def test_each_third_the_next_two_and_a_part_by_chance_are_struck(any_mock: Mock, start: Callable[..., Mock]) -> None:
    _break(any_mock, status=500, every=3, times=2)
    assert _statuses(any_mock, 12) == [200, 200, 500, 200, 200, 500, *[200] * 6]
    assert any_mock.get(FAULTS).get_json() == [
        {"name": "fault-1", "every": 3, "times": 2, "status": 500, "matched": 12, "hits": 2}
    ]
    other, elsewhere = any_mock.beside("other"), start(seed=1)
    for mock in (other, elsewhere):
        _break(mock, status=500, probability=0.5)
    seen = _statuses(other, 40)
    assert 10 <= seen.count(500) <= 30
    assert _statuses(elsewhere, 40) != seen
    _break(other, name="fault-1", status=500, probability=0.5)
    assert _statuses(other, 40) == seen


def test_a_wrong_schema_breaks_every_operation_s_spec(mock: Mock) -> None:
    api = load_apis(["linagora"])["linagora"]
    operation = next(one for one in api.operations if one.id == "listCommunities")
    judge = ResponseValidator(Schemas(api), operation)
    assert judge.error(200, "application/json", {}, _list(mock).get_json()) is None
    _break(mock, operation="listCommunities", wrong_schema=True)
    broken = _list(mock)
    assert broken.status_code == 200
    error = judge.error(200, "application/json", {}, broken.get_json())
    assert error
    assert "is a required property" in error
    path = mock.create("Broken")
    _break(mock, name="all", wrong_schema=True)
    for method, where in (("GET", path), ("GET", f"{path}/members"), ("DELETE", path)):
        assert mock(method, where, "alice").status_code == 200
    assert mock.delete(FAULTS).status_code == 204
    assert mock.get(path, "alice").status_code == 404


def test_faults_add_up_and_an_answer_can_be_late_and_trickle(mock: Mock) -> None:
    _break(mock, delay=60)
    _break(mock, delay=[30, 40])
    _break(mock, slow=60)
    started = time.perf_counter()
    assert _list(mock).get_json()
    assert 0.15 <= time.perf_counter() - started < 1
    entry = mock.journal()[-1]
    assert entry["faults"] == ["fault-1", "fault-2", "fault-3"]
    assert entry["duration"] >= 150
    _break(mock, truncate=True)
    with pytest.raises(ConnectionAbortedError):
        _list(mock).get_data()


@pytest.mark.parametrize("ending", ["reset", "restore", "all", "one", "session"])
def test_a_fault_is_of_one_session_and_nothing_of_it_is_left(any_mock: Mock, ending: str) -> None:
    any_mock.put("/__mock/snapshots/before")
    _break(any_mock, status=503)
    other = any_mock.beside("other")
    assert (_statuses(any_mock, 1), _statuses(other, 1), other.get(FAULTS).get_json()) == ([503], [200], [])
    ends = {
        "reset": ("POST", "/__mock/reset"),
        "restore": ("POST", "/__mock/snapshots/before/restore"),
        "all": ("DELETE", FAULTS),
        "one": ("DELETE", f"{FAULTS}/fault-1"),
        "session": ("DELETE", f"/__mock/sessions/{any_mock.session}"),
    }
    assert any_mock(*ends[ending]).status_code == 204
    assert (_statuses(any_mock, 1), any_mock.get(FAULTS).get_json()) == ([200], [])
    assert problem(any_mock.delete(f"{FAULTS}/fault-1"))[0] == 404


def test_processes_on_one_database_count_together(shared_database_url: str, start: Callable[..., Mock]) -> None:
    here, there = (start(database_url=shared_database_url) for _ in range(2))
    there.titles()
    _break(here, operation="listCommunities", status=503, times=5)
    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(lambda mock: _list(mock).status_code, [here, there] * 10))
    assert (seen.count(503), seen.count(200)) == (5, 15)
    assert there.get(FAULTS).get_json()[0]["matched"] == 20
    there.post("/__mock/reset")
    assert here.get(FAULTS).get_json() == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ([], "fault: [] is not of type"),
        ({}, "a fault has to do something: status, expired_login, wrong_schema, delay, slow, truncate, drop"),
        ({"every": 2}, "a fault has to do something"),
        ({"statuss": 500}, "fault: Additional properties are not allowed ('statuss' was unexpected)"),
        ({"status": 599}, "HTTP has no status 599"),
        ({"status": 200}, "a status below 400 needs a body"),
        ({"drop": True, "body": {}}, "a body needs a status"),
        ({"delay": [1]}, "fault/delay: [1] has less than 2 items"),
        ({"delay": 600_001}, "fault/delay: 600001 is greater than the maximum of 600000"),
        ({"drop": True, "probability": 0}, "fault/probability: 0 is less than or equal to the minimum of 0"),
        ({"drop": True, "name": "a/b"}, 'fault/name: "a/b" does not match'),
        ({"drop": True, "api": "casvi"}, "there is no API casvi; did you mean casavi?"),
        ({"drop": True, "operation": "listTicket"}, "there is no operation listTicket; did you mean listTickets?"),
        ({"drop": True, "caller": "alise"}, "there is no caller alise; did you mean alice?"),
        ({"drop": True, "caller": "alice", "api": "casavi"}, "there is no caller alice"),
    ],
)
def test_what_is_no_fault_is_refused_with_the_reason(mock: Mock, body: object, said: str) -> None:
    status, details = problem(mock.post(FAULTS, json=body))
    assert (status, details[: len(said)]) == (400, said)
    assert mock.get(FAULTS).get_json() == []


def test_a_session_has_at_most_a_hundred_faults(mock: Mock) -> None:
    for number in range(100):
        _break(mock, name=f"f{number}", delay=0)
    assert problem(mock.post(FAULTS, json={"delay": 0})) == (400, "the session has 100 faults already")
    _break(mock, name="f7", delay=0)


def test_there_is_a_wrong_answer_for_whatever_the_spec_has() -> None:
    tried = 0
    for api in load_apis(API_NAMES).values():
        for operation in api.operations:
            judge = ResponseValidator(Schemas(api), operation)

            def misfit(reply: Reply, judge: ResponseValidator = judge) -> str | None:
                return judge.error(reply.status, reply.media_type, reply.headers, reply.body)

            for status, response in operation.responses.items():
                media_type, body = next(iter(response.examples.values()), (next(iter(response.media), None), None))
                good = Reply(int(status), body, response.header_examples, media_type)
                assert misfit(misfitting(good, misfit)), (operation.id, status)
                tried += 1
    assert tried > 150


def test_what_the_spec_does_not_ask_for_is_not_what_a_wrong_answer_lacks() -> None:
    good = Reply(200, [{"note": "a", "id": 1}])
    wrong = misfitting(good, lambda reply: None if "id" in str(reply.body) else "the id is missing")
    assert wrong.body == [{"note": "a"}]
