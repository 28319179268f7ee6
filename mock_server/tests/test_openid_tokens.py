"""The token endpoint: a code is good once, for one app; a refresh token too; and what is no access token opens nothing."""

from __future__ import annotations

import base64
import json
import time
from collections import Counter
from functools import partial

import pytest

from mock_server import signing
from mock_server.apis.casavi import openid_logins
from mock_server.tests.client import Mock, problem
from mock_server.tests.openid import (
    REVOKE,
    TOKEN,
    USERINFO,
    answer,
    ask_as,
    bearer,
    cookies,
    exchange,
    fill_in,
    log_in,
    refresh,
    refused,
    tokens,
)
from mock_server.tests.test_simultaneous import at_once

UNITS = "/api/v1/units"
OTHER_VERIFIER = "another-verifier-" * 4


def test_a_code_becomes_tokens(any_mock: Mock) -> None:
    response = exchange(any_mock, log_in(any_mock))
    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    body = response.get_json()
    assert set(body) == {"access_token", "expires_in", "id_token", "refresh_token", "scope", "token_type"}
    assert (body["token_type"], body["scope"]) == ("Bearer", "openid profile email")
    assert bearer(any_mock, UNITS, body["access_token"]).status_code == 200
    assert bearer(any_mock, USERINFO, body["access_token"]).get_json() == {
        "sub": "c-101",
        "name": "Max Mustermann",
        "given_name": "Max",
        "family_name": "Mustermann",
        "email": "max@lindenhof.example",
    }


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"code_verifier": OTHER_VERIFIER}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"redirect_uri": "http://localhost:3000/"}, "invalid_grant"),
        ({"redirect_uri": None}, "invalid_grant"),
        ({"client_id": "foobar"}, "invalid_grant"),
        ({"client_id": "nobody"}, "invalid_client"),
        ({"client_id": None}, "invalid_client"),
        ({"client_secret": "a guess"}, "invalid_client"),
        ({"code": "0000.0000"}, "invalid_grant"),
        ({"code": None}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": None}, "invalid_request"),
    ],
)
def test_a_code_is_good_for_its_app_address_and_verifier_alone(mock: Mock, wrong: dict[str, str | None], error: str) -> None:
    code = log_in(mock)
    status, told = refused(exchange(mock, code, **wrong))
    assert told == error
    assert status in (400, 401)
    # And a wrong use does not spend it.
    assert exchange(mock, code).status_code == 200


def test_the_nul_character_is_refused_wherever_it_comes(any_mock: Mock) -> None:
    assert fill_in(any_mock, "max\0").status_code == 400
    assert exchange(any_mock, "0000.\0").status_code == 400
    assert any_mock.post(REVOKE, data={"token": "\0", "client_id": "casavi-web"}).status_code == 400
    basic = {"Authorization": "Basic JTAwOng="}  # %00:x
    response = any_mock.post(TOKEN, data={"grant_type": "authorization_code", "code": "x"}, headers=basic)
    assert refused(response) == (401, "invalid_client")


@pytest.mark.parametrize("header", ["Basic", "Basic é", "Basic /w==", "Basic bm9ib2R5OnNlY3JldA==", "Basic Y2FzYXZpLXdlYjp4"])
def test_a_bad_basic_header_is_an_invalid_client(mock: Mock, header: str) -> None:
    form = {"grant_type": "authorization_code", "code": log_in(mock)}
    response = mock.post(TOKEN, data=form, headers={"Authorization": header})
    assert refused(response) == (401, "invalid_client")
    assert response.headers["WWW-Authenticate"].startswith("Basic ")


def test_a_code_is_not_to_be_guessed_from_its_beginning(mock: Mock) -> None:
    code = log_in(mock)
    assert refused(exchange(mock, code[:-1] + ("1" if code[-1] == "0" else "0"))) == (400, "invalid_grant")
    assert exchange(mock, code).status_code == 200


def test_a_code_is_no_refresh_token(mock: Mock) -> None:
    assert refused(refresh(mock, log_in(mock))) == (400, "invalid_grant")


def test_a_second_use_of_a_code_ends_the_login(any_mock: Mock) -> None:
    code = log_in(any_mock)
    first = exchange(any_mock, code).get_json()
    assert refused(exchange(any_mock, code)) == (400, "invalid_grant")
    assert refused(refresh(any_mock, first["refresh_token"])) == (400, "invalid_grant")
    for path in (UNITS, USERINFO):
        assert bearer(any_mock, path, first["access_token"]).status_code == 401


def test_who_signs_up_is_logged_in_and_stays_so(any_mock: Mock) -> None:
    person = {"email": "mina@lindenhof.example", "clientId": "casavi-web", "inviteCode": "9ug2ef6", "providerKey": "somekey"}
    made = any_mock.post("/api/v1/openid/users", json=person).get_json()
    assert bearer(any_mock, USERINFO, made["oidcAccessToken"]).get_json()["email"] == person["email"]
    second = refresh(any_mock, made["oidcRefreshToken"]).get_json()
    assert bearer(any_mock, UNITS, second["access_token"]).status_code == 200


def test_of_simultaneous_exchanges_of_one_code_exactly_one_wins(any_mock: Mock) -> None:
    code = log_in(any_mock)
    responses = at_once([partial(exchange, any_mock, code)] * 6)
    assert Counter(response.status_code for response in responses) == {200: 1, 400: 5}


def test_an_old_code_is_good_no_more(mock: Mock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openid_logins, "CODE_SECONDS", 0)
    assert refused(exchange(mock, log_in(mock))) == (400, "invalid_grant")


def test_a_refresh_token_is_good_once_and_after_a_second_use_the_last_one_is_not_either(any_mock: Mock) -> None:
    first = tokens(any_mock)
    second = refresh(any_mock, first["refresh_token"]).get_json()
    third = refresh(any_mock, second["refresh_token"]).get_json()
    assert bearer(any_mock, UNITS, third["access_token"]).status_code == 200
    assert refused(refresh(any_mock, first["refresh_token"])) == (400, "invalid_grant")
    assert refused(refresh(any_mock, third["refresh_token"])) == (400, "invalid_grant")
    assert bearer(any_mock, UNITS, third["access_token"]).status_code == 200


def test_a_refresh_token_is_its_own_apps_alone(mock: Mock) -> None:
    first = tokens(mock)["refresh_token"]
    assert refused(refresh(mock, first, client_id="foobar")) == (400, "invalid_grant")
    second = refresh(mock, first).get_json()["refresh_token"]
    # Nor can another app end the login with an old one.
    assert refused(refresh(mock, first, client_id="foobar")) == (400, "invalid_grant")
    assert refresh(mock, second).status_code == 200


def test_a_refresh_may_ask_for_less_but_not_for_more(mock: Mock) -> None:
    first = tokens(mock, scope="openid email")
    assert refused(refresh(mock, first["refresh_token"], scope="openid profile")) == (400, "invalid_scope")
    second = refresh(mock, first["refresh_token"], scope="openid").get_json()
    assert bearer(mock, USERINFO, second["access_token"]).get_json() == {"sub": "c-101"}
    third = refresh(mock, second["refresh_token"], scope="email").get_json()
    response = bearer(mock, USERINFO, third["access_token"])
    assert problem(response)[0] == 403
    assert 'error="insufficient_scope"' in response.headers["WWW-Authenticate"]


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _forgeries(mock: Mock) -> dict[str, str]:
    good = tokens(mock)
    head, body, signature = good["access_token"].split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    return {
        "the ID token": good["id_token"],
        "the refresh token": good["refresh_token"],
        "one of another session": tokens(mock.beside("other"))["access_token"],
        "one without a signature": f"{_part({'alg': 'none', 'typ': 'at+jwt'})}.{body}.",
        "one of somebody else": f"{head}.{_part({**claims, 'user_id': '102'})}.{signature}",
        "one that has expired": signing.sign(signing.ACCESS_TOKEN, {**claims, "exp": int(time.time()) - 1}),
        "one without an end": signing.sign(signing.ACCESS_TOKEN, {**claims, "exp": None}),
        "one of a user who is no more": signing.sign(signing.ACCESS_TOKEN, {**claims, "user_id": "999"}),
        "no token": "a.b.c",
        "nothing": "",
    }


def test_only_a_good_access_token_of_this_session_opens_anything(any_mock: Mock) -> None:
    for what, token in _forgeries(any_mock).items():
        for path in (UNITS, USERINFO):
            response = bearer(any_mock, path, token)
            assert problem(response)[0] == 401, (what, path)
            assert response.headers["WWW-Authenticate"].startswith("Bearer "), (what, path)


def test_of_a_token_that_was_good_once_it_is_told_when_it_expired(mock: Mock) -> None:
    forged = _forgeries(mock)
    ended = {
        UNITS: [mock.principal("casavi:max")["expired_bearer"], forged["one that has expired"]],
        "/api/communities": [mock.principal("alice")["expired_bearer"]],
    }
    for path, several in ended.items():
        for token in several:
            assert problem(bearer(mock, path, token))[1].startswith("the token expired at 20")
    claims = json.loads(base64.urlsafe_b64decode(forged["one that has expired"].split(".")[1] + "=="))
    long_ago = signing.sign(signing.ACCESS_TOKEN, {**claims, "exp": -(10**30)})
    assert "expired at 1970-01-01" in problem(bearer(mock, UNITS, long_ago))[1]
    others = [token for what, token in forged.items() if what != "one that has expired"]
    assert [token for token in others if "expired" in problem(bearer(mock, UNITS, token))[1]] == []
    # It is no harm beside a cookie that is good.
    both = {
        "Authorization": f"Bearer {ended[UNITS][0]}",
        "Cookie": "user_session=" + mock.principal("casavi:max")["cookie"]["value"],
    }
    assert mock.get(UNITS, headers=both).status_code == 200


def test_userinfo_says_what_is_wrong_with_a_token_and_nothing_where_none_is(mock: Mock) -> None:
    assert 'error="invalid_token"' in bearer(mock, USERINFO, "a.b.c").headers["WWW-Authenticate"]
    assert mock.get(USERINFO).headers["WWW-Authenticate"] == 'Bearer realm="casavi"'
    assert mock.get(USERINFO, headers={"Cookie": cookies(mock, "max")}).status_code == 401


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_revoked_token_ends_the_login(any_mock: Mock, kind: str) -> None:
    mine, others = tokens(any_mock), tokens(any_mock)
    form = {"token": mine[kind], "token_type_hint": "a hint that nobody knows", "client_id": "casavi-web"}
    assert any_mock.post(REVOKE, data=form).status_code == 200
    assert bearer(any_mock, UNITS, mine["access_token"]).status_code == 401
    assert refused(refresh(any_mock, mine["refresh_token"])) == (400, "invalid_grant")
    assert bearer(any_mock, UNITS, others["access_token"]).status_code == 200


def test_what_cannot_be_revoked(mock: Mock) -> None:
    mine = tokens(mock)
    for unknown in ("no token", mine["refresh_token"].partition(".")[0], mine["id_token"]):
        assert mock.post(REVOKE, data={"token": unknown, "client_id": "casavi-web"}).status_code == 200
    foreign = {"client_id": "foobar", "token": mine["access_token"]}
    assert refused(mock.post(REVOKE, data=foreign)) == (400, "invalid_grant")
    assert refused(mock.post(REVOKE, data={"client_id": "casavi-web"})) == (400, "invalid_request")
    assert refused(mock.post(REVOKE, data={"token": "x"})) == (401, "invalid_client")
    assert bearer(mock, UNITS, mine["access_token"]).status_code == 200


def test_codes_and_refresh_tokens_of_another_session_are_unknown(mock: Mock) -> None:
    other = mock.beside("other")
    log_in(mock)
    assert refused(exchange(mock, log_in(other))) == (400, "invalid_grant")
    assert refused(refresh(mock, tokens(other)["refresh_token"])) == (400, "invalid_grant")


def test_the_id_token_tells_when_the_password_was_given(mock: Mock) -> None:
    since = int(time.time()) - 500
    body = exchange(mock, answer(ask_as(mock, "max", since))["code"]).get_json()
    claims = signing.read(signing.ID_TOKEN, body["id_token"])
    assert claims
    assert claims["auth_time"] == since
