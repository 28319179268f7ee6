"""A planted fault: what it is, and the three ways in which it gets into a sound mock."""

import io
import json
import re
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Engine, event

from contract_tests.contract.operations import find_operation, operations
from contract_tests.transport.in_process import WsgiApp
from mock_server import MockServer
from mock_server.apis import casavi, linagora
from mock_server.dispatch import Handler

ANYTHING = "whatever is asked"
HANDLERS: dict[str, Any] = {"casavi": casavi.BEHAVIOUR.handlers, "linagora": linagora.BEHAVIOUR.handlers}


@dataclass(frozen=True)
class Request:
    """A request on its way to the server; `login` is that of alice or the resident, who have every right to what they made."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    login: str


@dataclass(frozen=True)
class Response:
    status: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def with_json(self, value: Any) -> "Response":
        return replace(self, body=json.dumps(value).encode())


Send = Callable[[Request], Response]
Change = Callable[[Request, Send], Response]


@dataclass(frozen=True)
class Handled:
    """The handler of the operation, inside the mock, is wrapped."""

    wrap: Callable[[Handler], Handler]


@dataclass(frozen=True)
class Stored:
    """Of what the operation writes, statements that begin so are lost, or come `late`: an old one is written over the new one."""

    statement: str
    late: bool = False


@dataclass(frozen=True)
class Fault:
    """`operator` is a number of OPERATORS, `operation` what is spoiled, or ANYTHING; of `tests`, node ids, one has to fail.

    `change` is the fault itself. `only` is how the statuses of the sound answers that it concerns begin.
    """

    api: str
    operator: int
    name: str
    operation: str
    change: Change | Handled | Stored
    tests: tuple[str, ...] = ()
    only: str = ""

    def __str__(self) -> str:
        return f"{self.api}-{self.operation}-{self.name}"

    @property
    def how(self) -> str:
        """The way into the server."""
        return "handler" if isinstance(self.change, Handled) else "store" if isinstance(self.change, Stored) else "wsgi"

    def plant(self, app: MockServer, login: str) -> WsgiApp:
        """The server with this fault. It stays in this process, unless it is one around the server."""
        if isinstance(self.change, Handled):
            handlers = HANDLERS[self.api]
            handlers[self.operation] = self.change.wrap(handlers[self.operation])
        elif isinstance(self.change, Stored):
            _spoil_store(app, self.operation, self.change)
        else:
            return self.around(app, login)
        served: WsgiApp = app
        return served

    def around(self, app: WsgiApp, login: str) -> WsgiApp:
        """A layer in front of the server: it changes requests and answers."""
        change = self.change
        assert callable(change)

        def faulty(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if not self._concerns(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
                return app(environ, start_response)
            answer = change(_asked(environ, login), lambda asked: _answer(app, environ, asked))
            headers = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
            length = {} if answer.status.startswith("304") else {"Content-Length": str(len(answer.body))}
            start_response(answer.status, list((headers | length).items()))
            return [answer.body]

        return faulty

    def _concerns(self, method: str, path: str) -> bool:
        if self.operation == ANYTHING:
            return True
        if self.only == "405":  # what is asked with another verb is no operation
            return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", operations(self.api)[self.operation].path), path) is not None
        found = find_operation(method, path)
        return found is not None and found.id == self.operation


def _asked(environ: dict[str, Any], login: str) -> Request:
    headers = {key[5:].replace("_", "-").title(): value for key, value in environ.items() if key.startswith("HTTP_")}
    length = int(environ.get("CONTENT_LENGTH") or 0)
    query = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
    return Request(environ["REQUEST_METHOD"], environ["PATH_INFO"], query, headers, environ["wsgi.input"].read(length), login)


def _answer(app: WsgiApp, environ: dict[str, Any], asked: Request) -> Response:
    plain = {key: value for key, value in environ.items() if not key.startswith("HTTP_")}
    plain |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in asked.headers.items()}
    plain |= {"REQUEST_METHOD": asked.method, "PATH_INFO": asked.path, "QUERY_STRING": urlencode(asked.query)}
    plain |= {"CONTENT_LENGTH": str(len(asked.body)), "wsgi.input": io.BytesIO(asked.body)}
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc: object = None) -> Callable[[bytes], None]:
        started.extend((status, headers))
        return lambda _: None

    body = b"".join(app(plain, start_response))
    return Response(started[0], dict(started[1]), body)


def _spoil_store(app: MockServer, operation: str, stored: Stored) -> None:
    """Changes what the operation has the database do."""
    inside: ContextVar[bool] = ContextVar("inside", default=False)
    view = app.view_functions[operation]
    earlier: list[tuple[str, Any]] = []

    def watched(**path: Any) -> Any:
        token = inside.set(True)
        try:
            return view(**path)
        finally:
            inside.reset(token)

    def before(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        meant = inside.get() and statement.startswith(stored.statement)
        return (without_effect(statement) if meant and not stored.late else statement), parameters

    def after(_connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if inside.get() and stored.late and statement.startswith(stored.statement):
            for old in earlier[-1:]:
                cursor.connection.execute(*old)
            earlier.append((statement, parameters))

    app.view_functions[operation] = watched
    event.listen(Engine, "before_cursor_execute", before, retval=True)
    event.listen(Engine, "after_cursor_execute", after)


def without_effect(statement: str) -> str:
    """The same INSERT, UPDATE or DELETE for no row at all."""
    if statement.startswith("INSERT"):
        return re.sub(r"VALUES \((.*?)\)", r"SELECT \1 WHERE 0", statement, count=1)
    return statement.replace("WHERE ", "WHERE 0 AND ", 1)
