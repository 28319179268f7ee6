"""Keeps a server that runs for weeks small: what is too much, or too old, is dropped, and the log tells."""

from __future__ import annotations

import contextlib
import ctypes
import logging
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select, update

from mock_server.clock import Now, iso_time
from mock_server.config import BOUNDS, Config
from mock_server.copies import delete_session
from mock_server.errors import Problem
from mock_server.files import drop, references, sweep, total
from mock_server.sessions import DEFAULT
from mock_server.statements import Connection
from mock_server.store import Store, sessions

log = logging.getLogger("mock_server")

# Characters that no session's name has: rows that start with the first are loaded scenarios, those with the second snapshots.
TEMPLATE, SNAPSHOT = "*", "/"
_EVERY_SECONDS = 10
_DAY_SECONDS = 86_400
_WORTH_GIVING_BACK = 50_000_000  # bytes
_KEYS = select(sessions.c.session, sessions.c.used_at).order_by(sessions.c.session)
# Not LIKE, to which `_` in a name would be a wildcard.
_SNAPSHOTS = (
    select(sessions.c.session)
    .where(sessions.c.session > bindparam("from"), sessions.c.session < bindparam("to"))
    .order_by(sessions.c.used_at, sessions.c.session)
)
_USED = update(sessions).where(sessions.c.session == bindparam("name")).values(used_at=bindparam("at"))


def named_sessions(connection: Connection) -> list[tuple[str, float]]:
    """The sessions that users have made, by name, each with the time of its last use in seconds since the epoch."""
    return _named(connection.execute(_KEYS))


def snapshots_of(connection: Connection, session: str) -> list[str]:
    """The keys of the session's snapshots; first the one that was neither made nor restored for longest."""
    between = {"from": session + SNAPSHOT, "to": session + chr(ord(SNAPSHOT) + 1)}
    return [key for (key,) in connection.execute(_SNAPSHOTS, between)]


class Upkeep:
    """The bounds of one server process; processes that share a database tell each other through it what is in use."""

    def __init__(self, config: Config, store: Store, now: Now, drop: Callable[[str], None]) -> None:
        """drop forgets a session with its snapshots and journal; it raises Problem 404 for one that is gone."""
        self._config = config
        self._store = store
        self._now = now
        self._drop = drop
        self._used: dict[str, float] = {}
        self._made = False
        self._received = 0
        self._freed = 0
        self._due = self._now().timestamp() + _EVERY_SECONDS
        self._turn = threading.Lock()

    def listed(self, journal: Mapping[str, int]) -> list[dict[str, Any]]:
        """The sessions that users have made, by name: what each takes with its snapshots, when it was last used, and the bounds.

        journal has the number of entries by session.
        """
        bounds = {name.replace("_", "-"): getattr(self._config, name) for name in BOUNDS}
        with self._store.transaction(None, write=False) as connection:
            keys, files = connection.execute(_KEYS).all(), _files_by_session(connection)
        kept = Counter(_owner(key) for key, _ in keys)
        return [
            {
                "name": name,
                "usedAt": iso_time(datetime.fromtimestamp(max(used_at, self._used.get(name, 0)), UTC)),
                "snapshots": kept[name] - 1,
                "files": len(files.get(name, {})),
                "bytes": sum(files.get(name, {}).values()),
                "journal": journal.get(name, 0),
                "bounds": bounds,
            }
            for name, used_at in _named(keys)
        ]

    def figures(self) -> dict[str, int]:
        """How many sessions and snapshots there are, and the bytes of all files."""
        with self._store.transaction(None, write=False) as connection:
            keys, stored = connection.execute(_KEYS).all(), total(connection)
        snapshots = sum(SNAPSHOT in key for key, _ in keys)
        return {"sessions": len(_named(keys)), "snapshots": snapshots, "stored_bytes": stored}

    def a_session_was_made(self) -> None:
        self._made = True

    def state_was_dropped(self) -> None:
        """There may be files that nobody refers to any more."""
        self._received = sys.maxsize

    def a_snapshot_was_made(self, connection: Connection, session: str) -> None:
        """Inside the transaction that made it: the session has one more, perhaps one too many."""
        own = snapshots_of(connection, session)
        for key in own[: max(0, len(own) - self._config.max_snapshots)]:
            delete_session(connection, key)
            log.info("snapshot %s is dropped: the session has more than %d (--max-snapshots)", key, self._config.max_snapshots)

    def a_snapshot_was_used(self, connection: Connection, key: str) -> None:
        connection.execute(_USED, {"name": key, "at": self._now().timestamp()})

    def used(self, session: str, received: int) -> bool:
        """Called after each request, outside of its transaction: whether it is time to look()."""
        now = self._now().timestamp()
        self._used[session] = now
        self._received += received
        return self._made or now >= self._due or self._is_full()

    def _is_full(self) -> bool:
        return self._received > self._config.max_stored_mb * 1e6 / 8

    def look(self) -> None:
        """Drop what is too much or too old, unless somebody is at it."""
        now = self._now().timestamp()
        due, full = now >= self._due, self._is_full()
        if not self._turn.acquire(blocking=False):
            return
        try:
            self._look(now, sessions=due or self._made, files=due or full)
        except Problem as problem:  # the request was answered, and the database may be better the next time
            log.error("sessions cannot be looked after: %s", problem.detail)
        finally:
            self._turn.release()

    def _look(self, now: float, *, sessions: bool, files: bool) -> None:
        self._made = False
        if files:
            self._due, self._received = now + _EVERY_SECONDS, 0
        if sessions:
            self._drop_sessions(now)
        if files:
            self._drop_files()

    def _drop_sessions(self, now: float) -> None:
        used, self._used = self._used, {}
        with self._store.transaction(None, write=True) as connection:
            connection.execute(_USED, [{"name": name, "at": at} for name, at in used.items()])
            known = named_sessions(connection)
        by_age = sorted((at, name) for name, at in known if name != DEFAULT)
        surplus = max(0, len(known) - self._config.max_sessions)
        for number, (at, name) in enumerate(by_age):
            if number < surplus or at < now - self._config.max_idle_days * _DAY_SECONDS:
                with contextlib.suppress(Problem):
                    self._drop(name)
                    log.info("session %s is dropped: it was not used for %d s, and %d sessions exist", name, now - at, len(known))

    def _drop_files(self) -> None:
        """In short transactions, between which others have their turn."""
        some = 1
        while some:
            with self._store.transaction(None, write=True) as connection:
                some = sweep(connection) or _drop_oldest(connection, self._config.max_stored_mb)
            self._freed += some
        if self._freed > _WORTH_GIVING_BACK:
            self._freed = 0
            _give_memory_back()


def _drop_oldest(connection: Connection, megabytes: float) -> int:
    """How many bytes were dropped, if there are too many: each of the session that then has most, so others notice nothing."""
    surplus = total(connection) - megabytes * 1e6
    owned = _files_by_session(connection) if surplus > 0 else {}
    takes = {session: sum(files.values()) for session, files in owned.items()}
    chosen: dict[int, str] = {}
    before = sum(takes.values())
    while takes and before - sum(takes.values()) < surplus:
        # Of sessions that have as much as each other it is the one with the oldest file.
        session = max(takes, key=takes.__getitem__)
        file_id = next(iter(owned[session]))
        chosen[file_id] = session
        takes[session] -= owned[session].pop(file_id)
        if not owned[session]:
            del takes[session]
    drop(connection, list(chosen))
    for session, files in Counter(chosen.values()).items():
        reason = f"all files take more than {megabytes:g} MB (--max-stored-mb), and its own the most"
        log.info("session %s loses its oldest files (%d): %s", session, files, reason)
    return before - sum(takes.values())


def _give_memory_back() -> None:
    """What SQLite has freed in memory; the C library alone would keep it for the process."""
    if sys.platform == "linux":
        getattr(ctypes.CDLL(None), "malloc_trim", bool)(0)  # musl has none


def _files_by_session(connection: Connection) -> dict[str, dict[int, int]]:
    """The bytes of each file that a session has, itself or in a snapshot; oldest first."""
    found: dict[str, dict[int, int]] = {}
    for key, file_id, size in references(connection):
        found.setdefault(_owner(key), {})[file_id] = size
    return found


def _owner(key: str) -> str:
    return key.partition(SNAPSHOT)[0]


def _named(keys: Iterable[tuple[str, float]]) -> list[tuple[str, float]]:
    """Neither snapshots nor loaded scenarios."""
    return [(key, used_at) for key, used_at in keys if SNAPSHOT not in key and not key.startswith(TEMPLATE)]
