"""One request and its answer as the journal shows them: secrets masked, long bodies left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from mock_server.clock import iso_time
from mock_server.nesting import parse_json

_MAX_BODY = 10_000
_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie"})
_SECRET_KEYS = ("password", "token", "secret", "invitecode")
# `code` is the authorization code of OpenID, which a redirect carries; the JSON of an error has a harmless one.
_SECRET_QUERY = re.compile(rf"([?&](?:code|[^=&]*(?:{'|'.join(_SECRET_KEYS)})[^=&]*)=)[^&#]*", re.IGNORECASE)
_MASK = "***"


class Exchange(NamedTuple):
    """One request and its answer as they went over the wire; seconds is how long it took, url has no host.

    request_headers are those of the WSGI environment, with the names that they have there. A body is as keep_body() left it.
    faults are the names of those that struck; ignored what of the header Prefer could not be honoured; violations what breaks the
    spec in it, in sentences: only a proxy has some to tell.
    """

    session: str
    time: datetime
    seconds: float
    api: str | None
    operation: str | None
    method: str
    url: str
    request_headers: Sequence[tuple[str, Any]]
    request_body: bytes | int
    status: int
    response_headers: Sequence[tuple[str, str]]
    response_body: bytes | int
    faults: Sequence[str] = ()
    ignored: Sequence[str] = ()
    violations: Sequence[str] = ()

    def sent_headers(self) -> Iterator[tuple[str, str]]:
        """Those of the request by their names in HTTP: `Content-Type`."""
        for key, value in self.request_headers:
            if key.startswith("HTTP_") or (key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value):
                yield key.removeprefix("HTTP_").replace("_", "-").title(), value


def keep_body(data: bytes) -> bytes | int:
    """What the journal keeps of a body: a thousand uploads would fill the memory."""
    return data if len(data) <= _MAX_BODY else len(data)


def pack(exchange: Exchange) -> bytes:
    """The exchange as a database keeps it; unpack() makes it again."""
    fields = exchange._asdict()
    bodies = {name: _text(fields[name]) for name in ("request_body", "response_body")}
    return orjson.dumps({**fields, **bodies, "time": exchange.time.isoformat()})


def unpack(data: bytes) -> Exchange:
    fields = orjson.loads(data)
    bodies = {name: _bytes(fields[name]) for name in ("request_body", "response_body")}
    return Exchange(**{**fields, **bodies, "time": datetime.fromisoformat(fields["time"])})


def _text(body: bytes | int) -> str | int:
    return body.decode("latin-1") if isinstance(body, bytes) else body


def _bytes(body: str | int) -> bytes | int:
    return body.encode("latin-1") if isinstance(body, str) else body


def render(exchange: Exchange) -> dict[str, Any]:
    """The entry of the journal, but for its id; duration is in milliseconds."""
    return {
        "time": iso_time(exchange.time),
        "api": exchange.api,
        "operationId": exchange.operation,
        "status": exchange.status,
        "duration": round(exchange.seconds * 1000, 3),
        "request": {
            "method": exchange.method,
            "url": masked_url(exchange.url),
            "headers": _masked_headers(exchange.sent_headers()),
            "body": masked(body_value(exchange.request_body)),
        },
        "response": {
            "headers": _masked_headers(exchange.response_headers),
            "body": masked(body_value(exchange.response_body)),
        },
        "faults": list(exchange.faults),
        "ignoredPreferences": list(exchange.ignored),
        "violations": list(exchange.violations),
    }


def _masked_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    # Location and Referer are URLs; in other values there is nothing that looks like a query.
    return {name: _MASK if name.lower() in _SECRET_HEADERS else masked_url(value) for name, value in headers}


def masked_url(url: str) -> str:
    """The URL, in whole or from its path on, without the secrets in its query."""
    return _SECRET_QUERY.sub(rf"\1{_MASK}", url)


def body_value(data: bytes | int) -> Any:
    """JSON as it is, secrets and all; None for nothing; anything else, or too much, as its number of bytes."""
    if isinstance(data, int):
        return {"bytes": data}
    try:
        return parse_json(data) if data else None
    except ValueError:
        return {"bytes": len(data)}


def masked(value: Any) -> Any:
    """The JSON value, with what its keys call secret replaced by ***."""
    if isinstance(value, dict):
        return {key: _MASK if _is_secret(key) else masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [masked(item) for item in value]
    return value


def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_KEYS)
