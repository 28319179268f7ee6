"""What trusted proxies say of a request: `X-Forwarded-*`, and `Forwarded` (RFC 7239) where those are missing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from werkzeug.http import unquote_header_value
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_NAMES = {"for": "HTTP_X_FORWARDED_FOR", "proto": "HTTP_X_FORWARDED_PROTO", "host": "HTTP_X_FORWARDED_HOST"}
_ELEMENT = re.compile(r'(?:[^",]|"(?:[^"\\]|\\.)*")+')
_PAIR = re.compile(r'([A-Za-z]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^",;\s]*)')


def behind_proxies(app: WSGIApplication, count: int) -> WSGIApplication:
    """The application as it is seen through so many proxies, each of which adds to those headers."""
    if not count:
        return app
    fixed = ProxyFix(app, x_for=count, x_proto=count, x_host=count, x_port=count, x_prefix=count)

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        _translate(environ)
        return fixed(environ, start_response)

    return answer


def _translate(environ: WSGIEnvironment) -> None:
    """Write `Forwarded` as the headers that werkzeug knows. If a proxy wrote those, the other is what a client made up."""
    forwarded = environ.get("HTTP_FORWARDED")
    if forwarded is None or any(name in environ for name in _NAMES.values()):
        return
    elements = [{name.lower(): value for name, value in _PAIR.findall(one)} for one in _ELEMENT.findall(forwarded)]
    for name, key in _NAMES.items():
        values = [unquote_header_value(element.get(name, "")) for element in elements]
        if any(values):
            environ[key] = ",".join(values)
