"""Faults in the form of answers: statuses, headers, properties. Each kind is planted into several operations of both APIs."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

from contract_tests.faults import changes as f
from contract_tests.faults.described import Described, described, some
from contract_tests.faults.planting import Change, Fault, Response

Json = dict[str, Any]
OTHER_SUCCESS = {"200": "201 Created", "201": "200 OK", "204": "205 Reset Content"}
OTHER_REFUSAL = {"400": "422 Unprocessable Content", "404": "410 Gone", "403": "406 Not Acceptable"}
WRONG = {"string": ["text"], "integer": "7", "number": "7", "boolean": "yes", "array": {}, "object": []}


def faults() -> Iterator[Fault]:
    """All of them."""
    yield from _of_statuses()
    yield from _of_headers()
    yield from _of_properties()


def _of_statuses() -> Iterator[Fault]:
    for one in some(o for o in described() if o.operation.method == "POST" or o.success == "204"):
        yield _fault(one, 1, "another success", f.becomes(OTHER_SUCCESS[one.success], one.success), one.success)
    for one in some(iter(described()), 2):
        yield _fault(one, 2, "203", f.becomes("203 Non-Authoritative Information", one.success), one.success)
    for status, other in OTHER_REFUSAL.items():
        for one in some((o for o in described() if status in o.statuses), 1):
            yield _fault(one, 2, f"{other[:3]} for {status}", f.answers(_recoded(other), status), status)
    for one in some(o for o in described() if "404" in o.statuses and o.answer):
        yield _fault(one, 3, "404 becomes an empty success", f.answers(_nothing(one), "404"), "404")
    for one in some(o for o in described() if o.success == "204"):
        yield _fault(one, 4, "204 with a body", f.answers(lambda a: replace(a, body=b"{}"), "204"), "204")
    for one in some(o for o in described() if "400" in o.statuses):
        yield _fault(one, 5, "400 becomes 500", f.becomes("500 Internal Server Error", "400"), "400")


def _of_headers() -> Iterator[Fault]:
    html, plain = _typed("text/html"), _typed("text/plain")
    for one in some(o for o in described() if o.answer):
        yield _fault(one, 8, "success as HTML", f.answers(html), "2")
    for one in some((o for o in described() if "404" in o.statuses), 2):
        yield _fault(one, 8, "refusal as text", f.answers(plain, "404"), "404")
    for one in described():
        for status in one.statuses:
            for name in one.headers(status):
                if name not in {"WWW-Authenticate", "Content-Length"}:
                    yield _fault(one, 9, f"{status} without {name}", f.without_header(name, status), status)
    for one in some(o for o in described() if o.operation.id != "deleteCommunity"):
        yield _fault(one, 11, "405 without Allow", f.without_header("Allow", "405"), "405")
        yield _fault(one, 11, "405 that allows anything", f.answers(_allowing("GET, PUT, POST, DELETE, PATCH"), "405"), "405")
    for one in some(o for o in described() if o.operation.needs_login):
        yield _fault(one, 12, "no challenge", f.without_header("WWW-Authenticate", "401"), "401")


def _of_properties() -> Iterator[Fault]:
    with_properties = [one for one in described() if one.required]
    for one in some(iter(with_properties), 2):
        name = one.required[0]
        yield _fault(one, 13, f"{name} missing", f.objects(each(partial(_less, name))), "2")
    for one in some(iter(with_properties)):
        name = one.required[-1]
        yield _fault(one, 14, f"{name} renamed", f.objects(each(partial(_renamed, name))), "2")
    for one in some(iter(with_properties)):
        name = one.required[len(one.required) // 2]
        wrong = WRONG.get(one.property(name).get("type", ""), 7.5)
        yield _fault(one, 15, f"{name} retyped", f.objects(each(partial(_put, name, wrong))), "2")
    for one in some(iter(with_properties)):
        name = next((n for n in one.required if isinstance(one.property(n).get("type"), str)), one.required[0])
        yield _fault(one, 16, f"{name} null", f.objects(each(partial(_put, name, None))), "2")
    for one in some((o for o in described() if o.mentions("date-time")), 2):
        yield _fault(one, 17, "times with a blank", f.answers(_blank_times), "2")
    for one in some(o for o in described() if o.mentions("date-time")):
        yield _fault(one, 17, "times in seconds", f.objects(_in_seconds), "2")


def _fault(one: Described, operator: int, name: str, change: Change, only: str) -> Fault:
    return Fault(one.api, operator, name, one.operation.id, change, only=only)


def each(change: Callable[[Json], Json]) -> Callable[[Any], Any]:
    """Changes the object that is answered, or all objects of the list."""
    return lambda value: [change(item) for item in value] if isinstance(value, list) else change(value)


def _less(name: str, item: Json) -> Json:
    return {key: value for key, value in item.items() if key != name}


def _renamed(name: str, item: Json) -> Json:
    return {f"{key}_" if key == name else key: value for key, value in item.items()}


def _put(name: str, value: Any, item: Json) -> Json:
    return item | {name: value} if name in item else item


def _typed(media_type: str) -> Callable[[Response], Response]:
    return lambda answer: f.headed(answer, "Content-Type", media_type)


def _allowing(verbs: str) -> Callable[[Response], Response]:
    return lambda answer: f.headed(answer, "Allow", verbs)


def _recoded(status: str) -> Callable[[Response], Response]:
    """The error says the other status too, as a server would that really means it."""
    return lambda answer: replace(_with_code(answer, int(status[:3])), status=status)


def _with_code(answer: Response, code: int) -> Response:
    return answer.with_json({"error": answer.json["error"] | {"code": code}})


def _nothing(one: Described) -> Callable[[Response], Response]:
    empty = b"[]" if one.answer.get("type") == "array" else b"{}"
    return lambda answer: replace(answer, status="200 OK", body=empty)


def _blank_times(answer: Response) -> Response:
    return replace(answer, body=re.sub(rb'("\d{4}-\d\d-\d\d)T(\d\d:\d\d)', rb"\1 \2", answer.body))


def _in_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_seconds(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_in_seconds(one) for one in value]
    return 1400000000 if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value) else value
