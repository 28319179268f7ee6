"""Where each request comes in and each answer leaves: operations are answered without Flask, everything else by it."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote

import orjson
from werkzeug.exceptions import HTTPException
from werkzeug.http import is_resource_modified
from werkzeug.routing import Map
from werkzeug.sansio.http import parse_cookie
from werkzeug.test import run_wsgi_app

from mock_server import clock, cors
from mock_server.bodies import read_body
from mock_server.dispatch import Engine, Reply, refused
from mock_server.errors import Problem
from mock_server.journal import Exchange, Journal, keep_body
from mock_server.sessions import Arrival, arrival, arrive
from mock_server.spec import JSON, Operation
from mock_server.validation import Incoming

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("mock_server")

CONTROL = "/__mock"
_BODY = "mock_server.body"
_ASCII = bytes(range(128))
_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


@dataclass(slots=True)
class Answer:
    """What goes back over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Served:
    """An operation with the engine that answers it."""

    engine: Engine
    operation: Operation


class Edge:
    """The outermost WSGI callable.

    served are the operations by the endpoints that routes gives them; flask answers whatever is none; used(session) is told
    after each request.
    """

    def __init__(
        self, flask: WSGIApplication, routes: Map, served: Mapping[str, Served], journal: Journal, used: Callable[[str], None]
    ) -> None:
        self._flask = flask
        self._routes = routes.bind("")
        self._served = served
        self._journal = journal
        self._used = used
        # Requests that reach no operation are shown with the API that they were meant for.
        self._apis = {_prefix(one.operation.path): one.engine.api.name for one in served.values()}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        endpoint = None
        try:
            arrived = arrive(environ)
            endpoint, answer = self._answer(environ, arrived)
        except Problem as problem:
            arrived, answer = arrival(environ), to_answer(refused(problem), environ)
        except Exception:
            log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            answer = to_answer(refused(Problem(500, "the mock server failed; its log has the reason")), environ)
        cors.allow(environ, answer.headers)
        if not environ["PATH_INFO"].startswith(CONTROL):
            self._record(environ, arrived.session, endpoint, answer, time.perf_counter() - started)
        self._used(arrived.session)
        start_response(_STATUS_LINES.get(answer.status) or f"{answer.status} Unknown", answer.headers)
        return [b""] if environ["REQUEST_METHOD"] == "HEAD" else [answer.body]

    def _answer(self, environ: WSGIEnvironment, arrived: Arrival) -> tuple[str | None, Answer]:
        """The answer, and the endpoint that gave it."""
        method: str = environ["REQUEST_METHOD"]
        try:
            endpoint, path = self._routes.match(_decoded(environ["PATH_INFO"]), method)
        except HTTPException:
            return None, self._from_flask(environ)
        served = self._served.get(endpoint)
        if served is None or method == "OPTIONS":
            return endpoint, self._from_flask(environ)
        reply = served.engine.handle(served.operation, _incoming(environ, arrived, served.operation, path))
        return endpoint, to_answer(reply, environ)

    def _from_flask(self, environ: WSGIEnvironment) -> Answer:
        # werkzeug takes a raw query for UTF-8, and fails where it is none.
        query: str = environ.get("QUERY_STRING", "")
        environ["QUERY_STRING"] = query if query.isascii() else quote(query.encode("latin-1"), safe=_ASCII)
        parts, status, headers = run_wsgi_app(self._flask, environ, buffered=True)
        return Answer(int(status[:3]), list(headers), b"".join(parts))

    def _record(self, environ: WSGIEnvironment, session: str, endpoint: str | None, answer: Answer, seconds: float) -> None:
        served = self._served.get(endpoint or "")
        path, query, body = _decoded(environ["PATH_INFO"]), environ.get("QUERY_STRING"), environ.get(_BODY, b"")
        exchange = Exchange(
            session=session,
            time=clock.now() - timedelta(seconds=seconds),
            seconds=seconds,
            api=served.engine.api.name if served else self._apis.get(_prefix(path)),
            operation=endpoint,
            method=environ["REQUEST_METHOD"],
            url=f"{path}?{query}" if query else path,
            request_headers=[item for item in environ.items() if item[0].startswith(("HTTP_", "CONTENT_"))],
            request_body=b"" if isinstance(body, Problem) else keep_body(body),
            status=answer.status,
            response_headers=answer.headers,
            response_body=keep_body(answer.body),
        )
        self._journal.record(exchange)
        log.debug("%s %s %d", exchange.method, exchange.url, exchange.status)


def to_answer(reply: Reply, environ: WSGIEnvironment) -> Answer:
    """The reply in bytes; 304 where the client has what its ETag names."""
    headers = list(reply.headers.items())
    # Of what has no ETag, the handlers themselves know what they answer to a condition.
    if "ETag" in reply.headers and not is_resource_modified(environ, reply.headers["ETag"]):
        return Answer(304, headers)
    if reply.media_type is None:
        return Answer(reply.status, headers)
    body: bytes = orjson.dumps(reply.body) if reply.media_type == JSON else reply.body
    headers += (("Content-Type", reply.media_type), ("Content-Length", str(len(body))))
    return Answer(reply.status, headers, body)


def _incoming(environ: WSGIEnvironment, arrived: Arrival, operation: Operation, path: Mapping[str, str]) -> Incoming:
    body = environ[_BODY] = b"" if operation.body is None else read_body(environ, operation.body.max_bytes)
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
    )


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
    return parse_qs(_decoded(text), keep_blank_values=True, errors="werkzeug.url_quote") if text else {}


def _decoded(text: str) -> str:
    """PEP 3333: a text of the environment holds bytes as Latin-1."""
    return text if text.isascii() else text.encode("latin-1").decode(errors="replace")


def _prefix(path: str) -> str:
    """What the paths of an API have in common: `/api/communities`."""
    return "/".join(path.split("/")[:3])
