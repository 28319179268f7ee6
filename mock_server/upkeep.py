"""Keeps a server that runs for weeks small: sessions that are too many, or that nobody uses any more, are dropped."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable

from sqlalchemy import bindparam, select, update

from mock_server.clock import Now
from mock_server.config import Config
from mock_server.errors import Problem
from mock_server.sessions import DEFAULT
from mock_server.statements import Connection
from mock_server.store import Store, sessions

log = logging.getLogger("mock_server")

# Characters that no session's name has: rows that start with the first are loaded scenarios, those with the second snapshots.
TEMPLATE, SNAPSHOT = "*", "/"
_EVERY_SECONDS = 60
_DAY_SECONDS = 86_400
_ALL = select(sessions.c.session, sessions.c.used_at).order_by(sessions.c.session)
_USED = update(sessions).where(sessions.c.session == bindparam("name")).values(used_at=bindparam("at"))


def named_sessions(connection: Connection) -> list[tuple[str, float]]:
    """The sessions that users have made, by name, each with the time of its last use in seconds since the epoch."""
    rows = connection.execute(_ALL)
    return [(row.session, row.used_at) for row in rows if SNAPSHOT not in row.session and not row.session.startswith(TEMPLATE)]


class Upkeep:
    """The bounds of one server process; processes that share a database tell each other through it what is in use."""

    def __init__(self, config: Config, store: Store, now: Now, drop: Callable[[str], None]) -> None:
        """drop forgets a session with its snapshots and journal; it raises Problem 404 for one that is gone."""
        self._most = config.max_sessions
        self._idle_seconds = config.max_idle_days * _DAY_SECONDS
        self._store = store
        self._now = now
        self._drop = drop
        self._used: dict[str, float] = {}
        self._due = self._now().timestamp() + _EVERY_SECONDS
        self._turn = threading.Lock()

    def a_session_was_made(self) -> None:
        self._due = 0

    def used(self, session: str) -> None:
        """Called after each request, outside of its transaction; mostly it does next to nothing."""
        now = self._now().timestamp()
        self._used[session] = now
        if now >= self._due and self._turn.acquire(blocking=False):
            self._due = now + _EVERY_SECONDS
            try:
                self._tidy(now)
            except Problem as problem:  # the request was answered, and the database may be better the next time
                log.error("sessions cannot be looked after: %s", problem.detail)
            finally:
                self._turn.release()

    def _tidy(self, now: float) -> None:
        used, self._used = self._used, {}
        with self._store.transaction(None, write=True) as connection:
            connection.execute(_USED, [{"name": name, "at": at} for name, at in used.items()])
            known = named_sessions(connection)
        by_age = sorted((at, name) for name, at in known if name != DEFAULT)
        surplus = max(0, len(known) - self._most)
        for number, (at, name) in enumerate(by_age):
            if number < surplus or at < now - self._idle_seconds:
                with contextlib.suppress(Problem):
                    self._drop(name)
                    log.info("session %s is dropped: it was not used for %d s, and %d sessions exist", name, now - at, len(known))
