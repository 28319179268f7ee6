"""Logging out: with an ID token at once, without one only after a question, and back to the app only where it is known."""

from __future__ import annotations

import pytest

from mock_server.tests.client import Mock
from mock_server.tests.openid import LOGOUT, bearer, cookies, refresh, tokens

HOME = "http://localhost:3000/"
UNITS = "/api/v1/units"


def test_an_id_token_ends_its_login_and_that_one_alone(any_mock: Mock) -> None:
    mine, others = tokens(any_mock), tokens(any_mock)
    page = any_mock.get(LOGOUT, query_string={"id_token_hint": mine["id_token"]})
    assert page.status_code == 200
    assert "Logged out" in page.text
    assert all("Expires=Thu, 01 Jan 1970" in cookie for cookie in page.headers.getlist("Set-Cookie"))
    assert bearer(any_mock, UNITS, mine["access_token"]).status_code == 401
    assert refresh(any_mock, mine["refresh_token"]).status_code == 400
    assert bearer(any_mock, UNITS, others["access_token"]).status_code == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_browser_goes_back_to_a_registered_address(mock: Mock, method: str) -> None:
    asked = {"id_token_hint": tokens(mock)["id_token"], "post_logout_redirect_uri": HOME, "state": "a&b"}
    response = mock.get(LOGOUT, query_string=asked) if method == "GET" else mock.post(LOGOUT, data=asked)
    assert response.status_code == (302 if method == "GET" else 303)
    assert response.location == f"{HOME}?state=a%26b"


@pytest.mark.parametrize("uri", ["http://evil.example/", "http://localhost:3000", "javascript:alert(1)"])
def test_the_browser_does_not_go_to_another_address_and_the_page_says_why(mock: Mock, uri: str) -> None:
    mine = tokens(mock)
    for asked in ({"id_token_hint": mine["id_token"]}, {"client_id": "casavi-web"}):
        response = mock.get(LOGOUT, query_string={**asked, "post_logout_redirect_uri": uri})
        assert (response.status_code, "Location" in response.headers) == (400, False)
        assert f"“{uri}” is not a post-logout redirect URI of casavi-web. Registered: {HOME}" in response.text
    assert bearer(mock, UNITS, mine["access_token"]).status_code == 200


def test_an_address_to_go_to_needs_a_client_that_has_registered_it(mock: Mock) -> None:
    response = mock.get(LOGOUT, query_string={"post_logout_redirect_uri": HOME})
    assert (response.status_code, "a client_id" in response.text) == (400, True)


def test_without_an_id_token_the_person_is_asked(mock: Mock) -> None:
    headers = {"Cookie": cookies(mock, "max")}
    asked = {"client_id": "casavi-web", "post_logout_redirect_uri": HOME, "state": "s"}
    for method in ("GET", "POST"):
        page = mock(method, LOGOUT, query_string=asked, headers=headers)
        assert page.status_code == 200
        assert '<button name="confirm"' in page.text
        assert "Set-Cookie" not in page.headers
    done = mock.post(LOGOUT, query_string=asked, data={"confirm": "yes"}, headers=headers)
    assert (done.status_code, done.location) == (303, f"{HOME}?state=s")
    assert "Set-Cookie" in done.headers


def test_where_nobody_is_logged_in_nobody_is_asked(mock: Mock) -> None:
    assert "Logged out" in mock.get(LOGOUT).text


@pytest.mark.parametrize("wrong", ["no token", "a.b.c", "é", "access_token"])
def test_what_is_no_id_token_logs_nobody_out(mock: Mock, wrong: str) -> None:
    mine = tokens(mock)
    asked = {"id_token_hint": mine.get(wrong, wrong), "post_logout_redirect_uri": HOME}
    page = mock.get(LOGOUT, query_string=asked, headers={"Cookie": cookies(mock, "max")})
    assert (page.status_code, page.mimetype) == (400, "text/html")
    assert "Set-Cookie" not in page.headers
    assert bearer(mock, UNITS, mine["access_token"]).status_code == 200


def test_an_id_token_of_another_app_is_refused(mock: Mock) -> None:
    asked = {"id_token_hint": tokens(mock)["id_token"], "client_id": "foobar"}
    assert mock.get(LOGOUT, query_string=asked).status_code == 400
