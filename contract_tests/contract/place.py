"""Where in the document a place of an answer is described: the component schema, and the property in it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contract_tests.contract.finding import Place
from contract_tests.contract.operations import Operation, document, resolved

IDS = ("_id", "id")
Json = Mapping[str, Any]
Parts = tuple[str | int, ...]


@dataclass(frozen=True)
class _Named:
    """A component on the way to a place, and how much of the way lies before it."""

    name: str
    depth: int
    is_resource: bool


def place(operation: Operation, status: int, path: Iterable[str | int]) -> Place:
    """The place of a body's part, by the keys and indices that lead there.

    It belongs to the innermost component that has an id of its own, such as a user within a member, or else to the outermost.
    """
    parts = tuple(path)
    named = list(_components(operation.api, _schema(operation, status), parts, 0))
    inner = [one for one in named if one.is_resource and one.depth < len(parts)]
    owner = (inner or named[:1] or [_Named("", 0, is_resource=False)])[-1]
    below = [str(part) for part in parts[owner.depth :] if isinstance(part, str)]
    return Place(pointer(parts), owner.name, ".".join(below))


def pointer(parts: Iterable[str | int]) -> str:
    """The JSON pointer, with `*` for any index."""
    plain = ("*" if isinstance(part, int) else part.replace("~", "~0").replace("/", "~1") for part in parts)
    return "".join(f"/{part}" for part in plain)


def _schema(operation: Operation, status: int) -> Json:
    item = document(operation.api)["paths"][operation.path][operation.method.lower()]
    response = resolved(operation.api, item["responses"].get(str(status), {}))
    content: Json = response.get("content", {})
    described: Json = next((one for kind, one in content.items() if "json" in kind), {})
    schema: Json = described.get("schema", {})
    return schema


def _components(api: str, schema: Json, parts: Parts, depth: int) -> Iterator[_Named]:
    """The components that a path leads through, the outermost first."""
    if "$ref" in schema:
        target = resolved(api, schema)
        if target.get("type") == "object" or "allOf" in target:
            yield _Named(schema["$ref"].rpartition("/")[2], depth, bool(target.get("properties", {}).keys() & set(IDS)))
        schema = target
    for part in schema.get("allOf", ()):
        if depth < len(parts) and _next(api, part, parts[depth]) is not None:
            yield from _components(api, part, parts, depth)
            return
    if depth < len(parts):
        following = _next(api, schema, parts[depth])
        if following is not None:
            yield from _components(api, following, parts, depth + 1)


def _next(api: str, schema: Json, part: str | int) -> Json | None:
    """The schema of a property or an item; None where the schema does not describe it."""
    schema = resolved(api, schema)
    if isinstance(part, int):
        items: Json | None = schema.get("items")
        return items
    for choice in (schema, *(resolved(api, one) for key in ("allOf", "anyOf", "oneOf") for one in schema.get(key, ()))):
        found = choice.get("properties", {}).get(part)
        if found is not None:
            return dict(found)
    return None
