"""Which ids a request can name, by the spec; and that a refusal tells nothing of what they stand for."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from contract_tests.actors.caller import Answer
from contract_tests.actors.expectations import Matcher
from contract_tests.contract.finding import Finding, Kind
from contract_tests.contract.operations import Operation, definition, document, operations, resolved

SCHEMAS = frozenset({"Id", "Upload"})  # an upload is named by its path
NAME = re.compile(r"(?i)(?:^|_)ids?$|Ids?$|token$|code$|key$|^sub$")


def ids_of(api: str) -> set[tuple[str, str]]:
    """Each operation with the name of each id that its path, query or JSON body can hold."""
    return {
        (operation.id, name)
        for operation in operations(api).values()
        for name, schema in _named(operation)
        if NAME.search(name) or SCHEMAS & set(_schemas(api, schema, set()))
    }


def _named(operation: Operation) -> Iterator[tuple[str, Any]]:
    item, own = document(operation.api)["paths"][operation.path], definition(operation)
    for parameter in (*item.get("parameters", ()), *own.get("parameters", ())):
        one = resolved(operation.api, parameter)
        yield one["name"], one.get("schema", {})
    content = resolved(operation.api, own.get("requestBody", {})).get("content", {})
    for media_type, described in content.items():
        if "json" in media_type:
            yield from resolved(operation.api, described.get("schema", {})).get("properties", {}).items()


def _schemas(api: str, node: Any, seen: set[str]) -> Iterator[str]:
    """The names of the component schemas that a schema leads to."""
    if isinstance(node, dict):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference not in seen:
            seen.add(reference)
            yield reference.rpartition("/")[2]
            yield from _schemas(api, resolved(api, node), seen)
        for part in node.values():
            yield from _schemas(api, part, seen)
    elif isinstance(node, list):
        for part in node:
            yield from _schemas(api, part, seen)


def texts_in(value: Any) -> list[str]:
    """All texts in a JSON value that are long enough to be somebody's: names, addresses, titles."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts_in(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts_in(part)]
    return [value] if isinstance(value, str) and len(value) > 3 else []


def tells_nothing_of(secrets: Sequence[str]) -> Matcher:
    """None of these texts is in the answer."""

    def match(answer: Answer) -> list[Finding]:
        text = answer.body.decode("utf-8", "replace")
        told = [secret for secret in secrets if secret in text]
        return [answer.wrong(Kind.BEHAVIOUR, got=told, detail="tells something of what it refuses to show")] if told else []

    return match
