"""Where the exchanges of servers that share a database are kept: in a table of it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque

from sqlalchemy import Column, Index, Integer, LargeBinary, Table, bindparam, delete, func, insert, select

from mock_server.journal.exchange import Exchange, pack, unpack
from mock_server.journal.memory import KEEP
from mock_server.store import CodePointText, Store, metadata

log = logging.getLogger("mock_server")

_KEEP_IN_ALL = 20 * KEEP
_GATHER_SECONDS = 0.02
_OTHERS_SECONDS = 0.1  # to gather and to write
_LARGEST = 2**31 - 1  # what an Integer holds

# Not part of a session's state: a restored snapshot does not bring back old entries.
_entries = Table(
    "journal",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("session", CodePointText, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    Index("journal_session", "session", "id"),
    info={"state": False},
    sqlite_autoincrement=True,  # else the ids of what was cleared come again
)
_INSERT = insert(_entries).values(session=bindparam("session"), entry=bindparam("entry"))
_LAST = select(func.max(_entries.c.id))
_FORGET = delete(_entries).where(_entries.c.id <= bindparam("last"))
_SINCE = select(_entries).where(_entries.c.session == bindparam("session"), _entries.c.id >= bindparam("first"))
_NEWEST = _SINCE.order_by(_entries.c.id.desc()).limit(KEEP)
_CLEAR = delete(_entries).where(_entries.c.session == bindparam("session"))


class Written:
    """The last KEEP exchanges of each session.

    A thread writes them, those of a moment in one transaction: no answer waits for it, and while a writer of state holds the
    database, reading goes on.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: deque[Exchange] = deque()
        self._some = threading.Event()
        self._turn = threading.Lock()
        self._writer: threading.Thread | None = None

    def add(self, exchange: Exchange) -> None:
        self._waiting.append(exchange)
        self._some.set()
        if self._writer is None:
            self._start_writer()

    def of(self, session: str) -> list[tuple[int, Exchange]]:
        """Oldest first. What another process has answered before this is asked is there too, unless its writer had to wait."""
        time.sleep(_OTHERS_SECONDS)
        self.flush()
        return self.since(session, 0)

    def since(self, session: str, first: int) -> list[tuple[int, Exchange]]:
        """Those written that have this number or a higher one, oldest first."""
        with self._store.transaction(session, write=False) as connection:
            rows = connection.execute(_NEWEST, {"session": session, "first": min(first, _LARGEST)})
        return [(row.id, unpack(row.entry)) for row in reversed(rows)]

    def clear(self, session: str) -> None:
        self.flush()
        with self._store.transaction(None, write=True) as connection:
            connection.execute(_CLEAR, {"session": session})

    def flush(self) -> None:
        """Write all that was added in this process."""
        with self._turn:
            waiting = [self._waiting.popleft() for _ in range(len(self._waiting))]
            if waiting:
                self._write(waiting)

    def _start_writer(self) -> None:
        # Not before the first request: a thread does not survive the fork of the workers.
        with self._turn:
            if self._writer is None:
                self._writer = threading.Thread(target=self._keep_writing, name="journal", daemon=True)
                self._writer.start()

    def _keep_writing(self) -> None:
        while True:
            self._some.wait()
            time.sleep(_GATHER_SECONDS)
            self._some.clear()
            self.flush()

    def _write(self, waiting: list[Exchange]) -> None:
        try:
            with self._store.transaction(None, write=True) as connection:
                connection.execute(_INSERT, [{"session": one.session, "entry": pack(one)} for one in waiting])
                last = connection.execute(_LAST).scalar_one()
                if last % KEEP < len(waiting):
                    # Ids are shared by all sessions: a bound on what is kept, at little cost; of() cuts to KEEP exactly.
                    connection.execute(_FORGET, {"last": last - _KEEP_IN_ALL})
        except Exception as error:  # noqa: BLE001 - whatever it is, the requests were answered and the next ones come
            log.error("journal: %d entries could not be written: %s", len(waiting), error)
