"""Who asked: what an archive tells of logins, and what answers tell of those who were logged in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from mock_server.recordings.marks import Notes
from mock_server.recordings.seen import Seen


@dataclass(frozen=True, slots=True)
class Unknown:
    """Stands for the id of somebody whose id was never seen: the so-many-th of its kind."""

    kind: str
    number: int


class Logins:
    """Finds the id of whoever asked, or the Unknown that stands for it. people has all who asked, in the order of their first."""

    def __init__(self, calls: Sequence[Seen], identify: Callable[[Seen], Iterable[tuple[str, Any]]], notes: Notes) -> None:
        """identify(seen) are pairs: what told who asked, and the id that belongs to it."""
        ids: dict[str, dict[Any, None]] = defaultdict(dict)
        for seen in calls:
            for who, identifier in identify(seen):
                ids[who][identifier] = None
        self._ids: dict[str, Any] = {}
        for seen in calls:
            if seen.known and seen.who not in self._ids:
                known = list(ids.get(seen.who, ()))
                self._ids[seen.who] = Unknown("login", len(self._ids)) if not known else known[0] if len(known) == 1 else None
        # Whoever registered or logged in, and then asked for nothing.
        others = (identifier for who in ids for identifier in ids[who] if who)
        self.people = list(dict.fromkeys(one for one in (*self._ids.values(), *ids.get("", ()), *others) if one is not None))
        unknown = sum(isinstance(one, Unknown) for one in self.people)
        notes.add("people who logged in and of whom no answer tells who they are; they got names of their own", unknown)
        if "" in self._ids and self._ids[""] is None:
            notes.add("people who asked without it being told which of them; what is theirs alone is left out", len(ids[""]))

    def of(self, seen: Seen) -> Any:
        """None where several people asked and the archive does not tell which of them it was."""
        return self._ids.get(seen.who) if seen.known else None
