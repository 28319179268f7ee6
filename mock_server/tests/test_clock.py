"""The clock of a session: set, stopped, moved on, and followed by whatever has a time in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from werkzeug.test import TestResponse

from mock_server import signing
from mock_server.tests.client import Mock, problem
from mock_server.tests.openid import LOGOUT, USERINFO, answer, ask_as, bearer, exchange, log_in, refresh, refused, tokens
from mock_server.tests.pictures import picture
from mock_server.tests.residents import check, comment, made, opened, register, upload

CLOCK, ADVANCE = "/__mock/clock", "/__mock/clock/advance"
UNITS = "/api/v1/units"
NEW_YEAR, NEW_YEAR_AS_A_DATE = "2040-01-01T00:00:00.000Z", "Sun, 01 Jan 2040 00:00:00 GMT"


def _set(mock: Mock, **body: Any) -> dict[str, Any]:
    response = mock.put(CLOCK, json=body)
    assert response.status_code == 200, response.get_json()
    return dict(response.get_json())


def _stop(mock: Mock) -> None:
    _set(mock, now=NEW_YEAR, frozen=True)


def _shown(mock: Mock) -> str | None:
    """What time it was in the session for any request."""
    return mock.get("/nowhere").headers.get("Date")


def _avatar(mock: Mock, path: str) -> TestResponse:
    data = picture("PNG")
    return mock.post(f"{path}/avatar", "alice", query_string={"mimetype": "image/png", "size": len(data)}, data=data)


def test_a_clock_is_set_stopped_moved_on_and_given_back(any_mock: Mock) -> None:
    real = any_mock.get(CLOCK).get_json()
    assert (real["frozen"], real["ahead"]) == (False, 0)
    going = _set(any_mock, now="2040-01-01")
    assert (going["frozen"], going["now"][:16]) == (False, NEW_YEAR[:16])
    assert any_mock.get(CLOCK).get_json()["ahead"] == going["ahead"] > 300_000_000
    assert _set(any_mock, now="2040-01-01T01:00:00+01:00", frozen=True)["now"] == NEW_YEAR
    later = any_mock.post(ADVANCE, json={"hours": 1, "seconds": -0.25}).get_json()
    assert (later["now"], later["frozen"]) == ("2040-01-01T00:59:59.750Z", True)
    assert any_mock.get(CLOCK).get_json()["now"] == later["now"]
    assert _set(any_mock, frozen=False)["now"][:16] == "2040-01-01T00:59"
    assert any_mock.delete(CLOCK).get_json()["ahead"] == 0


@pytest.mark.parametrize("ending", ["/__mock/reset", "/__mock/snapshots/before/restore"])
def test_a_clock_is_of_one_session_and_ends_with_its_state(any_mock: Mock, ending: str) -> None:
    any_mock.put("/__mock/snapshots/before")
    _stop(any_mock)
    any_mock.put("/__mock/snapshots/stopped")
    assert (_shown(any_mock), _shown(any_mock.beside("other"))) == (NEW_YEAR_AS_A_DATE, None)
    any_mock.post(ending)
    assert (_shown(any_mock), any_mock.get(CLOCK).get_json()["ahead"]) == (None, 0)
    any_mock.post("/__mock/snapshots/stopped/restore")
    assert (_shown(any_mock), any_mock.get(CLOCK).get_json()["now"]) == (NEW_YEAR_AS_A_DATE, NEW_YEAR)
    any_mock.delete(f"/__mock/sessions/{any_mock.session}")
    assert (_shown(any_mock), any_mock.get(CLOCK).get_json()["ahead"]) == (None, 0)


def test_another_process_sees_the_clock_at_once(shared_database_url: str, start: Callable[..., Mock]) -> None:
    here, there = (start(database_url=shared_database_url) for _ in range(2))
    there.titles()
    _stop(here)
    assert there.get(CLOCK).get_json()["now"] == NEW_YEAR
    assert there.get(there.create("New"), "alice").get_json()["timestamps"]["creation"] == NEW_YEAR
    for second in range(1, 6):
        _shown(there)
        here.turn(1)
        assert _shown(there) == NEW_YEAR_AS_A_DATE.replace("00:00:00", f"00:00:0{second}")
    assert there.post("/__mock/reset").status_code == 204
    assert here.get(CLOCK).get_json()["ahead"] == 0


def test_what_is_made_and_answered_has_the_time_of_the_clock(any_mock: Mock) -> None:
    _stop(any_mock)
    path = any_mock.create("Tomorrow")
    assert any_mock.get(path, "alice").get_json()["timestamps"]["creation"] == NEW_YEAR
    assert _avatar(any_mock, path).status_code == 200
    for moment in (any_mock.get(f"{path}/avatar", "alice").headers[name] for name in ("Last-Modified", "Date")):
        assert parsedate_to_datetime(moment).timestamp() == 2_208_988_800
    assert made(comment(any_mock, opened(any_mock)["id"]))["createdAt"] == NEW_YEAR
    assert [entry["time"] for entry in any_mock.journal()] == [NEW_YEAR] * 7
    assert any_mock.journal(since="2040-01-01T00:00:01Z") == []


def test_waits_and_expired_tokens_follow_the_clock(any_mock: Mock) -> None:
    expired = any_mock.principal("alice")["expired_bearer"]
    listed = {"domain_id": any_mock.domain()}
    headers = {"Authorization": f"Bearer {expired}"}
    assert problem(any_mock.get("/api/communities", query_string=listed, headers=headers))[0] == 401
    any_mock.put(CLOCK, json={"now": "2019-12-31T23:59:59Z", "frozen": True})
    assert any_mock.get("/api/communities", query_string=listed, headers=headers).status_code == 200
    for _ in range(6):
        check(any_mock, "guess")
    assert check(any_mock, "guess").headers["Retry-After"] == "1"
    any_mock.turn(1)
    assert problem(check(any_mock, "guess"))[0] == 404


def test_a_login_by_openid_is_of_the_clock_and_expires_by_it(any_mock: Mock) -> None:
    _stop(any_mock)
    mine = tokens(any_mock)
    for kind, name in ((signing.ID_TOKEN, "id_token"), (signing.ACCESS_TOKEN, "access_token")):
        claims = signing.read(kind, mine[name])
        assert claims
        assert claims["iat"] == 2_208_988_800
    code = log_in(any_mock)
    any_mock.turn(mine["expires_in"] - 1)
    assert bearer(any_mock, UNITS, mine["access_token"]).status_code == 200
    assert refused(exchange(any_mock, code)) == (400, "invalid_grant")
    any_mock.turn(1)
    for path in (UNITS, USERINFO):
        assert problem(bearer(any_mock, path, mine["access_token"]))[0] == 401
    renewed = refresh(any_mock, mine["refresh_token"]).get_json()
    assert bearer(any_mock, UNITS, renewed["access_token"]).status_code == 200
    assert ask_as(any_mock, "max", 2_208_988_800, max_age="60").status_code == 200
    assert answer(ask_as(any_mock, "max", 2_208_988_800 + mine["expires_in"] - 9, max_age="60"))["code"]
    assert any_mock.get(LOGOUT, query_string={"id_token_hint": renewed["id_token"]}).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "body", "said"),
    [
        ("PUT", CLOCK, {}, "the request body must be"),
        ("PUT", CLOCK, [], "the request body must be"),
        ("PUT", CLOCK, {"time": NEW_YEAR}, "the request body must be"),
        ("PUT", CLOCK, {"frozen": 1}, "the request body must be"),
        ("PUT", CLOCK, {"now": "tomorrow"}, "now must be an ISO 8601 time"),
        ("PUT", CLOCK, {"now": None}, "now must be an ISO 8601 time"),
        ("PUT", CLOCK, {"now": "0001-01-01T00:00:00+10:00"}, "now must be an ISO 8601 time"),
        ("PUT", CLOCK, {"now": "1969-12-31T23:59:59Z"}, "the clock goes from 1970-01-01T00:00:00.000Z to 9999"),
        ("POST", ADVANCE, {}, "the request body must be"),
        ("POST", ADVANCE, {"weeks": 1}, "the request body must be"),
        ("POST", ADVANCE, {"days": True}, "the request body must be"),
        ("POST", ADVANCE, {"days": 10**300}, "the clock goes from"),
        ("POST", ADVANCE, {"days": 2_950_000}, "the clock goes from"),
        ("POST", ADVANCE, {"days": -30_000}, "the clock goes from"),
    ],
)
def test_what_is_no_time_changes_nothing(mock: Mock, method: str, path: str, body: object, said: str) -> None:
    status, details = problem(mock(method, path, json=body))
    assert status == 400
    assert details.startswith(said)
    assert mock.get(CLOCK).get_json()["ahead"] == 0


def test_two_runs_with_one_seed_and_a_stopped_clock_answer_the_same_bytes(start: Callable[..., Mock]) -> None:
    runs = []
    for _ in range(2):
        mock = start(apis=("casavi", "linagora"), seed=7)
        _stop(mock)
        runs.append([(answer.status_code, list(answer.headers), answer.get_data()) for answer in _traffic(mock)])
        # Of an OpenID login alone the secrets are random: what one session gave must open nothing in another.
        login = made(register(mock, "fb7asb64"))
        runs[-1].append((201, [], repr([item for item in login.items() if not item[0].startswith("oidc")]).encode()))
    statuses = [seen[0] for seen in runs[0][:-1]]
    assert [statuses.count(status) for status in (200, 201, 204, 404, 409, 429)] == [15, 4, 2, 4, 1, 1], statuses
    assert runs[0] == runs[1]


def _traffic(mock: Mock) -> Iterator[TestResponse]:
    """Some of everything: what is made, listed, refused, limited and deleted in both APIs."""
    path = mock.create("Same", type="restricted")
    yield from (mock.try_create("Same"), mock.get("/api/communities", "bob", query_string={"domain_id": mock.domain()}))
    yield mock.put(f"{path}/membership/{mock.id_of('bob')}", "bob")
    yield mock.put(f"{path}/members/{mock.id_of('carol')}", "alice")
    yield from (mock.get(f"{path}/{what}", "alice") for what in ("members", "membership", "invitablepeople"))
    yield from (_avatar(mock, path), mock.get(f"{path}/avatar", "alice"), mock.delete(path, "alice"), mock.get(path, "alice"))
    file = upload(mock, picture("PNG"), "a.png", "image/png")
    yield file
    ticket = opened(mock, fields={"17": "Wet", "18": [made(file)]})
    yield comment(mock, ticket["id"])
    mock.turn(90)
    yield from (comment(mock, 7001, "casavi:erika", "And now?") for _ in range(2))
    yield from (mock.get(f"/api/v1/{what}", "casavi:max") for what in (f"tickets/{ticket['id']}", "tickets", "units"))
    for what in ("activities", "notifications", "notifications/unread-count", "appointments"):
        yield mock.get(f"/api/v1/communities/1/{what}", "casavi:max")
    yield from (check(mock, "guess") for _ in range(4))
    mock.turn(1)
    yield mock.get("/.well-known/openid-configuration")
