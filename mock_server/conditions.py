"""Under what the requests of a session are answered: its clock and its faults. They are state, as what users made is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, select, update

from mock_server.clock import Clock
from mock_server.faults import Fault
from mock_server.statements import Connection
from mock_server.store import Store, sessions

_READ = select(sessions.c.conditions).where(sessions.c.session == bindparam("key"))
_WRITE = update(sessions).where(sessions.c.session == bindparam("key")).values(conditions=bindparam("new"))


@dataclass(frozen=True, slots=True)
class Conditions:
    """What holds in one session."""

    clock: Clock
    faults: tuple[Fault, ...] = ()


class AllConditions:
    """The conditions of all sessions of a database.

    A session's row has them, so that processes share them and resets, snapshots and restores need nothing of their own. Each
    request asks for them: with the state in memory, only sessions that ever had any are looked up.
    """

    def __init__(self, store: Store, clock: Clock) -> None:
        """clock is the one of sessions whose clock nobody has set."""
        self._store = store
        self.usual = Conditions(clock)
        # Whoever changes it is in a write transaction.
        self._unusual: set[str] = set()

    def of(self, session: str) -> Conditions:
        """Those of a session, be there one of that name or not. Raises Problem 500 where the database refuses."""
        if not self._store.shared and session not in self._unusual:
            return self.usual
        return self._loaded(self._store.read(_READ, {"key": session}).scalar())

    def change(self, connection: Connection, session: str, change: Callable[[Conditions], Conditions]) -> Conditions:
        """Change those of a session that exists, inside a write transaction of its own; answers the new ones."""
        found = change(self._loaded(connection.execute(_READ, {"key": session}).scalar()))
        self.may_be_unusual(session)
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

        with self._store.transaction(session, write=True) as connection:
            self.change(connection, session, lambda found: replace(found, faults=tuple(map(met, found.faults))))
        return struck

    def may_be_unusual(self, session: str) -> None:
        """A session was made of a snapshot."""
        self._unusual.add(session)

    def are_usual(self, session: str) -> None:
        """A session was dropped."""
        self._unusual.discard(session)

    def _loaded(self, stored: dict[str, Any] | None) -> Conditions:
        if stored is None:
            return self.usual
        clock = _clock(self.usual.clock, stored["clock"]) if "clock" in stored else self.usual.clock
        return Conditions(clock, tuple(Fault(**fault) for fault in stored.get("faults", ())))


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
