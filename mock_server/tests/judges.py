"""Two judges of a request: the mock's own validators, and openapi-core, which shares no code with them."""

from __future__ import annotations

import copy
import functools
from dataclasses import dataclass
from typing import Any

from jsonschema_path import SchemaPath
from jsonschema_path.nodes import SchemaNode
from openapi_core import Config, OpenAPI
from openapi_core.casting.schemas import oas31_schema_casters_factory
from openapi_core.datatypes import RequestParameters
from openapi_core.exceptions import OpenAPIError
from openapi_core.templating.paths.finders import APICallPathFinder
from openapi_core.validation.schemas import oas31_schema_validators_factory
from werkzeug.datastructures import Headers, ImmutableMultiDict

from mock_server.clock import Clock
from mock_server.errors import Problem
from mock_server.spec import load_apis
from mock_server.tests.documents import METHODS, document
from mock_server.tests.mutations import Sent
from mock_server.validation import Incoming, RequestValidator, Schemas


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a judge accepts a request, and if not, why; crashed: it broke down on it."""

    accepts: bool
    reason: str = ""
    crashed: bool = False


def mock_verdict(sent: Sent) -> Verdict:
    """What the mock says about everything but credentials and state."""
    query: dict[str, list[str]] = {}
    for name, text in sent.query:
        query.setdefault(name, []).append(text)
    incoming = Incoming(
        session="default",
        path=sent.path,
        query=query,
        headers=Headers(list(sent.headers.items())),
        cookies={},
        content_type=sent.content_type,
        body=sent.body,
        origin="http://127.0.0.1:8000",
        client="127.0.0.1",
        clock=Clock(),
    )
    validator = _validators(sent.operation.api)[sent.operation.id]
    try:
        validator.parameters(incoming)
        validator.body(incoming)
    except Problem as problem:
        return Verdict(accepts=False, reason=problem.detail)
    return Verdict(accepts=True)


@functools.cache
def _validators(api: str) -> dict[str, RequestValidator]:
    loaded = load_apis([api])[api]
    schemas = Schemas(loaded)
    return {operation.id: RequestValidator(schemas, operation) for operation in loaded.operations}


class _Request:
    """A request as openapi-core wants to see it."""

    host_url = "http://127.0.0.1:8000"

    def __init__(self, sent: Sent) -> None:
        self.method = sent.operation.method
        self.path = self.path_pattern = sent.operation.path
        self.content_type = sent.content_type
        self.body = sent.body
        self.parameters = RequestParameters(
            path=dict(sent.path),
            query=ImmutableMultiDict(sent.query),
            header=Headers(list(sent.headers.items())),
            cookie=ImmutableMultiDict(),
        )


def openapi_core_verdict(sent: Sent) -> Verdict:
    """What openapi-core says about the same."""
    try:
        _openapi(sent.operation.api).validate_request(_Request(sent))
    except OpenAPIError as error:
        return Verdict(accepts=False, reason=f"{error!r} {error.__cause__!r}"[:300])
    except (ValueError, RecursionError) as error:
        return Verdict(accepts=False, reason=repr(error), crashed=True)
    return Verdict(accepts=True)


def _raw(data: bytes, **_parameters: str) -> str:
    # The specs say `type: string` of raw bytes, and openapi-core takes bytes for no string; each byte is one character here.
    return data.decode("latin-1")


class _PathFinder(APICallPathFinder):
    """Looks for each operation once, which takes as long as to judge a request."""

    find = functools.cache(APICallPathFinder.find)


def _part(node: Any, part: int | str) -> Any:
    try:
        return node[part]
    except (KeyError, IndexError, TypeError) as error:
        raise KeyError(part) from error


# What it does else is to ask first whether the node has parts, for which Python 3.11 takes a quarter of a judgement.
SchemaNode._get_subnode = staticmethod(_part)  # type: ignore[method-assign]


class _MadeOnce:
    """A factory of openapi-core, which would make what validates or reads a value anew for each of them."""

    def __init__(self, factory: Any) -> None:
        self._factory, self._made = factory, dict[tuple[Any, ...], Any]()

    def create(self, spec: SchemaPath, schema: SchemaPath, **options: Any) -> Any:
        place = tuple(schema.parts)
        if place not in self._made:
            self._made[place] = self._factory.create(spec, schema, **options)
        return self._made[place]


@functools.cache
def _openapi(api: str) -> OpenAPI:
    # Without security: credentials are tried elsewhere.
    open_to_all: dict[str, Any] = copy.deepcopy(document(api))
    for node in (open_to_all, *(item[m] for item in open_to_all["paths"].values() for m in METHODS if m in item)):
        node.pop("security", None)
    raw = ("image/png", "image/gif", "image/jpeg", "application/octet-stream", "*/*")
    made_once: dict[str, Any] = {
        "path_finder_cls": _PathFinder,
        "schema_casters_factory": _MadeOnce(oas31_schema_casters_factory),
        "schema_validators_factory": _MadeOnce(oas31_schema_validators_factory),
    }
    return OpenAPI.from_dict(open_to_all, config=Config(extra_media_type_deserializers=dict.fromkeys(raw, _raw), **made_once))
