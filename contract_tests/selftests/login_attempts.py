"""Attempts to log in at servers that a test makes, and what somebody gets in who has."""

from collections.abc import Callable
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from werkzeug import Request
from werkzeug import Response as Answer

from contract_tests.profile import Login, OpenIdLogin, Principal, Profile
from contract_tests.transport.in_process import WsgiApp
from contract_tests.transport.logins import LoginError, Logins

BACK = "http://localhost:3000/callback"
PASSWORD = "max-secret"
TYPED = {"user": "max", "pw": PASSWORD}
LOGIN_FORM = """<form method="post" action="{}"><input type="hidden" name="csrf" value="&amp;1">
<select name="tenant"><option>none<option value="3" selected>Three</select><textarea name="note">
as it is</textarea><input name="user"><input type="password" name="pw"><input type="checkbox" name="remember">
<button name="do" value="in">In</button><button name="do" value="cancel">Cancel</button></form>"""
CONSENT_FORM = """<form method="post" action="/consent">
<input type="submit" name="accept" value="yes"><input type="submit" name="deny" value="no"></form>"""


def app(answer: Callable[[Request], Answer]) -> WsgiApp:
    """A WSGI app of one function."""
    return Request.application(answer)


def profile(login: Login | None, url: str, name: str = "max", **more: Any) -> Profile:
    return Profile((Principal("casavi", name, "101", ("1",), login=login, **more),), base_urls={"casavi": url})


def log_in(login: Login, url: str) -> Principal:
    """Somebody who has logged in."""
    return Logins(profile(login, url), HTTPAdapter()).admitted().principals[0]


def failure(login: Login, url: str = "http://127.0.0.1:9") -> str:
    """Why somebody cannot log in."""
    with pytest.raises(LoginError) as error:
        log_in(login, url)
    assert "Traceback" not in str(error.value)
    assert PASSWORD not in str(error.value)
    return str(error.value)


def code_login(url: str, **changes: Any) -> OpenIdLogin:
    fields = {"client_id": "casavi-web", "issuer": url, "redirect_uri": BACK, "scope": "openid profile email offline_access"}
    return OpenIdLogin("authorization_code", **(fields | {"username": "max@lindenhof.example", "password": PASSWORD} | changes))


def is_let_in(url: str, headers: dict[str, str]) -> bool:
    return requests.get(f"{url}/api/v1/communities/1/activities", headers=headers, timeout=5).status_code == 200
