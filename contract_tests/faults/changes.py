"""Changes of requests and answers, of which faults are made."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from contract_tests.faults.planting import ANYTHING, Change, Fault, Request, Response, Send

__all__ = ["ANYTHING", "Change", "Fault", "Request", "Response", "Send"]


def answers(change: Callable[[Response], Response], only: str = "2") -> Change:
    """Changes the answers whose status begins so."""

    def changed(asked: Request, send: Send) -> Response:
        answer = send(asked)
        return change(answer) if answer.status.startswith(only) else answer

    return changed


def objects(change: Callable[[Any], Any]) -> Change:
    """Changes the JSON of successful answers."""
    return answers(lambda answer: answer.with_json(change(answer.json)))


def becomes(status: str, only: str) -> Change:
    return answers(lambda answer: replace(answer, status=status), only)


def without_header(name: str, only: str = "2") -> Change:
    return answers(lambda a: replace(a, headers={k: v for k, v in a.headers.items() if k.lower() != name.lower()}), only)


def queries(change: Callable[[dict[str, str]], dict[str, str]]) -> Change:
    """Changes the query before the server sees it."""
    return lambda asked, send: send(replace(asked, query=change(asked.query)))


def asked_by_the_owner(asked: Request, send: Send) -> Response:
    """Whoever asks, the rights of alice or the resident apply."""
    return send(replace(asked, headers=asked.headers | {"Authorization": asked.login}))


def never_sent(status: str, body: bytes = b"") -> Change:
    """Answers without doing anything, once the server would have said yes."""

    def forgotten(asked: Request, send: Send) -> Response:
        return Response(status, {"Content-Type": "application/json"} if body else {}, body)

    return forgotten


def logged_in_anyway(asked: Request, send: Send) -> Response:
    answer = send(asked)
    return asked_by_the_owner(asked, send) if answer.status.startswith("401") else answer


def remembered() -> Change:
    """Answers a read from memory once they have worked, whatever has happened since."""
    memory: dict[str, Response] = {}

    def cached(asked: Request, send: Send) -> Response:
        answer, what = send(asked), f"{asked.path} {asked.query}"
        if answer.status.startswith("200"):
            memory[what] = memory.get(what, answer)
        return memory.get(what, answer)

    return cached


def lenient(asked: Request, send: Send) -> Response:
    """What is refused as malformed is answered as if it had not been said."""
    answer = send(asked)
    return send(replace(asked, query={})) if answer.status.startswith("400") else answer


def bodies(change: Callable[[Any], Any]) -> Change:
    """Changes the JSON of a request before the server sees it."""

    def changed(asked: Request, send: Send) -> Response:
        return send(with_body(asked, change))

    return changed


def with_body(asked: Request, change: Callable[[Any], Any]) -> Request:
    """The request with other JSON, if it has any."""
    try:
        return replace(asked, body=json.dumps(change(json.loads(asked.body))).encode())
    except ValueError:
        return asked


def dropped(name: str) -> Change:
    """A parameter of the query is not looked at."""
    return queries(lambda query: {key: value for key, value in query.items() if key != name})


def without(name: str) -> Change:
    """Answers lack a property."""
    return objects(lambda item: {key: value for key, value in item.items() if key != name})


def accepted(only: str, change: Callable[[Request], Request]) -> Change:
    """What is refused with a status that begins so is asked again, in another way."""

    def second(asked: Request, send: Send) -> Response:
        answer = send(asked)
        return send(change(asked)) if answer.status.startswith(only) else answer

    return second


def done_all_the_same(only: str, change: Callable[[Request], Request]) -> Change:
    """The same, but the refusal is what the caller sees."""

    def second(asked: Request, send: Send) -> Response:
        answer = send(asked)
        if answer.status.startswith(only):
            send(change(asked))
        return answer

    return second


def headed(answer: Response, name: str, value: str) -> Response:
    return replace(answer, headers=answer.headers | {name: value})


def without_cookie(asked: Request, send: Send) -> Response:
    return send(replace(asked, headers={name: value for name, value in asked.headers.items() if name != "Cookie"}))
