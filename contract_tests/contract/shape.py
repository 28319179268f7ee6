"""What is wrong with the JSON of an answer by its schema, each violation as a finding with its place in the document."""

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from jsonschema_rs import validator_for

from contract_tests.contract.checks import NO_JSON, media_type, parsed
from contract_tests.contract.finding import Finding, Kind
from contract_tests.contract.operations import Operation, cached, definition, document, resolved
from contract_tests.contract.place import place

MANY = 3  # properties that are missing at once: then it is another object altogether
# Rules whose value tells a person what had to come.
TELLING = frozenset(
    {"type", "enum", "const", "format", "pattern", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"}
)
LONGEST = 200  # characters of a value that is kept


def violations(operation: Operation, status: int, content_type: str, body: bytes) -> list[Finding]:
    """All violations, without those that a missing object has inside."""
    media = resolved(operation.api, definition(operation)["responses"].get(str(status), {})).get("content", {})
    described = media.get(media_type(content_type), {}).get("schema")
    if described is None or "json" not in content_type:
        return []
    data = parsed(body)
    if data is NO_JSON:
        return [Finding(operation.api, operation.id, Kind.BODY, status=status, keyword="json")]
    try:
        errors = list(_validator(operation.api, json.dumps(described)).iter_errors(data))
    except UnicodeEncodeError:  # an escape such as \ud800 alone, which stands for no character
        return [Finding(operation.api, operation.id, Kind.BODY, status=status, keyword="surrogate")]
    missing = Counter(tuple(error.instance_path) for error in errors if error.kind.name == "required")
    others = {path for path, number in missing.items() if number > MANY}
    found = [_broken(operation, status, "object", path) for path in others]
    return found + [_told(operation, status, error) for error in errors if tuple(error.instance_path) not in others]


def _broken(operation: Operation, status: int, keyword: str, path: Iterable[str | int], **more: Any) -> Finding:
    where = place(operation, status, path)
    return Finding(operation.api, operation.id, Kind.SCHEMA, status=status, keyword=keyword, place=where, **more)


def _told(operation: Operation, status: int, error: Any) -> Finding:
    keyword = error.kind.name
    if keyword == "required":
        return _broken(operation, status, keyword, [*error.instance_path, error.kind.property])
    expected = short(error.kind.value) if keyword in TELLING else None
    return _broken(operation, status, keyword, error.instance_path, expected=expected, got=short(error.instance))


def short(value: Any) -> Any:
    """A JSON value, or the name of its type where it is long."""
    return value if len(json.dumps(value)) <= LONGEST else type(value).__name__


@cached
def _validator(api: str, schema: str) -> Any:
    return validator_for({**json.loads(schema), "components": document(api)["components"]}, validate_formats=True)
