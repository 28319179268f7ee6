"""The keywords of a schema that say something about one value: its type, its values, its limits, how it is written."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from contract_tests.specdiff.change import Change, Effect, Json, Way
from contract_tests.specdiff.point import Schemas
from contract_tests.specdiff.schema import Schema, is_wording, text
from contract_tests.specdiff.witness import refused


@dataclass(frozen=True)
class Bound:
    """A keyword that is a least (sign 1) or a greatest (sign -1) number, what it is about, and what its absence means."""

    keyword: str
    types: frozenset[str]
    sign: int
    absent: float
    exclusive: str = ""  # the keyword for a number that is excluded itself


NUMBERS, STRINGS, ARRAYS, OBJECTS = map(frozenset[str], (("number", "integer"), ("string",), ("array",), ("object",)))
BOUNDS = (
    Bound("minimum", NUMBERS, 1, -math.inf, "exclusiveMinimum"),
    Bound("maximum", NUMBERS, -1, math.inf, "exclusiveMaximum"),
    Bound("minLength", STRINGS, 1, 0),
    Bound("maxLength", STRINGS, -1, math.inf),
    Bound("minItems", ARRAYS, 1, 0),
    Bound("maxItems", ARRAYS, -1, math.inf),
    Bound("minProperties", OBJECTS, 1, 0),
    Bound("maxProperties", OBJECTS, -1, math.inf),
)
# Each format allows all that those after it do.
FORMATS = (
    ("int64", "int32"),
    ("double", "float"),
    ("iri-reference", "uri-reference", "uri"),
    ("iri-reference", "iri", "uri"),
    ("idn-email", "email"),
    ("idn-hostname", "hostname"),
)

# Keywords of which one more allows less, and that no rule looks into.
ASSERTIONS = {"not", "if", "then", "else", "minContains", "maxContains", "dependentRequired", "dependentSchemas"}
ASSERTIONS |= {"prefixItems", "unevaluatedItems"}
# What other rules know, and what says nothing about a value.
KNOWN = {"$ref", "$defs", "$schema", "$id", "$anchor", "allOf", "anyOf", "oneOf", "type", "nullable", "enum", "const", "default"}
KNOWN |= {"format", "pattern", "multipleOf", "uniqueItems", "items", "contains", "properties", "required", "patternProperties"}
KNOWN |= {"propertyNames", "additionalProperties", "unevaluatedProperties", "deprecated", "readOnly", "writeOnly"}
KNOWN |= {keyword for bound in BOUNDS for keyword in (bound.keyword, bound.exclusive)}


def types(both: Schemas) -> Iterator[Change]:
    """A number may be an integer, and a schema without a type allows any."""
    old, new = both.old.type, both.new.type
    if old == new:
        return
    if new is None or (old, new) == ("integer", "number"):
        yield both.change("type", Effect.WIDER, old, new)
    elif old is None or (old, new) == ("number", "integer"):
        yield both.change("type", Effect.NARROWER, old, new)
    else:
        yield both.change("type", Effect.OTHER, old, new)


def values(both: Schemas) -> Iterator[Change]:
    """`enum` and `const`."""
    old, new = both.old.values, both.new.values
    if old is None or new is None:
        if old is not new:
            yield both.change("enum", Effect.NARROWER if old is None else Effect.WIDER, _listed(old), _listed(new))
    elif not old.keys() & new.keys():
        yield both.change("enum", Effect.OTHER, _listed(old), _listed(new))
    else:
        if gone := [value for key, value in old.items() if key not in new]:
            yield both.change("enum value", Effect.NARROWER, old=gone)
        if added := [value for key, value in new.items() if key not in old]:
            yield both.change("enum value", Effect.WIDER, new=added)


def _listed(found: dict[str, Json] | None) -> list[Json] | None:
    return None if found is None else [*found.values()]


def bounds(both: Schemas) -> Iterator[Change]:
    """Least and greatest numbers, lengths and counts."""
    for bound in BOUNDS:
        if all(schema.type in {None, *bound.types} for schema in (both.old, both.new)):
            old, new = _strictest(both.old, bound), _strictest(both.new, bound)
            if old != new:
                shown = (None if math.isinf(found[0]) else (bound.sign * found[0], found[1]) for found in (old, new))
                yield both.change(bound.keyword, Effect.NARROWER if old < new else Effect.WIDER, *shown)


def _strictest(schema: Schema, bound: Bound) -> tuple[float, bool]:
    """The greater, the stricter: a number times its sign, and whether it is excluded itself."""
    found = [(bound.sign * bound.absent, False)]
    for part in schema.parts:
        beside = part.get(bound.exclusive)
        if bound.keyword in part:
            found.append((bound.sign * part[bound.keyword], beside is True))  # as OpenAPI 3.0 had it
        if beside is not None and not isinstance(beside, bool):
            found.append((bound.sign * beside, True))
    number, exclusive = max(found)
    return (math.floor(number) + 1, False) if exclusive and schema.type == "integer" else (number, exclusive)


def multiples(both: Schemas) -> Iterator[Change]:
    old, new = (sorted(set(found)) for found in both.values("multipleOf"))
    if old != new:
        narrower, wider = _divide(old, new), _divide(new, old)
        effect = Effect.NARROWER if narrower else Effect.WIDER if wider else Effect.OTHER
        yield both.change("multipleOf", effect, old or None, new or None)


def _divide(some: list[float], others: list[float]) -> bool:
    """Whether a multiple of all the others is one of these too."""
    return all(any(other % one == 0 for other in others) for one in some)


def patterns(both: Schemas) -> Iterator[Change]:
    """What two regular expressions have in common is not known, but a request that is refused now may be found."""
    old, new = map(set, both.values("pattern"))
    if old == new:
        return
    effect = _by_inclusion(old, new, Effect.UNCLEAR)
    witness = refused(both.old, both.new) if effect is Effect.UNCLEAR and both.place.way is Way.REQUEST else None
    if witness is not None:
        yield both.change("text", Effect.NARROWER, witness, sorted(new))
    else:
        yield both.change("pattern", effect, sorted(old) or None, sorted(new) or None)


def formats(both: Schemas) -> Iterator[Change]:
    old, new = map(set, both.values("format"))
    if old == new:
        return
    effect = _by_inclusion(old, new, Effect.OTHER)
    if effect is Effect.OTHER and len(old) == len(new) == 1:
        (one,), (other,) = old, new
        ranks = [(row.index(one), row.index(other)) for row in FORMATS if one in row and other in row]
        effect = (Effect.NARROWER if ranks[0][0] < ranks[0][1] else Effect.WIDER) if ranks else effect
    yield both.change("format", effect, sorted(old) or None, sorted(new) or None)


def _by_inclusion(old: set[str], new: set[str], otherwise: Effect) -> Effect:
    """The effect where each of these says something more about a value."""
    return Effect.NARROWER if old < new else Effect.WIDER if new < old else otherwise


def defaults(both: Schemas) -> Iterator[Change]:
    """One that is new says what was open before."""
    old, new = (found[0] if found else None for found in both.values("default"))
    if text(old) != text(new):
        yield both.change("default", Effect.NONE if old is None else Effect.UNCLEAR, old, new)


def unique(both: Schemas) -> Iterator[Change]:
    old, new = (True in found for found in both.values("uniqueItems"))
    if old != new:
        yield both.change("uniqueItems", Effect.NARROWER if new else Effect.WIDER, old, new)


def others(both: Schemas) -> Iterator[Change]:
    """Keywords that no other rule knows: of those that restrict a value it is clear what coming and going means."""
    for keyword in both.keywords():
        if keyword not in KNOWN and not is_wording(keyword):
            old, new = (sorted(map(text, side.document.whole(side.all(keyword)))) for side in both.sides)
            if old != new:
                known = keyword in ASSERTIONS
                effect = Effect.NARROWER if known and not old else Effect.WIDER if known and not new else Effect.UNCLEAR
                yield both.change(keyword, effect)


def wording(both: Schemas) -> Iterator[Change]:
    """What is told to people and other tools, deprecation included."""
    said = ((keyword, both.values(keyword)) for keyword in both.keywords() if is_wording(keyword))
    if changed := [keyword for keyword, (old, new) in said if sorted(map(text, old)) != sorted(map(text, new))]:
        yield both.change("words", Effect.NONE, new=changed)
    old, new = (True in found for found in both.values("deprecated"))
    if old != new:
        yield both.change("deprecated", Effect.NONE, old, new)
