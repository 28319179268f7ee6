"""Faults in what operations do to the state, in who may do it, and in what happens at the same time. For both APIs."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from threading import Lock
from typing import Any

from contract_tests.faults import changes as f
from contract_tests.faults.described import Described, described, some
from contract_tests.faults.generic_lists import in_rows
from contract_tests.faults.generic_requests import json_of, refusal
from contract_tests.faults.planting import Change, Fault, Request, Response, Send

TOGETHER = 0.02
PERSONAL = {"listCommunities", "listTickets", "listNotifications", "listUnits"}  # lists that differ for who asks


def faults() -> Iterator[Fault]:
    """All of them."""
    yield from _of_state()
    yield from _of_access()
    yield from _of_races()


def _of_state() -> Iterator[Fault]:
    for one in described():
        if "Location" in one.headers(one.success):
            yield _fault(one, 10, "Location names another", f.answers(_elsewhere))
    for one in some(o for o in described() if {"id", "_id"} & set(o.required)):
        yield _fault(one, 10, "another id", f.objects(_other_ids))
    for one in described():
        if "409" in one.statuses:
            yield _fault(one, 23, "a conflict answers the last success", last_success("409"))
    for one in some((o for o in described() if o.operation.method == "PUT"), 3):
        yield _fault(one, 25, "refused the second time", second_time("409 Conflict"))
    for one in some((o for o in described() if o.operation.method in {"PUT", "DELETE"}), 3):
        yield _fault(one, 28, "500 the second time", second_time("500 Internal Server Error"))
    # Of what casavi shows, nothing ever goes.
    for one in some((o for o in described() if o.operation.safe and "404" in o.statuses and o.api == "linagora"), 4):
        yield _fault(one, 45, "what was once there is there for ever", for_ever())
    yield Fault("linagora", 26, "new members replace the others", "updateCommunity", replacing_members)
    yield Fault("linagora", 26, "what is not named is emptied", "updateCommunity", emptying)
    yield Fault("linagora", 39, "changed long ago", "getCommunityAvatar", changed("Wed, 18 Dec 2013 14:51:51 GMT"), only="2")
    yield Fault("linagora", 39, "changes in the future", "getCommunityAvatar", changed("Fri, 01 Jan 2038 00:00:00 GMT"), only="2")
    yield Fault("linagora", 39, "304 for any date", "getCommunityAvatar", unchanged_for_any_date)


def _of_access() -> Iterator[Fault]:
    guarded = [one for one in described() if one.operation.needs_login]
    for one in some(iter(guarded), 3):
        yield _fault(one, 41, "any token is good", any_token)
        yield _fault(one, 41, "no token is needed", no_token)
    for one in some((o for o in guarded if o.operation.safe), 3):
        yield _fault(one, 42, "reads as the owner", f.asked_by_the_owner)
    for one in some((o for o in guarded if not o.operation.safe), 3):
        yield _fault(one, 43, "refused, and written as the owner", f.done_all_the_same("403", _by_the_owner))
    for one in (o for o in guarded if o.operation.id in PERSONAL):
        yield _fault(one, 44, "shows what others were shown", _leaking(one))


def _of_races() -> Iterator[Fault]:
    for one in described():
        if "409" in one.statuses:
            yield _fault(one, 23, "not looked at in a race", raced(lost=False))
    for one in some((o for o in described() if not o.operation.safe), 3):
        yield _fault(one, 40, "of two at once one is lost", raced(lost=True))


def _fault(one: Described, operator: int, name: str, change: Change) -> Fault:
    return Fault(one.api, operator, name, one.operation.id, change)


def _elsewhere(answer: Response) -> Response:
    own = next(header for header in answer.headers if header.lower() == "location")
    path = answer.headers[own]
    return f.headed(answer, own, path[:-1] + ("1" if path[-1] != "1" else "2"))


def _other_ids(value: Any) -> Any:
    if isinstance(value, list):
        return [_other_ids(one) for one in value]
    return value | {name: _other_id(value[name]) for name in ("id", "_id") if name in value}


def _other_id(old: int | str) -> int | str:
    return old + 1 if isinstance(old, int) else old[::-1]


def last_success(refused: str) -> Change:
    """What is refused so is answered like the last that succeeded."""
    successes: list[Response] = []

    def change(asked: Request, send: Send) -> Response:
        answer = send(asked)
        if answer.status.startswith("2"):
            successes.append(answer)
        return successes[-1] if successes and answer.status.startswith(refused) else answer

    return change


def second_time(status: str) -> Change:
    """What has succeeded is not done again."""
    done: set[tuple[Any, ...]] = set()

    def change(asked: Request, send: Send) -> Response:
        key = asked.headers.get("X-Mock-Session"), asked.headers.get("Authorization"), asked.path, asked.body
        if key in done:
            return refusal(status)
        answer = send(asked)
        if answer.status.startswith("2"):
            done.add(key)
        return answer

    return change


def for_ever() -> Change:
    """What somebody has read he reads again when it is there no more."""
    seen: dict[tuple[Any, ...], Response] = {}

    def change(asked: Request, send: Send) -> Response:
        key = asked.headers.get("X-Mock-Session"), asked.headers.get("Authorization"), asked.path, str(asked.query)
        answer = send(asked)
        if answer.status.startswith("2"):
            seen[key] = answer
        return seen.get(key, answer) if answer.status.startswith("404") else answer

    return change


def replacing_members(asked: Request, send: Send) -> Response:
    """Who is not among the new members is none."""
    body = json_of(asked)
    if isinstance(body, dict) and body.get("newMembers"):
        listed = send(replace(asked, method="GET", path=f"{asked.path}/members", query={}, body=b""))
        ids = [one["user"]["_id"] for one in listed.json] if listed.status.startswith("2") else []
        gone = [user for user in ids[1:] if user not in body["newMembers"]]
        body = body | {"deleteMembers": [*body.get("deleteMembers", ()), *gone]}
    return send(replace(asked, body=json.dumps(body).encode()) if isinstance(body, dict) else asked)


def emptying(asked: Request, send: Send) -> Response:
    return send(f.with_body(asked, lambda body: {"description": ""} | body if isinstance(body, dict) else body))


def changed(date: str) -> Change:
    return f.answers(lambda answer: f.headed(answer, "Last-Modified", date))


def unchanged_for_any_date(asked: Request, send: Send) -> Response:
    """A date that is none counts too."""
    since = asked.headers.get("If-Modified-Since", "")
    answer = send(asked)
    odd = since and not since.endswith("GMT") and answer.status.startswith("200")
    return Response("304 Not Modified", {}, b"") if odd else answer


def any_token(asked: Request, send: Send) -> Response:
    """A token that is no good logs in as the owner."""
    answer = send(asked)
    given = asked.headers.get("Authorization", "").startswith("Bearer ")
    return f.asked_by_the_owner(asked, send) if given and answer.status.startswith("401") else answer


def no_token(asked: Request, send: Send) -> Response:
    """Who does not log in at all is the owner."""
    given = {"Authorization", "Cookie"} & asked.headers.keys()
    return send(asked) if given else f.asked_by_the_owner(asked, send)


def _by_the_owner(asked: Request) -> Request:
    return replace(asked, headers=asked.headers | {"Authorization": asked.login})


def _leaking(one: Described) -> Change:
    """A list has what was ever shown there to anybody."""
    shown: dict[tuple[Any, ...], dict[str, Any]] = {}

    def change(asked: Request, send: Send) -> Response:
        answer = send(asked)
        if not answer.status.startswith("2"):
            return answer
        known = shown.setdefault((asked.headers.get("X-Mock-Session"), asked.path), {})

        def added(rows: list[Any]) -> list[Any]:
            here = {json.dumps(row.get("_id", row.get("id", row)), sort_keys=True): row for row in rows}
            more = [row for key, row in known.items() if key not in here]
            known.update(here)
            return rows + more

        return in_rows(one, added)(asked, lambda _: answer)

    return change


def raced(*, lost: bool) -> Change:
    """Of requests that come at once one is done. The others are answered as it was: all if `lost`, or else those in conflict."""
    lock, successes = Lock(), [refusal("409 Conflict")]
    inside = [0, 0]  # how many there are, and how many there were at most

    def change(asked: Request, send: Send) -> Response:
        with lock:
            second = inside[0] > 0
            inside[0] += 1
            inside[1] = max(inside)
        time.sleep(TOGETHER * (1 + second))
        answer = successes[-1] if second and lost else send(asked)
        with lock:
            if answer.status.startswith("2"):
                successes.append(answer)
            conflicts = answer.status.startswith("409") and inside[1] > 1
            inside[0] -= 1
            inside[1] = inside[1] if inside[0] else 0
        return successes[-1] if conflicts else answer

    return change
