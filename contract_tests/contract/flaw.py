"""What is not in order in a request, seen from the request and the document alone, whoever made it and why."""

import json
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jsonschema_rs import validator_for

from contract_tests.contract.finding import Flaw, Step
from contract_tests.contract.operations import Operation, cached, definition, document, find_route, resolved

JSON = "application/json"


class Login(Enum):
    """Whose login a request bears."""

    KNOWN = "known"
    WRONG = "wrong"
    MISSING = "missing"


LARGEST = 1 << 20  # bytes: no operation of either API takes more JSON
TYPES = {"integer": int, "number": float}


def flaws(step: Step, path: str, operation: Operation | None, login: Login) -> Iterator[Flaw]:
    """What is not in order in a request that was sent to a path below the base URL of its API, the login first."""
    if operation is None:
        yield Flaw("method")
        return
    if operation.needs_login and login is not Login.KNOWN:
        yield Flaw("login", login.value)
    yield from _of_parameters(step, path, operation)
    media_type = next((value for name, value in step.headers if name.lower() == "content-type"), "")
    yield from _of_body(operation, media_type, step.body)


def _of_parameters(step: Step, path: str, operation: Operation) -> Iterator[Flaw]:
    _, in_path = find_route(path) or ("", {})
    query = parse_qs(urlsplit(step.url).query, keep_blank_values=True)
    headers = {name.lower(): value for name, value in step.headers}
    given: dict[str, Mapping[str, list[str]]] = {
        "path": {name: [value] for name, value in in_path.items()},
        "query": query,
        "header": {name: [value] for name, value in headers.items()},
    }
    for parameter in described(operation):
        where, name = parameter["in"], parameter["name"]
        values = given.get(where, {}).get(name.lower() if where == "header" else name, [])
        if not _is_right(operation.api, parameter, values):
            yield Flaw(where, name)


@cached
def described(operation: Operation) -> tuple[dict[str, Any], ...]:
    """The parameters of an operation as the document describes them."""
    shared = document(operation.api)["paths"][operation.path].get("parameters", ())
    return tuple(resolved(operation.api, one) for one in (*shared, *definition(operation).get("parameters", ())))


def _is_right(api: str, parameter: Mapping[str, Any], values: list[str]) -> bool:
    if not values:
        return not parameter.get("required")
    schema = resolved(api, parameter.get("schema", {}))
    is_list = schema.get("type") == "array"
    return (is_list or len(values) == 1) and _validator(api, json.dumps(parameter.get("schema", {}))).is_valid(
        values if is_list else _read(schema, values[0])
    )


def _read(schema: Mapping[str, Any], value: str) -> Any:
    """A parameter as the value that its schema is about."""
    kind = schema.get("type")
    if kind == "boolean":
        return {"true": True, "false": False}.get(value, value)
    try:
        return TYPES[kind](value) if kind in TYPES else value
    except ValueError:
        return value


def _of_body(operation: Operation, media_type: str, body: bytes) -> Iterator[Flaw]:
    described = resolved(operation.api, definition(operation).get("requestBody", {}))
    content = described.get("content", {})
    if JSON not in content:
        return
    kind = media_type.partition(";")[0].strip().lower()
    if not body and not described.get("required"):
        return
    try:
        value = json.loads(body[: LARGEST + 1])
    except (ValueError, RecursionError):
        yield Flaw("body", "")
        return
    if kind != JSON or len(body) > LARGEST:
        yield Flaw("body", "")
        return
    for error in _validator(operation.api, json.dumps(content[JSON].get("schema", {}))).iter_errors(value):
        path = list(error.instance_path)
        missing = getattr(error.kind, "property", "") if getattr(error.kind, "name", "") == "required" else ""
        unexpected = getattr(error.kind, "unexpected", None) or [""]
        yield Flaw("body", str(path[0]) if path else str(missing or unexpected[0]))


@cached
def _validator(api: str, schema: str) -> Any:
    return validator_for({**json.loads(schema), "components": document(api)["components"]}, validate_formats=True)
