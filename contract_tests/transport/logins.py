"""Everybody of a profile logs in when a run begins, and again before their token expires."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Lock

from requests.adapters import BaseAdapter

from contract_tests.profile import Login, OpenIdLogin, Principal, Profile
from contract_tests.transport.gate import Stopped
from contract_tests.transport.openid_login import OpenIdFlow
from contract_tests.transport.request_login import Credential, LoginError, by_request

__all__ = ["LoginError", "Logins"]

MARGIN = 30.0  # seconds before its end at which a token counts as expired; half of its life if that is shorter
SETTLED = 60.0  # seconds after a login in which a 401 is not the token's age, and nobody logs in once more


@dataclass
class _Held:
    """Somebody's login and what it yielded last; `until` is when that is renewed, `failure` why it could not be."""

    person: Principal
    login: Login
    got: Credential
    since: float
    until: float | None
    lock: Lock = field(default_factory=Lock)
    failure: str = ""


class Logins:
    """The logins of the people of a profile, each renewed once for all threads."""

    def __init__(self, profile: Profile, adapter: BaseAdapter) -> None:
        """`profile.base_urls` say where paths of logins begin; all requests go through the adapter."""
        self._profile, self._adapter = profile, adapter
        self._held: dict[str, _Held] = {}  # by each header value that it ever had

    def admitted(self) -> Profile:
        """Logs everybody in, and returns the profile with tokens and cookies. Raises LoginError, a line for each failure."""
        people, failures = [], []
        for person in self._profile.principals:
            try:
                people.append(self.admit(person))
            except LoginError as error:
                failures.append(str(error))
        if failures:
            raise LoginError("\n".join(failures))
        return replace(self._profile, principals=tuple(people))

    def admit(self, person: Principal) -> Principal:
        """Somebody with a token or cookie from their login; who has a fixed one is returned as they are. Raises LoginError."""
        if person.login is None:
            return person
        with _naming(person):
            try:
                got = self._log_in(person.api, person.login)
            except Stopped as stopped:  # as after some requests that nobody answered
                raise LoginError(f"not tried; {stopped}") from None
        self._held[got.value] = _Held(person, person.login, got, time.monotonic(), _until(got))
        return replace(person, bearer=got.bearer or person.bearer, cookie=got.cookie or person.cookie)

    def fresh(self, value: str) -> str:
        """The value of a header that logs somebody in, with a new token where a login's is about to expire.

        Raises LoginError if there is none to be had; for a minute after that nobody asks for one again.
        """
        held = self._held.get(value)
        if held is None:
            return value
        with held.lock:
            if held.until is not None and time.time() >= held.until:
                self._again(held)
            return held.got.value

    def renew(self, value: str) -> str | None:
        """The value of a header after a 401: a new one, or None if the login is fixed, or too young for that to help."""
        held = self._held.get(value)
        if held is None:
            return None
        with held.lock:
            if held.got.value != value:
                return held.got.value  # somebody else was faster
            if time.monotonic() - held.since < SETTLED:
                return None
            try:
                self._again(held)
            except LoginError:
                return None
            return held.got.value

    def _again(self, held: _Held) -> None:
        if held.failure and time.monotonic() - held.since < SETTLED:
            raise LoginError(held.failure)
        held.since = time.monotonic()
        try:
            with _naming(held.person):
                held.got, held.failure = self._next(held), ""
        except LoginError as error:
            held.failure = str(error)
            raise
        held.until = _until(held.got)
        self._held[held.got.value] = held

    def _next(self, held: _Held) -> Credential:
        """By the refresh token if there is one, else by the login."""
        token, login = held.got.refresh_token, held.login
        if token and isinstance(login, OpenIdLogin):
            try:
                return OpenIdFlow(login, self._adapter).refresh(token)
            except LoginError:
                if login.grant == "refresh_token":
                    raise
        return self._log_in(held.person.api, login)

    def _log_in(self, api: str, login: Login) -> Credential:
        if isinstance(login, OpenIdLogin):
            return OpenIdFlow(login, self._adapter).log_in()
        return by_request(login, self._profile.base_urls.get(api), self._adapter)


@contextmanager
def _naming(person: Principal) -> Iterator[None]:
    """Puts the name of a person before what went wrong."""
    try:
        yield
    except LoginError as error:
        raise LoginError(f"{person.name}: {error}") from None


def _until(got: Credential) -> float | None:
    """When a pass has to be renewed; None if nobody knows, or if it seems to have expired already: then a clock is wrong."""
    life = None if got.expires is None else got.expires - time.time()
    return None if life is None or life <= 0 else time.time() + life - min(MARGIN, life / 2)
