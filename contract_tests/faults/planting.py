"""A planted fault: what it is, and how it gets into a sound mock."""

import io
import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from werkzeug.test import run_wsgi_app

from contract_tests.contract.choices import APIS
from contract_tests.contract.operations import find_operation, operations
from contract_tests.transport.in_process import WsgiApp
from mock_server import MockServer
from mock_server.apis import casavi, linagora
from mock_server.dispatch import Call, Handler, Reply

HANDLERS: dict[str, Any] = {"casavi": casavi.BEHAVIOUR.handlers, "linagora": linagora.BEHAVIOUR.handlers}
NOT_ALLOWED = "405"  # what answers a verb that no operation of the path has


@dataclass(frozen=True)
class WsgiRequest:
    """A request on its way to the server; `owner` is the Authorization of alice or max, who may do all with what they made."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    owner: str

    @property
    def json(self) -> Any:
        """The JSON of the body; None if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def properties(self) -> dict[str, Any]:
        """The JSON object of the body; nothing if it is none."""
        value = self.json
        return value if isinstance(value, dict) else {}

    @property
    def caller(self) -> tuple[str | None, str | None, str]:
        """The session, the login and the path: what a cache would go by."""
        return self.headers.get("X-Mock-Session"), self.headers.get("Authorization"), self.path


@dataclass(frozen=True)
class WsgiResponse:
    """An answer on its way back; `status` has its reason: "404 Not Found"."""

    status: str
    headers: dict[str, str]
    body: bytes = b""

    @property
    def ok(self) -> bool:
        return self.status.startswith("2")

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def with_json(self, value: Any) -> "WsgiResponse":
        return replace(self, body=json.dumps(value).encode())

    def header(self, name: str) -> str:
        """The name as the server spells it."""
        return next((own for own in self.headers if own.lower() == name.lower()), name)

    def with_header(self, name: str, value: str) -> "WsgiResponse":
        return replace(self, headers=self.headers | {self.header(name): value})

    def number(self, name: str) -> int:
        """A number of a list: in a header, or else in a property of the JSON."""
        own = self.header(name)
        return int(self.headers[own] if own in self.headers else self.json[name])

    def with_number(self, name: str, value: int) -> "WsgiResponse":
        if self.header(name) in self.headers:
            return self.with_header(name, str(value))
        return self.with_json(self.json | {name: value})


Send = Callable[[WsgiRequest], WsgiResponse]
Change = Callable[[WsgiRequest, Send], WsgiResponse]
Rewrite = Callable[[WsgiRequest], WsgiRequest]

Laws = str | tuple[str, ...]


@dataclass(frozen=True)
class OnAnswers:
    """A change of the answers whose status begins with `only`."""

    change: Callable[[WsgiResponse], WsgiResponse]
    only: str

    def __call__(self, asked: WsgiRequest, send: Send) -> WsgiResponse:
        answer = send(asked)
        return self.change(answer) if answer.status.startswith(self.only) else answer


@dataclass(frozen=True)
class InHandler:
    """The handler of the operation, inside the mock, is wrapped."""

    wrap: Callable[[Handler], Handler]


@dataclass(frozen=True)
class InStore:
    """Of what the operation writes, statements that begin so are lost, or come `late`: an old one is written over the new one."""

    statement: str
    late: bool = False


@dataclass(frozen=True)
class Fault:
    """One change of one operation, an example of an operator (a number of OPERATORS).

    `operation` is an operationId, or an API where the fault is in whatever it is asked. `by` are the laws that have to catch it,
    each of them: names of test functions without `test_`, with or without parameters.
    """

    operation: str
    operator: int
    name: str
    change: Change | InHandler | InStore
    by: Laws = ()

    def __str__(self) -> str:
        return "-".join(dict.fromkeys((self.api, self.operation, self.name)))

    @property
    def laws(self) -> tuple[str, ...]:
        return (self.by,) if isinstance(self.by, str) else self.by

    @property
    def everywhere(self) -> bool:
        return self.operation in APIS

    @property
    def api(self) -> str:
        return next(api for api in APIS if self.operation in {api, *operations(api)})

    @property
    def only(self) -> str:
        """How the statuses of the sound answers begin that it changes."""
        return self.change.only if isinstance(self.change, OnAnswers) else ""

    @property
    def how(self) -> str:
        """The way into the server."""
        return {InHandler: "handler", InStore: "store"}.get(type(self.change), "wsgi")

    def plant(self, app: MockServer, owner: str) -> WsgiApp:
        """The server with this fault. It stays in this process, unless it is one around the server."""
        if isinstance(self.change, InHandler):
            wrap = self.change.wrap
        elif isinstance(self.change, InStore):
            wrap = _with_spoiled_store(self.change)
        else:
            return self.around(app, owner)
        handlers = HANDLERS[self.api]
        handlers[self.operation] = wrap(handlers[self.operation])
        served: WsgiApp = app
        return served

    def around(self, app: WsgiApp, owner: str) -> WsgiApp:
        """A layer in front of the server: it changes requests and answers."""
        change = self.change
        assert callable(change)

        def faulty(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if not self._concerns(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
                return app(environ, start_response)
            answer = change(_received(environ, owner), lambda asked: _answer(app, environ, asked))
            headers = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
            length = {} if answer.status.startswith("304") else {"Content-Length": str(len(answer.body))}
            start_response(answer.status, list((headers | length).items()))
            return [answer.body]

        return faulty

    def _concerns(self, method: str, path: str) -> bool:
        if self.everywhere:
            return True
        if self.only == NOT_ALLOWED:
            return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operations(self.api)[self.operation].path), path) is not None
        found = find_operation(method, path)
        return found is not None and found.id == self.operation


def _received(environ: dict[str, Any], owner: str) -> WsgiRequest:
    headers = {key[5:].replace("_", "-").title(): value for key, value in environ.items() if key.startswith("HTTP_")}
    query = _query(environ)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return WsgiRequest(environ["REQUEST_METHOD"], environ["PATH_INFO"], query, headers, body, owner)


def _query(environ: dict[str, Any]) -> dict[str, str]:
    return dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))


def _answer(app: WsgiApp, environ: dict[str, Any], asked: WsgiRequest) -> WsgiResponse:
    plain = {key: value for key, value in environ.items() if not key.startswith("HTTP_")}
    plain |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in asked.headers.items()}
    if asked.query != _query(environ):  # else it stays as it came, with what is in it twice
        plain["QUERY_STRING"] = urlencode(asked.query)
    plain |= {"REQUEST_METHOD": asked.method, "PATH_INFO": asked.path}
    plain |= {"CONTENT_LENGTH": str(len(asked.body)), "wsgi.input": io.BytesIO(asked.body)}
    parts, status, headers = run_wsgi_app(app, plain, buffered=True)
    return WsgiResponse(status, dict(headers.items()), b"".join(parts))


def _with_spoiled_store(stored: InStore) -> Callable[[Handler], Handler]:
    """Changes what the handler has the database do."""
    earlier: list[tuple[str, Any]] = []

    def wrap(handler: Handler) -> Handler:
        def spoiled(call: Call) -> Reply:
            driver = _SpoiledDriver(call.connection.driver, stored, earlier)
            return handler(call._replace(connection=call.connection.on(driver)))

        return spoiled

    return wrap


class _SpoiledDriver:
    def __init__(self, driver: Any, stored: InStore, earlier: list[tuple[str, Any]]) -> None:
        self._driver, self._stored, self._earlier = driver, stored, earlier

    def execute(self, statement: str, values: Any) -> Any:
        if not statement.startswith(self._stored.statement):
            return self._driver.execute(statement, values)
        if not self._stored.late:
            return self._driver.execute(without_effect(statement), values)
        cursor = self._driver.execute(statement, values)
        for old in self._earlier[-1:]:
            self._driver.execute(*old)
        self._earlier.append((statement, values))
        return cursor

    def cursor(self) -> "_SpoiledDriver":
        return self

    def executemany(self, statement: str, rows: Any) -> Any:
        for values in rows:
            self.execute(statement, values)

    description, rowcount = None, -1


def without_effect(statement: str) -> str:
    """The same INSERT, UPDATE or DELETE for no row at all."""
    if statement.startswith("INSERT"):
        return re.sub(r"VALUES \((.*?)\)", r"SELECT \1 WHERE 0", statement, count=1)
    return statement.replace("WHERE ", "WHERE 0 AND ", 1)
