"""A verdict on the journal as JSON, and, where it is not as expected, in words for people. Secrets are masked in both."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from mock_server.journal.exchange import Exchange, body_value, masked, masked_url, render
from mock_server.journal.memory import KEEP
from mock_server.journal.verifying import MISSING, Difference, Entry, Verdict

_LONGEST, _MOST = 200, 5
Caller = Callable[[Exchange], str | None]


def values(verdict: Verdict) -> dict[str, Any]:
    """matched are the ids of the entries that are as expected; `at` is a JSON pointer; what was not there has no `found`."""
    return {
        "holds": verdict.holds,
        "matched": [number for number, _ in verdict.matched],
        "nearest": {"id": verdict.nearest[0], **render(verdict.nearest[1])} if verdict.nearest else None,
        "differences": [_value(difference) for difference in verdict.differences],
    }


def _value(difference: Difference) -> dict[str, Any]:
    both = {"expected": _shown(difference, difference.expected), "found": _shown(difference, difference.found)}
    return {"at": _pointer(difference.place), **{name: value for name, value in both.items() if value is not MISSING}}


def _pointer(place: Sequence[str | int]) -> str:
    return "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in place)


def _shown(difference: Difference, value: Any) -> Any:
    return value if value is MISSING else masked({str(difference.place[-1]): value})[str(difference.place[-1])]


def explain(verdict: Verdict, session: str, caller: Caller) -> str:
    """Several lines: what was expected, what there is instead, and how the nearest request differs."""
    return "\n".join(_lines(verdict, session, caller))


def _lines(verdict: Verdict, session: str, caller: Caller) -> Iterator[str]:
    number, times = len(verdict.matched), verdict.expected.times
    yield f"{_what(verdict)}: expected {_calls(times)}, found {number or 'none'}"
    if not verdict.complete:
        yield f"The journal has dropped older requests, since it keeps the last {KEEP} of a session."
    elif number and number > (times or 0):
        yield f"{'This is the call' if number == 1 else 'These are the calls'}:"
        yield from (f"  {_line(entry, caller)}" for entry in verdict.matched[:_MOST])
        if number > _MOST:
            yield f"  and {number - _MOST} more"
    elif verdict.nearest:
        yield f"The nearest {'other ' if number else ''}request is {_line(verdict.nearest, caller)}"
        yield "What is different there:"
        yield from (f"  {_difference(difference)}" for difference in _worth_saying(verdict.differences))
    elif not number:
        yield f"Nothing has been requested in the session {session}."


def _calls(times: int | None) -> str:
    if times is None:
        return "1 call or more"
    return f"{times or 'no'} call{'s' if times > 1 else ''}"


def _what(verdict: Verdict) -> str:
    """`createTicket by max with the body {"communityId": 1}`."""
    given = dict(masked(verdict.expected.conditions))
    subject, by = given.pop("operation", "any request"), given.pop("caller", None)
    rest = [f"the {name} {value if isinstance(value, str) else _json(value)}" for name, value in given.items()]
    return "".join((subject, f" by {by}" if by else "", f" with {' and '.join(rest)}" if rest else ""))


def _line(entry: Entry, caller: Caller) -> str:
    """`#7 POST /api/v1/tickets by max, answered with 404: ticket type 1 does not exist`."""
    number, exchange = entry
    who, reason = caller(exchange), _reason(exchange)
    by = f" by {who}" if who else ""
    because = f": {reason}" if reason else ""
    return f"#{number} {exchange.method} {masked_url(exchange.url)}{by}, answered with {exchange.status}{because}"


def _reason(exchange: Exchange) -> str | None:
    """What the answer says is wrong; None where it says nothing."""
    match body_value(exchange.response_body):
        case {"error": {"details": str(details)}}:
            return details
    return None


def _worth_saying(differences: Sequence[Difference]) -> Sequence[Difference]:
    """Of another operation, nobody wants to know what else differs."""
    return [one for one in differences if one.place == ("operation",)] or differences


def _difference(difference: Difference) -> str:
    first, *rest = difference.place
    where = f"{first} {_pointer(rest)}" if rest else str(first)
    found, expected = _shown(difference, difference.found), _shown(difference, difference.expected)
    is_found = "none" if found is None and not rest else _json(found)
    return f"{where} is {is_found}, expected {_json(expected)}"


def _json(value: Any) -> str:
    if value is MISSING:
        return "missing"
    text = orjson.dumps(value).decode()
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
