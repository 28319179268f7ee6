"""The authorization endpoint: what is a page, what goes back to the app, and who has to give their password."""

from __future__ import annotations

import time
from typing import Any
from urllib.parse import urlencode

import pytest

from mock_server.tests.client import Mock
from mock_server.tests.openid import AUTHORIZE, CALLBACK, answer, ask, ask_as, exchange, fill_in, question, tokens


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "nobody"},
        {"client_id": None},
        {"client_id": "casavi-web\0"},
        {"redirect_uri": "http://evil.example/callback"},
        {"redirect_uri": f"{CALLBACK}/"},
        {"redirect_uri": f"{CALLBACK}?x=1"},
        {"redirect_uri": 'http://localhost:3000/"é\\'},
        {"redirect_uri": None},
    ],
)
def test_a_request_that_no_known_app_can_have_sent_is_a_page_and_no_redirect(mock: Mock, wrong: dict[str, Any]) -> None:
    for response in (ask(mock, **wrong), ask_as(mock, "max", **wrong), fill_in(mock, **wrong), ask(mock, **wrong, prompt="none")):
        assert (response.status_code, response.mimetype) == (400, "text/html")
        assert "Location" not in response.headers


def test_two_redirect_uris_are_none(mock: Mock) -> None:
    query = urlencode([*question().items(), ("redirect_uri", "http://evil.example/")])
    assert mock.get(f"{AUTHORIZE}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": 'é"'}, "unsupported_response_type"),
        ({"response_type": None}, "invalid_request"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"scope": None}, "invalid_scope"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "short"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"request": "e30.e30."}, "request_not_supported"),
        ({"request_uri": "http://evil.example/"}, "request_uri_not_supported"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
    ],
)
def test_what_else_is_wrong_goes_back_to_the_app_with_its_state(mock: Mock, wrong: dict[str, Any], error: str) -> None:
    told = answer(ask_as(mock, "max", **wrong))
    assert (told["error"], told["state"]) == (error, "some state")
    assert "code" not in told


def test_a_repeated_state_is_an_invalid_request(mock: Mock) -> None:
    response = mock.get(f"{AUTHORIZE}?{urlencode([*question().items(), ('state', 'second')])}")
    assert answer(response)["error"] == "invalid_request"


def test_an_unknown_scope_is_left_out(mock: Mock) -> None:
    assert tokens(mock, scope="openid email offline_access")["scope"] == "openid email"


def test_the_response_mode_that_is_the_default_may_be_named(mock: Mock) -> None:
    assert answer(fill_in(mock, response_mode="query"))["code"]


def test_without_a_login_prompt_none_is_told_so_and_with_one_gets_a_code(mock: Mock) -> None:
    assert answer(ask(mock, prompt="none"))["error"] == "login_required"
    assert exchange(mock, answer(ask_as(mock, "max", prompt="none"))["code"]).status_code == 200


@pytest.mark.parametrize("cookie", ["user_session=101.0000", "user_session=999.x", "user_session=", "user_session=é"])
def test_a_cookie_that_is_not_good_is_no_login(mock: Mock, cookie: str) -> None:
    response = mock.get(AUTHORIZE, query_string=question(prompt="none"), headers={"Cookie": cookie})
    assert answer(response)["error"] == "login_required"


@pytest.mark.parametrize("prompt", ["login", "select_account"])
def test_a_logged_in_person_is_asked_again_if_the_app_wants_it(mock: Mock, prompt: str) -> None:
    assert ask_as(mock, "max").status_code == 302
    assert ask_as(mock, "max", prompt=prompt).status_code == 200
    assert answer(fill_in(mock, prompt=prompt))["code"]


def test_a_login_that_is_older_than_max_age_or_of_unknown_age_is_asked_again(mock: Mock) -> None:
    now = int(time.time())
    assert ask_as(mock, "max", now - 50, max_age="100").status_code == 302
    assert ask_as(mock, "max", now - 150, max_age="100").status_code == 200
    assert ask_as(mock, "max", now + 9999, max_age="100").status_code == 200
    assert ask_as(mock, "max", max_age="100").status_code == 200
    assert ask_as(mock, "max", now, max_age="0").status_code == 200
    assert answer(ask_as(mock, "max", now - 150, max_age="100", prompt="none"))["error"] == "login_required"


def test_a_hint_at_somebody_else_does_not_log_in_who_is_there(mock: Mock) -> None:
    hint = tokens(mock, "erika")["id_token"]
    assert ask_as(mock, "max", id_token_hint=hint).status_code == 200
    assert answer(ask_as(mock, "max", id_token_hint=hint, prompt="none"))["error"] == "login_required"
    assert answer(ask_as(mock, "erika", id_token_hint=hint, prompt="none"))["code"]
    assert answer(ask_as(mock, "erika", id_token_hint="no token", prompt="none"))["error"] == "login_required"


def test_the_request_may_come_as_a_form_too(mock: Mock) -> None:
    page = mock.post(AUTHORIZE, data=question())
    assert page.status_code == 200
    assert "code_challenge=" in page.text
    assert "state=some+state" in page.text


def test_a_person_who_cancels_is_access_denied_to_the_app(mock: Mock) -> None:
    response = mock.post(AUTHORIZE, query_string=question(), data={"username": "", "password": "", "cancel": "yes"})
    told = answer(response)
    assert (told["error"], told["state"]) == ("access_denied", "some state")
