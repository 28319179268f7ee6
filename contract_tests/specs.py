"""The operations of the two APIs, read from their OpenAPI documents."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, reduce
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

APIS = ("casavi", "linagora")
READS = frozenset({"GET", "HEAD", "OPTIONS"})
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")

_PACKAGE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Operation:
    """One verb on one path template; `parameters` are the names in the path, in order."""

    api: str
    id: str
    method: str
    path: str
    needs_login: bool
    documented: bool  # whether the path and the verb stand in the source document
    safe: bool  # whether it leaves everything as it was

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(re.findall(r"\{(\w+)\}", self.path))

    @property
    def writes(self) -> bool:
        return not self.safe

    def url_path(self, values: Mapping[str, object]) -> str:
        """The path with its parameters filled in and percent-encoded."""
        return self.path.format(**{name: quote(str(value), safe="") for name, value in values.items()})

    def __str__(self) -> str:
        return f"{self.id} ({self.method} {self.path})"


def spec_file(api: str) -> Path:
    """Where the document is: inside an installed package, beside it in a checkout."""
    inside = _PACKAGE / "specs" / f"{api}.yaml"
    return inside if inside.exists() else _PACKAGE.parent / "specs" / f"{api}.yaml"


@cache
def document(api: str) -> dict[str, Any]:
    """The OpenAPI document; callers must not change it."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: dict[str, Any] = yaml.load(spec_file(api).read_text("utf-8"), Loader=loader)
    return loaded


@cache
def operations(api: str) -> dict[str, Operation]:
    """All operations of one API by operationId, in the order of the document."""
    found = {}
    for path, item in document(api)["paths"].items():
        for method, definition in item.items():
            if method in METHODS:
                needs_login = bool(definition.get("security", document(api).get("security")))
                id_ = definition["operationId"]
                documented = definition.get("x-provenance") == "documented"
                safe = method.upper() in READS and definition.get("x-safe", True)
                found[id_] = Operation(api, id_, method.upper(), path, needs_login, documented, safe)
    return found


def resolved(api: str, node: Any) -> Any:
    """A part of the document, or what its $ref points to."""
    while isinstance(node, dict) and "$ref" in node:
        node = reduce(lambda part, key: part[key], node["$ref"].removeprefix("#/").split("/"), document(api))
    return node


@cache
def statuses(operation: Operation) -> tuple[str, ...]:
    """The statuses that the document gives an operation, in rising order."""
    return tuple(sorted(map(str, _definition(operation)["responses"])))


@cache
def parameters(operation: Operation) -> tuple[tuple[str, str], ...]:
    """What a request may hold, as pairs of place (path, query, header, body) and name; of a JSON body the properties."""
    api = operation.api
    item = document(api)["paths"][operation.path]
    listed = [resolved(api, one) for one in (*item.get("parameters", ()), *_definition(operation).get("parameters", ()))]
    found = [(str(one["in"]), str(one["name"])) for one in listed]
    content = resolved(api, _definition(operation).get("requestBody", {})).get("content", {})
    for media_type, described in content.items():
        schema = resolved(api, described.get("schema", {}))
        found += [("body", name) for name in schema.get("properties", {})] if "json" in media_type else [("body", media_type)]
    return tuple(dict.fromkeys(found))


def _definition(operation: Operation) -> dict[str, Any]:
    definition: dict[str, Any] = document(operation.api)["paths"][operation.path][operation.method.lower()]
    return definition


def wrong_logins(api: str) -> dict[str, dict[str, str]]:
    """Headers that log nobody in: none at all, and a wrong secret for each way to log in."""
    schemes = document(api)["components"]["securitySchemes"].values()
    cookies = [scheme["name"] for scheme in schemes if scheme.get("in") == "cookie"]
    wrong = {"no credentials": {}, "a wrong token": {"Authorization": "Bearer wrong"}}
    return wrong | {f"a wrong cookie {name}": {"Cookie": f"{name}=wrong"} for name in cookies}


@cache
def _routes() -> list[tuple[re.Pattern[str], Operation]]:
    known = [op for api in APIS if spec_file(api).exists() for op in operations(api).values()]
    return [(re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(op.path)) + "$"), op) for op in known]


def find_operation(method: str, path: str) -> Operation | None:
    """The operation that a request reaches, or None for an unknown path or verb."""
    return next((op for pattern, op in _routes() if op.method == method and pattern.match(path)), None)
