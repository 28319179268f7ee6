"""A login by one request, as deployments have them, and what a login yields."""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any

import requests
from requests import Response
from requests.adapters import BaseAdapter
from requests.cookies import RequestsCookieJar

from contract_tests.contract.masking import learn
from contract_tests.profile import RequestLogin
from contract_tests.transport.forms import find_form, keep_cookies
from contract_tests.transport.network import NoAnswerError, json_of, origin, redirect_of, sentence
from contract_tests.transport.session import TIMEOUT, CleanSession

MOST_REDIRECTS = 10  # in a row


class LoginError(NoAnswerError):
    """Somebody cannot log in; the text says why, without secrets."""


@dataclass(frozen=True)
class Credential:
    """What a login yields; `expires` is a time as of time.time(), None if nobody said."""

    bearer: str | None = field(default=None, repr=False)
    cookie: tuple[str, str] | None = field(default=None, repr=False)
    expires: float | None = None
    refresh_token: str | None = field(default=None, repr=False)

    @property
    def value(self) -> str:
        """The value of the header that logs somebody in."""
        return f"Bearer {self.bearer}" if self.cookie is None else "=".join(self.cookie)


class LoginSession(CleanSession):
    """Keeps cookies, as CleanSession does not, and follows redirects only when it is told to."""

    def __init__(self, url: str, adapter: BaseAdapter) -> None:
        super().__init__(url, adapter)
        self.cookies = RequestsCookieJar()

    def ask(self, method: str, url: str, **options: Any) -> Response:
        """The answer. Raises LoginError if there is none."""
        try:
            response = self.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise LoginError(sentence(error, url)) from None
        keep_cookies(self, response)
        return response


def by_request(login: RequestLogin, base_url: str | None, adapter: BaseAdapter) -> Credential:
    """Logs in by one request. Raises LoginError."""
    if base_url is None and login.path.startswith("/"):
        raise LoginError(f"no base_url says where {login.path} is")
    url = f"{base_url}{login.path}" if login.path.startswith("/") else login.path
    session, what = LoginSession(url, adapter), f"the login at {url.partition('?')[0]}"
    form = None if login.form is None else _entries(login.form, url, session)
    response = session.ask(login.method, url, json=login.json, data=form)
    if response.status_code >= 400:
        raise LoginError(f"{what} answers {response.status_code}")
    if login.bearer is not None:
        token = _pointed(response, login.bearer)
        if not isinstance(token, str) or not token:
            raise LoginError(f"{what} answers {response.status_code} and has no {login.bearer} in its answer")
        learn(token)
        return Credential(bearer=token, expires=expiry_of(token))
    cookie = _cookie_on_the_way(session, response, login.cookie or "")
    if cookie is None:
        raise LoginError(f"{what} answers {response.status_code} and sets no cookie {login.cookie}")
    learn(cookie)
    return Credential(cookie=(login.cookie or "", cookie))


def _entries(typed: Mapping[str, str], url: str, session: LoginSession) -> Mapping[str, str]:
    """What a form sends: where its page shows it, the other controls too, such as a hidden token."""
    page = session.ask("GET", url)
    form = find_form(page) if page.ok else None
    shown = dict(form.entries) if form else {}
    return {**shown, **typed} if typed.keys() <= shown.keys() else typed


def _cookie_on_the_way(session: LoginSession, response: Response, name: str) -> str | None:
    """The last value that a cookie is given by an answer or by those that it redirects to within the host."""
    found = _set_cookie(response, name)
    for _ in range(MOST_REDIRECTS):
        target = redirect_of(response)
        if target is None or origin(target) != origin(response.url):
            break
        response = session.ask("GET", target)
        found = _set_cookie(response, name) or found
    return found


def _set_cookie(response: Response, name: str) -> str | None:
    for line in response.raw.headers.getlist("Set-Cookie"):
        try:
            morsel = SimpleCookie(line).get(name)
        except CookieError:
            continue
        if morsel is not None and morsel.value and morsel["max-age"] != "0":
            return str(morsel.coded_value)  # as it has to be sent back
    return None


def _pointed(response: Response, pointer: str) -> Any:
    """What a JSON pointer finds in an answer; None if nothing."""
    try:
        found = json_of(response)
        for step in pointer.split("/")[1:]:
            name = step.replace("~1", "/").replace("~0", "~")
            found = found[int(name)] if isinstance(found, list) else found[name]
    except (ValueError, KeyError, IndexError, TypeError):
        return None
    return found


def expiry_of(token: str) -> float | None:
    """When a token expires, if it is a JSON Web Token that says so."""
    payload = token.split(".")[1] if token.count(".") == 2 else ""
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return float(claims["exp"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        return None
