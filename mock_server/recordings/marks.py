"""What stands in a recorded scenario in place of ids, people and texts until all of them are known, and what is told about it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Number:
    """The id of one of its kind; they keep their order."""

    kind: str
    original: Any


@dataclass(frozen=True, slots=True)
class Hex:
    """The same, as a text of hexadecimal digits that begins with those of its kind."""

    kind: str
    original: Any


@dataclass(frozen=True, slots=True)
class Label:
    """A name for what has an id and no name: `domain-2`."""

    kind: str
    original: Any


@dataclass(frozen=True, slots=True)
class Text:
    """A text that somebody wrote. What stands for it has about its length; texts of a kind keep their order.

    A limit means that the text may not be empty.
    """

    kind: str
    original: str
    limit: int | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """A text of whoever set the platform up, such as the label of a field. It stays, unless it seems to tell of somebody."""

    kind: str
    original: str


@dataclass(frozen=True, slots=True)
class OfPerson:
    """The name, password, email, firstname or lastname of a person, who is known by an API and an id."""

    what: str
    api: str
    id: Any


class Notes:
    """What could not be placed: what it is, in the plural, and how often."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str, count: int = 1) -> None:
        if count:
            self._counts[what] += count

    def lines(self) -> list[str]:
        """Each in one line, with nothing in it that a terminal would obey."""
        lines = (f"{what}: {count}" for what, count in self._counts.items())
        return ["".join(letter if letter.isprintable() else "?" for letter in line) for line in lines]
