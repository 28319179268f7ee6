"""The vocabulary of faults: changes of answers and of requests that keep nothing in mind from one request to the next."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from contract_tests.faults.planting import Change, OnAnswers, Rewrite, Send, WsgiRequest, WsgiResponse

Json = dict[str, Any]
ERROR = "500 Internal Server Error"


def answers(change: Callable[[WsgiResponse], WsgiResponse], only: str = "2") -> OnAnswers:
    """Changes the answers whose status begins so."""
    return OnAnswers(change, only)


def becomes(status: str, only: str) -> OnAnswers:
    return answers(lambda answer: replace(answer, status=status), only)


def with_header(name: str, value: str, only: str = "2") -> OnAnswers:
    return answers(lambda answer: answer.with_header(name, value), only)


def without_header(name: str, only: str = "2") -> OnAnswers:
    return answers(lambda a: replace(a, headers={k: v for k, v in a.headers.items() if k.lower() != name.lower()}), only)


def with_text(text: bytes, only: str) -> OnAnswers:
    return answers(lambda answer: replace(answer, body=text), only)


def succeeds_with(text: bytes, only: str, status: str = "200 OK", **headers: str) -> OnAnswers:
    """A refusal becomes a success that says this."""
    return answers(lambda _: WsgiResponse(status, {"Content-Type": "application/json"} | headers, text), only)


def in_json(change: Callable[[Any], Any], only: str = "2") -> OnAnswers:
    """Changes the JSON of answers."""
    return answers(lambda answer: answer.with_json(change(answer.json)), only)


def in_each(change: Callable[[Json], Json]) -> OnAnswers:
    """Changes the object that is answered, or all objects of the list."""
    return in_json(lambda value: [change(item) for item in value] if isinstance(value, list) else change(value))


def at(name: str, change: Callable[[Any], Any]) -> OnAnswers:
    return in_json(lambda body: body | {name: change(body[name])})


def having(**properties: Any) -> OnAnswers:
    """Answers have these properties, whatever is true."""
    return in_json(lambda body: body | properties)


def without(name: str) -> OnAnswers:
    """Answers lack a property."""
    return in_each(lambda item: {key: value for key, value in item.items() if key != name})


def backwards(items: list[Any]) -> list[Any]:
    return items[::-1]


def requests(rewrite: Rewrite) -> Change:
    """Changes requests before the server sees them."""
    return lambda asked, send: send(rewrite(asked))


def accepted(only: str | tuple[str, ...], rewrite: Rewrite) -> Change:
    """What is refused with a status that begins so is asked again, in another way."""

    def second(asked: WsgiRequest, send: Send) -> WsgiResponse:
        answer = send(asked)
        return send(rewrite(asked)) if answer.status.startswith(only) else answer

    return second


def done_anyway(only: str | tuple[str, ...], rewrite: Rewrite) -> Change:
    """The same, but the refusal is what the caller sees."""

    def second(asked: WsgiRequest, send: Send) -> WsgiResponse:
        answer = send(asked)
        if answer.status.startswith(only):
            send(rewrite(asked))
        return answer

    return second


def as_owner(asked: WsgiRequest) -> WsgiRequest:
    """Whoever asks, the rights of the owner apply."""
    return replace(asked, headers=asked.headers | {"Authorization": asked.owner})


def ignored_header(name: str) -> Change:
    """The server does not look at a header."""
    return requests(lambda asked: replace(asked, headers={key: value for key, value in asked.headers.items() if key != name}))


def query(change: Callable[[dict[str, str]], dict[str, str]]) -> Rewrite:
    return lambda asked: replace(asked, query=change(asked.query))


def body(change: Callable[[Json], Json]) -> Rewrite:
    """Another JSON object in the request, if it has one."""

    def rewrite(asked: WsgiRequest) -> WsgiRequest:
        value = asked.json
        return replace(asked, body=json.dumps(change(value)).encode()) if isinstance(value, dict) else asked

    return rewrite


def lacking(name: str) -> Rewrite:
    """A parameter of the query, or a property of the body, is not there."""

    def less(named: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in named.items() if key != name}

    return lambda asked: query(less)(body(less)(asked))


def ignored(name: str) -> Change:
    """The server does not look at a parameter of the query, or a property of the body."""
    return requests(lacking(name))


def put(**parameters: str) -> Change:
    """The query has these parameters, whatever was sent."""
    return requests(query(lambda sent: sent | parameters))


def send_body(**properties: Any) -> Change:
    """The JSON object of the request has these properties, whatever was sent."""
    return requests(body(lambda sent: sent | properties))


def shifted(name: str, by: int, least: int = 0) -> Change:
    """A number in the query, from `least` on, is taken for another one."""

    def shift(sent: dict[str, str]) -> dict[str, str]:
        number = int(sent[name]) if sent.get(name, "").isdigit() else -1
        return sent | {name: str(max(number + by, 0))} if number >= least else sent

    return requests(query(shift))


@partial(done_anyway, ("403", "404", "409"))
@body
def half_done(sent: Json) -> Json:
    """Of a refused update the description is kept, and of a refused comment the text."""
    return {name: sent[name] for name in ("description", "text") if name in sent}


# Whoever asks is the owner; the owner's rights apply where a login is missing or wrong; a malformed query is no query.
owned = requests(as_owner)
logged_in_anyway = accepted("401", as_owner)
lenient = accepted("400", query(lambda _: {}))


def refusal(status: str = "400 Bad Request") -> WsgiResponse:
    code, _, message = status.partition(" ")
    error = {"code": int(code), "message": message, "details": "because of a fault"}
    return WsgiResponse(status, {"Content-Type": "application/json"}, json.dumps({"error": error}).encode())


def refused(when: Callable[[WsgiRequest], bool], status: str = "400 Bad Request") -> Change:
    """Requests of a kind are refused."""
    return lambda asked, send: refusal(status) if when(asked) else send(asked)


def is_astral(letter: str) -> bool:
    return ord(letter) > 0xFFFF


def never_sent(status: str, text: bytes = b"") -> Change:
    """Answers without doing anything."""
    headers = {"Content-Type": "application/json"} if text else {}
    return lambda asked, send: WsgiResponse(status, headers, text)


# What is not there is empty; an error has another shape; what is asked for is not done.
EMPTY = succeeds_with(b"{}", "404")
SHAPELESS = in_json(lambda _: {"message": "no"}, "403")
FORGOTTEN = never_sent("204 No Content")


def on(path_ending: str, change: Change) -> Change:
    """A change where the path ends so: for what is no operation of the document."""
    return lambda asked, send: change(asked, send) if asked.path.endswith(path_ending) else send(asked)


def no_token(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """Whoever does not log in at all is the owner."""
    return send(asked if {"Authorization", "Cookie"} & asked.headers.keys() else as_owner(asked))


def any_token(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """A token that is no good logs in as the owner."""
    given = asked.headers.get("Authorization", "").startswith("Bearer ")
    return logged_in_anyway(asked, send) if given else send(asked)
