"""Planted faults: each spoils the requests to or the answers of one operation of a sound server."""

import io
import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from contract_tests.specs import find_operation
from contract_tests.wire import WsgiApp


@dataclass(frozen=True)
class Asked:
    """A request on its way to the server; `login` is that of alice, who has every right to what she made."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    login: str


@dataclass(frozen=True)
class Answer:
    status: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def with_json(self, value: Any) -> "Answer":
        return replace(self, body=json.dumps(value).encode())


ANYTHING = "whatever is asked"
Send = Callable[[Asked], Answer]
Change = Callable[[Asked, Send], Answer]


@dataclass(frozen=True)
class Fault:
    """`change` stands between client and server for `operation`, or for ANYTHING; of `tests`, node ids, one has to fail."""

    name: str
    operation: str
    change: Change
    tests: tuple[str, ...]
    memory: dict[str, Any] = field(default_factory=dict)

    def around(self, app: WsgiApp, login: str) -> WsgiApp:
        """The server with this fault."""

        def faulty(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            operation = find_operation(environ["REQUEST_METHOD"], environ["PATH_INFO"])
            if self.operation not in {operation.id if operation else "", ANYTHING}:
                return app(environ, start_response)
            answer = self.change(_asked(environ, login), lambda asked: _answer(app, environ, asked))
            headers = {name: value for name, value in answer.headers.items() if name != "Content-Length"}
            length = {} if answer.status.startswith("304") else {"Content-Length": str(len(answer.body))}
            start_response(answer.status, list((headers | length).items()))
            return [answer.body]

        return faulty


def _asked(environ: dict[str, Any], login: str) -> Asked:
    headers = {key[5:].replace("_", "-").title(): value for key, value in environ.items() if key.startswith("HTTP_")}
    length = int(environ.get("CONTENT_LENGTH") or 0)
    query = dict(parse_qsl(environ["QUERY_STRING"], keep_blank_values=True))
    return Asked(environ["REQUEST_METHOD"], environ["PATH_INFO"], query, headers, environ["wsgi.input"].read(length), login)


def _answer(app: WsgiApp, environ: dict[str, Any], asked: Asked) -> Answer:
    plain = {key: value for key, value in environ.items() if not key.startswith("HTTP_")}
    plain |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in asked.headers.items()}
    plain |= {"REQUEST_METHOD": asked.method, "PATH_INFO": asked.path, "QUERY_STRING": urlencode(asked.query)}
    plain |= {"CONTENT_LENGTH": str(len(asked.body)), "wsgi.input": io.BytesIO(asked.body)}
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _exc: object = None) -> Callable[[bytes], None]:
        started.extend((status, headers))
        return lambda _: None

    body = b"".join(app(plain, start_response))
    return Answer(started[0], dict(started[1]), body)


def answers(change: Callable[[Answer], Answer], only: str = "2") -> Change:
    """Changes the answers whose status begins so."""

    def changed(asked: Asked, send: Send) -> Answer:
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


def asked_by_alice(asked: Asked, send: Send) -> Answer:
    """Whoever asks, alice's rights apply."""
    return send(replace(asked, headers=asked.headers | {"Authorization": asked.login}))


def never_sent(status: str, body: bytes = b"") -> Change:
    """Answers without doing anything, once the server would have said yes."""

    def forgotten(asked: Asked, send: Send) -> Answer:
        return Answer(status, {"Content-Type": "application/json"} if body else {}, body)

    return forgotten


def lost_creation(asked: Asked, send: Send) -> Answer:
    answer = send(asked)
    if answer.status.startswith("201"):
        send(replace(asked, method="DELETE", path=f"{asked.path}/{answer.json['_id']}", body=b"", query={}))
    return answer


def clobbered(asked: Asked, send: Send) -> Answer:
    try:
        body = {"description": "clobbered"} | json.loads(asked.body)
    except (ValueError, TypeError):
        return send(asked)
    return send(replace(asked, body=json.dumps(body).encode()))


def stored_all_the_same(asked: Asked, send: Send) -> Answer:
    """An upload of a wrong size is refused, but it is kept."""
    answer = send(asked)
    if answer.status.startswith("412"):
        send(replace(asked, query=asked.query | {"size": str(len(asked.body))}))
    return answer


def breaks_on_astral(asked: Asked, send: Send) -> Answer:
    title = str(json.loads(asked.body).get("title", "")) if asked.body.startswith(b"{") else ""
    return Answer("500 Internal Server Error", {}, b"") if any(ord(c) > 0xFFFF for c in title) else send(asked)


def racing_check(asked: Asked, send: Send) -> Answer:
    """Looks whether the title is taken, and creates a moment later, as code without a transaction does."""
    body = json.loads(asked.body)
    query = {"domain_id": body["domain_ids"][0], "title": body["title"]}
    taken = send(replace(asked, method="GET", query=query, body=b"")).json
    time.sleep(0.05)
    return send(asked if taken else replace(asked, query=asked.query | {"noTitleCheck": "true"}))


def case_sensitive(asked: Asked, send: Send) -> Answer:
    answer = send(asked)
    if "title" not in asked.query or not answer.status.startswith("200"):
        return answer
    return answer.with_json([item for item in answer.json if item["title"] == asked.query["title"]])


def always_unchanged(asked: Asked, send: Send) -> Answer:
    answer = send(asked)
    since = "If-Modified-Since" in asked.headers and answer.status.startswith("200")
    return Answer("304 Not Modified", {}, b"") if since else answer


def never_unchanged(asked: Asked, send: Send) -> Answer:
    return send(replace(asked, headers={name: value for name, value in asked.headers.items() if name != "If-Modified-Since"}))


def logged_in_anyway(asked: Asked, send: Send) -> Answer:
    answer = send(asked)
    return asked_by_alice(asked, send) if answer.status.startswith("401") else answer


def first_word_only(query: dict[str, str]) -> dict[str, str]:
    return query | ({"search": query["search"].split()[0]} if query.get("search", "").split() else {})


def remembered() -> Change:
    """Answers reads of a path from memory once they have worked, whatever has happened since."""
    memory: dict[str, Answer] = {}

    def cached(asked: Asked, send: Send) -> Answer:
        answer = send(asked)
        if answer.status.startswith("200"):
            memory[asked.path] = memory.get(asked.path, answer)
        return memory.get(asked.path, answer)

    return cached


def parts_match(asked: Asked, send: Send) -> Answer:
    """The title filter finds parts of titles."""
    wanted = asked.query.get("title", "").casefold()
    answer = send(replace(asked, query={name: value for name, value in asked.query.items() if name != "title"}))
    return (
        answer.with_json([i for i in answer.json if wanted in i["title"].casefold()])
        if answer.status.startswith("200")
        else answer
    )


def literal_search(asked: Asked, send: Send) -> Answer:
    """The search minds case and accents."""
    answer = send(asked)
    if not answer.status.startswith("200"):
        return answer
    words = asked.query.get("search", "").split()
    found = [p for p in answer.json if all(any(w in f for f in (p["firstname"], p["lastname"], *p["emails"])) for w in words)]
    return replace(answer.with_json(found), headers=answer.headers | {"X-Esn-Items-Count": str(len(found))})


def lenient(asked: Asked, send: Send) -> Answer:
    """What is refused as malformed is answered as if it had not been said."""
    answer = send(asked)
    return send(replace(asked, query={})) if answer.status.startswith("400") else answer


def rejoins(asked: Asked, send: Send) -> Answer:
    """Who joins again joins anew."""
    send(replace(asked, method="DELETE"))
    return send(asked)


def conflicts_with_itself(asked: Asked, send: Send) -> Answer:
    before = send(replace(asked, method="GET", body=b""))
    same = before.status.startswith("200") and json.loads(asked.body).get("title") == before.json["title"]
    return Answer("409 Conflict", {}, b"") if same else send(asked)


def without_cookie(asked: Asked, send: Send) -> Answer:
    return send(replace(asked, headers={name: value for name, value in asked.headers.items() if name != "Cookie"}))


def description_lost(asked: Asked, send: Send) -> Answer:
    body = json.loads(asked.body)
    return send(replace(asked, body=json.dumps({name: value for name, value in body.items() if name != "description"}).encode()))
