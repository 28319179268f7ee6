"""Which requests of a journal are as somebody expects them, and what is different in the nearest of the others, as values."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from mock_server.journal.exchange import Exchange, body_value

Entry = tuple[int, Exchange]
MISSING: Any = object()  # what Difference has for a value that is not there


@dataclass(frozen=True, slots=True)
class Expected:
    """conditions is what requests have to be like, times how many have to be so; None: one or more.

    The conditions are named as in CONDITIONS. Of objects in them, only the given keys matter.
    """

    conditions: Mapping[str, Any]
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Difference:
    """place is the name of a condition, followed by the keys and indexes that lead to both values."""

    place: tuple[str | int, ...]
    expected: Any
    found: Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """matched are the entries that meet all conditions; where they are too few, nearest is the one of the others that differs
    least.

    complete: the journal has not begun to drop entries, which may have matched.
    """

    expected: Expected
    matched: Sequence[Entry]
    nearest: Entry | None
    differences: Sequence[Difference]
    complete: bool

    @property
    def holds(self) -> bool:
        """Whether there are as many as there have to be."""
        number, times = len(self.matched), self.expected.times
        return number > 0 if times is None else number == times and self.complete


# What a request has for each condition; caller is found out by whoever knows people.
CONDITIONS: Mapping[str, Callable[[Exchange], Any]] = {
    "operation": lambda exchange: exchange.operation,
    "path": lambda exchange: exchange.url.partition("?")[0],
    "query": lambda exchange: _query(exchange.url.partition("?")[2]),
    "body": lambda exchange: body_value(exchange.request_body),
    "status": lambda exchange: exchange.status,
}


def verify(
    expected: Expected, entries: Sequence[Entry], caller: Callable[[Exchange], str | None], *, complete: bool = True
) -> Verdict:
    """Hold the entries, oldest first, against what is expected; caller tells who has sent a request.

    Those that ask with OPTIONS are browsers' own, and do not count.
    """
    ways = {**CONDITIONS, "caller": caller}
    compared = [
        (entry, list(differences(expected.conditions, {name: ways[name](entry[1]) for name in expected.conditions})))
        for entry in entries
        if entry[1].method != "OPTIONS"
    ]
    matched = [entry for entry, found in compared if not found]
    others = [(entry, found) for entry, found in reversed(compared) if found]
    few = len(matched) < (1 if expected.times is None else expected.times)
    nearest, how = min(others if few else [], key=lambda other: _distance(other[1]), default=(None, []))
    return Verdict(expected, matched, nearest, how, complete)


def _distance(found: Sequence[Difference]) -> tuple[int, int]:
    """Whatever else it has in common, a request of another operation is farther away; one of none may be a path misspelt."""
    others = [difference.found for difference in found if difference.place == ("operation",)]
    return (2 if others[0] else 1) if others else 0, len(found)


def differences(expected: Any, found: Any, place: tuple[str | int, ...] = ()) -> Iterator[Difference]:
    """How a JSON value is not as expected: objects may have more keys, lists have to be as long."""
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            yield from differences(value, found.get(key, MISSING), (*place, key))
    elif isinstance(expected, list) and isinstance(found, list) and len(expected) == len(found):
        for index, (value, other) in enumerate(zip(expected, found, strict=True)):
            yield from differences(value, other, (*place, index))
    elif expected != found or isinstance(expected, bool) != isinstance(found, bool):
        yield Difference(place, expected, found)


def _query(text: str) -> dict[str, Any]:
    """Each name with its value, a text; with a list of them where it is given more than once."""
    return {name: values[0] if len(values) == 1 else values for name, values in parse_qs(text, keep_blank_values=True).items()}
