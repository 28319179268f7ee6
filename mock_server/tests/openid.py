"""An app that logs people in at the mock, without a socket: each step alone, so that each can be done wrongly."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from werkzeug.test import TestResponse

from mock_server.tests.client import Mock

AUTHORIZE, TOKEN, USERINFO, LOGOUT, REVOKE = (
    f"/api/v1/openid/{name}" for name in ("authorize", "token", "userinfo", "logout", "revoke")
)
CALLBACK = "http://localhost:3000/callback"
VERIFIER = "verifier-" * 6
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def question(**changes: str | None) -> dict[str, str]:
    """The parameters of a good authorization request, changed; None takes one away."""
    good: dict[str, str | None] = {
        "response_type": "code",
        "client_id": "casavi-web",
        "redirect_uri": CALLBACK,
        "scope": "openid profile email",
        "state": "some state",
        "nonce": "some nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return {key: value for key, value in (good | changes).items() if value is not None}


def ask(mock: Mock, **changes: str | None) -> TestResponse:
    """An authorization request from a browser in which nobody is logged in."""
    return mock.get(AUTHORIZE, query_string=question(**changes))


def ask_as(mock: Mock, person: str, since: int | None = None, **changes: str | None) -> TestResponse:
    """An authorization request from a browser in which that person is logged in."""
    headers = {"Cookie": cookies(mock, person, since)}
    return mock.get(AUTHORIZE, query_string=question(**changes), headers=headers)


def cookies(mock: Mock, person: str, since: int | None = None) -> str:
    value = mock.principal(f"casavi:{person}")["cookie"]["value"]
    return f"user_session={value}" + (f"; user_session_since={since}" if since is not None else "")


def fill_in(mock: Mock, username: str = "max", password: str | None = None, /, **changes: str | None) -> TestResponse:
    """The login form, sent off."""
    form = {"username": username, "password": f"{username}-secret" if password is None else password}
    return mock.post(AUTHORIZE, query_string=question(**changes), data=form)


def answer(response: TestResponse) -> dict[str, str]:
    """What a redirect tells the app."""
    assert response.status_code in (302, 303), response.text
    assert response.location.startswith(f"{CALLBACK}?")
    return dict(parse_qsl(urlsplit(response.location).query))


def log_in(mock: Mock, username: str = "max", /, **changes: str | None) -> str:
    """A fresh code."""
    return answer(fill_in(mock, username, **changes))["code"]


def exchange(mock: Mock, code: str, /, **changes: str | None) -> TestResponse:
    """A good token request with the code, changed."""
    good: dict[str, str | None] = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "client_id": "casavi-web",
        "code_verifier": VERIFIER,
    }
    return mock.post(TOKEN, data={key: value for key, value in (good | changes).items() if value is not None})


def refresh(mock: Mock, token: str, **changes: str) -> TestResponse:
    form = {"grant_type": "refresh_token", "refresh_token": token, "client_id": "casavi-web"} | changes
    return mock.post(TOKEN, data=form)


def tokens(mock: Mock, username: str = "max", /, **changes: str | None) -> dict[str, Any]:
    """What the app has after a login."""
    response = exchange(mock, log_in(mock, username, **changes))
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.get_json()
    return found


def bearer(mock: Mock, path: str, token: str) -> TestResponse:
    return mock.get(path, headers={"Authorization": f"Bearer {token}"})


def refused(response: TestResponse) -> tuple[int, str]:
    """Status and error of what the token endpoint refused."""
    assert response.mimetype == "application/json"
    assert response.headers["Cache-Control"] == "no-store"
    return response.status_code, response.get_json()["error"]
