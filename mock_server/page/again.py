"""A request of the journal once more: as a command line, and sent by the server itself."""

from __future__ import annotations

import contextlib
import io
import shlex
from typing import TYPE_CHECKING
from urllib.parse import quote

from werkzeug.test import run_wsgi_app

from mock_server.errors import conflict
from mock_server.journal import Exchange
from mock_server.sessions import DEFAULT

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# curl writes its own, or they are of one connection.
_OWN = frozenset({"Host", "Content-Length", "Connection", "Accept-Encoding", "Transfer-Encoding", "User-Agent"})
# What may stand in a path as it is (RFC 3986, 3.3).
_IN_PATH = "/:@!$&'()*+,;=~"


def as_curl(exchange: Exchange, origin: str) -> str:
    """The command that sends the request again, with its secrets; origin is where the client sees the session."""
    path, mark, query = exchange.url.partition("?")
    how = ["-I"] if exchange.method == "HEAD" else ["-i", "-X", exchange.method]
    parts = ["curl", *how, shlex.quote(f"{origin}{quote(path, safe=_IN_PATH)}{mark}{query}")]
    for name, value in _headers(exchange):
        parts += ["-H", shlex.quote(f"{name}: {value}")]
    return " ".join(parts + _data(exchange.request_body))


def _headers(exchange: Exchange) -> list[tuple[str, str]]:
    """Those worth sending; the origin has the session in it."""
    return [
        (name, value) for name, value in exchange.sent_headers() if name not in _OWN | {"X-Mock-Session"} and "Sec-" not in name
    ]


def _data(body: bytes | int) -> list[str]:
    if not body:
        return []
    try:
        text = body.decode() if isinstance(body, bytes) else None
    except UnicodeDecodeError:
        text = None
    # No text, or too long to have been kept: whoever sends it has it.
    return ["--data-raw", shlex.quote(text)] if text is not None else ["--data-binary", "@FILE"]


def send(exchange: Exchange, app: WSGIApplication, asked: WSGIEnvironment) -> int | None:
    """The status of the answer, None if a fault has dropped it; asked is the environment of whoever wants it sent.

    Raises Problem 409 where its body was not kept.
    """
    if isinstance(exchange.request_body, int):
        raise conflict(f"the journal has not kept the body of this request: {exchange.request_body} bytes")
    with contextlib.suppress(ConnectionError):
        _, status, _ = run_wsgi_app(app, _environ(exchange, exchange.request_body, asked), buffered=True)
        return int(status[:3])
    return None


def _environ(exchange: Exchange, body: bytes, asked: WSGIEnvironment) -> WSGIEnvironment:
    path, _, query = exchange.url.partition("?")
    prefix = "" if exchange.session == DEFAULT else f"/_s/{exchange.session}"
    return {
        **{name: value for name, value in asked.items() if name.startswith(("SERVER_", "REMOTE_", "wsgi."))},
        **dict(exchange.request_headers),
        "REQUEST_METHOD": exchange.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": f"{prefix}{path}".encode().decode("latin-1"),
        "QUERY_STRING": query,
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": True,
    }
