"""Requests to the mock and their answers, with nothing but the standard library."""

from __future__ import annotations

import json as json_format
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from email.message import Message
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

__tracebackhide__ = True  # pytest shows where in the test it was, not where in here
_SECONDS = 30
_SHOWN = 500
_IN_URL = "%/?:@!$&'()*+,;=~[]"  # what stands in a path and a query as it is


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """status is a number, headers find their values by names in upper or lower case, content is the body in bytes."""

    status: int
    headers: Message
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode(self.headers.get_content_charset("utf-8"), "replace")

    def json(self) -> Any:
        """The value of the body. Raises ValueError where it is not JSON."""
        return json_format.loads(self.content)

    def __repr__(self) -> str:
        """What an assertion about the status shows beside it: what the answer says is wrong."""
        try:
            said = self.json()["error"]["details"]
        except (ValueError, LookupError, TypeError):
            said = self.text[:_SHOWN]
        return f"<{self.status}{f' {said}' if said else ''}>"


@dataclass(frozen=True, slots=True, repr=False)
class Caller:
    """Sends requests below url with these headers: `caller.post("/api/v1/tickets", json={…})`. name is for people."""

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    name: str = "nobody"

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        data: bytes | str = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """path begins with a slash, or is a whole URL of the session, as in a Location. json or data is the body.

        params are added to the path as a query; a list gives its name several times. Raises OSError where nobody answers, or
        where a fault has dropped the answer, and http.client.IncompleteRead where one has cut it off.
        """
        body = data if json is None else json_format.dumps(json).encode()
        kind = {} if json is None else {"Content-Type": "application/json"}
        return _send(method, self._whole(path, params), {**self.headers, **kind, **(headers or {})}, body)

    def get(self, path: str, **options: Any) -> Answer:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> Answer:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> Answer:
        return self.request("PUT", path, **options)

    def patch(self, path: str, **options: Any) -> Answer:
        return self.request("PATCH", path, **options)

    def delete(self, path: str, **options: Any) -> Answer:
        return self.request("DELETE", path, **options)

    def _whole(self, path: str, params: Mapping[str, Any] | None) -> str:
        if not path.startswith(("/", f"{self.url}/")):
            raise ValueError(f"{path} is not a path of the mock: it has to begin with a slash, or with {self.url}/")
        query = urlencode({name: _text(value) for name, value in (params or {}).items()}, doseq=True)
        url = path if path.startswith(self.url) else self.url + path
        return f"{url}{'&' if '?' in url else '?'}{query}" if query else url


def _text(value: Any) -> Any:
    """As it is written in a URL: true, not True."""
    if isinstance(value, list | tuple):
        return [_text(one) for one in value]
    return json_format.dumps(value) if isinstance(value, bool) else value


def _send(method: str, url: str, headers: Mapping[str, str], body: bytes | str) -> Answer:
    # Not urllib: it would ask the proxy of the environment. A server in a thread ends each connection with its answer anyway.
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    with closing(kind(parts.netloc, timeout=_SECONDS)) as connection:
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        try:
            connection.connect()
        except ConnectionRefusedError:
            raise ConnectionRefusedError(f"nobody answers at {parts.scheme}://{parts.netloc}") from None
        connection.request(method, quote(target, safe=_IN_URL), body or None, {"Connection": "close", **headers})
        answer = connection.getresponse()
        return Answer(answer.status, answer.headers, answer.read())
