"""The same place in two documents, which every rule gets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contract_tests.specdiff.change import Change, Effect, Json, Place
from contract_tests.specdiff.schema import Document, Schema, is_wording, text


@dataclass(frozen=True, eq=False)
class Nodes:
    """Two nodes of documents, references followed, such as an operation and what has become of it; {} for one that is absent."""

    documents: tuple[Document, Document]
    old: Mapping[str, Json]
    new: Mapping[str, Json]
    place: Place

    def change(self, rule: str, effect: Effect, old: Json = None, new: Json = None) -> Change:
        return Change(self.place, rule, effect, old, new)

    def values(self, key: str, *, default: Json = None) -> tuple[Json, Json]:
        """What both have under a key."""
        return self.old.get(key, default), self.new.get(key, default)

    def below(self, old: Json, new: Json, **place: Any) -> "Nodes":
        """Two nodes further down."""
        before, after = self.documents
        return Nodes(self.documents, before.followed(old), after.followed(new), replace(self.place, **place))

    def said(self) -> Iterator[Change]:
        """What is told to people and other tools, deprecation included."""
        keys = [key for key in dict.fromkeys([*self.old, *self.new]) if is_wording(key)]
        if changed := [key for key in keys if text(self.old.get(key)) != text(self.new.get(key))]:
            yield self.change("words", Effect.NONE, new=changed)
        old, new = self.values("deprecated", default=False)
        if old != new:
            yield self.change("deprecated", Effect.NONE, old, new)

    def differing(self, *keys: str) -> Iterator[Change]:
        """What nobody can tell the effect of, such as other servers."""
        for key in keys:
            sides = zip(self.documents, self.values(key), strict=True)
            if len({text(document.whole(value)) for document, value in sides}) > 1:
                yield self.change(key, Effect.UNCLEAR)

    def schemas(self) -> "Schemas":
        """The schemas that both have; one that is absent allows anything."""
        old, new = ([node["schema"]] if "schema" in node else [] for node in (self.old, self.new))
        return Schemas.of(self.documents, old, new, self.place, Memory())


@dataclass(frozen=True, eq=False)
class Memory:
    """What is known already: pairs whose changes are told, or are being told around a pair that contains itself, and verdicts."""

    told: set[Any] = field(default_factory=set)
    verdicts: dict[Any, bool] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Schemas:
    """Two schemas at a place."""

    old: Schema
    new: Schema
    place: Place
    memory: Memory

    @classmethod
    def of(
        cls, documents: tuple[Document, Document], old: list[Json], new: list[Json], place: Place, memory: Memory
    ) -> "Schemas":
        """The schemas for which all the nodes of a list hold, at a place that begins with their component if they have one."""
        named = [
            document.component(nodes[0]) if len(nodes) == 1 else ("", None)
            for document, nodes in zip(documents, (old, new), strict=True)
        ]
        if named[0][0] and named[0] == named[1]:
            place = replace(place, component=named[0][0], property="")
        return cls(documents[0].schema(*old), documents[1].schema(*new), place, memory)

    def change(self, rule: str, effect: Effect, old: Json = None, new: Json = None) -> Change:
        return Change(self.place, rule, effect, old, new)

    @property
    def key(self) -> tuple[Any, ...]:
        """The same for the same nodes, if they go the same way."""
        return self.old.key, self.new.key, self.place.way

    @property
    def sides(self) -> tuple[Schema, Schema]:
        return self.old, self.new

    def keywords(self) -> list[str]:
        """All that the nodes of either have, each once."""
        return list(dict.fromkeys(key for side in self.sides for part in side.parts for key in part))

    def values(self, keyword: str) -> tuple[list[Json], list[Json]]:
        """What the nodes of both have under a keyword."""
        return self.old.all(keyword), self.new.all(keyword)

    def below(self, old: list[Json], new: list[Json], name: str) -> "Schemas":
        """The schemas of a property, an item or the like; of no nodes, one that allows anything."""
        place = replace(self.place, property=f"{self.place.property}{name}".lstrip("."))
        return Schemas.of((self.old.document, self.new.document), old, new, place, self.memory)
