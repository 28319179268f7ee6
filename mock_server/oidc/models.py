"""Clients and logins as Authlib wants to see them."""

from __future__ import annotations

import hmac

from authlib.oauth2.rfc6749 import ClientMixin, TokenMixin
from authlib.oidc.core import AuthorizationCodeMixin

from mock_server.apis.casavi.discovery import CONFIDENTIAL_AUTH_METHODS, PUBLIC_AUTH_METHODS
from mock_server.apis.casavi.openid_logins import SCOPES
from mock_server.statements import Row


class Client(ClientMixin):
    """An application; public if it has no secret, like one that runs in a browser."""

    def __init__(self, row: Row) -> None:
        self.client_id: str = row.client_id
        self.redirect_uris: list[str] = row.redirect_uris
        self.client_metadata = {"post_logout_redirect_uris": row.post_logout_redirect_uris}
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
