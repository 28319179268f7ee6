"""Tokens: minted from the seed, verified without the database, tried in the order of the spec's security requirements."""

from __future__ import annotations

import functools
import hashlib
import hmac
from datetime import UTC, datetime
from typing import NamedTuple

from mock_server import signing
from mock_server.clock import Clock, iso_time
from mock_server.cookies import drop_cookie, set_cookie
from mock_server.errors import unauthorized
from mock_server.spec import Api, Operation
from mock_server.validation import Incoming


class Login(NamedTuple):
    """Whom a good token or cookie names; grant is the OpenID login that issued an access token, None for anything else."""

    user_id: str
    grant: str | None = None


_FAR_FUTURE = 253_402_300_799  # the last second that a datetime knows
LONG_AGO = "2020-01-01T00:00:00.000Z"


class Tokens:
    """Mints and verifies `USER_ID.SIGNATURE` tokens; the same seed makes the same tokens.

    A signature is bound to the API and to the kind (bearer or cookie), so that one cannot stand in for another. A token that
    ends is `USER_ID@TIME.SIGNATURE`.
    """

    def __init__(self, seed: int) -> None:
        self._key = hashlib.sha256(f"community-contracts tokens {seed}".encode()).digest()
        # A client sends the same token with each request.
        self.read = functools.lru_cache(maxsize=1024)(self._read)

    def mint(self, api: str, kind: str, user_id: str, ends: str = "") -> str:
        """The token of a user; ends is a time as iso_time() writes it, or nothing for a token that never ends."""
        subject = f"{user_id}@{ends}" if ends else user_id
        message = f"{api}\n{kind}\n{subject}".encode()
        return f"{subject}.{hmac.new(self._key, message, hashlib.sha256).hexdigest()[:40]}"

    def verify(self, api: str, kind: str, token: str, clock: Clock) -> str | None:
        """The user id that a token names which is good by that clock; None for any other text."""
        user_id, ends = self.read(api, kind, token)
        return user_id if not ends or ends > iso_time(clock.now()) else None

    def _read(self, api: str, kind: str, token: str) -> tuple[str | None, str]:
        """The user id of a token that is or was good, and when it ends, as mint() takes it; None of any other text."""
        subject, _, _ = token.rpartition(".")
        user_id, _, ends = subject.partition("@")
        good = hmac.compare_digest(self.mint(api, kind, user_id, ends).encode(), token.encode())
        return (user_id, ends) if good else (None, "")


class Authenticator:
    """Finds out who sends a request, by any of the security schemes that the operation takes."""

    def __init__(self, api: Api, tokens: Tokens) -> None:
        self._api = api
        self._tokens = tokens

    def login(self, operation: Operation, incoming: Incoming) -> Login | None:
        """Whom the request names; None where the operation is open to all. Raises Problem 401."""
        if not operation.security:
            return None
        for option in operation.security:
            # All schemes of an option have to name one and the same user.
            found = {self._try(scheme, incoming) for scheme in option}
            login = found.pop() if len(found) == 1 else None
            if login is not None:
                return login
        expired = self._expired(incoming)
        raise unauthorized(self._api.name, expired or "send the bearer token or the session cookie of a known user")

    def _expired(self, incoming: Incoming) -> str | None:
        """What to say of a refused request whose bearer token was good once."""
        token = (incoming.headers.get("Authorization") or "").partition(" ")[2].strip()
        _, ends = self._tokens.read(self._api.name, "bearer", token)
        claims = signing.read(signing.ACCESS_TOKEN, token) if token.count(".") == 2 else None
        if claims and claims.get("session") == incoming.session and isinstance(claims.get("exp"), int):
            ends = iso_time(datetime.fromtimestamp(min(max(claims["exp"], 0), _FAR_FUTURE), UTC))
        over = "" < ends <= iso_time(incoming.clock.now())
        return f"the token expired at {ends}; renew it or log in again" if over else None

    def _try(self, name: str, incoming: Incoming) -> Login | None:
        scheme = self._api.security_schemes[name]
        if scheme["type"] == "apiKey":
            token = incoming.cookies.get(scheme["name"])
            user_id = self._tokens.verify(self._api.name, "cookie", token, incoming.clock) if token else None
            return Login(user_id) if user_id else None
        kind, _, token = (incoming.headers.get("Authorization") or "").partition(" ")
        if kind.lower() != "bearer":
            return None
        if scheme["type"] == "openIdConnect":
            return access_token_login(incoming.session, token.strip(), incoming.clock.now())
        user_id = self._tokens.verify(self._api.name, "bearer", token.strip(), incoming.clock)
        return Login(user_id) if user_id else None


def access_token_login(session: str, token: str, now: datetime) -> Login | None:
    """Whom an access token of the OpenID provider names; None if it is not good now, or was made in another session."""
    if token.count(".") != 2:  # what is no JWT is not worth loading the library for
        return None
    claims = signing.verify(signing.ACCESS_TOKEN, token, now)
    return Login(claims["user_id"], claims["grant"]) if claims and claims["session"] == session else None


def cookie_name(api: Api) -> str:
    """The name of the cookie that the spec's apiKey scheme reads."""
    return next(str(s["name"]) for s in api.security_schemes.values() if s["type"] == "apiKey" and s["in"] == "cookie")


class LoginCookie:
    """The cookie that logs a browser in at one API; url is where the client sees the server."""

    def __init__(self, api: Api, tokens: Tokens) -> None:
        self._api = api
        self._tokens = tokens

    def given(self, user_id: str, url: str) -> str:
        """The Set-Cookie header that logs a user in."""
        return set_cookie(cookie_name(self._api), self._tokens.mint(self._api.name, "cookie", user_id), url)

    def taken(self, url: str) -> str:
        """The Set-Cookie header that logs out."""
        return drop_cookie(cookie_name(self._api), url)
