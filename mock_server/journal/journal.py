"""The journal: finds again what was asked and answered in a session."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from mock_server.clock import iso_time
from mock_server.errors import bad_request, not_found
from mock_server.journal.exchange import Exchange, render
from mock_server.journal.following import Follower
from mock_server.journal.memory import Memory
from mock_server.journal.table import Written
from mock_server.store import Store

_FIELDS = {"api": "api", "operation": "operationId", "status": "status"}


class Journal:
    """Keeps the last KEEP exchanges of each session: in a table where several processes share the database, else in memory.
    Nothing is rendered before somebody asks.
    """

    def __init__(self, store: Store, most_bytes: float) -> None:
        """most_bytes is about what the entries of all sessions may take; of more, the oldest are dropped."""
        self._kept = Written(store, most_bytes) if store.shared else Memory(most_bytes)
        self.record = self._kept.add
        self.clear = self._kept.clear
        self.counts = self._kept.counts

    def entries(self, session: str, filters: Mapping[str, str]) -> list[dict[str, Any]]:
        """Newest last, each with its duration in milliseconds.

        filters may have api, operation, status, and since (an entry's id or an ISO 8601 time), each a text.
        Raises Problem 400 for a malformed status or since.
        """
        wanted = _filter(filters)
        entries = ({"id": number, **render(exchange)} for number, exchange in self._kept.of(session))
        return [entry for entry in entries if wanted(entry)]

    def exchanges(self, session: str) -> list[tuple[int, Exchange]]:
        """All of the session with their ids, oldest first, secrets and all."""
        return self._kept.of(session)

    def exchange(self, session: str, number: int) -> Exchange:
        """The one with that id, secrets and all. Raises Problem 404."""
        for found, exchange in self._kept.since(session, number)[:1]:
            if found == number:
                return exchange
        raise not_found("journal entry", number)

    def follow(self, session: str, last: int) -> Follower:
        """Tells what is new after the entry with the id last, as often as it is asked."""
        return Follower(self._kept.since, session, last)

    def flush(self) -> None:
        """Wait until all that was recorded in this process is kept."""
        self._kept.flush()


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
