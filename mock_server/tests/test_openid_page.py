"""The login page: what it shows, what it keeps, and what it does not let in."""

from __future__ import annotations

import re

import pytest

from mock_server.tests.client import Mock
from mock_server.tests.openid import AUTHORIZE, ask, fill_in, question


def test_the_page_can_be_used_with_a_screen_reader_and_a_password_manager(mock: Mock) -> None:
    page = ask(mock)
    assert '<html lang="en">' in page.text
    for name, kind in (("username", "username"), ("password", "current-password")):
        assert f'<label for="{name}">' in page.text
        field = re.search(rf'<input id="{name}"[^>]*>', page.text)
        assert field
        assert f'name="{name}"' in field[0]
        assert f'autocomplete="{kind}"' in field[0]
        assert "required" in field[0]
    assert page.text.count("autofocus") == 1
    assert 'role="alert"' not in page.text


def test_the_page_says_whose_it_is_and_who_can_log_in(mock: Mock) -> None:
    text = ask(mock).text
    assert all(word in text for word in ("mock", mock.session, "casavi-web", "max-secret", "erika-secret"))


@pytest.mark.parametrize("password", ["wrong", "", "MAX-SECRET", "erika-secret"])
def test_a_wrong_password_shows_the_page_again_with_an_error_and_the_name(mock: Mock, password: str) -> None:
    page = fill_in(mock, "max", password)
    assert page.status_code == 403
    assert "Set-Cookie" not in page.headers
    assert re.search(r'<p[^>]* id="error" role="alert">', page.text)
    assert page.text.count('aria-describedby="error"') == 2
    assert re.search(r'<input id="username"[^>]*value="max"', page.text)
    assert not re.search(r'<input id="password"[^>]*value', page.text)


@pytest.mark.parametrize("username", ["nobody", "", "petra.sommer@sonnenschein.example", "max'--", "max%"])
def test_who_is_no_user_or_has_no_password_cannot_log_in(mock: Mock, username: str) -> None:
    for password in ("", "None", "max-secret"):
        assert fill_in(mock, username, password).status_code == 403


@pytest.mark.parametrize("username", ["max", "max@lindenhof.example", " MAX@Lindenhof.Example"])
def test_a_name_or_an_address_logs_in(mock: Mock, username: str) -> None:
    assert fill_in(mock, username, "max-secret").status_code == 303


def test_the_button_of_a_person_logs_in_without_typing(mock: Mock) -> None:
    pressed = {"username": "", "password": "", "person": "erika"}
    assert mock.post(AUTHORIZE, query_string=question(), data=pressed).status_code == 303
    assert re.search(r'<button[^>]* name="person" value="erika"', ask(mock).text)


def test_who_signed_up_by_an_invitation_logs_in_through_his_provider(any_mock: Mock) -> None:
    person = {"email": "mina@lindenhof.example", "clientId": "casavi-web", "inviteCode": "9ug2ef6", "providerKey": "somekey"}
    assert any_mock.post("/api/v1/openid/users", json=person).status_code == 201
    assert "through somekey" in ask(any_mock).text
    pressed = {"username": "", "password": "", "person": person["email"]}
    assert any_mock.post(AUTHORIZE, query_string=question(), data=pressed).status_code == 303
    assert fill_in(any_mock, person["email"], "").status_code == 403


@pytest.mark.parametrize("person", ["nobody", "", "petra"])
def test_there_is_no_button_for_who_cannot_log_in(mock: Mock, person: str) -> None:
    pressed = {"username": "max", "password": "max-secret", "person": person}
    assert mock.post(AUTHORIZE, query_string=question(), data=pressed).status_code == 403


def test_a_page_has_one_field_for_the_name_and_one_for_the_password(mock: Mock) -> None:
    text = ask(mock).text
    assert text.count('name="username"') == text.count('name="password"') == text.count('type="submit"') == 1


def test_nothing_of_the_request_becomes_markup(mock: Mock) -> None:
    evil = "\"><script>alert('x')</script>"
    wrong = ({"login_hint": evil}, {"client_id": evil}, {"redirect_uri": evil})
    for page in (fill_in(mock, evil, evil, state=evil), *(ask(mock, **changes) for changes in wrong)):
        assert "script&gt;alert(&#39;x&#39;)" in page.text
        assert "<script" not in page.text


def test_the_page_is_not_kept_framed_or_open_to_foreign_content(mock: Mock) -> None:
    for page in (ask(mock), fill_in(mock, "max", "wrong"), ask(mock, client_id="nobody")):
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'nonce-")
        assert policy.endswith("base-uri 'none'; frame-ancestors 'none'")
        nonce = re.search("'nonce-([^']+)'", policy)
        assert nonce
        assert f'<style nonce="{nonce[1]}">' in page.text


def test_the_policy_lets_the_form_end_at_the_app(mock: Mock) -> None:
    assert " http://localhost:3000;" in ask(mock).headers["Content-Security-Policy"]


def test_the_cookie_is_out_of_reach_of_scripts_and_of_other_sessions(mock: Mock) -> None:
    form = {"username": "max", "password": "max-secret"}
    for prefix in ("", "/_s/some-session"):
        response = mock.post(f"{prefix}{AUTHORIZE}", query_string=question(), data=form)
        cookies = response.headers.getlist("Set-Cookie")
        assert len(cookies) == 2
        assert all(cookie.endswith(f"; HttpOnly; Path={prefix or '/'}; SameSite=Lax") for cookie in cookies)
