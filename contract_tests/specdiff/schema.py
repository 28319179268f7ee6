"""A schema as what it says: its references followed, its `allOf` put together, its alternatives apart."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from itertools import islice
from typing import Any
from urllib.parse import unquote

from jsonschema_rs import ValidationError, meta

Json = Any
Node = Mapping[str, Json]

COMPONENTS = "#/components/schemas/"
LONGEST = 200  # characters of a message
MOST = 200  # alternatives of a schema
NEVER: Node = {"enum": []}  # the schema `false`
GROUPS = ("anyOf", "oneOf")
KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object", type(None): "null"}
MAPS = ("properties", "patternProperties", "dependentSchemas")  # their keys are names
WORDING = frozenset({"title", "summary", "description", "example", "examples", "externalDocs", "tags", "$comment"})


class SpecError(Exception):
    """A document that cannot be compared; the text is one line that names it."""


@dataclass(frozen=True, eq=False)
class Document:
    """An OpenAPI document, and what its references stand for."""

    name: str
    root: Node
    _sound: set[int] = field(default_factory=set)

    def followed(self, node: Json) -> Json:
        """A node, or what its `$ref` leads to. Raises SpecError."""
        seen: set[int] = set()
        while isinstance(node, dict) and isinstance(node.get("$ref"), str) and id(node) not in seen:
            seen.add(id(node))
            node = self.target(node["$ref"])
        if not isinstance(node, dict):
            raise SpecError(f"{self.name}: a reference leads to {text(node)[:LONGEST]}, which is no object")
        return node

    def target(self, reference: str) -> Json:
        """What a reference leads to. Raises SpecError."""
        keys = [unquote(key).replace("~1", "/").replace("~0", "~") for key in reference.removeprefix("#").split("/")[1:]]
        try:
            return reduce(lambda node, key: node[int(key) if isinstance(node, list) else key], keys, self.root)
        except (LookupError, TypeError, ValueError):
            raise SpecError(f"{self.name}: there is no {reference}") from None

    def schema(self, *nodes: Json) -> "Schema":
        """The schema for which all these nodes hold, and all that they refer to; of no nodes, the one that allows anything."""
        found: dict[int, Node] = {}
        waiting = [*reversed(nodes)]
        while waiting:
            node = NEVER if waiting[-1] is False else waiting[-1]
            waiting.pop()
            if not isinstance(node, dict) or id(node) in found:  # `true` says nothing
                continue
            found[id(node)] = node
            self._check(node)
            waiting += reversed(node.get("allOf", []))
            waiting += [self.target(node["$ref"])] if "$ref" in node else []
        return Schema(self, tuple(found.values()))

    def _check(self, node: Node) -> None:
        """Raises SpecError for what is no schema, since of those OpenAPI 3.1 says only that they are objects."""
        if id(node) not in self._sound and not str(self.root.get("openapi")).startswith("3.0"):
            try:
                meta.validate(dict(node))
            except ValidationError as error:
                where = "/".join(map(str, error.instance_path))
                raise SpecError(f"{self.name}: no valid schema: {where}: {error.message[:LONGEST]}") from None
            self._sound.add(id(node))

    def component(self, node: Json) -> tuple[str, Json]:
        """The component schema that a node stands for, and what it says besides; "" if there is none, or more than one."""
        if not isinstance(node, dict):
            return "", None
        references = (
            [node] if "$ref" in node else [one for one in node.get("allOf", []) if isinstance(one, dict) and "$ref" in one]
        )
        if len(references) != 1 or not references[0]["$ref"].startswith(COMPONENTS):
            return "", None
        besides = [{key: value for key, value in one.items() if key not in {"$ref", "allOf"}} for one in (node, *references)]
        others = [one for one in node.get("allOf", []) if one is not references[0]]
        return references[0]["$ref"].removeprefix(COMPONENTS), self.whole([*besides, *others])

    def whole(self, node: Json, above: tuple[str, ...] = ()) -> Json:
        """A node with what it refers to in place of the references, and without the words for people."""
        if isinstance(node, list):
            return [self.whole(one, above) for one in node]
        if not isinstance(node, dict):
            return node
        reference = node.get("$ref")
        if isinstance(reference, str) and reference not in above:
            rest = {key: value for key, value in node.items() if key != "$ref"}
            return self.whole([rest, self.target(reference)] if rest else self.target(reference), (*above, reference))
        return {
            key: {name: self.whole(one, above) for name, one in value.items()} if key in MAPS else self.whole(value, above)
            for key, value in node.items()
            if not is_wording(key)
        }


@dataclass(frozen=True, eq=False)
class Schema:
    """Nodes that hold all at once, with all that they refer to; an alternative has a type, and the name of its component."""

    document: Document
    parts: tuple[Node, ...]
    type: str | None = None
    name: str = ""

    @property
    def key(self) -> frozenset[int]:
        """The same for the same nodes of the document."""
        return frozenset(map(id, self.parts))

    def all(self, keyword: str) -> list[Json]:
        """What its nodes have under a keyword."""
        return [part[keyword] for part in self.parts if keyword in part]

    @cached_property
    def values(self) -> dict[str, Json] | None:
        """The values of `enum` and `const` that are of its type, by how they are written; None for any value."""
        lists = [*self.all("enum"), *([value] for value in self.all("const"))]
        if not lists:
            return None
        common = reduce(lambda left, right: {key: left[key] for key in left if key in right}, map(_by_text, lists))
        return {key: value for key, value in common.items() if self.type in {None, kind(value)} or self._is_number(value)}

    def _is_number(self, value: Json) -> bool:
        return self.type == "number" and kind(value) == "integer"


def same(old: Schema, new: Schema) -> bool:
    """Whether two schemas are written in the same way, with all that they refer to: then none of it has to be compared."""
    seen: set[tuple[int, int]] = set()

    def alike(one: Json, other: Json) -> bool:
        if isinstance(one, list) and isinstance(other, list):
            return len(one) == len(other) and all(map(alike, one, other))
        if not isinstance(one, dict) or not isinstance(other, dict):
            return type(one) is type(other) and bool(one == other)
        if (id(one), id(other)) in seen:
            return True
        seen.add((id(one), id(other)))
        if one.keys() != other.keys() or not all(alike(one[key], other[key]) for key in one):
            return False
        reference = one.get("$ref")
        return not isinstance(reference, str) or alike(old.document.target(reference), new.document.target(reference))

    return len(old.parts) == len(new.parts) and all(map(alike, old.parts, new.parts))


def alternatives(schema: Schema) -> list[Schema]:
    """One schema for each choice of `anyOf` and `oneOf` and each type; none if nothing is allowed. Raises SpecError."""
    found = list(islice((typed for choice in _choices(schema) for typed in _typed(choice)), MOST + 1))
    if len(found) > MOST:
        raise SpecError(f"{schema.document.name}: a schema has more than {MOST} alternatives")
    return found


def _choices(schema: Schema, chosen: frozenset[int] = frozenset()) -> Iterator[Schema]:
    open_groups = (group for keyword in GROUPS for group in schema.all(keyword) if id(group) not in chosen)
    group = next(open_groups, None)
    if group is None:
        yield schema
        return
    for choice in group:
        picked = schema.document.schema(*schema.parts, choice)
        yield from _choices(replace(picked, name=schema.document.component(choice)[0] or schema.name), chosen | {id(group)})


def _typed(schema: Schema) -> Iterator[Schema]:
    types, values = _types(schema), schema.values
    if types is None and values is None:
        yield schema
        return
    kinds = {kind(value) for value in (values or {}).values()} if types is None else types
    for name in sorted(kinds - ({"integer"} if "number" in kinds else set())):
        typed = replace(schema, type=name)
        if values is None or typed.values:
            yield typed


def _types(schema: Schema) -> set[str] | None:
    """What `type` allows, an integer where a number may be too; None for anything."""
    allowed: set[str] | None = None
    for part in schema.parts:
        if "type" in part:
            own = {part["type"]} if isinstance(part["type"], str) else set(part["type"])
            own |= {"integer"} if "number" in own else set()
            own |= {"null"} if part.get("nullable") is True else set()  # as OpenAPI 3.0 had it
            allowed = own if allowed is None else allowed & own
    return allowed


def is_wording(key: str) -> bool:
    """Whether a key of a node is for people, or for other tools."""
    return key in WORDING or key.startswith("x-")


def kind(value: Json) -> str:
    """The JSON type of a value; 1.0 is an integer."""
    return "integer" if isinstance(value, float) and value.is_integer() else KINDS[type(value)]


def text(value: Json) -> str:
    """The same for equal JSON values."""
    return json.dumps(int(value) if kind(value) == "integer" else value, sort_keys=True, ensure_ascii=False)


def _by_text(values: list[Json]) -> dict[str, Json]:
    return {text(value): value for value in values}
