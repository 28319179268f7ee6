"""A second judge, beside Schemathesis: openapi-core looks at all that laws, machines and security tests exchange.

It takes milliseconds a look, so what it has seen once is remembered, bodies and headers each by themselves: two of three repeat.
"""

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial, reduce
from itertools import chain
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit

from jsonschema_path import SchemaPath
from openapi_core import V31RequestValidator
from openapi_core.datatypes import RequestParameters
from requests import Response
from werkzeug.datastructures import Headers, ImmutableMultiDict

from contract_tests.contract.cause import header, wrong_status
from contract_tests.contract.checks import media_type
from contract_tests.contract.finding import Finding, Flaw, Kind
from contract_tests.contract.operations import METHODS, Operation, cached, document, has_documented_answers, statuses
from contract_tests.contract.place import place
from contract_tests.contract.shape import violations
from contract_tests.insides.of_openapi_core import (
    HeaderValidationError,
    MediaTypeNotFound,
    MissingHeaderError,
    MissingRequiredRequestBody,
    ParameterValidationError,
    PathOperationServer,
    ResponseNotFound,
    TemplateResult,
    V31ResponseDataValidator,
    V31ResponseHeadersValidator,
    oas31_schema_casters_factory,
    oas31_schema_validators_factory,
)

Pairs = tuple[tuple[str, str], ...]

JUDGE = "openapi-core"
SUCCESSES, SERVER_ERROR = range(200, 300), 500
REMEMBERED = 10_000
NOISE = {"date", "server", "connection", "accept", "accept-encoding", "user-agent", "authorization", "cookie", "x-mock-session"}
RAW = ("image/png", "image/gif", "image/jpeg", "application/octet-stream", "*/*")


def disagreements(
    operation: Operation, path: Iterable[tuple[str, object]], response: Response, *, inferred: bool
) -> list[Finding]:
    """What is wrong with an answer by its spec, and with a success that a malformed request met.

    `path` are the parameters in the path as the caller gave them. Without `inferred` only what the documents say counts.
    """
    request, status = response.request, response.status_code
    if status >= SERVER_ERROR:
        return []  # that it broke is for those to tell who asked; what it says then is no contract
    if not inferred and not (has_documented_answers(operation.api) and status in SUCCESSES):
        return []
    wrong = list(_of_body(operation, status, _kind(response.headers), response.content))
    wrong += _of_headers(operation, status, _documented(operation, response.headers))
    if inferred and status in SUCCESSES:
        body = request.body.encode() if isinstance(request.body, str) else request.body
        query = tuple(parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True))
        named = tuple((name, str(value)) for name, value in path if name in operation.parameters)
        flaws = _of_request(operation, named, query, _telling(request.headers), body)
        wrong += [_finding(operation, status, Kind.ACCEPTED, flaw=flaw, got=status) for flaw in flaws]
    return wrong


def _kind(headers: Mapping[str, Any]) -> str:
    return str(headers.get("Content-Type", ""))


def _finding(operation: Operation, status: int, kind: Kind, **more: Any) -> Finding:
    return Finding(operation.api, operation.id, kind, status=status, judge=JUDGE, **more)


def _telling(headers: Mapping[str, Any]) -> Pairs:
    """The headers without those that differ from request to request and stand in no spec."""
    return tuple((name, str(value)) for name, value in headers.items() if name.lower() not in NOISE)


def _documented(operation: Operation, headers: Mapping[str, Any]) -> Pairs:
    """The headers that the document names in any answer of the operation."""
    named = _named_headers(operation)
    return tuple((name, str(value)) for name, value in headers.items() if name.lower() in named)


@dataclass
class _Request:
    """A request as openapi-core wants to see it."""

    operation: Operation
    parameters: RequestParameters = field(default_factory=RequestParameters)
    content_type: str = ""
    body: bytes | None = None
    host_url: str = ""

    @property
    def method(self) -> str:
        return self.operation.method

    @property
    def path(self) -> str:
        return self.operation.path


@dataclass
class _Response:
    """An answer as openapi-core wants to see it."""

    status_code: int
    content_type: str
    headers: Headers
    data: bytes


class _Known:
    """The operation is known, so that it need not be searched for among all paths (to mypy, the search has another type)."""

    def _find_path(self, request: _Request) -> PathOperationServer:
        return _place(request.operation)


class _RequestJudge(_Known, V31RequestValidator):  # type: ignore[misc]  # see _Known
    pass


class _BodyJudge(_Known, V31ResponseDataValidator):  # type: ignore[misc]  # see _Known
    pass


class _HeaderJudge(_Known, V31ResponseHeadersValidator):  # type: ignore[misc]  # see _Known
    pass


@partial(cached, size=REMEMBERED)
def _of_body(operation: Operation, status: int, kind: str, body: bytes) -> tuple[Finding, ...]:
    # Its own reading of a Content-Type does not survive one that is malformed.
    answer = _Response(status, media_type(kind), Headers(), body)
    try:
        errors = list(_judges(operation.api).body.iter_errors(_Request(operation), answer))
    except (RecursionError, UnicodeEncodeError):
        # It reads the body as JSON, however deep that is nested, and with `regress` installed it breaks down on half a character.
        return (_finding(operation, status, Kind.BODY, keyword="json"),)
    found = chain.from_iterable(_told(operation, status, kind, body, error) for error in errors)
    return tuple(replace(one, judge=JUDGE) for one in found)


@partial(cached, size=REMEMBERED)
def _of_headers(operation: Operation, status: int, headers: Pairs) -> tuple[Finding, ...]:
    if str(status) not in statuses(operation):
        return ()  # as is told with the body
    errors = _judges(operation.api).headers.iter_errors(_Request(operation), _Response(status, "", Headers(list(headers)), b""))
    found = chain.from_iterable(_told(operation, status, "", b"", error) for error in errors)
    return tuple(replace(one, judge=JUDGE) for one in found)


@partial(cached, size=REMEMBERED)
def _of_request(operation: Operation, path: Pairs, query: Pairs, headers: Pairs, body: bytes | None) -> tuple[Flaw, ...]:
    judge = _judges(operation.api).request
    sent = Headers(list(headers))
    parameters = RequestParameters(
        path=dict(path), query=ImmutableMultiDict(query), header=sent, cookie=ImmutableMultiDict[str, str]()
    )
    try:
        errors = list(judge.iter_errors(_Request(operation, parameters, sent.get("Content-Type", ""), body)))
    except UnicodeEncodeError:  # with `regress` installed it breaks down on half a character, which it takes otherwise
        return ()
    if "Content-Type" in sent:  # an empty file, which it takes for none
        errors = [error for error in errors if not isinstance(error, MissingRequiredRequestBody)]
    return tuple(_flaw(error) for error in errors)


def _flaw(error: Exception) -> Flaw:
    if isinstance(error, ParameterValidationError):
        return Flaw(str(error.location), str(error.name))
    first = next(iter(getattr(_cause(error), "schema_errors", ())), None)
    if first is None:
        return Flaw("body")
    missing = _missing(first)
    return Flaw("body", str([*first.absolute_path, *missing, ""][0]))


def _missing(error: Any) -> list[str]:
    """The properties that are missing, of an error that says so."""
    return [name for name in error.validator_value if name not in error.instance] if error.validator == "required" else []


def _told(operation: Operation, status: int, kind: str, body: bytes, error: Exception) -> list[Finding]:
    """An error of openapi-core by its innermost reason: what is around that says only that something is wrong."""
    cause = _cause(error)
    if isinstance(cause, ResponseNotFound):
        wrong = _finding(operation, status, Kind.STATUS, expected=_statuses(operation), got=status)
        return [wrong_status(wrong, _statuses(operation))]
    if isinstance(cause, MediaTypeNotFound):
        found = media_type(kind)
        return [_finding(operation, status, Kind.CONTENT_TYPE, expected=list(cause.availableMimetypes), got=found)]
    if isinstance(error, HeaderValidationError):
        keyword = "required" if isinstance(error, MissingHeaderError) else "schema"
        return [_finding(operation, status, Kind.HEADER, keyword=keyword, place=header(error.name))]
    if getattr(cause, "schema_errors", ()):
        # Its own errors name a missing property in their message alone.
        return violations(operation, status, kind, body) or [_of_schema(operation, status, one) for one in cause.schema_errors]
    return [_finding(operation, status, Kind.BODY, keyword="json" if "json" in kind else "unreadable")]


def _of_schema(operation: Operation, status: int, error: Any) -> Finding:
    return _finding(
        operation, status, Kind.SCHEMA, keyword=str(error.validator), place=place(operation, status, error.absolute_path)
    )


def _statuses(operation: Operation) -> list[int]:
    return [int(one) for one in statuses(operation) if one.isdigit()]


def _cause(error: BaseException) -> Any:
    while error.__cause__ is not None:
        error = error.__cause__
    return error


class _Judges(NamedTuple):
    request: _RequestJudge
    body: _BodyJudge
    headers: _HeaderJudge


@cached
def _judges(api: str) -> _Judges:
    more: dict[str, Any] = {
        "extra_media_type_deserializers": dict.fromkeys(RAW, _raw),
        "schema_validators_factory": _MadeOnce(oas31_schema_validators_factory),
        "schema_casters_factory": _MadeOnce(oas31_schema_casters_factory),
    }
    spec = _spec(api)
    return _Judges(_RequestJudge(spec, **more), _BodyJudge(spec, **more), _HeaderJudge(spec, **more))


class _MadeOnce:
    """A factory of openapi-core, which would make what validates or reads a value anew for each of them."""

    def __init__(self, factory: Any) -> None:
        self._factory, self._made = factory, dict[tuple[Any, ...], Any]()

    def create(self, spec: SchemaPath, schema: SchemaPath, **options: Any) -> Any:
        place = tuple(schema.parts)
        if place not in self._made:
            self._made[place] = self._factory.create(spec, schema, **options)
        return self._made[place]


def _raw(data: bytes, **_parameters: str) -> str:
    # The specs say `type: string` of raw bytes, and openapi-core takes bytes for no string; each byte is one character here.
    return data.decode("latin-1")


@cached
def _spec(api: str) -> SchemaPath:
    return SchemaPath.from_dict(_plain(api), resolved_cache_maxsize=REMEMBERED)


@cached
def _plain(api: str) -> dict[str, Any]:
    # Without security: laws send what nobody may send, and look at the refusals themselves.
    open_to_all = copy.deepcopy(document(api))
    for node in (open_to_all, *(item[m] for item in open_to_all["paths"].values() for m in METHODS if m in item)):
        node.pop("security", None)
    inlined: dict[str, Any] = _inlined(open_to_all, open_to_all)
    return inlined


@cached
def _named_headers(operation: Operation) -> frozenset[str]:
    """The headers that the document names in answers of an operation, in small letters."""
    responses = _plain(operation.api)["paths"][operation.path][operation.method.lower()]["responses"]
    return frozenset(name.lower() for response in responses.values() for name in response.get("headers", ()))


def _inlined(value: Any, root: Any) -> Any:
    """The document without $ref: following them takes half of the time."""
    if isinstance(value, list):
        return [_inlined(item, root) for item in value]
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("$ref"), str):
        return _inlined(reduce(lambda node, key: node[key], value["$ref"].removeprefix("#/").split("/"), root), root)
    return {key: _inlined(item, root) for key, item in value.items()}


@cached
def _place(operation: Operation) -> PathOperationServer:
    path = _spec(operation.api) / "paths" / operation.path
    return PathOperationServer(path, path / operation.method.lower(), None, TemplateResult("", {}), None)
