"""The pages a person sees: complete in themselves, without a script, and not to be framed."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Response, make_response, render_template, request

from mock_server.sessions import arrival

# Where front ends and their servers run while they are developed.
_LOCAL = tuple(f"{scheme}://{host}:*" for scheme in ("http", "https") for host in ("localhost", "127.0.0.1"))


def page(template: str, status: int = 200, *, leads_to: Iterable[str] = (), script: bool = False, **values: object) -> Response:
    """A template as a response; leads_to are the URLs that a form on it may end at, script is whether it has one."""
    nonce = secrets.token_urlsafe(16)
    text = render_template(template, nonce=nonce, session=arrival(request.environ).session, **values)
    response = make_response(text, status)
    # Chromium asks form-action about each redirect that follows a form, those of the client's own server included.
    may_run = f"script-src 'nonce-{nonce}'; " if script else ""
    targets = " ".join(("'self'", *_LOCAL, *dict.fromkeys(map(_source, leads_to))))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; {may_run}form-action {targets}; base-uri 'none'; frame-ancestors 'none'"
    )
    response.headers["X-Frame-Options"] = "DENY"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def this_request(*without: str) -> str:
    """The URL, without its origin, that asks the same as the current request, be it a GET or a POST."""
    parameters = [(key, value) for key, value in request.values.items(multi=True) if key not in without]
    return f"{request.root_path}{request.path}?{urlencode(parameters)}"


def see_other(response: Response) -> Response:
    """The response; if it is a redirect of a form, one after which the password is not sent again (RFC 9700, section 4.12)."""
    if response.location and request.method == "POST":
        response.status_code = 303
    return response


def by_form(response: Response, redirect_uri: str) -> Response:
    """The response; if it is a redirect to the client, a page that sends the same there by POST (OAuth 2.0 Form Post Response
    Mode)."""
    if not response.location:
        return response
    # What the address itself asks for stays in it.
    own = len(parse_qsl(urlsplit(redirect_uri).query, keep_blank_values=True))
    told = parse_qsl(urlsplit(response.location).query, keep_blank_values=True)[own:]
    sent = page("form_post.html", leads_to=[redirect_uri], script=True, action=redirect_uri, fields=told)
    # Without a referrer, the app would be told that the form is of no origin.
    sent.headers["Referrer-Policy"] = "origin"
    for cookie in response.headers.getlist("Set-Cookie"):
        sent.headers.add("Set-Cookie", cookie)
    return sent


def _source(uri: str) -> str:
    """What allows the URI in a Content-Security-Policy: its origin, or its scheme where the policy cannot name the origin."""
    parts = urlsplit(uri)
    nameable = parts.scheme in ("http", "https") and "[" not in parts.netloc
    return f"{parts.scheme}://{parts.netloc}" if nameable else f"{parts.scheme}:"
