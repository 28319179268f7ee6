"""What is wrong with a scenario: told by place, so that the file and line can be found; and a scenario's parts, read by place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar

from mock_server.hints import did_you_mean, shown

_MOST_MADE_UP, _MANY = 10_000, 100
Value = TypeVar("Value")
Place = tuple[str | int, ...]
# PyYAML's, of its own parser or libyaml's: with name, the file's, and line, counted from 0.
Mark = Any


@dataclass(frozen=True, slots=True)
class Mistake:
    """place is the way from the root of the scenario, as `("casavi", "users", 2, "email")`; mark is where that is, if known."""

    place: Place
    text: str
    mark: Mark | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A value in a scenario and its place. It may have any shape: that it has the right one is checked elsewhere."""

    value: Any
    place: Place = ()

    def all(self, *keys: str) -> Iterator[Part]:
        """What stands under these keys, one after the other; of lists on the way, each item counts."""
        if isinstance(self.value, list):
            for number, item in enumerate(self.value):
                yield from Part(item, (*self.place, number)).all(*keys)
        elif not keys:
            yield self
        elif isinstance(self.value, dict) and keys[0] in self.value:
            yield from Part(self.value[keys[0]], (*self.place, keys[0])).all(*keys[1:])

    def get(self, key: str, kind: type[Value]) -> Value:
        """What a mapping has under the key; the empty value of that kind where it has none of it."""
        value = self.value.get(key) if isinstance(self.value, dict) else None
        return value if isinstance(value, kind) else kind()

    def amount(self, key: str) -> int:
        """How many there are to be made up; 0 where it is no number that the schema allows."""
        number = self.get(key, int)
        return number if 0 < number <= _MOST_MADE_UP else 0


class Mistakes:
    """Collects what is wrong; found is in the order in which it was told.

    new has, by the id() of its node, each entry that is new in what it extends: its name, and those that it might have meant.
    """

    def __init__(self) -> None:
        self.found: list[Mistake] = []
        self.new: dict[int, tuple[str | None, list[str | None]]] = {}

    def tell(self, part: Part, text: str) -> None:
        self.found.append(Mistake(part.place, text))

    def tell_at(self, mark: Mark, text: str) -> None:
        self.found.append(Mistake((), text, mark))

    def defined(self, things: str, what: str, parts: Iterable[Part], taken: Iterable[Any] = ()) -> set[Any]:
        """The values of these parts and those that are taken; no two may be the same: two `users` have the `name` max."""
        seen = set(taken)
        for part in _simple(parts):
            if part.value in seen:
                self.tell(part, f"two {things} have the {what} {shown(part.value)}")
            seen.add(part.value)
        return seen

    def known(self, thing: str, names: Collection[Any], parts: Iterable[Part]) -> None:
        """Each of these parts is one of the names: no `user` is named eve."""
        for part in _simple(parts):
            if part.value not in names:
                self.tell(part, f"no {thing} is named {shown(part.value)}{self.near(part.value, names)}")

    def near(self, word: object, known: Iterable[object]) -> str:
        """`; did you mean alice?`, or nothing; nothing after many mistakes: to compare thousands with thousands takes minutes."""
        return did_you_mean(word, known) if len(self.found) < _MANY else ""


def _simple(parts: Iterable[Part]) -> Iterator[Part]:
    """Those that can be a name or an id at all."""
    return (part for part in parts if isinstance(part.value, str | int))
