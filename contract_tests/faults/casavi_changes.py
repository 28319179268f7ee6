"""Changes that make faults of the casavi API alone."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from threading import Lock
from typing import Any

from contract_tests.faults.changes import asked_by_the_owner, bodies, objects, with_body
from contract_tests.faults.planting import Change, Request, Response, Send

Json = dict[str, Any]
MOST = 10485760

Row = tuple[int, str, str, Change, str]

WITHOUT_LOGIN = "access::without_a_login_every_operation_is_refused"
CLOSED = "access::a_community_is_closed_to_strangers"


def conformance(operation: str, role: str = "resident") -> str:
    return f"conformance/test_conformance.py::test_conformance[casavi-{operation}-{role}]"


def empty(answer: Response) -> Response:
    return replace(answer, status="200 OK", headers={"Content-Type": "application/json"}, body=b"{}")


def having(**properties: Any) -> Change:
    """An answer has these properties, whatever is true."""
    return objects(lambda body: body | properties)


def in_each(name: str, change: Callable[[Any], Any]) -> Change:
    """An answer has one property changed."""
    return objects(lambda body: body | {name: change(body[name])})


def backwards(items: list[Any]) -> list[Any]:
    return items[::-1]


def doubled(items: list[Any]) -> list[Any]:
    return items + items


def lacking(name: str) -> Change:
    """A property of the request is not looked at."""
    return bodies(lambda body: {key: value for key, value in body.items() if key != name})


def less(name: str) -> Callable[[Request], Request]:
    """The request without a property."""
    return lambda asked: with_body(asked, lambda body: {key: value for key, value in body.items() if key != name})


def shifted(name: str, by: int) -> Change:
    """A number in the query is taken for another one."""

    def changed(asked: Request, send: Send) -> Response:
        value = asked.query.get(name, "")
        return send(replace(asked, query=asked.query | ({name: str(max(int(value) + by, 0))} if value.isdigit() else {})))

    return changed


def in_the_first_community(asked: Request, send: Send) -> Response:
    """Whichever community is asked about, the first one is meant."""
    return send(replace(asked, path=re.sub(r"/communities/\d+/", "/communities/1/", asked.path)))


def of_the_first_community(asked: Request, send: Send) -> Response:
    """The same, and whoever asks, the rights of the resident apply."""
    return asked_by_the_owner(asked, lambda again: in_the_first_community(again, send))


def least_fields(asked: Request) -> Request:
    """The request without fields that no ticket type has."""
    return with_body(asked, lambda body: body | {"fields": {key: it for key, it in body["fields"].items() if len(key) < 6}})


def last_field_lost(body: Json) -> Json:
    fields = dict(body.get("fields", {}))
    if len(fields) > 1:
        fields.popitem()
    return body | {"fields": fields}


def every_third_lost() -> Change:
    """One creation in three is answered with the one before it."""
    made: list[Response] = []
    lock = Lock()

    def lossy(asked: Request, send: Send) -> Response:
        with lock:
            made.append(made[-1] if len(made) % 3 == 2 else send(asked))
            return made[-1]

    return lossy


def twice(asked: Request, send: Send) -> Response:
    send(asked)
    return send(asked)


def empty_past_the_end_is_404(asked: Request, send: Send) -> Response:
    answer = send(asked)
    nothing = answer.status.startswith("200") and not answer.json["rows"]
    return replace(answer, status="404 Not Found") if nothing else answer


def inclusive(asked: Request, send: Send) -> Response:
    """What is asked for after a moment holds the moment itself."""
    after = asked.query.get("after", "")
    earlier = re.sub(r"\d{3}Z$", lambda found: f"{max(int(found[0][:3]) - 1, 0):03}Z", after)
    earlier = re.sub(r"T(.*)\.000Z$", r"T00:00:00.000Z", earlier) if earlier == after else earlier
    return send(replace(asked, query=asked.query | {"after": earlier}) if after else asked)


def blind_to_time_zones(asked: Request, send: Send) -> Response:
    return send(replace(asked, query={name: re.sub(r"[+-]\d\d:\d\d$", "Z", value) for name, value in asked.query.items()}))


def marks_all(asked: Request, send: Send) -> Response:
    return send(replace(asked, path=re.sub(r"/notifications/\d+/read", "/notifications/read", asked.path)))


def only_once() -> Change:
    """What was done once is not found the second time."""
    done: set[str] = set()

    def refusing(asked: Request, send: Send) -> Response:
        answer, what = send(asked), f"{asked.path} {asked.headers.get('X-Mock-Session')}"
        if what in done:
            return Response("404 Not Found", {}, b"")
        done.add(what)
        return answer

    return refusing


def one_byte_less(asked: Request, send: Send) -> Response:
    return Response("413 Content Too Large", {}, b"") if len(asked.body) >= MOST else send(asked)


def cut(asked: Request, send: Send) -> Response:
    return send(replace(asked, body=asked.body[:MOST]))


def with_a_known_client(asked: Request) -> Request:
    return with_body(asked, lambda body: body | {"clientId": "casavi-web", "providerKey": "somekey"})


def somebody_elses_token(asked: Request, send: Send) -> Response:
    answer = send(asked)
    token = asked.login.removeprefix("Bearer ")
    return answer.with_json(answer.json | {"oidcAccessToken": token}) if answer.status.startswith("201") else answer


def at(ending: str, status: str, headers: dict[str, str] | None = None) -> Change:
    """Where a path ends so, a refusal becomes this answer."""

    def lenient(asked: Request, send: Send) -> Response:
        answer = send(asked)
        refused = asked.path.endswith(ending) and answer.status.startswith("4")
        return Response(status, headers or {}, b"{}") if refused else answer

    return lenient


def all_optional(types: list[Json]) -> list[Json]:
    return [type_ | {"fields": [one | {"required": False} for one in type_["fields"]]} for type_ in types]


def no_options(types: list[Json]) -> list[Json]:
    return [type_ | {"fields": [one | {"options": []} for one in type_["fields"]]} for type_ in types]


def without_the_newest(pending: Json) -> Json:
    return {key: user for key, user in pending.items() if key != max(pending, key=int)}


def in_answers(ending: str, change: Change) -> Change:
    """A change where a path ends so: for what is no operation of the document."""
    return lambda asked, send: change(asked, send) if asked.path.endswith(ending) else send(asked)


def poor_texts(asked: Request, send: Send) -> Response:
    """Letters beyond ASCII are lost."""
    return send(replace(asked, body=re.sub(rb"(\\u[0-9a-f]{4})+", b"?", asked.body)))


def followed_by_failures(asked: Request, send: Send) -> Response:
    """A good token does not end the counting of failures."""
    answer = send(asked)
    if answer.status.startswith("200"):
        for _ in range(2):
            send(replace(asked, query={"invite_token": "unknown"}))
    return answer


def commented_on_by_the_owner(asked: Request, send: Send) -> Response:
    """The author of a comment gets a notification too: somebody else comments at once."""
    answer = send(asked)
    asked_by_the_owner(asked, send)
    return answer


def marking_what_is_listed(asked: Request, send: Send) -> Response:
    answer = send(asked)
    send(replace(asked, method="PUT", path=f"{asked.path}/read", query={}))
    return answer


def restless() -> Change:
    """Rows come in another order each time."""
    calls: list[int] = []

    def turned(rows: list[Any]) -> list[Any]:
        calls.append(1)
        return rows[len(calls) % 2 :] + rows[: len(calls) % 2]

    return in_each("rows", turned)


def echoed_attachments(asked: Request, send: Send) -> Response:
    """What is attached is shown as it was sent, whatever was uploaded."""
    answer = send(asked)
    if not answer.status.startswith("201"):
        return answer
    return answer.with_json(answer.json | {"Attachments": json.loads(asked.body).get("attachments", [])})


def any_password(asked: Request, send: Send) -> Response:
    return send(replace(asked, body=asked.body.replace(b"not+the+password", b"max-secret")))


def with_fields(change: Callable[[Json], Json]) -> Change:
    """The fields of a new ticket are stored otherwise."""
    return bodies(lambda body: body | {"fields": change(body.get("fields", {}))})
