"""Faults in what a server makes of requests: odd texts, limits, properties that nobody knows. For both APIs."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from contract_tests.faults import changes as f
from contract_tests.faults.described import Described, described, some
from contract_tests.faults.planting import Change, Fault, Request, Response, Send

LONG = 120
Json = dict[str, Any]


def faults() -> Iterator[Fault]:
    """All of them."""
    texts = [one for one in described() if _texts_of(one)]
    for one in some(iter(texts), 3):
        yield _fault(one, 6, "500 on astral letters", broken_by(lambda text: any(ord(letter) > 0xFFFF for letter in text)))
        yield _fault(one, 7, "500 on long texts", broken_by(lambda text: len(text) > LONG))
    for one, name in _optional():
        yield _fault(one, 18, f"{name} is required", refused_without(name))
    for one in some((o for o in described() if _limited(o)), 4):
        name, schema = _limited(one)[0]
        yield _fault(one, 19, f"{name}: the limit itself refused", refused_at(name, schema))
        yield _fault(one, 19, f"{name}: one more taken", taken_beyond(name, schema))
    for one in some((o for o in described() if o.body.get("additionalProperties") is False), 3):
        yield _fault(one, 20, "unknown properties taken", f.accepted("400", _only_known(one)))
    for one in some((o for o in described() if o.query), 3):
        yield _fault(one, 20, "malformed query taken", f.lenient)
    for one in some((o for o in described() if o.body.get("properties") and o.answer.get("properties")), 3):
        yield _fault(one, 48, "what is sent is shown, whatever it is", _echoed(one))


def _fault(one: Described, operator: int, name: str, change: Change) -> Fault:
    return Fault(one.api, operator, name, one.operation.id, change)


def _texts_of(one: Described) -> bool:
    schemas = [one.resolved(schema) for schema in one.body.get("properties", {}).values()] + list(one.query.values())
    return any(schema.get("type") == "string" and schema.get("maxLength", 0) > LONG for schema in schemas)


def _optional() -> Iterator[tuple[Described, str]]:
    """An optional part of a request for each operation that has one."""
    for one in some((o for o in described() if _may_be_absent(o)), 3):
        yield one, _may_be_absent(one)[0]


def _may_be_absent(one: Described) -> list[str]:
    parameters = [p["name"] for p in one.parameters if p["in"] == "query" and not p.get("required")]
    return [*(name for name in one.body.get("properties", {}) if name not in one.body.get("required", ())), *parameters]


def _limited(one: Described) -> list[tuple[str, Json]]:
    """Parts of the request that have a greatest length or value."""
    found = {name: one.resolved(schema) for name, schema in one.body.get("properties", {}).items()} | one.query
    return [(name, schema) for name, schema in found.items() if _limit(schema)]


def _limit(schema: Json) -> int:
    """The greatest length or value; one that nobody tries is none."""
    if "pattern" in schema and schema.get("maxLength", 0) <= 10:
        return 0
    limit: int = schema.get("maxLength") or schema.get("maxItems") or schema.get("maximum") or 0
    return limit


def broken_by(odd: Callable[[str], bool]) -> Change:
    """500 for a request with such a text in it."""

    def change(asked: Request, send: Send) -> Response:
        if any(odd(text) for text in (*asked.query.values(), *_strings(json_of(asked)))):
            return Response("500 Internal Server Error", {"Content-Type": "application/json"}, b"{}")
        return send(asked)

    return change


def refused_without(name: str) -> Change:
    def change(asked: Request, send: Send) -> Response:
        body = json_of(asked)
        there = name in asked.query or (isinstance(body, dict) and name in body)
        return send(asked) if there else refusal()

    return change


def refused_at(name: str, schema: Json) -> Change:
    """The greatest value that is allowed is refused."""

    def change(asked: Request, send: Send) -> Response:
        return refusal() if _size(asked, name, schema) == _limit(schema) else send(asked)

    return change


def taken_beyond(name: str, schema: Json) -> Change:
    """A value that is one too great is taken, and cut."""

    def change(asked: Request, send: Send) -> Response:
        return send(_cut(asked, name, schema) if _size(asked, name, schema) == _limit(schema) + 1 else asked)

    return change


def refusal(status: str = "400 Bad Request") -> Response:
    code, _, message = status.partition(" ")
    error = {"code": int(code), "message": message, "details": "because of a fault"}
    return Response(status, {"Content-Type": "application/json"}, json.dumps({"error": error}).encode())


def _size(asked: Request, name: str, schema: Json) -> int | None:
    body = json_of(asked)
    value = asked.query.get(name) if name in asked.query else body.get(name) if isinstance(body, dict) else None
    if "maximum" in schema:
        return int(str(value)) if str(value).isdecimal() else None
    return len(value) if isinstance(value, str | list) else None


def _cut(asked: Request, name: str, schema: Json) -> Request:
    limit = _limit(schema)
    if name in asked.query:
        value = str(limit) if "maximum" in schema else asked.query[name][:limit]
        return replace(asked, query=asked.query | {name: value})
    return f.with_body(asked, lambda body: body | {name: limit if "maximum" in schema else body[name][:limit]})


def json_of(asked: Request) -> Any:
    """The JSON of a request, or None."""
    try:
        return json.loads(asked.body)
    except ValueError:
        return None


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _strings(one)


def _only_known(one: Described) -> Callable[[Request], Request]:
    known = set(one.body["properties"])

    def change(body: Any) -> Any:
        return {name: value for name, value in body.items() if name in known} if isinstance(body, dict) else body

    return lambda asked: f.with_body(asked, change)


def _echoed(one: Described) -> Change:
    """Properties that only the server gives are taken from the request."""
    known, own = set(one.body["properties"]), set(one.answer["properties"])
    only_known = _only_known(one)

    def change(asked: Request, send: Send) -> Response:
        body, answer = json_of(asked), send(asked)
        extra = {name: value for name, value in body.items() if name in own - known} if isinstance(body, dict) else {}
        if extra and answer.status.startswith("400"):
            answer = send(only_known(asked))
        return answer.with_json(answer.json | extra) if extra and answer.status.startswith("2") else answer

    return change
