"""A request of WSGI as the plain values that an engine takes."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from werkzeug.sansio.http import parse_cookie

from mock_server.bodies import read_body
from mock_server.clock import Clock
from mock_server.sessions import Arrival
from mock_server.spec import Operation
from mock_server.validation import Incoming

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# Here the WSGI environment has what was read of the body (bytes or a Problem), and the clock of the session.
BODY, CLOCK = "mock_server.body", "mock_server.clock"


def as_values(environ: WSGIEnvironment, arrived: Arrival, operation: Operation, path: Mapping[str, str]) -> Incoming:
    """The request for that operation, with path parameters by name."""
    body = environ[BODY] = read_body(environ, operation.body.max_bytes if operation.body else None)
    return Incoming(
        session=arrived.session,
        path=path,
        query=_query(environ),
        headers=_Headers(environ),
        cookies=_Cookies(environ),
        content_type=environ.get("CONTENT_TYPE", ""),
        body=body,
        origin=arrived.origin,
        client=environ.get("REMOTE_ADDR", ""),
        clock=clock_of(environ),
    )


def clock_of(environ: WSGIEnvironment) -> Clock:
    """The clock of the request's session."""
    clock: Clock = environ[CLOCK]
    return clock


class _Headers:
    """Finds a header of the request by its name."""

    __slots__ = ("_environ",)

    def __init__(self, environ: WSGIEnvironment) -> None:
        self._environ = environ

    def get(self, name: str, /) -> str | None:
        return self._environ.get(_key(name))


class _Cookies(_Headers):
    """Finds a cookie of the request by its name; most requests have none, and few are asked for one."""

    def get(self, name: str, /) -> str | None:
        header = self._environ.get("HTTP_COOKIE")
        return parse_cookie(header).get(name) if header else None


@functools.lru_cache(maxsize=256)
def _key(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


def _query(environ: WSGIEnvironment) -> dict[str, list[str]]:
    text: str = environ.get("QUERY_STRING", "")
    # What is no UTF-8 stays percent-encoded.
    return parse_qs(decoded(text), keep_blank_values=True, errors="werkzeug.url_quote") if text else {}


def decoded(text: str) -> str:
    """PEP 3333: a text of the environment holds bytes as Latin-1."""
    return text if text.isascii() else text.encode("latin-1").decode(errors="replace")
