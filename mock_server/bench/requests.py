"""Requests as values, and sending them to a WSGI application without any client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from werkzeug.test import EnvironBuilder, run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment


@dataclass(frozen=True, slots=True)
class Request:
    """operation is an operationId, or what else the request is called; path has its query with it."""

    operation: str
    method: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def environ(self) -> WSGIEnvironment:
        """A fresh WSGI environment."""
        headers = list(self.headers.items())
        return EnvironBuilder(self.path, method=self.method, headers=headers, data=self.body or None).get_environ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a WSGI application answered."""

    status: int
    body: bytes

    @property
    def value(self) -> Any:
        """The JSON value; None where the body is none."""
        return orjson.loads(self.body) if self.body[:1] in (b"{", b"[") else None


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who sends requests, in one session of the mock server; id is their user's."""

    id: str
    bearer: str
    session: str

    def get(self, operation: str, path: str, **headers: str) -> Request:
        return Request(operation, "GET", path, self._headers(headers))

    def send(self, operation: str, method: str, path: str, body: Any = None) -> Request:
        """body is a JSON value; None sends none."""
        if body is None:
            return Request(operation, method, path, self._headers({}))
        return Request(operation, method, path, self._headers({"Content-Type": "application/json"}), orjson.dumps(body))

    def upload(self, operation: str, path: str, file: bytes, **headers: str) -> Request:
        """The bytes of a file; `_` in the names of headers is `-`."""
        return Request(operation, "POST", path, self._headers(headers), file)

    def _headers(self, more: Mapping[str, str]) -> dict[str, str]:
        own = {"Authorization": f"Bearer {self.bearer}", "X-Mock-Session": self.session}
        return own | {name.replace("_", "-"): value for name, value in more.items()}


def ask(app: WSGIApplication, environ: WSGIEnvironment) -> Answer:
    """Raises RuntimeError where the request is refused: what is measured are valid ones."""
    chunks, status, _ = run_wsgi_app(app, environ, buffered=True)
    answer = Answer(int(status[:3]), b"".join(chunks))
    if answer.status >= 400:
        raise RuntimeError(f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']} was answered {status}: {answer.body[:500]!r}")
    return answer
