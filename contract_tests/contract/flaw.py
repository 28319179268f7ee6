"""What is not in order in a request, seen from the request and the document alone, whoever made it and why."""

import json
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jsonschema_rs import validator_for

from contract_tests.contract.finding import Finding, Flaw, Kind, Place, Step
from contract_tests.contract.operations import Operation, cached, definition, document, find_route, resolved
from contract_tests.contract.place import pointer
from contract_tests.contract.shape import short

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
    yield from (one.flaw for one in malformed(step, path, operation))


def malformed(step: Step, path: str, operation: Operation) -> Iterator[Finding]:
    """What is not as the spec says in the parameters and the body of a request, as findings about whoever sent it."""
    yield from _of_parameters(step, path, operation)
    media_type = next((value for name, value in step.headers if name.lower() == "content-type"), "")
    yield from _of_body(operation, media_type, step.body)


def _wrong(operation: Operation, flaw: Flaw, keyword: str, **more: Any) -> Finding:
    return Finding(operation.api, operation.id, Kind.REQUEST, flaw=flaw, keyword=keyword, **more)


def _of_parameters(step: Step, path: str, operation: Operation) -> Iterator[Finding]:
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
        if wrong := _wrong_value(operation, parameter, values):
            yield wrong


@cached
def described(operation: Operation) -> tuple[dict[str, Any], ...]:
    """The parameters of an operation as the document describes them."""
    shared = document(operation.api)["paths"][operation.path].get("parameters", ())
    return tuple(resolved(operation.api, one) for one in (*shared, *definition(operation).get("parameters", ())))


def _wrong_value(operation: Operation, parameter: Mapping[str, Any], values: list[str]) -> Finding | None:
    flaw = Flaw(parameter["in"], parameter["name"])
    if not values:
        return _wrong(operation, flaw, "required") if parameter.get("required") else None
    schema = resolved(operation.api, parameter.get("schema", {}))
    is_list = schema.get("type") == "array"
    if not is_list and len(values) > 1:
        return _wrong(operation, flaw, "maxItems", expected=1, got=len(values))
    read = values if is_list else _read(schema, values[0])
    validator = _validator(operation.api, json.dumps(parameter.get("schema", {})))
    error = next(iter(validator.iter_errors(read)), None)
    return None if error is None else _wrong(operation, flaw, error.kind.name, **_values(error))


def _values(error: Any) -> dict[str, Any]:
    """What had to come, where the rule says that, and what came."""
    return {"expected": short(getattr(error.kind, "value", None)), "got": short(error.instance)}


def _read(schema: Mapping[str, Any], value: str) -> Any:
    """A parameter as the value that its schema is about."""
    kind = schema.get("type")
    if kind == "boolean":
        return {"true": True, "false": False}.get(value, value)
    try:
        return TYPES[kind](value) if kind in TYPES else value
    except ValueError:
        return value


def _of_body(operation: Operation, media_type: str, body: bytes) -> Iterator[Finding]:
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
        yield _wrong(operation, Flaw("body"), "json" if body else "required")
        return
    if kind != JSON or len(body) > LARGEST:
        yield _wrong(operation, Flaw("body"), "media type", expected=JSON, got=kind or "none")
        return
    for error in _validator(operation.api, json.dumps(content[JSON].get("schema", {}))).iter_errors(value):
        yield _of_schema(operation, error)


def _of_schema(operation: Operation, error: Any) -> Finding:
    """An error in a body: the flaw is its first property, and the place is where exactly."""
    path, keyword = list(error.instance_path), error.kind.name
    missing = [error.kind.property] if keyword == "required" else []
    unexpected = getattr(error.kind, "unexpected", None) or []
    whole = [*path, *missing, *unexpected[:1]]
    said = {} if missing or unexpected else _values(error)
    place = Place(pointer(whole), property=".".join(str(one) for one in whole))
    return _wrong(operation, Flaw("body", str([*whole, ""][0])), keyword, place=place, **said)


@cached
def _validator(api: str, schema: str) -> Any:
    return validator_for({**json.loads(schema), "components": document(api)["components"]}, validate_formats=True)
