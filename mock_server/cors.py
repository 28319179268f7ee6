"""CORS for pages from this machine, where front ends are developed; other origins are for their own servers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Headers = list[tuple[str, str]]

_LOCAL_ORIGIN = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")
_EXPOSED = "X-ESN-Items-Count, Last-Modified, Location, Retry-After"


def allow(environ: WSGIEnvironment, headers: Headers) -> None:
    """Add to the headers of an answer what lets a local page read it."""
    origin = environ.get("HTTP_ORIGIN")
    if not origin or not _LOCAL_ORIGIN.fullmatch(origin):
        return
    headers += [
        ("Access-Control-Allow-Origin", origin),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", _EXPOSED),
        ("Vary", "Origin"),
    ]
    if environ["REQUEST_METHOD"] == "OPTIONS":
        headers += [
            ("Access-Control-Allow-Methods", next((value for name, value in headers if name == "Allow"), "")),
            ("Access-Control-Allow-Headers", environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")),
            ("Access-Control-Max-Age", "600"),
        ]
