"""Logins at an OpenID provider: by a browser's way through its pages, or by the token endpoint alone; what goes wrong is said."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from werkzeug import Request
from werkzeug import Response as Answer

from contract_tests.contract.masking import masked
from contract_tests.faults.servers import serve
from contract_tests.profile import OpenIdLogin
from contract_tests.selftests.login_attempts import (
    BACK,
    CONSENT_FORM,
    LOGIN_FORM,
    PASSWORD,
    TYPED,
    app,
    code_login,
    failure,
    is_let_in,
    log_in,
)
from contract_tests.transport.in_process import WsgiApp
from contract_tests.transport.openid_login import OpenIdFlow


def test_the_code_flow_goes_through_the_providers_login_form(provider: str) -> None:
    person = log_in(code_login(provider), provider)
    assert is_let_in(provider, person.headers)


def test_endpoints_may_be_named_where_there_is_no_discovery(provider: str) -> None:
    told = requests.get(f"{provider}/.well-known/openid-configuration", timeout=5).json()
    places = {"authorization_url": told["authorization_endpoint"], "token_url": told["token_endpoint"]}
    person = log_in(code_login(provider, issuer=None, **places), provider)
    assert is_let_in(provider, person.headers)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"password": "wrong-one"}, "asks for the password again: name or password are wrong"),
        ({"client_id": "nobody"}, "answers 400 where a login form is expected"),
        ({"scope": "no such scope"}, "refuses the login: invalid_scope"),
    ],
)
def test_a_login_that_the_provider_refuses_says_why(changes: dict[str, str], words: str, provider: str) -> None:
    assert words in failure(code_login(provider, **changes), provider)


def test_an_issuer_without_discovery_is_named() -> None:
    with serve(app(lambda _: Answer("", 404))) as url:
        told = failure(code_login(url), url)
    assert told == f"max: there is no discovery document at {url}/.well-known/openid-configuration (404); is the issuer right?"


def test_a_refresh_token_that_is_no_good_says_so(provider: str) -> None:
    login = OpenIdLogin("refresh_token", "casavi-web", issuer=provider, refresh_token="never-given-out")
    assert failure(login, provider).endswith("says invalid_grant")


def test_a_refresh_token_alone_logs_in(provider: str) -> None:
    token = OpenIdFlow(code_login(provider), HTTPAdapter()).log_in().refresh_token
    assert token is not None
    person = log_in(OpenIdLogin("refresh_token", "casavi-web", issuer=provider, refresh_token=token), provider)
    assert is_let_in(provider, person.headers)


@pytest.mark.parametrize("grant", ["client_credentials", "password"])
def test_grants_without_a_browser_ask_the_token_endpoint_alone(grant: str) -> None:
    asked: list[dict[str, Any]] = []

    def answer(request: Request) -> Answer:
        asked.append({"by": request.headers.get("Authorization", "")} | request.form.to_dict())
        return Answer(json.dumps({"access_token": "a-token-for-max", "token_type": "Bearer", "expires_in": 60}))

    typed = {"username": "max", "password": PASSWORD} if grant == "password" else {}
    with serve(app(answer)) as url:
        login = OpenIdLogin(grant, "app", token_url=f"{url}/token", client_secret="hidden-secret", scope="api", **typed)
        assert log_in(login, url).bearer == "a-token-for-max"
    by = base64.b64encode(b"app:hidden-secret").decode()
    assert asked == [{"by": f"Basic {by}", "grant_type": grant, "scope": "api"} | typed]
    assert by not in masked(f"Authorization: Basic {by}")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("[]", "answers no tokens"),
        ('"text"', "answers no tokens"),
        ("3", "answers no tokens"),
        ("null", "answers no tokens"),
        ("{}", "answers no tokens"),
        ('{"access_token": 3}', "answers no tokens"),
        ("<html>", "answers no tokens"),
        ('{"access_token": "t", "expires_in": "soon"}', "answers no tokens"),
        ('{"error": "slow_down"}', "says slow_down"),
        ('{"error": null}', "says oauth_error"),
    ],
)
def test_what_a_token_endpoint_should_not_answer_is_one_line(body: str, words: str) -> None:
    with serve(app(lambda _: Answer(body))) as url:
        login = OpenIdLogin("client_credentials", "app", token_url=f"{url}/token", client_secret="hidden-secret")
        assert failure(login, url) == f"max: the token endpoint {url}/token {words}"


@pytest.mark.parametrize("lifetime", ["null", "true", '"3600"'])
def test_a_lifetime_that_nobody_understands_is_none(lifetime: str) -> None:
    body = f'{{"access_token": "odd-lifetime", "token_type": "Bearer", "expires_in": {lifetime}}}'
    with serve(app(lambda _: Answer(body))) as url:
        login = OpenIdLogin("client_credentials", "app", token_url=f"{url}/token", client_secret="hidden-secret")
        assert log_in(login, url).bearer == "odd-lifetime"


def with_consent(url: Callable[[], str], action: str = "/login", forever: bool = False) -> WsgiApp:
    """A provider that needs its cookie, shows a page to consent after the login, and has its forms go to `action`."""

    def answer(request: Request) -> Answer:
        match request.path:
            case "/.well-known/openid-configuration":
                places = {"authorization_endpoint": f"{url()}/authorize", "token_endpoint": f"{url()}/token"}
                return Answer(json.dumps(places | {"token_endpoint_auth_methods_supported": ["client_secret_post"]}))
            case "/authorize":
                state = request.args["state"]
                return Answer(LOGIN_FORM.format(action), 200, {"Set-Cookie": f"state={state}", "Content-Type": "text/html"})
            case "/login":
                good = request.form.to_dict() == {"csrf": "&1", "tenant": "3", "note": "as it is", **TYPED, "do": "in"}
                return Answer(CONSENT_FORM if good else "no", 200 if good else 403)
            case "/consent" if forever:
                return Answer(CONSENT_FORM)
            case "/consent":
                good = request.form.to_dict() == {"accept": "yes"}
                back = f"{BACK}?code=the-code&state={request.cookies['state']}" if good else BACK
                return Answer("", 303, {"Location": back})
        good = request.form["code"] == "the-code" and request.form["client_secret"] == "hidden-secret"
        return Answer(json.dumps({"access_token": "consented-token", "token_type": "Bearer"} if good else {}))

    return app(answer)


def consent_login(url: str) -> OpenIdLogin:
    return code_login(url, client_id="app", client_secret="hidden-secret", username="max")


def test_the_browser_consents_and_keeps_cookies() -> None:
    place: list[str] = []
    with serve(with_consent(lambda: place[0])) as url:
        place.append(url)
        assert log_in(consent_login(url), url).bearer == "consented-token"


def test_nothing_is_typed_into_a_form_that_goes_elsewhere() -> None:
    place: list[str] = []
    typed: list[bytes] = []

    def steal(request: Request) -> Answer:
        typed.append(request.data)
        return Answer("")

    with serve(app(steal)) as thief, serve(with_consent(lambda: place[0], action=f"{thief}/login")) as url:
        place.append(url)
        assert f"the login form goes to {thief}, which is not the provider" in failure(consent_login(url), url)
    assert not typed


def test_pages_without_an_end_are_left() -> None:
    place: list[str] = []
    with serve(with_consent(lambda: place[0], forever=True)) as url:
        place.append(url)
        assert "shows more than 6 pages" in failure(consent_login(url), url)


def test_a_page_without_a_form_is_named(provider: str) -> None:
    with serve(app(lambda _: Answer("<p>Loading</p>"))) as url:
        told = failure(code_login(url, issuer=None, authorization_url=f"{url}/authorize", token_url=f"{url}/token"), url)
    assert told == f"max: {url}/authorize has no form; does the login page need JavaScript?"
