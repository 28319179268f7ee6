"""The journal: keeps what was asked and answered, per session, and finds it again."""

from __future__ import annotations

import logging
import queue
import re
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Column, Index, Integer, LargeBinary, Table, delete, insert, select

from mock_server.clock import iso_time
from mock_server.errors import bad_request
from mock_server.journal.exchange import Exchange, render
from mock_server.journal.memory import KEEP, Memory
from mock_server.statements import Connection
from mock_server.store import CodePointText, Store, metadata

log = logging.getLogger("mock_server")

_KEEP_IN_ALL = 20 * KEEP
_PATIENCE = 0.05  # seconds
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


class Journal:
    """Keeps the last KEEP exchanges of each session: in a table where several processes share the database, else in memory,
    where nothing is rendered before somebody asks.

    A thread writes the table. An answer waits until its entry is there for all processes to see, but not long: while a writer of
    state holds the database, reading must go on.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._memory = Memory()
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
            self._memory.add(exchange)

    def entries(self, session: str, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """Newest last, each with its duration in milliseconds.

        filters may have api, operation, status, and since (an entry's id or an ISO 8601 time), each a text.
        Raises Problem 400 for a malformed status or since.
        """
        wanted = _filter(filters)
        return [entry for entry in self._all(session) if wanted(entry)]

    def clear(self, session: str) -> None:
        self._memory.clear(session)
        if self._store.shared:
            self.flush()
            with self._store.transaction(None, write=True) as connection:
                connection.execute(delete(_entries).where(_entries.c.session == session))

    def flush(self) -> None:
        """Wait until all that was recorded in this process is written."""
        self._queue.join()

    def _all(self, session: str) -> list[dict[str, Any]]:
        if not self._store.shared:
            return [{"id": number, **render(exchange)} for number, exchange in self._memory.of(session)]
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
    row = {"session": exchange.session, "entry": orjson.dumps(render(exchange))}
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
