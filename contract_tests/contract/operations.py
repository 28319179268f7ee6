"""The operations of the two APIs, read from their OpenAPI documents."""

import pickle
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial, reduce
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import quote, unquote

import yaml

from contract_tests.contract.choices import APIS, SPECS
from contract_tests.contract.fitting import PARAMETER, fitted, give_links_their_bodies, without_dead_links
from contract_tests.contract.overlay import OverlayError

READS = frozenset({"GET", "HEAD", "OPTIONS"})
REMEMBERED = 10_000  # paths that were asked for
METHODS = ("get", "put", "post", "delete", "patch", "head", "options", "trace")

P = ParamSpec("P")
T = TypeVar("T")

_FORGET: list[Callable[[], None]] = []  # one for each function that remembers what it read in a document
_OVERLAYS: list[Path] = []


def cached(function: Callable[P, T], size: int | None = None) -> Callable[P, T]:
    """Remembers results as functools.cache does, until other overlays are used."""
    remembering = lru_cache(size)(function)
    _FORGET.append(remembering.cache_clear)
    return cast("Callable[P, T]", remembering)


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
        return tuple(PARAMETER.findall(self.path))

    @property
    def writes(self) -> bool:
        return not self.safe

    def url_path(self, values: Mapping[str, object]) -> str:
        """The path with its parameters filled in and percent-encoded."""
        return self.path.format(**{name: quote(str(value), safe="") for name, value in values.items()})

    def __str__(self) -> str:
        return f"{self.id} ({self.method} {self.path})"


@dataclass(frozen=True)
class Home:
    """What the people of an API share, such as a domain: the parameter that names it, and where a mock lists them."""

    parameter: str
    listed: str


@dataclass(frozen=True)
class Creation:
    """An operation that makes what another one can delete: what a sandbox may do.

    `parameter` names the object in paths, `id` and `name` are properties of it, and `homes` lists where it belongs.
    """

    parameter: str
    id: str
    name: str
    homes: str


def spec_file(api: str) -> Path:
    """Where the document is."""
    return SPECS / f"{api}.yaml"


def home_of(api: str) -> Home:
    """What the people of an API share (`x-home` in its document)."""
    return Home(**document(api)["info"]["x-home"])


def has_documented_answers(api: str) -> bool:
    """Whether the source of an API says what its answers look like (`x-answers` in its document)."""
    return bool(document(api)["info"].get("x-answers") != "inferred")


@cached
def creations() -> dict[str, Creation]:
    """What a sandbox may create, by operationId (`x-creates` in the documents)."""
    every = ((one.id, definition(one)) for api in APIS for one in operations(api).values())
    return {id_: Creation(**found["x-creates"]) for id_, found in every if "x-creates" in found}


def overlays() -> tuple[Path, ...]:
    """The files that change the documents in this process."""
    return tuple(_OVERLAYS)


def use_overlays(files: Sequence[Path]) -> None:
    """Changes the documents by these files, in their order, and by no others. Raises OverlayError, and all is as before."""
    before = overlays()
    _put(files)
    try:
        _documents()
    except OverlayError:
        _put(before)
        raise


def _put(files: Sequence[Path]) -> None:
    if not files and not _OVERLAYS:
        return  # the usual case, and what is remembered took seconds to make
    _OVERLAYS[:] = files
    for forget in _FORGET:
        forget()


def document(api: str) -> dict[str, Any]:
    """The OpenAPI document, with the overlays applied; callers must not change it."""
    return _documents()[api]


@cache
def _written() -> bytes:
    """The documents as they are written; pickled, since overlays change what they are given, and YAML takes long to read."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return pickle.dumps({api: yaml.load(spec_file(api).read_text("utf-8"), Loader=loader) for api in APIS})


@cached
def _documents() -> dict[str, dict[str, Any]]:
    plain = pickle.loads(_written())
    changed = reduce(fitted, _OVERLAYS, plain)
    for found in changed.values():
        give_links_their_bodies(found)
    return {api: without_dead_links(changed[api]) for api in changed} if _OVERLAYS else plain


@cached
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


def api_of(id_: str) -> str:
    """The API that has an operation; empty for none."""
    return next((api for api in APIS if id_ in operations(api)), "")


def resolved(api: str, node: Any) -> Any:
    """A part of the document, or what its $ref points to."""
    while isinstance(node, dict) and "$ref" in node:
        node = reduce(lambda part, key: part[key], node["$ref"].removeprefix("#/").split("/"), document(api))
    return node


@cached
def statuses(operation: Operation) -> tuple[str, ...]:
    """The statuses that the document gives an operation, in rising order."""
    return tuple(sorted(map(str, definition(operation)["responses"])))


@cached
def parameters(operation: Operation) -> tuple[tuple[str, str], ...]:
    """What a request may hold, as pairs of place (path, query, header, body) and name; of a JSON body the properties."""
    api = operation.api
    item = document(api)["paths"][operation.path]
    listed = [resolved(api, one) for one in (*item.get("parameters", ()), *definition(operation).get("parameters", ()))]
    found = [(str(one["in"]), str(one["name"])) for one in listed]
    content = resolved(api, definition(operation).get("requestBody", {})).get("content", {})
    for media_type, described in content.items():
        schema = resolved(api, described.get("schema", {}))
        found += [("body", name) for name in schema.get("properties", {})] if "json" in media_type else [("body", media_type)]
    return tuple(dict.fromkeys(found))


def definition(operation: Operation) -> dict[str, Any]:
    definition: dict[str, Any] = document(operation.api)["paths"][operation.path][operation.method.lower()]
    return definition


def wrong_logins(api: str) -> dict[str, dict[str, str]]:
    """Headers that log nobody in: none at all, and a wrong secret for each way to log in."""
    schemes = document(api)["components"]["securitySchemes"].values()
    cookies = [scheme["name"] for scheme in schemes if scheme.get("in") == "cookie"]
    wrong = {"no credentials": {}, "a wrong token": {"Authorization": "Bearer wrong"}}
    return wrong | {f"a wrong cookie {name}": {"Cookie": f"{name}=wrong"} for name in cookies}


@cached
def _routes() -> list[tuple[re.Pattern[str], Operation]]:
    """Those without parameters first, by their segments from left to right: a literal path wins over a template."""
    known = [op for api in _documents() for op in operations(api).values()]
    known.sort(key=lambda op: ["{" in segment for segment in op.path.split("/")])
    return [(_pattern(op.path), op) for op in known]


def _pattern(path: str) -> re.Pattern[str]:
    literals = [re.escape(_encoded(part)) for part in PARAMETER.sub("{}", path).split("{}")]
    return re.compile("([^/]+)".join(literals))


def _encoded(path: str) -> str:
    # A server takes an encoded letter for the plain one.
    return "/".join(quote(unquote(segment), safe="") for segment in path.split("/"))


@partial(cached, size=REMEMBERED)
def find_operation(method: str, path: str) -> Operation | None:
    """The operation that a request reaches, or None for an unknown path or verb."""
    encoded = _encoded(path)
    return next((op for pattern, op in _routes() if op.method == method and pattern.fullmatch(encoded)), None)


def find_route(path: str) -> tuple[str, dict[str, str]] | None:
    """The path template that a path reaches, whatever the verb, and its parameters, decoded; None for an unknown path."""
    encoded = _encoded(path)
    for pattern, operation in _routes():
        if found := pattern.fullmatch(encoded):
            return operation.path, dict(zip(operation.parameters, map(unquote, found.groups()), strict=True))
    return None
