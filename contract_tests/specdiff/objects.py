"""The keywords of a schema that say something about what a value holds: properties and items."""

from collections.abc import Iterator

from contract_tests.specdiff.change import Change, Effect, Json, Way
from contract_tests.specdiff.point import Schemas
from contract_tests.specdiff.schema import Schema

HIDDEN = {Way.REQUEST: "readOnly", Way.ANSWER: "writeOnly"}  # properties that do not count there
OTHERS = ("additionalProperties", "unevaluatedProperties")
# Keywords with a schema for all items or names, the type that they are about, and how their place is called.
INSIDE = (("items", "array", "[]"), ("contains", "array", "[contains]"), ("propertyNames", "object", "[names]"))


class Object:
    """What a schema says about the properties of an object that goes one way."""

    def __init__(self, schema: Schema, way: Way) -> None:
        every: dict[str, list[Json]] = {}
        for properties in schema.all("properties"):
            for name, node in properties.items():
                every.setdefault(name, []).append(node)
        unseen = {name for name, nodes in every.items() if True in schema.document.schema(*nodes).all(HIDDEN[way])}
        self.properties = {name: nodes for name, nodes in every.items() if name not in unseen}
        self.required = {name for names in schema.all("required") for name in names} - unseen
        self.names = list(dict.fromkeys([*self.properties, *sorted(self.required)]))
        self.others = [node for keyword in OTHERS for node in schema.all(keyword)]
        self.closed = False in self.others
        self.takes_others = bool(self.others or schema.all("patternProperties")) and not self.closed


def _objects(both: Schemas) -> tuple[Object, Object] | None:
    if not {both.old.type, both.new.type} <= {None, "object"}:
        return None
    return Object(both.old, both.place.way), Object(both.new, both.place.way)


def properties(both: Schemas) -> Iterator[Change]:
    """Properties that are gone and new, those that are required, and whether there may be others."""
    objects = _objects(both)
    if objects is None:
        return
    old, new = objects
    for name in dict.fromkeys([*old.names, *new.names]):
        here = both.below([], [], f".{name}")
        if name not in new.names:
            yield _gone(here, old, new, name)
        elif name not in old.names:
            yield _added(here, old, new, name)
        elif (name in old.required) != (name in new.required):
            yield here.change("required", Effect.NARROWER if name in new.required else Effect.WIDER)
    if old.closed != new.closed:
        yield both.change("additionalProperties", Effect.NARROWER if new.closed else Effect.WIDER, not old.closed, not new.closed)


def _gone(here: Schemas, old: Object, new: Object, name: str) -> Change:
    if here.place.way is Way.REQUEST:
        return here.change("property gone", Effect.UNCLEAR if new.takes_others else Effect.NARROWER)
    return here.change("required property gone" if name in old.required else "property gone", Effect.WIDER)


def _added(here: Schemas, old: Object, new: Object, name: str) -> Change:
    if here.place.way is Way.REQUEST and name in new.required:
        return here.change("required property new", Effect.NARROWER)
    return here.change("property new", Effect.WIDER if old.closed or here.place.way is Way.REQUEST else Effect.NARROWER)


def children(both: Schemas) -> Iterator[Schemas]:
    """What both say about the values inside."""
    if objects := _objects(both):
        old, new = objects
        for name in old.names:
            if name in new.names:
                yield both.below(old.properties.get(name, []), new.properties.get(name, []), f".{name}")
        if not (old.closed or new.closed):
            yield both.below(old.others, new.others, ".*")
        for pattern in dict.fromkeys(key for found in _both(both, "patternProperties") for key in found):
            before, after = ([node[pattern] for node in nodes if pattern in node] for nodes in both.values("patternProperties"))
            yield both.below(before, after, f".{pattern}")
    for keyword, about, place in INSIDE:
        if {both.old.type, both.new.type} <= {None, about}:
            yield both.below(*both.values(keyword), place)


def _both(both: Schemas, keyword: str) -> list[Json]:
    return [node for nodes in both.values(keyword) for node in nodes]
