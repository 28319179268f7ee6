"""What a test saw and sent, counted: values that add up over tests and runs."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Seen(NamedTuple):
    """An answer of an operation with a status."""

    api: str
    operation: str
    status: int


class Sent(NamedTuple):
    """A parameter, or a property of a body, that an operation was sent; `place` is path, query, header or body."""

    api: str
    operation: str
    place: str
    name: str
    accepted: bool


class Checked(NamedTuple):
    """An answer of an operation that a check looked at."""

    api: str
    operation: str
    check: str


@dataclass
class Counts:
    """How often each was seen, sent and checked."""

    seen: Counter[Seen] = field(default_factory=Counter)
    sent: Counter[Sent] = field(default_factory=Counter)
    checked: Counter[Checked] = field(default_factory=Counter)

    def add(self, other: "Counts") -> None:
        """Adds up in place."""
        self.seen.update(other.seen)
        self.sent.update(other.sent)
        self.checked.update(other.checked)

    @property
    def plain(self) -> dict[str, list[list[Any]]]:
        """The counts as JSON data: rows of the fields and the number."""
        return {name: [[*key, number] for key, number in counter.items()] for name, counter in vars(self).items()}


def read_counts(data: Mapping[str, Iterable[list[Any]]]) -> Counts:
    """The counts that `plain` gives."""
    return Counts(
        Counter({Seen(*row[:-1]): row[-1] for row in data.get("seen", ())}),
        Counter({Sent(*row[:-1]): row[-1] for row in data.get("sent", ())}),
        Counter({Checked(*row[:-1]): row[-1] for row in data.get("checked", ())}),
    )
