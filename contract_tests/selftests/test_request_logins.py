"""Logins by one request: what is taken from its answer, and what is said where it lacks something."""

import json
from collections.abc import Iterable
from typing import Any

import pytest
from requests.adapters import HTTPAdapter
from werkzeug import Request
from werkzeug import Response as Answer

from contract_tests.contract.masking import masked
from contract_tests.faults.servers import serve
from contract_tests.profile import Principal, Profile, RequestLogin
from contract_tests.selftests.login_attempts import CONSENT_FORM, LOGIN_FORM, PASSWORD, TYPED, app, failure, log_in
from contract_tests.transport.logins import LoginError, Logins


def test_a_token_is_taken_from_the_body() -> None:
    def answer(request: Request) -> Answer:
        known = request.method == "PUT" and request.json == {"user": "max", "password": PASSWORD}
        return Answer(json.dumps({"data": [{"access/token": "the-token-of-max"}]}), 200 if known else 401)

    login = RequestLogin("/login", "PUT", json={"user": "max", "password": PASSWORD}, bearer="/data/0/access~1token")
    with serve(app(answer)) as url:
        person = log_in(login, url)
    assert person.headers == {"Authorization": "Bearer the-token-of-max"}
    assert "the-token-of-max" not in masked("GET / with the-token-of-max")


@pytest.mark.parametrize("place", ["/login", "/welcome"])
def test_a_cookie_is_taken_from_any_answer_on_the_way(place: str) -> None:
    def answer(request: Request) -> Answer:
        response = Answer("", 200)
        if request.path == "/login" and request.form["password"] == PASSWORD:
            response = Answer("", 302, {"Location": "/welcome"})
        if request.path == place:
            response.set_cookie("sid", "s%3Athe-cookie-of-max")
        return response

    with serve(app(answer)) as url:
        person = log_in(RequestLogin("/login", form={"user": "max", "password": PASSWORD}, cookie="sid"), url)
    assert person.headers == {"Cookie": "sid=s%3Athe-cookie-of-max"}


def test_a_form_is_sent_with_the_hidden_token_of_its_page() -> None:
    def answer(request: Request) -> Answer:
        if request.method == "GET":
            return Answer(LOGIN_FORM.format(""), 200, {"Set-Cookie": "pair=&1", "Content-Type": "text/html"})
        good = request.form["csrf"] == request.cookies["pair"] and {**request.form, **TYPED} == request.form.to_dict()
        return Answer("", 200 if good else 403, {"Set-Cookie": "sid=the-cookie-of-max"})

    with serve(app(answer)) as url:
        assert log_in(RequestLogin("/login", form=TYPED, cookie="sid"), url).cookie == ("sid", "the-cookie-of-max")


@pytest.mark.parametrize("page", [Answer("", 405), Answer(b"\xff\x00<form>"), Answer(CONSENT_FORM), Answer("[" * 9000)])
def test_a_form_that_no_page_shows_is_sent_as_it_is(page: Answer) -> None:
    sent: list[dict[str, str]] = []

    def answer(request: Request) -> Answer:
        if request.method == "GET":
            return page
        sent.append(request.form.to_dict())
        return Answer("", 200, {"Set-Cookie": "sid=the-cookie-of-max"})

    with serve(app(answer)) as url:
        log_in(RequestLogin("/login", form=TYPED, cookie="sid"), url)
    assert sent == [TYPED]


@pytest.mark.parametrize("place", ["http://[", "/caf\xe9", "http://localhost:port/", "//", "\x01"])
def test_a_redirect_to_what_is_no_place_is_none(place: str) -> None:
    def answer(_: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("302 Found", [("Location", place), ("Content-Length", "0")])
        return []

    with serve(answer) as url:
        assert "sets no cookie sid" in failure(RequestLogin("/login", cookie="sid"), url)


def test_a_redirect_to_another_host_is_not_followed() -> None:
    cookie = app(lambda _: Answer("", 200, {"Set-Cookie": "sid=foreign"}))
    with serve(cookie) as other, serve(app(lambda _: Answer("", 302, {"Location": f"{other}/"}))) as url:
        assert "answers 302 and sets no cookie sid" in failure(RequestLogin("/login", cookie="sid"), url)


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, "{}", "answers 401"),
        (200, '{"token": ""}', "answers 200 and has no /token in its answer"),
        (200, "[]", "answers 200 and has no /token in its answer"),
        (200, "<html>", "answers 200 and has no /token in its answer"),
    ],
)
def test_what_a_login_lacks_is_one_line_with_the_name(status: int, body: str, words: str) -> None:
    with serve(app(lambda _: Answer(body, status))) as url:
        told = failure(RequestLogin("/login?key=hidden", json={"password": PASSWORD}, bearer="/token"), url)
    assert told == f"max: the login at {url}/login {words}"


def test_everybody_who_cannot_log_in_is_told() -> None:
    login = RequestLogin("/login", bearer="/token")
    people = tuple(Principal("casavi", name, "1", ("1",), login=login) for name in ("max", "erika"))
    people += (Principal("casavi", "fixed", "1", ("1",), bearer="t"),)
    with serve(app(lambda _: Answer("", 503))) as url, pytest.raises(LoginError) as error:
        Logins(Profile(people, base_urls={"casavi": url}), HTTPAdapter()).admitted()
    assert str(error.value).splitlines() == [f"{name}: the login at {url}/login answers 503" for name in ("max", "erika")]


def test_a_server_that_is_not_there_is_one_sentence() -> None:
    assert failure(RequestLogin("/login", bearer="/token")).startswith("max: http://127.0.0.1:9 refuses the connection")
