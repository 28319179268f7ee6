"""What the document says about an operation, as far as faults are made of it: schemas, with their references resolved."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from contract_tests.contract.choices import APIS
from contract_tests.contract.operations import Operation, document, operations, resolved, statuses

Json = dict[str, Any]


def every() -> Iterator[Operation]:
    """All operations of both APIs."""
    return (operation for api in APIS for operation in operations(api).values())


def some(found: Iterable[Operation], most: int = 3) -> Iterator[Operation]:
    """At most so many for each API, evenly over the document."""
    listed = list(found)
    for api in APIS:
        ours = [one for one in listed if one.api == api]
        count = min(most, len(ours))
        yield from (ours[(2 * number + 1) * len(ours) // (2 * count)] for number in range(count))


def answers() -> Iterator[tuple[Operation, str]]:
    """All operations, with each of their statuses."""
    return ((one, status) for one in every() for status in statuses(one))


def queries() -> Iterator[tuple[Operation, str]]:
    """All operations, with each of the parameters of their queries."""
    return ((one, name) for one in every() for name in query(one))


def parameters(one: Operation) -> list[Json]:
    item = document(one.api)["paths"][one.path]
    return [resolved(one.api, found) for found in (*item.get("parameters", ()), *_definition(one).get("parameters", ()))]


def query(one: Operation) -> dict[str, Json]:
    """The schemas of the parameters in the query, by name."""
    return {found["name"]: resolved(one.api, found["schema"]) for found in parameters(one) if found["in"] == "query"}


def body(one: Operation) -> Json:
    """The schema of the JSON in a request, or nothing."""
    return _json(one, _definition(one).get("requestBody", {}))


def sent(one: Operation) -> dict[str, Json]:
    """The schemas of what a request may hold, by name: properties of the body, parameters of the query."""
    return {name: resolved(one.api, schema) for name, schema in body(one).get("properties", {}).items()} | query(one)


def success(one: Operation) -> str:
    return next(status for status in statuses(one) if status.startswith("2"))


def answer(one: Operation) -> Json:
    """The schema of a success in JSON, or nothing."""
    return _json(one, _definition(one)["responses"][success(one)])


def item(one: Operation) -> Json:
    """The schema of an answer that is an object, or of the objects in one that is a list."""
    whole = answer(one)
    return resolved(one.api, whole.get("items", {})) if is_list(one) else whole


def is_list(one: Operation) -> bool:
    return bool(answer(one).get("type") == "array")


def property_type(one: Operation, name: str) -> Any:
    return resolved(one.api, item(one)["properties"][name]).get("type")


def required(one: Operation) -> list[str]:
    schema = item(one)
    return [name for name in schema.get("required", ()) if name in schema.get("properties", {})]


def headers(one: Operation, status: str) -> list[str]:
    """The names of the headers that an answer has to have."""
    found = resolved(one.api, _definition(one)["responses"][status]).get("headers", {})
    return [name for name, header in found.items() if resolved(one.api, header).get("required")]


def mentions(one: Operation, word: str) -> bool:
    """Whether the word is in the schema of a success, however deep."""
    return word in _text(one.api, frozenset(), answer(one))


def _text(api: str, known: frozenset[str], node: Any) -> str:
    text = str(node)
    for name in sorted(set(re.findall(r"#/components/schemas/(\w+)", text)) - known):
        text += _text(api, known | {name}, document(api)["components"]["schemas"][name])
    return text


def _definition(one: Operation) -> Json:
    found: Json = document(one.api)["paths"][one.path][one.method.lower()]
    return found


def _json(one: Operation, node: Json) -> Json:
    content = resolved(one.api, node).get("content", {})
    found: Json = resolved(one.api, content.get("application/json", {}).get("schema", {}))
    return found


def says(one: Operation, status: str) -> bool:
    """Whether the document has such an answer."""
    return status in statuses(one)
