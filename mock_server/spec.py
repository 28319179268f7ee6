"""Reads a spec file into values that never change: Api, Operation, Parameter, RequestBody, ResponseSpec."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from mock_server.config import data_folder, parse_yaml
from mock_server.errors import BootError

METHODS = ("get", "put", "post", "delete", "patch")
JSON, ANY = "application/json", "*/*"
SCALARS = ("string", "integer", "number", "boolean")

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A scalar parameter; location is path, query, header or cookie, kind the JSON type of its value."""

    name: str
    location: str
    required: bool
    kind: str
    schema: Schema
    default: Any


@dataclass(frozen=True, slots=True)
class RequestBody:
    """media maps media types to schemas; max_bytes is the most that is read (spec extension x-max-bytes)."""

    required: bool
    media: Mapping[str, Schema]
    max_bytes: int


@dataclass(frozen=True, slots=True)
class ResponseSpec:
    """media maps media types to schemas, headers names of response headers to whether they must be there."""

    media: Mapping[str, Schema]
    headers: Mapping[str, bool]


@dataclass(frozen=True, slots=True)
class Operation:
    """One verb on one path; security is a list of alternatives, each a list of scheme names; empty: open to all.

    writes tells whether it can change anything: all but GETs do, and of those the ones with `x-safe: false`.
    """

    api: str
    id: str
    method: str
    path: str
    parameters: tuple[Parameter, ...]
    body: RequestBody | None
    responses: Mapping[str, ResponseSpec]
    security: tuple[tuple[str, ...], ...]
    writes: bool


@dataclass(frozen=True, slots=True)
class Api:
    """A whole spec; components is what local references in schemas point into."""

    name: str
    operations: tuple[Operation, ...]
    security_schemes: Mapping[str, Mapping[str, Any]]
    components: Mapping[str, Any]


DEFAULT_MAX_BYTES = 1024 * 1024


def load_api(name: str) -> Api:
    """Read specs/{name}.yaml. Raises BootError where the file is missing or uses what the engine does not know."""
    path = data_folder("specs") / f"{name}.yaml"
    try:
        document = parse_yaml(path.read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise BootError(f"spec {path}: {error}") from error
    return _Reader(name, document).api()


class _Reader:
    def __init__(self, name: str, document: Mapping[str, Any]) -> None:
        self.name = name
        self.document = document

    def api(self) -> Api:
        components = self.document["components"]
        operations = tuple(
            self.operation(path, method, item[method], item.get("parameters", []))
            for path, item in self.document["paths"].items()
            for method in METHODS
            if method in item
        )
        return Api(self.name, operations, components["securitySchemes"], components)

    def resolve(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in node:
            target: Any = self.document
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        return node

    def operation(self, path: str, method: str, node: Mapping[str, Any], shared: list[Mapping[str, Any]]) -> Operation:
        return Operation(
            api=self.name,
            id=node["operationId"],
            method=method.upper(),
            path=path,
            parameters=tuple(self.parameter(p) for p in (*shared, *node.get("parameters", []))),
            body=self.body(node["requestBody"]) if "requestBody" in node else None,
            responses={status: self.response(response) for status, response in node["responses"].items()},
            security=tuple(tuple(option) for option in node.get("security", self.document.get("security", []))),
            writes=method != "get" or not node.get("x-safe", True),
        )

    def parameter(self, node: Mapping[str, Any]) -> Parameter:
        node = self.resolve(node)
        schema = node["schema"]
        resolved = self.resolve(schema)
        kind = resolved.get("type")
        if kind not in SCALARS:
            raise BootError(f"{self.name}: parameter {node['name']} has type {kind}, the engine reads {', '.join(SCALARS)}")
        return Parameter(node["name"], node["in"], node.get("required", False), kind, schema, resolved.get("default"))

    def body(self, node: Mapping[str, Any]) -> RequestBody:
        node = self.resolve(node)
        media = {name: content.get("schema", {}) for name, content in node["content"].items()}
        return RequestBody(node.get("required", False), media, node.get("x-max-bytes", DEFAULT_MAX_BYTES))

    def response(self, node: Mapping[str, Any]) -> ResponseSpec:
        node = self.resolve(node)
        media = {name: content.get("schema", {}) for name, content in node.get("content", {}).items()}
        # Content-Length comes from the HTTP layer, long after a reply is judged.
        declared = {name: self.resolve(h) for name, h in node.get("headers", {}).items() if name != "Content-Length"}
        headers = {name: header.get("required", False) for name, header in declared.items()}
        return ResponseSpec(media, headers)
