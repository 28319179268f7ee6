"""Authlib's server, put together: its grants, how it finds a client, and the endpoints that end a login."""

from __future__ import annotations

from typing import Any

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.integrations.flask_oauth2.requests import FlaskOAuth2Payload, FlaskOAuth2Request
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, OAuth2Request
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oidc.rpinitiated import EndSessionEndpoint, EndSessionRequest
from flask import request

from mock_server import signing
from mock_server.apis.casavi import openid_logins
from mock_server.errors import bad_request
from mock_server.oidc import visit
from mock_server.oidc.browser import Browser
from mock_server.oidc.grants import AUTH_METHODS, CodeGrant, OpenId, Pkce, RefreshGrant
from mock_server.oidc.models import Client, OpenGrant

CONFIRM = "confirm"


class Server(AuthorizationServer):
    """OAuth 2.0 for the current request."""

    def __init__(self, browser: Browser) -> None:
        super().__init__(query_client=find_client)
        self.register_grant(CodeGrant, [Pkce(required=True), OpenId()])
        self.register_grant(RefreshGrant)
        self.register_endpoint(_Revocation)
        self.register_endpoint(_EndSession(self, browser))

    def create_oauth2_request(self, _request: Any) -> OAuth2Request:
        return _Request()

    def authenticate_client(self, request: Any, methods: list[str], endpoint: str = "token") -> Client:
        try:
            client: Client = super().authenticate_client(request, methods, endpoint)
        except ValueError as error:
            # From a Basic header that does not decode to text.
            raise InvalidClientError(status_code=401) from error
        return client


def find_client(client_id: str) -> Client | None:
    here = visit.current()
    # visiting() looks into parameters, and this may come of a Basic header.
    row = openid_logins.find_client(here.connection, here.session, client_id) if "\0" not in client_id else None
    return Client(row) if row else None


class _Request(FlaskOAuth2Request):
    """The current request."""

    def __init__(self) -> None:
        # Authlib refuses plain HTTP from any host but localhost, and the mock may run in a container that has a name of its own.
        OAuth2Request.__init__(self, request.method, f"https://{request.host}", headers=request.headers)
        self._request = request
        self.payload = FlaskOAuth2Payload(request)


class _Revocation(RevocationEndpoint):
    """RFC 7009: with either token its whole grant ends."""

    CLIENT_AUTH_METHODS = AUTH_METHODS

    def check_params(self, request: Any, _client: Client) -> None:
        # A hint that is not known is no error (section 2.2.1), and this provider needs none.
        if "token" not in request.form:
            raise InvalidRequestError("Missing 'token' in request.")

    def query_token(self, token_string: str, _hint: str | None) -> OpenGrant | None:
        here = visit.current()
        claims = openid_logins.read_access_token(here.connection, here.session, token_string, here.now)
        row = openid_logins.find_grant(here.connection, here.session, claims["grant"] if claims else token_string)
        good = row is not None and (claims is not None or row.refresh_token == token_string)
        return OpenGrant(row) if row is not None and good else None

    def revoke_token(self, token: OpenGrant, _request: Any) -> None:
        openid_logins.change_grant(visit.current().connection, token.row, ended=True)


def _check_return(client: Client | None, uri: str | None) -> None:
    """Authlib would leave an unregistered address out of account, and whoever mistyped it would wonder why nothing happens.
    Raises Problem 400: what Authlib's errors say may hold no quotation marks."""
    if uri and client is None:
        raise bad_request("A post_logout_redirect_uri needs an id_token_hint or a client_id.")
    if uri and client and uri not in (known := client.client_metadata["post_logout_redirect_uris"]):
        raise bad_request(f"“{uri}” is not a post-logout redirect URI of {client.client_id}. Registered: {known}")


class _EndSession(EndSessionEndpoint):
    """RP-Initiated Logout 1.0."""

    def __init__(self, server: Server, browser: Browser) -> None:
        super().__init__(server)
        self._browser = browser

    def validate_request(self, request: Any) -> EndSessionRequest:
        asked = super().validate_request(request)
        _check_return(asked.client, request.payload.data.get("post_logout_redirect_uri"))
        return asked

    def _validate_id_token_hint(self, id_token_hint: str) -> dict[str, Any]:
        # Authlib would take an access token too, fails on some texts that are no tokens at all, and compares times with the
        # server's clock, not with the session's.
        claims = signing.read(signing.ID_TOKEN, id_token_hint)
        if claims is None:
            raise InvalidRequestError("The 'id_token_hint' is not an ID token of this server.")
        return dict(claims)

    def is_post_logout_redirect_uri_legitimate(self, *_: object) -> bool:
        """Without an ID token: yes if the users confirmed it themselves, or nobody is logged in."""
        return CONFIRM in request.form or self._browser.visitor() is None

    def end_session(self, end_session_request: EndSessionRequest) -> None:
        here = visit.current()
        claims = end_session_request.id_token_claims
        row = openid_logins.find_grant(here.connection, here.session, claims["sid"]) if claims else None
        if row is not None:
            openid_logins.change_grant(here.connection, row, ended=True)
