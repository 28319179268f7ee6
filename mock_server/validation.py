"""Request and response validators, compiled once at boot from the spec."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, NamedTuple, Protocol

import jsonschema_rs
import orjson

from mock_server.clock import Clock
from mock_server.errors import BootError, Problem, bad_request
from mock_server.nesting import parse_json
from mock_server.spec import ANY, JSON, Api, Operation, Parameter, Schema

# Longer digit strings are out of every range a spec names, and int() refuses them past 4,300 digits.
_INTEGER = re.compile(r"-?[0-9]{1,400}")
_NUMBER = re.compile(r"-?[0-9]{1,400}(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "false": False}


class Texts(Protocol):
    """Anything that finds a text by name: a dictionary, or headers, which do so without regard to case."""

    def get(self, key: str, /) -> str | None: ...


# What each request makes is a tuple: a frozen dataclass of so many fields takes three times as long.
class Incoming(NamedTuple):
    """A request as it came, before anything is believed.

    session is the name of the session it belongs to; query maps names to all values given; body is its bytes, or why they
    could not be read; origin is the URL at which the API is seen, with a session's path prefix; client is the address that the
    request came from; clock is the session's.
    """

    session: str
    path: Mapping[str, str]
    query: Mapping[str, list[str]]
    headers: Texts
    cookies: Texts
    content_type: str
    body: bytes | Problem
    origin: str
    client: str
    clock: Clock


_PLACES: dict[str, Callable[[Incoming], Texts]] = {
    "path": attrgetter("path"),
    "header": attrgetter("headers"),
    "cookie": attrgetter("cookies"),
}


class Schemas:
    """The schemas of one API, compiled; most stand in many operations, and each is compiled once."""

    def __init__(self, api: Api) -> None:
        self._components, self._source = api.components, api.source
        self._compiled: dict[bytes, jsonschema_rs.Draft202012Validator] = {}

    def compiled(self, schema: Schema) -> jsonschema_rs.Draft202012Validator:
        """A validator that checks formats too; references into the spec's components work."""
        key = orjson.dumps(schema)
        if key not in self._compiled:
            document = {**schema, "components": {"schemas": self._named(schema)}}
            try:
                self._compiled[key] = jsonschema_rs.Draft202012Validator(document, validate_formats=True)
            except jsonschema_rs.ValidationError as error:
                raise BootError(f"{self._source}: a schema is not valid: {error.message}") from error
        return self._compiled[key]

    def _named(self, schema: Any) -> dict[str, Schema]:
        """The components that the schema refers to, and those that they refer to: with all of them in it, each validator would
        be ten times as large."""
        found: dict[str, Schema] = {}
        waiting = [schema]
        while waiting:
            for name in _references(waiting.pop()) - found.keys():
                if name not in self._components.get("schemas", {}):
                    raise BootError(f"{self._source}: a schema refers to #/components/schemas/{name}, which is not there")
                found[name] = self._components["schemas"][name]
                waiting.append(found[name])
        return found


def _references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_references(item) for item in value.values()))
    return set().union(*(_references(item) for item in value)) if isinstance(value, list) else set()


class RequestValidator:
    """Turns an Incoming into parameter values and a body, or raises Problem 400 (413 for a body that is too long)."""

    def __init__(self, schemas: Schemas, operation: Operation) -> None:
        self._parameters = [(p, schemas.compiled(p.schema)) for p in operation.parameters]
        self._absent = operation.absent
        self._body = operation.body
        self._json = None
        if operation.body and JSON in operation.body.media:
            self._json = schemas.compiled(operation.body.media[JSON])

    def parameters(self, incoming: Incoming) -> dict[str, Any]:
        """Values by name, defaults filled in; an optional parameter that is missing and has no default is None."""
        given = {p.name: self._parameter(p, validator, incoming) for p, validator in self._parameters}
        return {**self._absent, **given} if self._absent else given

    def _parameter(self, parameter: Parameter, validator: jsonschema_rs.Draft202012Validator, incoming: Incoming) -> Any:
        text = _single_text(parameter, incoming)
        if text is None:
            if parameter.required:
                raise _refused(parameter, " is missing")
            return parameter.default
        value = _typed(parameter, text)
        if not validator.is_valid(value):
            raise _refused(parameter, _first_error(validator, value))
        return value

    def body(self, incoming: Incoming) -> Any:
        """The parsed JSON, the raw bytes, or None where the operation takes no body."""
        data = incoming.body
        if isinstance(data, Problem):
            raise data
        if self._body is None:
            return None
        media_type = incoming.content_type.partition(";")[0].strip().lower()
        if not data and not self._body.required:
            return None
        # A media type tells a file that is empty from one that is not there.
        if not data and (self._json or not media_type):
            raise bad_request("the request body is missing")
        if self._json and media_type == JSON:
            return self._parse(data)
        if media_type in self._body.media or ANY in self._body.media:
            return data
        raise bad_request(f"the request body must be {' or '.join(self._body.media)}, not {media_type or 'without a type'}")

    def _parse(self, data: bytes) -> Any:
        assert self._json is not None
        try:
            value = parse_json(data)
        except ValueError as error:
            raise bad_request(f"the request body cannot be read as JSON: {error}") from error
        if not self._json.is_valid(value):
            raise bad_request(f"request body{_first_error(self._json, value)}")
        return value


class ResponseValidator:
    """Says what is wrong with a reply, so that a bug of the mock is never taken for the contract."""

    def __init__(self, schemas: Schemas, operation: Operation) -> None:
        self._responses = operation.responses
        self._validators = {
            status: schemas.compiled(response.media[JSON])
            for status, response in operation.responses.items()
            if JSON in response.media
        }

    def error(self, status: int, media_type: str | None, headers: Mapping[str, str], body: object) -> str | None:
        """None if the reply keeps to the spec, else one line that names the place."""
        response = self._responses.get(str(status))
        if response is None:
            return f"status {status} is not in the spec"
        if media_type not in response.media and ANY not in response.media and (media_type or response.media):
            return f"status {status} is {media_type or 'empty'}, the spec has {', '.join(response.media) or 'no body'}"
        missing = [name for name, required in response.headers.items() if required and name not in headers]
        if missing:
            return f"status {status} lacks the headers {', '.join(missing)}"
        validator = self._validators.get(str(status)) if media_type == JSON else None
        if validator and not validator.is_valid(body):
            return f"status {status} body{_first_error(validator, body)}"
        return None


def _single_text(parameter: Parameter, incoming: Incoming) -> str | None:
    if parameter.location == "query":
        texts = incoming.query.get(parameter.name)
        if texts and len(texts) > 1:
            raise _refused(parameter, f" is given {len(texts)} times")
        return texts[0] if texts else None
    return _PLACES[parameter.location](incoming).get(parameter.name)


def _typed(parameter: Parameter, text: str) -> Any:
    kind = parameter.kind
    if kind == "string":
        return text
    if kind == "integer" and _INTEGER.fullmatch(text):
        return int(text)
    if kind == "number" and _NUMBER.fullmatch(text):
        return float(text)
    if kind == "boolean" and text in _BOOLEANS:
        return _BOOLEANS[text]
    raise _refused(parameter, f" is not of type {kind}")


def _refused(parameter: Parameter, why: str) -> Problem:
    return bad_request(f"{parameter.location} parameter {parameter.name}{why}")


def _first_error(validator: jsonschema_rs.Draft202012Validator, value: Any) -> str:
    # Not iter_errors(): that collects all of them, and there may be tens of thousands.
    try:
        validator.validate(value)
    except jsonschema_rs.ValidationError as found:
        error = found
    pointer = "".join(f"/{part}" for part in error.instance_path)
    return f"{pointer}: {error.message[:300]}"
