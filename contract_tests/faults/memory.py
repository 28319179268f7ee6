"""Changes that remember: what was said, what was done, and who is being served at the same time."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from threading import Lock
from typing import Any

from contract_tests.faults.changes import refusal
from contract_tests.faults.planting import Change, Send, WsgiRequest, WsgiResponse

COUNT = "X-ESN-Items-Count"
PAGING = frozenset({"page", "offset", "limit"})
TOGETHER = 0.02  # seconds within which requests count as simultaneous
Rows = Callable[[list[Any]], list[Any]]


def remembered() -> Change:
    """Answers a read from memory once it has worked, whatever has happened since."""
    memory: dict[str, WsgiResponse] = {}

    def cached(asked: WsgiRequest, send: Send) -> WsgiResponse:
        answer, what = send(asked), f"{asked.path} {asked.query}"
        if answer.status.startswith("200"):
            memory.setdefault(what, answer)
        return memory.get(what, answer)

    return cached


def for_ever() -> Change:
    """What somebody has read is there for them when it is there no more."""
    seen: dict[tuple[Any, ...], WsgiResponse] = {}

    def change(asked: WsgiRequest, send: Send) -> WsgiResponse:
        key, answer = (*asked.caller, str(asked.query)), send(asked)
        if answer.ok:
            seen[key] = answer
        return seen.get(key, answer) if answer.status.startswith("404") else answer

    return change


def first_said(name: str) -> Change:
    """A number, in a header or a property, stays what it was when it was first asked for."""
    memory: dict[tuple[Any, ...], int] = {}

    def change(asked: WsgiRequest, send: Send) -> WsgiResponse:
        answer = send(asked)
        if not answer.ok:
            return answer
        key = *asked.caller, *sorted((key, value) for key, value in asked.query.items() if key not in PAGING)
        return answer.with_number(name, memory.setdefault(key, answer.number(name)))

    return change


def never_fewer() -> Change:
    """The total of a list does not fall."""
    memory: dict[tuple[Any, ...], int] = {}

    def change(asked: WsgiRequest, send: Send) -> WsgiResponse:
        answer, key = send(asked), (asked.headers.get("X-Mock-Session"), asked.path)
        if not answer.ok:
            return answer
        memory[key] = max(memory.get(key, 0), answer.number(COUNT))
        return answer.with_number(COUNT, memory[key])

    return change


def turning() -> Rows:
    """Rows begin elsewhere each time."""
    calls = count(1)

    def turned(rows: list[Any]) -> list[Any]:
        start = next(calls) % max(len(rows), 1)
        return rows[start:] + rows[:start]

    return turned


def last_success(refused: str, success: str) -> Change:
    """What is refused so is answered like the last that succeeded, or as a success where there was none."""
    successes: list[WsgiResponse] = []

    def change(asked: WsgiRequest, send: Send) -> WsgiResponse:
        answer = send(asked)
        if answer.ok:
            successes.append(answer)
        last = successes[-1] if successes else replace(answer, status=success)
        return last if answer.status.startswith(refused) else answer

    return change


def second_time(status: str) -> Change:
    """What has succeeded is not done again."""
    done: set[tuple[Any, ...]] = set()

    def change(asked: WsgiRequest, send: Send) -> WsgiResponse:
        key = *asked.caller, asked.body
        if key in done:
            return refusal(status)
        answer = send(asked)
        if answer.ok:
            done.add(key)
        return answer

    return change


def every_third_lost() -> Change:
    """One creation in three is answered with the one before it."""
    made: list[WsgiResponse] = []
    lock = Lock()

    def lossy(asked: WsgiRequest, send: Send) -> WsgiResponse:
        with lock:
            made.append(made[-1] if len(made) % 3 == 2 else send(asked))
            return made[-1]

    return lossy


def leaking(in_rows: Callable[[Rows], Callable[[Any], Any]]) -> Change:
    """A list has what was ever shown there to anybody; `in_rows` changes the rows inside an answer."""
    shown: dict[tuple[Any, ...], dict[str, Any]] = {}

    def change(asked: WsgiRequest, send: Send) -> WsgiResponse:
        answer = send(asked)
        known = shown.setdefault((asked.headers.get("X-Mock-Session"), asked.path), {})

        def added(rows: list[Any]) -> list[Any]:
            here = {json.dumps(row.get("_id", row.get("id", row)), sort_keys=True): row for row in rows}
            more = [row for key, row in known.items() if key not in here]
            known.update(here)
            return rows + more

        return answer.with_json(in_rows(added)(answer.json)) if answer.ok else answer

    return change


def ever_pending() -> Change:
    """Whoever was pending once, in a session, is shown as pending for ever."""
    memory: dict[tuple[Any, ...], dict[str, Any]] = {}

    def change(asked: WsgiRequest, send: Send) -> WsgiResponse:
        answer = send(asked)
        if not answer.status.startswith("201"):
            return answer
        known = memory.setdefault((asked.headers.get("X-Mock-Session"), asked.path), {})
        known |= answer.json["pendingUsers"]
        return answer.with_json(answer.json | {"pendingUsers": known})

    return change


def raced(*, lost: bool) -> Change:
    """Of requests that come at once one is done. The others are answered as it was: all if `lost`, or else those in conflict."""
    lock, successes = Lock(), [refusal("409 Conflict")]
    inside = [0, 0]  # how many there are, and how many there were at most

    def change(asked: WsgiRequest, send: Send) -> WsgiResponse:
        with lock:
            second = inside[0] > 0
            inside[0] += 1
            inside[1] = max(inside)
        time.sleep(TOGETHER * (1 + second))
        answer = successes[-1] if second and lost else send(asked)
        with lock:
            if answer.ok:
                successes.append(answer)
            conflicts = answer.status.startswith("409") and inside[1] > 1
            inside[0] -= 1
            inside[1] = inside[1] if inside[0] else 0
        return successes[-1] if conflicts else answer

    return change


def undone(asked: WsgiRequest, send: Send) -> WsgiResponse:
    """The answer is right, and nothing has happened."""
    snapshot = replace(asked, method="PUT", path="/__mock/snapshots/before", query={}, body=b"")
    send(snapshot)
    answer = send(asked)
    if answer.ok:
        send(replace(snapshot, method="POST", path="/__mock/snapshots/before/restore"))
    return answer
