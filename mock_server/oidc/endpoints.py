"""The endpoints of the OpenID provider. This module and those it imports are loaded with the first OpenID request."""

from __future__ import annotations

from typing import cast

import orjson
from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response, request

from mock_server import signing
from mock_server.apis.casavi import openid_logins
from mock_server.dispatch import Engine
from mock_server.errors import Problem, unauthorized
from mock_server.oidc import visit
from mock_server.oidc.authorize import Authorization
from mock_server.oidc.browser import Browser
from mock_server.oidc.models import Client
from mock_server.oidc.pages import page, see_other, this_request
from mock_server.oidc.server import CONFIRM, Server


class Endpoints:
    """Each method answers the current request."""

    def __init__(self, engine: Engine, seed: int) -> None:
        self._engine = engine
        self._browser = Browser(engine.api, seed)
        self._server = Server(self._browser)
        self._authorization = Authorization(self._server, self._browser)

    def authorize(self) -> Response:
        try:
            with visit.visiting(self._engine):
                return self._authorization.answer()
        except Problem as problem:
            return page("message.html", problem.status, title="This login cannot continue", text=problem.detail)

    def token(self) -> Response:
        with visit.visiting(self._engine):
            if "grant_type" not in request.form:
                missing = InvalidRequestError("Missing 'grant_type' in request.")
                return cast("Response", self._server.handle_error_response(None, missing))
            return cast("Response", self._server.create_token_response())

    def revoke(self) -> Response:
        with visit.visiting(self._engine):
            return cast("Response", self._server.create_endpoint_response("revocation"))

    def userinfo(self) -> Response:
        with visit.visiting(self._engine) as here:
            claims = openid_logins.read_access_token(here.connection, here.session, self._bearer_token(), here.now)
            subject = openid_logins.find_subject(here.connection, here.session, int(claims["user_id"])) if claims else None
            if claims is None or subject is None:
                raise self._unfit(401, "invalid_token", "this is not an access token, or it has expired, or its login has ended")
            if "openid" not in claims["scope"].split():
                raise self._unfit(403, "insufficient_scope", "the access token does not have the scope openid")
            return _json(subject.claims(claims["scope"]))

    def jwks(self) -> Response:
        return _json(signing.public_keys())

    def logout(self) -> Response:
        with visit.visiting(self._engine):
            try:
                asked = self._server.validate_endpoint_request("end_session")
            except (OAuth2Error, Problem) as error:
                text = error.detail if isinstance(error, Problem) else error.description
                return page("message.html", 400, title="This logout cannot continue", text=text)
            if asked.needs_confirmation and CONFIRM not in request.form and self._browser.visitor():
                return _confirmation(asked.client)
            response: Response = self._server.create_endpoint_response("end_session", asked) or _logged_out()
            self._browser.forget(response)
            return see_other(response)

    def _bearer_token(self) -> str:
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            raise unauthorized(self._engine.api.name, "send an access token as a bearer token")
        return token.strip()

    def _unfit(self, status: int, error: str, detail: str) -> Problem:
        """RFC 6750, section 3."""
        challenge = f'Bearer realm="{self._engine.api.name}", error="{error}", error_description="{detail}"'
        return Problem(status, detail, {"WWW-Authenticate": challenge})


def _confirmation(client: Client | None) -> Response:
    leads_to = client.client_metadata["post_logout_redirect_uris"] if client else []
    return page("logout.html", leads_to=leads_to, action=this_request(CONFIRM), confirm=CONFIRM)


def _logged_out() -> Response:
    return page("message.html", title="Logged out", text="You are logged out of the casavi mock. You can close this page.")


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), mimetype="application/json")
