"""The journal: what was asked and answered in each session, with secrets masked and long bodies left out."""

from __future__ import annotations

import itertools
import logging
import queue
import re
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Column, Connection, Index, Integer, LargeBinary, Table, delete, insert, select

from mock_server.clock import iso_time
from mock_server.errors import bad_request
from mock_server.nesting import parse_json
from mock_server.store import CodePointText, Store, metadata

log = logging.getLogger("mock_server")

KEEP = 1000
_KEEP_IN_ALL = 100 * KEEP
_PATIENCE = 0.05  # seconds
_MAX_BODY = 10_000
_SECRET_HEADERS = frozenset({"authorization", "cookie", "set-cookie"})
_SECRET_KEYS = ("password", "token", "secret", "invitecode")
# `code` is the authorization code of OpenID, which a redirect carries; the JSON of an error has a harmless one.
_SECRET_QUERY = re.compile(rf"([?&](?:code|[^=&]*(?:{'|'.join(_SECRET_KEYS)})[^=&]*)=)[^&#]*", re.IGNORECASE)
_MASK = "***"
_FIELDS = {"api": "api", "operation": "operationId", "status": "status"}

# Not part of a session's state: a restored snapshot does not bring back old entries.
_entries = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("session", CodePointText, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    Index("journal_session", "session", "id"),
    info={"state": False},
)


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and its answer as they went over the wire; seconds is how long it took, url has no host.

    environ is what the WSGI server gave: headers of the request are read from it when somebody looks. A body is as
    keep_body() left it.
    """

    session: str
    time: datetime
    seconds: float
    api: str | None
    operation: str | None
    method: str
    url: str
    environ: Mapping[str, Any]
    request_body: bytes | int
    status: int
    response_headers: tuple[tuple[str, str], ...]
    response_body: bytes | int


def keep_body(data: bytes) -> bytes | int:
    """What the journal keeps of a body: a thousand uploads would fill the memory."""
    return data if len(data) <= _MAX_BODY else len(data)


class Journal:
    """Keeps the last KEEP exchanges of each session: in a table where several processes share the database, else in memory,
    where nothing is rendered before somebody asks.

    A thread writes the table. An answer waits until its entry is there for all processes to see, but not long: while a writer of
    state holds the database, reading must go on.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._memory: dict[str, deque[tuple[int, Exchange]]] = {}
        self._numbers = itertools.count(1)
        self._queue: queue.Queue[tuple[Exchange, threading.Event]] = queue.Queue()
        self._starting = threading.Lock()
        self._writer: threading.Thread | None = None

    def record(self, exchange: Exchange) -> None:
        if self._store.shared:
            self._start_writer()
            written = threading.Event()
            self._queue.put((exchange, written))
            written.wait(_PATIENCE)
        else:
            kept = self._memory.setdefault(exchange.session, deque(maxlen=KEEP))
            kept.append((next(self._numbers), exchange))

    def entries(self, session: str, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """Newest last, each with its duration in milliseconds.

        filters may have api, operation, status, and since (an entry's id or an ISO 8601 time), each a text.
        Raises Problem 400 for a malformed status or since.
        """
        wanted = _filter(filters)
        return [entry for entry in self._all(session) if wanted(entry)]

    def clear(self, session: str) -> None:
        self._memory.pop(session, None)
        if self._store.shared:
            self.flush()
            with self._store.transaction(None, write=True) as connection:
                connection.execute(delete(_entries).where(_entries.c.session == session))

    def flush(self) -> None:
        """Wait until all that was recorded in this process is written."""
        self._queue.join()

    def _all(self, session: str) -> list[dict[str, Any]]:
        if not self._store.shared:
            return [{"id": number, **_render(exchange)} for number, exchange in list(self._memory.get(session, ()))]
        self.flush()
        newest = select(_entries).where(_entries.c.session == session).order_by(_entries.c.id.desc()).limit(KEEP)
        with self._store.transaction(session, write=False) as connection:
            rows = connection.execute(newest).all()
        return [{"id": row.id, **orjson.loads(row.entry)} for row in reversed(rows)]

    def _start_writer(self) -> None:
        # Not before the first request: a thread does not survive the fork of the workers.
        with self._starting:
            if self._writer is None:
                self._writer = threading.Thread(target=self._write, name="journal", daemon=True)
                self._writer.start()

    def _write(self) -> None:
        while True:
            waiting = [self._queue.get()]
            while not self._queue.empty():
                waiting.append(self._queue.get())
            try:
                with self._store.transaction(None, write=True) as connection:
                    for exchange, _ in waiting:
                        _insert(connection, exchange)
            except Exception as error:  # noqa: BLE001 - whatever it is, the requests were answered and the next ones come
                log.error("journal: %d entries could not be written: %s", len(waiting), error)
            for _, written in waiting:
                written.set()
                self._queue.task_done()


def _insert(connection: Connection, exchange: Exchange) -> None:
    row = {"session": exchange.session, "entry": orjson.dumps(_render(exchange))}
    number = connection.execute(insert(_entries).returning(_entries.c.id), row).scalar_one()
    if number % KEEP == 0:
        # Ids are shared by all sessions: a bound on what is kept, at little cost; _all() cuts to KEEP exactly.
        connection.execute(delete(_entries).where(_entries.c.id <= number - _KEEP_IN_ALL))


def _filter(filters: Mapping[str, str]) -> Callable[[dict[str, Any]], bool]:
    equal = {_FIELDS[name]: text for name, text in filters.items() if name in _FIELDS}
    since = _since(filters["since"]) if "since" in filters else None

    def wanted(entry: dict[str, Any]) -> bool:
        return all(str(entry[name]) == text for name, text in equal.items()) and (since is None or since(entry))

    if not re.fullmatch(r"\d{3}", filters.get("status", "200"), re.ASCII):
        raise bad_request("status must be a three-digit number")
    return wanted


def _since(text: str) -> Callable[[dict[str, Any]], bool]:
    if text.isascii() and text.isdecimal():
        number = int(text[:19])
        return lambda entry: entry["id"] > number
    try:
        # A plus sign that was not escaped arrives as a space.
        time = datetime.fromisoformat(text.replace(" ", "+"))
        earliest = iso_time(time if time.tzinfo else time.replace(tzinfo=UTC))
    except (ValueError, OverflowError) as error:
        raise bad_request("since must be the id of an entry or an ISO 8601 time") from error
    return lambda entry: entry["time"] >= earliest


def _render(exchange: Exchange) -> dict[str, Any]:
    """The entry of the journal, but for its id; duration is in milliseconds."""
    return {
        "time": iso_time(exchange.time),
        "api": exchange.api,
        "operationId": exchange.operation,
        "status": exchange.status,
        "duration": round(exchange.seconds * 1000, 3),
        "request": {
            "method": exchange.method,
            "url": _masked_url(exchange.url),
            "headers": _masked_headers(_request_headers(exchange.environ)),
            "body": _body(exchange.request_body),
        },
        "response": {
            "headers": _masked_headers(exchange.response_headers),
            "body": _body(exchange.response_body),
        },
    }


def _request_headers(environ: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in environ.items():
        if key.startswith("HTTP_") or (key in ("CONTENT_TYPE", "CONTENT_LENGTH") and value):
            yield key.removeprefix("HTTP_").replace("_", "-").title(), value


def _masked_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    # Location and Referer are URLs; in other values there is nothing that looks like a query.
    return {name: _MASK if name.lower() in _SECRET_HEADERS else _masked_url(value) for name, value in headers}


def _masked_url(url: str) -> str:
    return _SECRET_QUERY.sub(rf"\1{_MASK}", url)


def _body(data: bytes | int) -> Any:
    """JSON as it is, with secrets masked; None for nothing; anything else, or too much, as its number of bytes."""
    if isinstance(data, int):
        return {"bytes": data}
    try:
        return _masked(parse_json(data)) if data else None
    except ValueError:
        return {"bytes": len(data)}


def _masked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _MASK if _is_secret(key) else _masked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_masked(item) for item in value]
    return value


def _is_secret(key: str) -> bool:
    return any(word in key.lower() for word in _SECRET_KEYS)
