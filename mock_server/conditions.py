"""Under what the requests of a session are answered: its clock and its faults. They are state, as what users made is."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from mock_server.clock import Clock
from mock_server.faults import Fault
from mock_server.statements import Connection
from mock_server.store import Store, sessions

_REMEMBERED = 0.02  # seconds
_MOST_KNOWN = 10_000
_READ = select(sessions.c.conditions).where(sessions.c.session == bindparam("key"))
_WRITE = update(sessions).where(sessions.c.session == bindparam("key")).values(conditions=bindparam("new"))


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds in one session."""

    clock: Clock
    faults: tuple[Fault, ...] = ()


class AllConditions:
    """The conditions of all sessions of a database.

    A session's row has them, so that processes share them, and resets and snapshots need nothing of their own. Since each request
    asks for them, they are remembered: in a database that processes share, for so short that whoever changes them can wait.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        """clock is the one of sessions whose clock nobody has set."""
        self._store = store
        self.usual = Conditions(clock)
        self._remember = _REMEMBERED if store.shared else math.inf
        self._known: dict[str, tuple[Conditions, float]] = {}

    def of(self, session: str) -> Conditions:
        """Those of a session, be there one of that name or not. Raises Problem 500 where the database refuses."""
        known = self._known.get(session)
        return known[0] if known is not None and time.monotonic() < known[1] else self.look(session)

    @contextlib.contextmanager
    def replacing(self, session: str) -> Iterator[Connection]:
        """A write transaction for whatever changes the conditions of a session. After it, no process goes by the old ones."""
        with self._store.transaction(session, write=True) as connection:
            before = _stored(connection, session)
            yield connection
            changed = _stored(connection, session) != before
            self._known.pop(session, None)
        if changed and self._store.shared:
            time.sleep(_REMEMBERED)

    def change(self, connection: Connection, session: str, change: Callable[[Conditions], Conditions]) -> Conditions:
        """Change those of a session that exists, inside replacing(); answers the new ones."""
        found = change(self._loaded(_stored(connection, session)))
        connection.execute(_WRITE, {"key": session, "new": _dumped(found)})
        return found

    def strike(self, session: str, concerns: Callable[[Fault], bool], seed: int) -> list[Fault]:
        """The faults that strike a request, of those that concern it. They count such requests, in all processes together."""
        struck: list[Fault] = []

        def met(fault: Fault) -> Fault:
            after = fault.met(seed) if concerns(fault) else fault
            if after.hits > fault.hits:
                struck.append(after)
            return after

        # Others may go by the old counts: whoever strikes looks at the new ones.
        with self._store.transaction(session, write=True) as connection:
            self.change(connection, session, lambda found: replace(found, faults=tuple(map(met, found.faults))))
            self._known.pop(session, None)
        return struck

    def look(self, session: str) -> Conditions:
        """The same, as it is at this moment."""
        if len(self._known) > _MOST_KNOWN:
            self._known.clear()
        until = time.monotonic() + self._remember
        # In memory, nobody changes them between looking and remembering.
        with self._store.transaction(session, write=False) as connection:
            found = self._loaded(_stored(connection, session))
            self._known[session] = found, until
        return found

    def _loaded(self, stored: dict[str, Any] | None) -> Conditions:
        if stored is None:
            return self.usual
        clock = _clock(self.usual.clock, stored["clock"]) if "clock" in stored else self.usual.clock
        return Conditions(clock, tuple(Fault(**fault) for fault in stored.get("faults", ())))


def _stored(connection: Connection, session: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = connection.execute(_READ, {"key": session}).scalar()
    return found


def _clock(usual: Clock, stored: dict[str, Any]) -> Clock:
    stands_at = stored["standsAt"] and datetime.fromisoformat(stored["standsAt"])
    return Clock(usual.server, timedelta(seconds=stored["ahead"]), stands_at)


def _dumped(conditions: Conditions) -> dict[str, Any] | None:
    clock = conditions.clock
    stored: dict[str, Any] = {}
    if clock != Clock(clock.server):
        stored["clock"] = {"ahead": clock.ahead.total_seconds(), "standsAt": clock.stands_at and clock.stands_at.isoformat()}
    if conditions.faults:
        stored["faults"] = [fault.stored() for fault in conditions.faults]
    return stored or None
