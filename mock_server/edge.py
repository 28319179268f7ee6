"""Where each request comes in and each answer leaves: operations are answered without Flask, everything else by it."""

from __future__ import annotations

import functools
import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

import orjson
from werkzeug.exceptions import HTTPException
from werkzeug.http import is_resource_modified
from werkzeug.routing import Map
from werkzeug.test import run_wsgi_app

from mock_server import cors
from mock_server.arriving import BODY, CLOCK, as_values, decoded
from mock_server.breaking import AS_USUAL, Asked, Plan, concerned, misfitting, planned
from mock_server.clock import Clock
from mock_server.conditions import AllConditions
from mock_server.config import Config
from mock_server.counters import CONTROL_CALLS, UNKNOWN, Counters
from mock_server.dispatch import Reply, Served, refused
from mock_server.errors import Problem
from mock_server.faults import DELIVERY, Fault, read_preferences
from mock_server.gateway import LATER
from mock_server.guard import CONTROL, Guard
from mock_server.journal import Exchange, Journal, keep_body
from mock_server.logs import log_request
from mock_server.sessions import Arrival, arrive
from mock_server.spec import JSON
from mock_server.validation import Incoming

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

log = logging.getLogger("mock_server")

_ASCII = bytes(range(128))
_LONG_PATH = 200  # no client needs longer ones, and some thousands of the longest would fill the memory
_STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


@dataclass(slots=True)
class Answer:
    """What goes back over the wire."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""


@dataclass(slots=True)
class Handled:
    """An answer, the endpoint that it is of, and what faults and preferences had to do with it."""

    answer: Answer
    endpoint: str | None = None
    plan: Plan = AS_USUAL


class Edge:
    """The outermost WSGI callable.

    served are the operations by the endpoints that routes gives them; flask answers whatever is none; used(session, bytes
    received) is told after each request. config says who may come in, and where clients see the server.
    """

    def __init__(
        self,
        flask: WSGIApplication,
        routes: Map,
        served: Mapping[str, Served],
        journal: Journal,
        conditions: AllConditions,
        counters: Counters,
        used: Callable[[str, int, Callable[[Callable[[], None]], object]], None],
        config: Config,
    ) -> None:
        """Raises BootError."""
        self._flask = flask
        self._match = routes.bind("").match
        # What raises is not remembered.
        self._remembered_match = functools.lru_cache(maxsize=1024)(self._match)
        self._served = served
        self._journal = journal
        self._conditions = conditions
        self._counters = counters
        self._used = used
        self._seed = config.seed
        self._origins = cors.Origins(config.cors_origins)
        self._guard = Guard(config, self._origins)
        self._base_url = config.base_url and config.base_url.rstrip("/")
        # Requests that reach no operation are shown with the API that they were meant for.
        self._apis = {_prefix(one.operation.path): one.engine.api.name for one in served.values()}

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        arrived, conditions = None, self._conditions.usual
        try:
            arrived = arrive(environ, self._base_url)
            self._guard.check(environ, arrived.origin)
            if not _controls(environ):
                conditions = self._conditions.of(arrived.session)
            environ[CLOCK] = conditions.clock
            handled = self._handle(environ, arrived, conditions.faults)
        except Problem as problem:
            handled = Handled(to_answer(refused(problem), environ))
        except Exception:
            log.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            handled = Handled(to_answer(refused(Problem(500, "the mock server failed; its log has the reason")), environ))
        # Whatever is wrong with a request that a preflight announces, its page reads in the answer to that.
        if (allowed := cors.preflight(self._origins, environ)) is not None:
            handled.answer = Answer(204, allowed)
        answer = handled.answer
        cors.allow(self._origins, environ, answer.headers)
        if conditions.clock is not self._conditions.usual.clock:
            # Before the HTTP server writes its own.
            answer.headers.append(("Date", format_datetime(conditions.clock.now(), usegmt=True)))
        seconds = time.perf_counter() - started
        self._counters.count(_counted_as(environ, handled), answer.status, seconds, asked_for=handled.plan.reply is not None)
        # Under a name that no session can have, nobody could look at the journal.
        if arrived and _is_noted(environ["PATH_INFO"]):
            self._record(environ, arrived.session, handled, conditions.clock, seconds)
        if arrived:
            body = environ.get(BODY)
            self._used(arrived.session, len(body) if isinstance(body, bytes) else 0, environ.get(LATER, _now))
        status = _STATUS_LINES.get(answer.status) or f"{answer.status} Unknown"
        body = b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body
        delivery = handled.plan.delivery
        if delivery is not None and DELIVERY not in environ:
            return delivery.block(partial(start_response, status, answer.headers), body)
        if delivery is not None:
            environ[DELIVERY] = delivery
        start_response(status, answer.headers)
        return [body]

    def _handle(self, environ: WSGIEnvironment, arrived: Arrival, faults: Sequence[Fault]) -> Handled:
        method: str = environ["REQUEST_METHOD"]
        asked = decoded(environ["PATH_INFO"])
        match = self._remembered_match if len(asked) <= _LONG_PATH else self._match
        try:
            endpoint, path = match(asked, method)
        except HTTPException:
            endpoint, path = None, {}
        if method == "OPTIONS":
            endpoint = None  # it asks about a path: whoever counts an operation in the journal does not mean its preflights
        served = self._served.get(endpoint or "")
        incoming = as_values(environ, arrived, served.operation, path) if served else None
        plan = AS_USUAL
        if (faults or "HTTP_PREFER" in environ) and method != "OPTIONS" and not _controls(environ):
            plan = self._planned(environ, arrived.session, endpoint, incoming, faults)
        if plan.reply is not None:
            answer = to_answer(plan.reply, environ)
        elif served is None or incoming is None:
            answer = self._from_flask(environ)
        else:
            reply = served.engine.handle(served.operation, incoming)
            if plan.wrong_schema:
                reply = misfitting(reply, partial(served.engine.misfit, served.operation))
            answer = to_answer(reply, environ)
        if plan.applied:
            answer.headers.append(("Preference-Applied", ", ".join(plan.applied)))
        return Handled(answer, endpoint, plan)

    def _planned(
        self, environ: WSGIEnvironment, session: str, endpoint: str | None, incoming: Incoming | None, faults: Sequence[Fault]
    ) -> Plan:
        """What is to happen to a request that may be struck, or that prefers something. Raises Problem 500 as the store does."""
        api = self._api(environ, endpoint)
        if api is None:
            return AS_USUAL
        asked = Asked(api, endpoint, self._served.get(endpoint or ""), incoming)
        concerns = concerned(asked)
        struck = self._conditions.strike(session, concerns, self._seed) if any(map(concerns, faults)) else []
        return planned(asked, read_preferences(environ.get("HTTP_PREFER", "")), struck, self._seed)

    def _api(self, environ: WSGIEnvironment, endpoint: str | None) -> str | None:
        served = self._served.get(endpoint or "")
        return served.engine.api.name if served else self._apis.get(_prefix(decoded(environ["PATH_INFO"])))

    def _from_flask(self, environ: WSGIEnvironment) -> Answer:
        # werkzeug takes a raw query for UTF-8, and fails where it is none.
        query: str = environ.get("QUERY_STRING", "")
        environ["QUERY_STRING"] = query if query.isascii() else quote(query.encode("latin-1"), safe=_ASCII)
        parts, status, headers = run_wsgi_app(self._flask, environ, buffered=True)
        return Answer(int(status[:3]), list(headers), b"".join(parts))

    def _record(self, environ: WSGIEnvironment, session: str, handled: Handled, clock: Clock, seconds: float) -> None:
        answer, plan = handled.answer, handled.plan
        path, query, body = decoded(environ["PATH_INFO"]), environ.get("QUERY_STRING"), environ.get(BODY, b"")
        exchange = Exchange(
            session=session,
            time=clock.before(seconds),
            seconds=seconds + (plan.delivery.seconds if plan.delivery else 0),
            api=self._api(environ, handled.endpoint),
            operation=handled.endpoint,
            method=environ["REQUEST_METHOD"],
            url=f"{path}?{query}" if query else path,
            request_headers=[item for item in environ.items() if item[0].startswith(("HTTP_", "CONTENT_"))],
            request_body=b"" if isinstance(body, Problem) else keep_body(body),
            status=answer.status,
            response_headers=answer.headers,
            response_body=keep_body(answer.body),
            faults=plan.faults,
            ignored=plan.ignored,
        )
        self._journal.record(exchange)
        log_request(exchange)


def _now(work: Callable[[], None]) -> None:
    work()


def _controls(environ: WSGIEnvironment) -> bool:
    controls: bool = environ["PATH_INFO"].startswith(CONTROL)
    return controls


def _counted_as(environ: WSGIEnvironment, handled: Handled) -> str:
    return CONTROL_CALLS if _controls(environ) else handled.endpoint or UNKNOWN


def _is_noted(path: str) -> bool:
    """Neither what controls the server nor the short ways to its pages are part of what an app does."""
    return not path.startswith(CONTROL) and path not in ("", "/", "/docs")


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


def _prefix(path: str) -> str:
    """What the paths of an API have in common: `/api/communities`."""
    return "/".join(path.split("/")[:3])
