"""Clients and logins as Authlib wants to see them."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oidc.core import AuthorizationCodeMixin

from mock_server.apis.casavi.discovery import CONFIDENTIAL_AUTH_METHODS, PUBLIC_AUTH_METHODS
from mock_server.apis.casavi.openid_logins import SCOPES
from mock_server.statements import Row

# Without a user, which would make the rest of it something else.
_LOOPBACK = re.compile(r"(https?://(?:localhost|127\.0\.0\.1|\[::1\]))(?::\d{1,5})?((?:[/?].*)?)")


class Addresses(list[str]):
    """Where a client may be returned to; if it is native, those on loopback are good at any port (RFC 8252, section 7.3)."""

    def __init__(self, uris: Iterable[str], *, native: bool) -> None:
        super().__init__(uris)
        self._portless = {_portless(uri) for uri in self if native} - {None}

    def __contains__(self, uri: object) -> bool:
        return super().__contains__(uri) or (isinstance(uri, str) and _portless(uri) in self._portless)

    def __str__(self) -> str:
        return (", ".join(self) or "none") + (" (at any port)" if self._portless else "")


def _portless(uri: str) -> tuple[str, str] | None:
    """A URI of loopback without its port; None for any other."""
    parts = _LOOPBACK.fullmatch(uri)
    return (parts[1], parts[2]) if parts else None


class Client(ClientMixin):
    """An application; public if it has no secret, like one that runs in a browser."""

    def __init__(self, row: Row) -> None:
        self.client_id: str = row.client_id
        self.lifetime: int = row.lifetime
        self.redirect_uris = Addresses(row.redirect_uris, native=row.native)
        self.client_metadata = {"post_logout_redirect_uris": Addresses(row.post_logout_redirect_uris, native=row.native)}
        self._secret: str | None = row.secret

    @property
    def public(self) -> bool:
        return self._secret is None

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> None:
        """None: OpenID requires that the request has one."""

    def get_allowed_scope(self, scope: str | None) -> str | None:
        """The known scopes among those. None, which Authlib refuses, without `openid`: that would be no OpenID request."""
        asked = (scope or "").split()
        return " ".join(known for known in SCOPES if known in asked) if "openid" in asked else None

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return self._secret is not None and hmac.compare_digest(self._secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method in (PUBLIC_AUTH_METHODS if self.public else CONFIDENTIAL_AUTH_METHODS)

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in ("authorization_code", "refresh_token")


class OpenGrant(AuthorizationCodeMixin, TokenMixin):
    """A login: to Authlib, the authorization code that begins it and the token that goes on with it."""

    def __init__(self, row: Row) -> None:
        self.row = row

    @property
    def code_challenge(self) -> str | None:
        challenge: str | None = self.row.request["code_challenge"]
        return challenge

    @property
    def code_challenge_method(self) -> str:
        return "S256"

    def get_redirect_uri(self) -> str:
        uri: str = self.row.request["redirect_uri"]
        return uri

    def get_scope(self) -> str:
        scope: str = self.row.scope
        return scope

    def check_client(self, client: Client) -> bool:
        return bool(self.row.client_id == client.client_id)
