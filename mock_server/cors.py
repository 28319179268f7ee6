"""CORS: which pages of other origins may call the server, and the headers that tell their browsers so (Fetch standard, 3.3)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mock_server.errors import BootError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Headers = list[tuple[str, str]]

_EXPOSED = (
    "Content-Disposition",
    "ETag",
    "Last-Modified",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "WWW-Authenticate",
    "X-ESN-Items-Count",
)
_LABEL, _LABELS = "[a-z0-9_-]+", r"(?:[a-z0-9_-]+\.)+"
_ANY_PORT = r"(?::\d{1,5})?"
_GIVEN = re.compile(rf"(?:([a-z][a-z0-9+.-]*)://)?(\*\.)?({_LABEL}(?:\.{_LABEL})*|\[[0-9a-f:.]+\])(:\d{{1,5}})?")
# On every answer: one that is cached without an Origin must not be given to a page that has one.
_VARY = ("Vary", "Origin")
_SHARED = (("Access-Control-Allow-Credentials", "true"), ("Access-Control-Expose-Headers", ", ".join(_EXPOSED)))


class Origins:
    """The origins whose pages may call the server.

    Each is given as browsers send it (`https://app.example:8443`, `capacitor://localhost`, `null`), or without a scheme, which
    is http and https, at any port where none is named; `*.` before a host is everything below it.
    """

    def __init__(self, given: Sequence[str]) -> None:
        """Raises BootError for what is no origin."""
        self._pattern = re.compile("|".join(map(_pattern, given)))

    def __contains__(self, origin: str) -> bool:
        return self._pattern.fullmatch(origin) is not None


def allow(origins: Origins, environ: WSGIEnvironment, headers: Headers) -> None:
    """Add to the headers of an answer what lets the page that asked read it, if it may."""
    headers.append(_VARY)
    origin = environ.get("HTTP_ORIGIN")
    if origin is not None and origin in origins:
        headers.append(("Access-Control-Allow-Origin", origin))
        headers.extend(_SHARED)


def preflight(origins: Origins, environ: WSGIEnvironment) -> Headers | None:
    """The headers that answer a browser which asks whether its page may send a request; None for any other request.

    They allow whatever is asked for, whether there is such a path and verb or not: browsers keep from a page why a preflight
    was refused, while it can read the 404 or 405 of the request itself.
    """
    verb = environ.get("HTTP_ACCESS_CONTROL_REQUEST_METHOD")
    if verb is None or environ["REQUEST_METHOD"] != "OPTIONS" or environ.get("HTTP_ORIGIN", "") not in origins:
        return None
    return [
        ("Access-Control-Allow-Methods", verb),
        ("Access-Control-Allow-Headers", environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")),
        ("Access-Control-Max-Age", "600"),
    ]


def _pattern(given: str) -> str:
    if given == "null":
        return given
    parts = _GIVEN.fullmatch(given.lower())
    if parts is None:
        raise BootError(f"--cors-origin {given} is no origin, like https://app.example, http://localhost:3000 or *.localhost")
    scheme, below, host, port = parts.groups()
    labels = _LABELS if below else ""
    return f"{scheme or 'https?'}://{labels}{re.escape(host)}{port or (_ANY_PORT if scheme is None else '')}"
