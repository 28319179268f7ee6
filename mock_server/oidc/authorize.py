"""The authorization endpoint: asks people who they are, and sends them back to the client with a code."""

from __future__ import annotations

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AccessDeniedError, InvalidRequestError
from flask import Response, request

from mock_server import signing
from mock_server.apis.casavi import openid_logins
from mock_server.apis.casavi.discovery import FORM_POST
from mock_server.errors import bad_request
from mock_server.oidc import visit
from mock_server.oidc.browser import Browser, Visitor
from mock_server.oidc.pages import by_form, page, see_other, this_request
from mock_server.oidc.server import Server, find_client

_SHOWN_PEOPLE = 8
_FORM = ("username", "password", "person", "cancel")


class Authorization:
    """Answers the current request with a page for a person, or by sending the browser back to the client."""

    def __init__(self, server: Server, browser: Browser) -> None:
        self._server = server
        self._browser = browser

    def answer(self) -> Response:
        redirect_uri = _checked_redirect_uri()
        try:
            response = self._decide(redirect_uri)
        except OAuth2Error as error:
            error.redirect_uri, error.state = redirect_uri, request.values.get("state")
            response = self._server.handle_error_response(None, error)
        return by_form(response, redirect_uri) if _asks_for_form() else see_other(response)

    def _decide(self, redirect_uri: str) -> Response:
        _check_response_type()
        if "cancel" in request.form:
            raise AccessDeniedError
        typed = "password" in request.form
        visitor = _visitor_by_form() if typed else self._visitor_by_cookie()
        grant = self._server.get_consent_grant(end_user=visitor)
        if visitor is None or (grant.prompt in ("login", "select_account") and not typed):
            return _login_page(redirect_uri, failed=typed)
        response: Response = self._server.create_authorization_response(grant_user=visitor, grant=grant)
        if typed:
            self._browser.remember(response, visitor)
        return response

    def _visitor_by_cookie(self) -> Visitor | None:
        """Whoever is logged in in this browser, unless the client asks for a fresher login or another user."""
        visitor = self._browser.visitor()
        return visitor if visitor and _is_fresh(visitor) and _is_meant(visitor) else None


def _checked_redirect_uri() -> str:
    """Where the answer goes. Raises Problem 400 if that is not registered: then only a page can say what is wrong."""
    for name in ("client_id", "redirect_uri"):
        if len(request.values.getlist(name)) != 1:
            raise bad_request(f"The request needs exactly one parameter {name}.")
    client_id, redirect_uri = request.values["client_id"], request.values["redirect_uri"]
    client = find_client(client_id)
    if client is None:
        raise bad_request(f"No client is registered as “{client_id}”.")
    if not client.check_redirect_uri(redirect_uri):
        raise bad_request(f"“{redirect_uri}” is not a redirect URI of {client_id}. Registered: {client.redirect_uris}")
    return redirect_uri


def _asks_for_form() -> bool:
    return request.values.get("response_mode") == FORM_POST


def _check_response_type() -> None:
    kind = request.values.get("response_type")
    if kind is None:
        raise InvalidRequestError("Missing 'response_type' in request.")
    # Authlib fails where it repeats one in which there are special characters.
    if kind != "code":
        raise OAuth2Error("The only supported 'response_type' is code.", error="unsupported_response_type")


def _visitor_by_form() -> Visitor | None:
    """The user whose password was typed, or whose button was pressed."""
    here = visit.current()
    if "person" in request.form:
        subject = openid_logins.find_person(here.connection, here.session, request.form["person"])
    else:
        username, password = request.form.get("username", ""), request.form["password"]
        subject = openid_logins.check_password(here.connection, here.session, username, password)
    return Visitor(subject, int(here.now.timestamp())) if subject else None


def _is_fresh(visitor: Visitor) -> bool:
    """Whether they gave their password within the last `max_age` seconds."""
    asked = request.values.get("max_age")
    if asked is None:
        return True
    if not (asked.isascii() and asked.isdecimal()):
        raise InvalidRequestError("The 'max_age' is not a number of seconds.")
    return visitor.since is not None and visit.current().now.timestamp() - visitor.since < float(asked)


def _is_meant(visitor: Visitor) -> bool:
    """Whether `id_token_hint`, if there is one, names them."""
    hint = request.values.get("id_token_hint")
    if hint is None:
        return True
    claims = signing.read(signing.ID_TOKEN, hint)
    return claims is not None and claims["sub"] == visitor.subject.sub


def _login_page(redirect_uri: str, *, failed: bool) -> Response:
    here = visit.current()
    # RFC 9110, section 15.5.4: the credentials were not good enough, and others may be; 401 would need a WWW-Authenticate.
    return page(
        "login.html",
        403 if failed else 200,
        leads_to=[redirect_uri],
        action=this_request(*_FORM),
        client_id=request.values["client_id"],
        username=request.form.get("username") or request.values.get("login_hint", ""),
        failed=failed,
        people=openid_logins.find_people(here.connection, here.session, _SHOWN_PEOPLE),
    )
