"""Whether a scenario has the shape of fixtures/scenario.schema.yaml, and what to say of each place where it has not."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jsonschema_rs
import yaml

from mock_server.config import data_folder, parse_yaml
from mock_server.hints import did_you_mean, shown
from mock_server.scenarios.mistakes import Mistakes, Part, Place
from mock_server.scenarios.tree import node_at

Schema = Mapping[str, Any]
_TYPES = {
    "string": "a text; if it should be, put it in quotes",
    "integer": "a whole number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping of keys to values",
}


def check_shape(value: Any, tree: yaml.Node, mistakes: Mistakes) -> None:
    """Tell whatever the schema does not allow; tree is what the value was read from."""
    missing: dict[Place, list[str]] = {}
    for error in _validator().iter_errors(value):
        place = tuple(error.instance_path)
        keyword, schema = str(error.schema_path[-1]), _schema_of(error)
        if keyword in ("additionalProperties", "unevaluatedProperties"):
            for key, text in _unknown_keys(getattr(error.kind, "unexpected", []), schema):
                mistakes.tell(Part(None, (*place, key)), text)
        elif keyword == "required":
            missing.setdefault(place, []).append(getattr(error.kind, "property", ""))
        else:
            node = node_at(tree, place)
            written = shown(node.value) if isinstance(node, yaml.ScalarNode) and node.value else "this"
            mistakes.tell(Part(None, place), _sentence(keyword, error, schema, written))
    for place, keys in missing.items():
        near = mistakes.near(*mistakes.new.get(id(node_at(tree, place)), ("", [])))
        mistakes.tell(Part(None, place), f"{', '.join(keys)} {'is' if len(keys) == 1 else 'are'} missing{near}")


@functools.cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = parse_yaml((data_folder("fixtures") / "scenario.schema.yaml").read_bytes())
    return schema


@functools.cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_schema(), validate_formats=True)


def _schema_of(error: jsonschema_rs.ValidationError) -> Schema:
    """The schema whose keyword is broken."""
    schema: Any = _schema()
    for step in error.schema_path[:-1]:
        schema = schema[step]
    found: Schema = schema
    return found


def _unknown_keys(unexpected: Iterable[str], schema: Schema) -> Iterator[tuple[str, str]]:
    known = _keys(schema)
    for key in unexpected:
        # Where a known key has a wrong value, `unevaluatedProperties` takes it for an unknown one.
        if key not in known:
            remedy = did_you_mean(key, known) or f"; there may be {', '.join(known)}"
            yield key, f"{shown(key)} is not known here{remedy}"


def _keys(schema: Schema) -> list[str]:
    """The properties that a schema knows, also by `allOf` and `$ref`."""
    parts = [*schema.get("allOf", []), *([schema] if "$ref" in schema else [])]
    referred = [_schema()["$defs"][part["$ref"].rpartition("/")[2]] for part in parts]
    return [key for one in (*referred, schema) for key in one.get("properties", {})]


def _sentence(keyword: str, error: jsonschema_rs.ValidationError, schema: Schema, written: str) -> str:
    match keyword:
        case "type":
            return f"{written} is not {_TYPES[schema['type']]}"
        case "enum":
            near = did_you_mean(written, schema["enum"]) or did_you_mean(written.upper(), schema["enum"])
            return f"{written} is not one of {', '.join(schema['enum'])}{near}"
        case "pattern" | "format":
            return f"{written} is not {schema['description']}"
        case "minimum" | "maximum":
            return f"{written} is not between {schema['minimum']} and {schema['maximum']}"
    return _SENTENCES.get(keyword) or shown(error.message)


_SENTENCES = {
    "minLength": "this may not be empty",
    "maxLength": "this is longer than 255 characters",
    "minItems": "this list may not be empty",
    "uniqueItems": "the same is in this list twice",
    "minProperties": "there is nothing in it; it needs a part `linagora` or `casavi`, or `extends: default`",
}
