"""Reads the spec files into values that never change: Api, Operation, Parameter, RequestBody, ResponseSpec."""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from mock_server.config import API_NAMES, data_folder, parse_yaml
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
    """media maps media types to schemas, headers names of response headers to whether they must be there.

    examples maps names to media types and values (one without a name has an empty one), header_examples headers to texts.
    """

    media: Mapping[str, Schema]
    headers: Mapping[str, bool]
    examples: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    header_examples: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Operation:
    """One verb on one path; security is a list of alternatives, each a list of scheme names; empty: open to all.

    writes tells whether it can change anything: all but GETs do, and of those the ones with `x-safe: false`. absent are the
    parameters that overlays took away, with the values that they have where nobody gives them.
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
    absent: Mapping[str, Any] = field(default_factory=dict)

    @property
    def path_parameters(self) -> frozenset[str]:
        return frozenset(_IN_PATH.findall(self.path))


@dataclass(frozen=True, slots=True)
class Api:
    """A whole spec; document is all that was read, components what local references in schemas point into.

    source is its name with the overlays that changed it, removed the operations that overlays took away.
    """

    name: str
    source: str
    operations: tuple[Operation, ...]
    security_schemes: Mapping[str, Mapping[str, Any]]
    components: Mapping[str, Any]
    document: Mapping[str, Any]
    removed: frozenset[str] = frozenset()


DEFAULT_MAX_BYTES = 1024 * 1024
_IN_PATH = re.compile(r"\{([^{}/]+)\}")


def load_apis(names: Collection[str], overlays: Sequence[str] = ()) -> dict[str, Api]:
    """Read specs/{name}.yaml, and change them by the overlay files in their order.

    Raises BootError where a file is missing or uses something that the engine does not know.
    """
    # An overlay may be for both, whichever is served.
    documents = {name: _read(name) for name in API_NAMES if overlays or name in names}
    apis = {name: _api(name, document) for name, document in documents.items()}
    for file in overlays:
        # Here, since JSONPath takes 90 ms to import and most starts need none.
        from contract_tests.contract.overlay import OverlayError, adapted

        try:
            documents = adapted(documents, Path(file))
            apis = {name: _fitted(apis[name], documents[name], file) for name in apis}
            _check_places(apis)
        except OverlayError as error:
            raise BootError(str(error)) from error
        except BootError as error:
            raise BootError(f"{file}: does not leave a valid document: {error}") from error
    return {name: apis[name] for name in names}


def _read(name: str) -> Any:
    path = data_folder("specs") / f"{name}.yaml"
    try:
        return _parsed(path.read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise BootError(f"spec {path}: {error}") from error


# A third of a start. Nobody changes what is read: overlays make documents of their own.
_parsed = functools.lru_cache(maxsize=len(API_NAMES))(parse_yaml)


def _api(name: str, document: Any) -> Api:
    try:
        return _Reader(name, document).api()
    except KeyError as error:
        raise BootError(f"{name}: {error} is missing") from error
    except (TypeError, AttributeError) as error:
        raise BootError(f"{name}: {error}") from error


def _fitted(before: Api, document: Any, file: str) -> Api:
    """The changed API, with what its handlers know of and it has no more."""
    after = _api(before.name, document)
    had = {operation.id: operation for operation in before.operations}
    operations = tuple(
        _with_absent(operation, had[operation.id]) if operation.id in had else operation for operation in after.operations
    )
    removed = before.removed | had.keys() - {operation.id for operation in operations}
    return replace(after, operations=operations, removed=removed, source=f"{before.source} with {file}")


def _with_absent(operation: Operation, before: Operation) -> Operation:
    if operation.path_parameters != before.path_parameters:
        raise BootError(f"{operation.id} has to keep its path parameters: {', '.join(sorted(before.path_parameters))}")
    present = {parameter.name for parameter in operation.parameters}
    absent = {p.name: p.default for p in before.parameters if p.name not in present}
    return replace(operation, absent={**before.absent, **absent})


def _check_places(apis: Mapping[str, Api]) -> None:
    taken: dict[tuple[str, str], str] = {}
    for operation in (o for api in apis.values() for o in api.operations):
        if not operation.path.startswith("/"):
            raise BootError(f"{operation.id}: its path {operation.path} does not begin with /")
        place = operation.method, _IN_PATH.sub("{}", operation.path)
        if place in taken:
            raise BootError(f"{taken[place]} and {operation.id} are both {operation.method} {operation.path}")
        taken[place] = operation.id


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
        return Api(self.name, self.name, operations, components["securitySchemes"], components, self.document)

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
            raise BootError(f"{self.name}: parameter {node['name']} has type {kind}; the mock reads {', '.join(SCALARS)}")
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
        examples = dict(self.examples(node.get("content", {})))
        return ResponseSpec(media, headers, examples, {name: str(h["example"]) for name, h in declared.items() if "example" in h})

    def examples(self, content: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, Any]]]:
        for media_type, node in content.items():
            named = {name: self.resolve(example).get("value") for name, example in node.get("examples", {}).items()}
            for name, value in {**named, **({"": node["example"]} if "example" in node else {})}.items():
                yield name, (media_type, value)
