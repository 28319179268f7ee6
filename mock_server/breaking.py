"""What happens to a request that faults strike or that has preferences: each effect is one function from plan to plan."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from mock_server.dispatch import Reply, Served, refused
from mock_server.errors import Problem, unauthorized
from mock_server.faults import EFFECTS, MAX_DELAY, Delivery, Ending, Fault, Preference
from mock_server.spec import JSON, Operation
from mock_server.validation import Incoming


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as far as faults are concerned: served is its operation, None where Flask answers or the path is unknown."""

    api: str
    endpoint: str | None
    served: Served | None
    incoming: Incoming | None

    @property
    def operation(self) -> Operation | None:
        return self.served.operation if self.served else None

    def caller(self) -> str | None:
        """`API:USER_ID` of whoever asks; None if that is nobody who is known."""
        if self.served is None or self.incoming is None:
            return None
        try:
            login = self.served.engine.login(self.served.operation, self.incoming)
        except Problem:
            return None
        return f"{self.api}:{login.user_id}" if login else None


@dataclass(frozen=True, slots=True)
class Plan:
    """reply is what is answered instead of asking the operation, wrong_schema whether its own answer is to break the spec.

    faults are the names of those that struck, applied and ignored the preferences of the client.
    """

    reply: Reply | None = None
    wrong_schema: bool = False
    delivery: Delivery | None = None
    faults: tuple[str, ...] = ()
    applied: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()


AS_USUAL = Plan()


def concerned(asked: Asked) -> Callable[[Fault], bool]:
    """Tells whether a fault concerns the request; who asks is found out at most once, and only if a fault wants to know."""
    caller = functools.cache(asked.caller)

    def concerns(fault: Fault) -> bool:
        return (
            fault.api in (None, asked.api)
            and fault.operation in (None, asked.endpoint)
            and (asked.operation is not None or "wrong_schema" not in fault.effects)
            and ("expired_login" not in fault.effects or bool(asked.operation and asked.operation.security))
            and (fault.caller is None or caller() in fault.callers)
        )

    return concerns


def planned(asked: Asked, preferences: Sequence[Preference], faults: Sequence[Fault], seed: int) -> Plan:
    """What happens to the request: first what the client prefers, then what the faults do that have struck it."""
    plan = _preferred(asked, preferences) if preferences else AS_USUAL
    for fault in faults:
        for name in EFFECTS:
            if name in fault.effects:
                plan = _EFFECTS[name](plan, asked, fault, seed)
        plan = replace(plan, faults=(*plan.faults, fault.name))
    return plan


def _status(plan: Plan, asked: Asked, fault: Fault, _seed: int) -> Plan:
    status, seconds = fault.effects["status"], fault.effects.get("retry_after")
    reply = _refusal(asked, status, f"this is {fault.name} of /__mock/faults")
    if "body" in fault.effects:
        reply = _with_body(reply, fault.effects["body"])
    return _instead(plan, reply if seconds is None else replace(reply, headers={**reply.headers, "Retry-After": str(seconds)}))


def _expired_login(plan: Plan, asked: Asked, _fault: Fault, _seed: int) -> Plan:
    return _instead(plan, refused(unauthorized(asked.api, "the token has expired; renew it or log in again")))


def _wrong_schema(plan: Plan, _asked: Asked, _fault: Fault, _seed: int) -> Plan:
    return replace(plan, wrong_schema=True)


def _delay(plan: Plan, _asked: Asked, fault: Fault, seed: int) -> Plan:
    given = fault.effects["delay"]
    least, most = given if isinstance(given, list) else (given, given)
    return _delayed(plan, least + (most - least) * fault.draw(seed, "delay"))


def _slow(plan: Plan, _asked: Asked, fault: Fault, _seed: int) -> Plan:
    before = plan.delivery or Delivery()
    return replace(plan, delivery=replace(before, slow=before.slow + fault.effects["slow"] / 1000))


def _truncate(plan: Plan, _asked: Asked, _fault: Fault, _seed: int) -> Plan:
    return _ended(plan, Ending.TRUNCATED)


def _drop(plan: Plan, _asked: Asked, _fault: Fault, _seed: int) -> Plan:
    return _ended(plan, Ending.DROPPED)


_ERRORS = {str(status.value) for status in HTTPStatus if status >= 400}
_EFFECTS: dict[str, Callable[[Plan, Asked, Fault, int], Plan]] = {
    "status": _status,
    "expired_login": _expired_login,
    "wrong_schema": _wrong_schema,
    "delay": _delay,
    "slow": _slow,
    "truncate": _truncate,
    "drop": _drop,
}


def _instead(plan: Plan, reply: Reply) -> Plan:
    return plan if plan.reply else replace(plan, reply=reply)


def _delayed(plan: Plan, milliseconds: float) -> Plan:
    before = plan.delivery or Delivery()
    return replace(plan, delivery=replace(before, delay=before.delay + milliseconds / 1000))


def _ended(plan: Plan, ending: Ending) -> Plan:
    before = plan.delivery or Delivery()
    return replace(plan, delivery=replace(before, ending=max(before.ending, ending)))


def _preferred(asked: Asked, preferences: Sequence[Preference]) -> Plan:
    """What can be honoured of `code`, `example` and `delay`; all else is ignored, as RFC 7240 has it."""
    by_name = {preference.name: preference for preference in preferences}
    code, example, delay = (by_name.get(name) for name in ("code", "example", "delay"))
    reply, honoured = _preferred_reply(asked, code, example)
    plan = Plan(reply=reply)
    if delay and re.fullmatch("[0-9]{1,9}", delay.value or "") and int(delay.value or 0) <= MAX_DELAY:
        plan = _delayed(plan, int(delay.value or 0))
        honoured = [*honoured, delay]
    applied = tuple(str(preference) for preference in preferences if preference in honoured)
    return replace(plan, applied=applied, ignored=tuple(str(one) for one in preferences if one not in honoured))


def _preferred_reply(asked: Asked, code: Preference | None, example: Preference | None) -> tuple[Reply | None, list[Preference]]:
    """The answer with that status, that example or both, and which of the two it honours."""
    if asked.operation is None:
        return None, []
    wanted = [code.value or ""] if code else [status for status in asked.operation.responses if status.isdecimal()]
    if example and example.value:
        for status in wanted:
            if reply := _example(asked.operation, status, example.value):
                return reply, [example, code] if code else [example]
    reply = _with_code(asked, asked.operation, code.value or "") if code else None
    return reply, [code] if code and reply else []


def _with_code(asked: Asked, operation: Operation, code: str) -> Reply | None:
    """An error in the API's shape, or else what the spec has an example of, or no body for."""
    if code in _ERRORS:
        return _refusal(asked, int(code), f"the request has the header Prefer: code={code}")
    response = operation.responses.get(code)
    if response is None or not code.isdecimal():
        return None
    if not response.media:
        return Reply(int(code), None, response.header_examples, None)
    return next((_example(operation, code, name) for name in response.examples), None)


def _example(operation: Operation, status: str, name: str) -> Reply | None:
    response = operation.responses.get(status)
    if response is None or name not in response.examples:
        return None
    media_type, value = response.examples[name]
    body = value if media_type == JSON else str(value).encode()
    return Reply(int(status), body, response.header_examples, media_type)


def _refusal(asked: Asked, status: int, detail: str) -> Reply:
    """An answer in the shape of the API's errors, with the header that such a status has."""
    headers = {401: {"WWW-Authenticate": f'Bearer realm="{asked.api}"'}, 429: {"Retry-After": "1"}}.get(status)
    return refused(Problem(status, detail, headers))


def _with_body(reply: Reply, body: Any) -> Reply:
    """A text is sent as a page: that is what proxies answer where an API would send JSON."""
    if reply.status in (204, 304):
        return replace(reply, body=None, media_type=None)
    if isinstance(body, str):
        return replace(reply, body=body.encode(), media_type="text/html; charset=utf-8")
    return replace(reply, body=body)


def misfitting(reply: Reply, misfit: Callable[[Reply], str | None]) -> Reply:
    """The reply changed in one place, so that it breaks its spec: a property is missing, or has another type."""
    changed = (replace(reply, body=body) for body in _changes(reply.body)) if reply.media_type == JSON else iter(())
    page = Reply(200, b"This is not what the spec has.", media_type="text/plain")
    return next((candidate for candidate in changed if misfit(candidate)), page)


def _changes(value: Any) -> Iterator[Any]:
    """The JSON value with one thing changed each time; what is nearest to the real one first."""
    if isinstance(value, dict):
        for key in value:
            yield {name: item for name, item in value.items() if name != key}
        for key, item in value.items():
            yield from ({**value, key: changed} for changed in _changes(item))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from ([*value[:place], changed, *value[place + 1 :]] for changed in _changes(item))
    yield from (other for other in (None, "wrong", 17, {"wrong": True}) if type(other) is not type(value))
