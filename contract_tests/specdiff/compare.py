"""Two schemas: their alternatives side by side, and every rule at each pair of them."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from contract_tests.specdiff import keywords
from contract_tests.specdiff.change import Change, Effect
from contract_tests.specdiff.objects import children, properties
from contract_tests.specdiff.point import Memory, Schemas
from contract_tests.specdiff.schema import Schema, alternatives, same

RULES: tuple[Callable[[Schemas], Iterator[Change]], ...] = (
    keywords.types,
    keywords.values,
    keywords.bounds,
    keywords.multiples,
    keywords.patterns,
    keywords.formats,
    keywords.unique,
    keywords.defaults,
    properties,
    keywords.others,
    keywords.wording,
)


def compare(both: Schemas) -> Iterator[Change]:
    """All changes of a schema, from the outside to the inside. Raises SpecError."""
    if both.key in both.memory.told or same(both.old, both.new):
        return
    both.memory.told.add(both.key)
    olds, news = alternatives(both.old), alternatives(both.new)
    pairs = list(_pairs(both, olds, news))
    for old, new in pairs:
        place = replace(both.place, component=old.name, property="") if old.name == new.name != "" else both.place
        yield from _changes(replace(both, old=old, new=new, place=place))
    for one in _unpaired(olds, [old for old, _ in pairs]):
        if not any(_only(Effect.WIDER, replace(both, old=one, new=other)) for other in news):
            yield both.change("alternative", Effect.NARROWER, old=_name(one))
    for one in _unpaired(news, [new for _, new in pairs]):
        if not any(_only(Effect.NARROWER, replace(both, old=other, new=one)) for other in olds):
            yield both.change("alternative", Effect.WIDER, new=_name(one))


def _changes(both: Schemas) -> Iterator[Change]:
    """The changes of two alternatives."""
    for rule in RULES:
        yield from rule(both)
    for child in children(both):
        yield from compare(child)


def _only(effect: Effect, both: Schemas) -> bool:
    """Whether nothing changes but to this effect."""
    verdicts = both.memory.verdicts
    key = *both.key, both.old.type, both.new.type, effect
    if key not in verdicts:
        verdicts[key] = True  # for where a schema contains itself, while it is found out
        trial = replace(both, memory=Memory(set(), verdicts))
        verdicts[key] = all(change.effect in {effect, Effect.NONE} for change in _changes(trial))
    return verdicts[key]


def _pairs(both: Schemas, olds: list[Schema], news: list[Schema]) -> Iterator[tuple[Schema, Schema]]:
    """What belongs together: of the same name, or else equal, or else left alone of its kind, or alone but for null."""
    old, new = [*olds], [*news]

    def equal(one: Schema, other: Schema) -> bool:
        return one.type == other.type and _only(Effect.NONE, replace(both, old=one, new=other))

    def named(one: Schema, other: Schema) -> bool:
        return one.name == other.name != ""

    def of_a_kind(one: Schema, other: Schema) -> bool:
        kind = _kind(one)
        return kind == _kind(other) and _kinds(old).count(kind) == _kinds(new).count(kind) == 1

    def alone(one: Schema, other: Schema) -> bool:
        return "null" not in {one.type, other.type} and _not_null(olds) == _not_null(news) == 1

    if len(old) == len(new) == 1:
        yield old[0], new[0]
        return
    for belongs in (named, equal, of_a_kind, alone):
        for one in [*old]:
            for other in [other for other in new if belongs(one, other)][:1]:
                yield one, other
                old.remove(one)
                new.remove(other)


def _unpaired(every: list[Schema], paired: list[Schema]) -> list[Schema]:
    return [one for one in every if one not in paired]


def _kind(schema: Schema) -> str | None:
    return "number" if schema.type == "integer" else schema.type


def _kinds(schemas: list[Schema]) -> list[str | None]:
    return [_kind(one) for one in schemas]


def _not_null(schemas: list[Schema]) -> int:
    return sum(one.type != "null" for one in schemas)


def _name(schema: Schema) -> str:
    return schema.name or schema.type or "anything"
