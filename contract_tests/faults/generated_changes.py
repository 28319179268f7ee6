"""Changes that are made for one operation, of what the document says about it."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from contract_tests.contract.operations import Operation
from contract_tests.faults import schemas
from contract_tests.faults.changes import ERROR, answers, body, in_json, refused
from contract_tests.faults.memory import Rows
from contract_tests.faults.planting import Change, OnAnswers, Rewrite, Send, WsgiRequest, WsgiResponse

Json = dict[str, Any]
LONG = 120


def renamed(name: str) -> Callable[[Json], Json]:
    return lambda item: {f"{key}_" if key == name else key: value for key, value in item.items()}


def put_in(name: str, value: Any) -> Callable[[Json], Json]:
    return lambda item: item | {name: value} if name in item else item


def recoded(status: str, only: str) -> OnAnswers:
    """The error says the other status too, as a server would that really means it."""

    def change(answer: WsgiResponse) -> WsgiResponse:
        coded = answer.with_json({"error": answer.json["error"] | {"code": int(status[:3])}})
        return replace(coded, status=status)

    return answers(change, only)


def blank_times(answer: WsgiResponse) -> WsgiResponse:
    return replace(answer, body=re.sub(rb'("\d{4}-\d\d-\d\d)T(\d\d:\d\d)', rb"\1 \2", answer.body))


def in_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: in_seconds(one) for name, one in value.items()}
    if isinstance(value, list):
        return [in_seconds(one) for one in value]
    return 1400000000 if isinstance(value, str) and re.match(r"\d{4}-\d\d-\d\dT", value) else value


def elsewhere(answer: WsgiResponse) -> WsgiResponse:
    path = answer.headers[answer.header("Location")]
    return answer.with_header("Location", path[:-1] + ("1" if path[-1] != "1" else "2"))


def other_ids(item: Json) -> Json:
    return item | {name: _other_id(item[name]) for name in ("id", "_id") if name in item}


def _other_id(old: int | str) -> int | str:
    return old + 1 if isinstance(old, int) else old[::-1]


def one_more(name: str) -> OnAnswers:
    """A number, in a header or a property, is one too great."""
    return answers(lambda answer: answer.with_number(name, answer.number(name) + 1))


def in_rows(one: Operation) -> Callable[[Rows], Callable[[Any], Any]]:
    """Changes the rows of a list inside the JSON of its answer."""
    return lambda change: change if schemas.is_list(one) else lambda page: page | {"rows": change(page["rows"])}


def rows(one: Operation, change: Rows) -> OnAnswers:
    return in_json(in_rows(one)(change))


def full_pages(one: Operation, change: Rows) -> Change:
    """Pages that have as many rows as they may are changed."""

    def changed(asked: WsgiRequest, send: Send) -> WsgiResponse:
        answer = send(asked)
        full = in_rows(one)(lambda found: change(found) if str(len(found)) == asked.query.get("limit") else found)
        return answer.with_json(full(answer.json)) if answer.ok else answer

    return changed


def other_case(name: str) -> Rewrite:
    return lambda asked: replace(
        asked, query={key: value.swapcase() if key == name else value for key, value in asked.query.items()}
    )


def broken_by(odd: Callable[[str], bool]) -> Change:
    """500 for a request with such a text in it."""
    return refused(lambda asked: any(odd(text) for text in _texts([asked.query, asked.json])), ERROR)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _texts(one)


def has_long_texts(one: Operation) -> bool:
    return any(schema.get("type") == "string" and schema.get("maxLength", 0) > LONG for schema in schemas.sent(one).values())


def refused_without(name: str) -> Change:
    return refused(lambda asked: name not in asked.query | asked.properties)


def optional(one: Operation) -> list[str]:
    """The parts of a request that may be absent."""
    parameters = [found["name"] for found in schemas.parameters(one) if found["in"] == "query" and not found.get("required")]
    schema = schemas.body(one)
    return [*(name for name in schema.get("properties", ()) if name not in schema.get("required", ())), *parameters]


def limited(one: Operation) -> list[tuple[str, Json]]:
    """Parts of the request that have a greatest length or value, with their schemas."""
    return [(name, schema) for name, schema in schemas.sent(one).items() if _limit(schema)]


def _limit(schema: Json) -> int:
    """The greatest length or value; one that nobody tries is none."""
    if "pattern" in schema and schema.get("maxLength", 0) <= 10:
        return 0
    limit: int = schema.get("maxLength") or schema.get("maxItems") or schema.get("maximum") or 0
    return limit


def refused_at(name: str, schema: Json) -> Change:
    """The greatest value that is allowed is refused."""
    return refused(lambda asked: _size(asked, name, schema) == _limit(schema))


def taken_beyond(name: str, schema: Json) -> Change:
    """A value that is one too great is taken, and cut."""
    return lambda asked, send: send(_cut(asked, name, schema) if _size(asked, name, schema) == _limit(schema) + 1 else asked)


def _size(asked: WsgiRequest, name: str, schema: Json) -> int | None:
    value = (asked.properties | asked.query).get(name)
    if "maximum" in schema:
        return int(str(value)) if str(value).isdecimal() else None
    return len(value) if isinstance(value, str | list) else None


def _cut(asked: WsgiRequest, name: str, schema: Json) -> WsgiRequest:
    def cut(value: Any) -> Any:
        return _limit(schema) if "maximum" in schema else value[: _limit(schema)]

    if name in asked.query:
        return replace(asked, query=asked.query | {name: str(cut(asked.query[name]))})
    return body(lambda sent: sent | {name: cut(sent[name])})(asked)


def only_known(one: Operation) -> Rewrite:
    known = schemas.body(one)["properties"]
    return body(lambda sent: {name: value for name, value in sent.items() if name in known})


def echoed(one: Operation) -> Change:
    """Properties that only the server gives are taken from the request."""
    own = schemas.answer(one)["properties"].keys() - schemas.body(one)["properties"].keys()

    def change(asked: WsgiRequest, send: Send) -> WsgiResponse:
        answer = send(asked)
        extra = {name: value for name, value in asked.properties.items() if name in own}
        if extra and answer.status.startswith("400"):
            answer = send(only_known(one)(asked))
        return answer.with_json(answer.json | extra) if extra and answer.ok else answer

    return change
