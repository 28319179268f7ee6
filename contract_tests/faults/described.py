"""What the document says about an operation, as far as faults are made of it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from contract_tests.contract.operations import APIS, Operation, document, operations

Json = dict[str, Any]


@dataclass(frozen=True)
class Described:
    """An operation with its part of the document, references resolved where they are looked at."""

    operation: Operation

    @property
    def api(self) -> str:
        return self.operation.api

    @property
    def _definition(self) -> Json:
        found: Json = document(self.api)["paths"][self.operation.path][self.operation.method.lower()]
        return found

    @property
    def parameters(self) -> list[Json]:
        item = document(self.api)["paths"][self.operation.path]
        return [self.resolved(one) for one in (*item.get("parameters", ()), *self._definition.get("parameters", ()))]

    @property
    def query(self) -> dict[str, Json]:
        """The schemas of the parameters in the query, by name."""
        return {one["name"]: self.resolved(one["schema"]) for one in self.parameters if one["in"] == "query"}

    @property
    def body(self) -> Json:
        """The schema of the JSON in a request, or nothing."""
        content = self.resolved(self._definition.get("requestBody", {})).get("content", {})
        return self.resolved(content.get("application/json", {}).get("schema", {}))

    @property
    def statuses(self) -> list[str]:
        return list(self._definition["responses"])

    @property
    def success(self) -> str:
        return next(status for status in self.statuses if status.startswith("2"))

    @property
    def answer(self) -> Json:
        """The schema of a success in JSON, or nothing."""
        content = self.resolved(self._definition["responses"][self.success]).get("content", {})
        return self.resolved(content.get("application/json", {}).get("schema", {}))

    @property
    def item(self) -> Json:
        """The schema of an answer that is an object, or of the objects in one that is a list."""
        return self.resolved(self.answer.get("items", {})) if self.answer.get("type") == "array" else self.answer

    @property
    def required(self) -> list[str]:
        return [name for name in self.item.get("required", ()) if name in self.item.get("properties", {})]

    def headers(self, status: str) -> list[str]:
        """The names of the headers that an answer has to have."""
        found = self.resolved(self._definition["responses"][status]).get("headers", {})
        return [name for name, header in found.items() if self.resolved(header).get("required")]

    def property(self, name: str) -> Json:
        return self.resolved(self.item["properties"][name])

    def resolved(self, node: Json) -> Json:
        while "$ref" in node:
            found: Any = document(self.api)
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return node

    def mentions(self, word: str) -> bool:
        """Whether the word is in the schema of a success, however deep."""
        return word in self._text(frozenset(), self.answer)

    def _text(self, known: frozenset[str], node: Any) -> str:
        text = str(node)
        for name in sorted(set(re.findall(r"#/components/schemas/(\w+)", text)) - known):
            text += self._text(known | {name}, document(self.api)["components"]["schemas"][name])
        return text


@cache
def described() -> tuple[Described, ...]:
    """All operations of both APIs."""
    return tuple(Described(operation) for api in APIS for operation in operations(api).values())


def some(found: Iterator[Described], most: int = 3) -> Iterator[Described]:
    """At most so many for each API, evenly over the document."""
    listed = list(found)
    for api in APIS:
        ours = [one for one in listed if one.api == api]
        count = min(most, len(ours))
        yield from (ours[(2 * number + 1) * len(ours) // (2 * count)] for number in range(count))
