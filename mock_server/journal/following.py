"""What is new in the journal of a session, for whoever looks at it all the time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mock_server.journal.exchange import Exchange, render

# Processes that share a database may write a lower number after a higher one, by so many at most.
_LATE = 100


@dataclass(frozen=True, slots=True)
class News:
    """entries are the new ones, oldest first; cleared: those before them are gone."""

    cleared: bool
    entries: list[dict[str, Any]]


class Follower:
    """Asked again and again."""

    def __init__(self, since: Callable[[str, int], list[tuple[int, Exchange]]], session: str, last: int) -> None:
        """since(session, first) is all that has the id first or a higher one.

        last is the id of the newest entry that is known already, 0 for none.
        """
        self._since = since
        self._session = session
        self._last = last
        self._known: set[int] | None = None

    def news(self) -> News:
        """What has come since it was last asked."""
        found = dict(self._since(self._session, max(0, self._last - _LATE)))
        cleared = self._last > 0 and self._last not in found
        if cleared:
            found, self._known = dict(self._since(self._session, 0)), set()
        elif self._known is None:
            self._known = {number for number in found if number <= self._last}
        new = [number for number in found if number not in self._known]
        self._last, self._known = max(found, default=0), set(found)
        return News(cleared, [{"id": number, **render(found[number])} for number in new])
