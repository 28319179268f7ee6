"""Where the exchanges of servers that share a database are kept: in a table of it."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque

from sqlalchemy import Column, Double, Index, Integer, LargeBinary, Table, bindparam, delete, func, insert, select

from mock_server.errors import Problem
from mock_server.journal.exchange import Exchange, pack, unpack
from mock_server.journal.memory import KEEP
from mock_server.store import CodePointText, Store, metadata

log = logging.getLogger("mock_server")

_LOOK_EVERY = 1000  # entries
_GATHER_SECONDS = 0.02
_OTHERS_SECONDS = 0.1  # to gather and to write
_MOST_WAITING = 2000  # entries
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
_INSERT = insert(_entries).inline().values(session=bindparam("session"), entry=bindparam("entry"))  # inline: nobody asks for ids
_LAST = select(func.max(_entries.c.id))
_so_far = func.sum(func.length(_entries.c.entry)).over(order_by=_entries.c.id.desc())
_sums = select(_entries.c.id, _so_far.label("bytes")).subquery()
_LAST_SURPLUS = select(func.max(_sums.c.id)).where(_sums.c.bytes > bindparam("most", type_=Double))
_FORGET = delete(_entries).where(_entries.c.id <= _LAST_SURPLUS.scalar_subquery())
_COUNTS = select(_entries.c.session, func.count().label("entries")).group_by(_entries.c.session)
_SINCE = select(_entries).where(_entries.c.session == bindparam("session"), _entries.c.id >= bindparam("first"))
_NEWEST = _SINCE.order_by(_entries.c.id.desc()).limit(KEEP)
_CLEAR = delete(_entries).where(_entries.c.session == bindparam("session"))


class Written:
    """The last KEEP exchanges of each session.

    A thread writes them, those of a moment in one transaction: no answer waits for it, and while a writer of state holds the
    database, reading goes on.
    """

    def __init__(self, store: Store, most_bytes: float) -> None:
        self._store = store
        self._most = most_bytes
        self._waiting: deque[Exchange] = deque()
        self._some = threading.Event()
        self._turn = threading.Lock()
        self._writer: threading.Thread | None = None
        self._waits = False

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

    def counts(self) -> dict[str, int]:
        """How many are kept of each session."""
        self.flush()
        with self._store.transaction(None, write=False) as connection:
            return {row.session: min(row.entries, KEEP) for row in connection.execute(_COUNTS)}

    def clear(self, session: str) -> bool:
        """Whether there was anything."""
        self.flush()
        with self._store.transaction(None, write=True) as connection:
            return connection.execute(_CLEAR, {"session": session}).rowcount > 0

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
                if last % _LOOK_EVERY < len(waiting):
                    dropped = connection.execute(_FORGET, {"most": self._most}).rowcount
                    if dropped:
                        log.info("the journal is full: its oldest %d entries are dropped (--max-journal-mb)", dropped)
            self._waits = False
        except Problem as problem:
            self._put_back(waiting, problem)
        except Exception as error:  # noqa: BLE001 - whatever it is, the requests were answered and the next ones come
            log.error("journal: %d entries could not be written: %s", len(waiting), error)

    def _put_back(self, waiting: list[Exchange], problem: Problem) -> None:
        """A database that is restarted takes them when it is back, with those that come by then; the newest if they are many."""
        if not self._waits:
            log.error("the journal waits to be written: %s", problem.detail)
        self._waits = True
        room = _MOST_WAITING - len(self._waiting)
        self._waiting.extendleft(reversed(waiting[-room:]) if room > 0 else ())
