"""The two ways to get tokens, by a code and by a refresh token, with PKCE: the parts that Authlib leaves to its users."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, grants
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import OpenIDCode
from authlib.oidc.core.errors import RequestNotSupportedError, RequestURINotSupportedError

from mock_server.apis.casavi import openid_logins
from mock_server.apis.casavi.discovery import CHALLENGE_METHODS, CONFIDENTIAL_AUTH_METHODS, PUBLIC_AUTH_METHODS, RESPONSE_MODES
from mock_server.oidc import visit
from mock_server.oidc.models import OpenGrant

AUTH_METHODS = [*CONFIDENTIAL_AUTH_METHODS, *PUBLIC_AUTH_METHODS]


class _Issuing:
    """Makes tokens of the login that the token request belongs to."""

    TOKEN_ENDPOINT_AUTH_METHODS = AUTH_METHODS
    request: Any

    def generate_token(self, user: openid_logins.Subject, scope: str, **_: object) -> dict[str, object]:
        here = visit.current()
        row = (self.request.authorization_code or self.request.refresh_token).row
        lifetime = self.request.client.lifetime
        tokens = openid_logins.issue_tokens(
            here.connection, row, user, lifetime=lifetime, issuer=here.issuer, scope=scope, now=here.now
        )
        return {
            "token_type": "Bearer",
            "access_token": tokens.access_token,
            "expires_in": tokens.expires_in,
            "refresh_token": tokens.refresh_token,
            "id_token": tokens.id_token,
            "scope": tokens.scope,
        }

    def save_token(self, token: dict[str, object]) -> None:
        """Nothing: issue_tokens() keeps what has to be kept."""

    def authenticate_user(self, grant: OpenGrant) -> openid_logins.Subject | None:
        here = visit.current()
        return openid_logins.find_subject(here.connection, here.session, grant.row.user_id)


class CodeGrant(_Issuing, grants.AuthorizationCodeGrant):
    """`grant_type=authorization_code`."""

    def generate_authorization_code(self) -> str:
        here = visit.current()
        asked = self.request.payload
        row = openid_logins.open_grant(
            here.connection,
            here.session,
            user_id=self.request.user.subject.user_id,
            client_id=self.request.client.client_id,
            scope=self.request.scope,
            request={"redirect_uri": asked.redirect_uri} | {key: asked.data.get(key) for key in ("nonce", "code_challenge")},
            now=here.now,
            logged_in_at=self.request.user.since,
        )
        code: str = row.code
        return code

    def save_authorization_code(self, code: str, request: Any) -> None:
        """Nothing: open_grant() has."""

    def query_authorization_code(self, code: str, client: Any) -> OpenGrant | None:
        here = visit.current()
        row = openid_logins.redeem_code(here.connection, here.session, code, client.client_id, here.now)
        return OpenGrant(row) if row else None

    def delete_authorization_code(self, authorization_code: OpenGrant) -> None:
        # It stays, so that a second use is seen.
        openid_logins.change_grant(visit.current().connection, authorization_code.row, code_used=True)


class RefreshGrant(_Issuing, grants.RefreshTokenGrant):
    """`grant_type=refresh_token`."""

    def authenticate_refresh_token(self, refresh_token: str) -> OpenGrant | None:
        here = visit.current()
        row = openid_logins.redeem_refresh_token(here.connection, here.session, refresh_token, self.request.client.client_id)
        return OpenGrant(row) if row else None

    def revoke_old_credential(self, refresh_token: OpenGrant) -> None:
        """Nothing: issue_tokens() put the new one in its place."""


class Pkce(CodeChallenge):
    """RFC 7636 with S256 alone, and without exception for clients that have no secret."""

    def validate_code_challenge(self, grant: Any, redirect_uri: str) -> None:
        super().validate_code_challenge(grant, redirect_uri)
        asked = grant.request.payload.data
        if grant.client.public and not asked.get("code_challenge"):
            raise InvalidRequestError("A client without a secret has to send a 'code_challenge'.")
        # Authlib takes an absent method for `plain`, as the RFC says.
        if asked.get("code_challenge") and asked.get("code_challenge_method") not in CHALLENGE_METHODS:
            raise InvalidRequestError("The only supported 'code_challenge_method' is S256.")


class OpenId(OpenIDCode):
    """What of OpenID an authorization request may ask for; Authlib adds `prompt`. Checking nonces is up to the client."""

    def validate_openid_authorization_request(self, grant: Any, _redirect_uri: str) -> None:
        asked = grant.request.payload.data
        if "request" in asked:
            raise RequestNotSupportedError
        if "request_uri" in asked:
            raise RequestURINotSupportedError
        if "response_mode" in asked and asked["response_mode"] not in RESPONSE_MODES:
            raise InvalidRequestError(f"The supported values of 'response_mode' are {' and '.join(RESPONSE_MODES)}.")

    def process_token(self, grant: Any, response: Any) -> None:
        """Nothing: issue_tokens() has made the ID token."""
