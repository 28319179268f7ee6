"""A whole login as an app does it: Authlib's client over HTTP, a person who fills in the form, the token at the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from mock_server import run_in_thread
from mock_server.tests.openid import CALLBACK, VERIFIER

NONCE = "a nonce"


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with run_in_thread() as server:
        yield server.url


@pytest.fixture(params=["", "/_s/openid-flow"])
def provider(origin: str, request: pytest.FixtureRequest) -> dict[str, Any]:
    """The discovery document, of the session `default` and of one with a name."""
    document: dict[str, Any] = _quiet().get(f"{origin}{request.param}/.well-known/openid-configuration").json()
    assert document["issuer"] == f"{origin}{request.param}"
    return document


def _quiet() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def _app() -> OAuth2Session:
    app = OAuth2Session(
        "casavi-web",
        redirect_uri=CALLBACK,
        scope="openid profile email",
        token_endpoint_auth_method="none",
        code_challenge_method="S256",
    )
    app.trust_env = False
    return app


def _log_in(browser: requests.Session, app: OAuth2Session, provider: dict[str, Any]) -> dict[str, Any]:
    url, _ = app.create_authorization_url(provider["authorization_endpoint"], nonce=NONCE, code_verifier=VERIFIER)
    page = browser.get(url)
    assert page.status_code == 200
    action = re.search(r'<form method="post" action="([^"]+)"', page.text)
    assert action
    form = {"username": "max@lindenhof.example", "password": "max-secret"}
    back = browser.post(urljoin(url, unescape(action[1])), data=form, allow_redirects=False)
    assert back.status_code == 303
    return dict(
        app.fetch_token(provider["token_endpoint"], authorization_response=back.headers["Location"], code_verifier=VERIFIER)
    )


def _id_claims(token: dict[str, Any], provider: dict[str, Any]) -> dict[str, Any]:
    """The claims of the ID token, verified as a client has to."""
    keys = KeySet.import_key_set(_quiet().get(provider["jwks_uri"]).json())
    decoded = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
    options = {"iss": {"value": provider["issuer"]}, "aud": {"value": "casavi-web"}}
    params = {"nonce": NONCE, "client_id": "casavi-web", "access_token": token["access_token"]}
    claims = CodeIDToken(decoded.claims, decoded.header, options, params)
    claims.validate()
    assert claims["at_hash"]
    return dict(claims)


def test_an_app_logs_somebody_in_asks_the_api_refreshes_and_logs_out(provider: dict[str, Any]) -> None:
    browser, app = _quiet(), _app()
    first = _log_in(browser, app, provider)
    claims = _id_claims(first, provider)
    assert (claims["name"], claims["email"]) == ("Max Mustermann", "max@lindenhof.example")
    assert app.get(provider["userinfo_endpoint"]).json()["sub"] == claims["sub"]
    units = f"{provider['issuer']}/api/v1/units"
    assert {unit["id"] for unit in app.get(units).json()} >= {433}

    second = app.refresh_token(provider["token_endpoint"])
    assert second["refresh_token"] != first["refresh_token"]
    assert _id_claims(second, provider)["auth_time"] == claims["auth_time"]
    assert app.get(units).status_code == 200

    leave = {"id_token_hint": second["id_token"], "post_logout_redirect_uri": "http://localhost:3000/", "state": "bye"}
    gone = browser.get(provider["end_session_endpoint"], params=leave, allow_redirects=False)
    assert (gone.status_code, gone.headers["Location"]) == (302, "http://localhost:3000/?state=bye")
    assert app.get(units).status_code == 401
    assert not browser.cookies


def test_who_has_logged_in_is_known_to_the_api_and_to_the_next_app(provider: dict[str, Any]) -> None:
    browser = _quiet()
    _log_in(browser, _app(), provider)
    assert browser.get(f"{provider['issuer']}/api/v1/units").status_code == 200
    url, state = _app().create_authorization_url(provider["authorization_endpoint"], code_verifier=VERIFIER, prompt="none")
    response = browser.get(url, allow_redirects=False)
    app = _app()
    token = app.fetch_token(
        provider["token_endpoint"], authorization_response=response.headers["Location"], state=state, code_verifier=VERIFIER
    )
    assert token["access_token"]


def test_the_app_may_ask_from_its_own_origin(origin: str) -> None:
    headers = {"Origin": "http://localhost:3000", "Access-Control-Request-Headers": "authorization"}
    for name, method in (("token", "POST"), ("userinfo", "GET"), ("revoke", "POST"), ("jwks", "GET")):
        asked = {**headers, "Access-Control-Request-Method": method}
        preflight = _quiet().options(f"{origin}/api/v1/openid/{name}", headers=asked)
        assert preflight.status_code == 204
        assert preflight.headers["Access-Control-Allow-Origin"] == "http://localhost:3000"
        assert method in preflight.headers["Access-Control-Allow-Methods"]
        assert preflight.headers["Access-Control-Allow-Headers"] == "authorization"
