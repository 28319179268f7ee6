"""The JSON face of a session's clock, under /__mock/clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
from flask import Blueprint, Response, request

from mock_server.clock import Clock, iso_time
from mock_server.control import Control
from mock_server.errors import Problem, bad_request
from mock_server.nesting import parse_json
from mock_server.sessions import arrival

_FIRST, _LAST = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 1, 1, tzinfo=UTC)
_UNITS = ("days", "hours", "minutes", "seconds")


def add(blueprint: Blueprint, control: Control) -> None:
    """The routes: look at it, set or freeze it, move it on, and back to the server's time."""

    def change(to: Callable[[Clock], Clock]) -> Clock:
        session = arrival(request.environ).session
        return control.change_conditions(session, lambda now: replace(now, clock=to(now.clock))).clock

    def get() -> Response:
        return _shown(control.conditions(arrival(request.environ).session).clock)

    def put() -> Response:
        body = _body()
        return _shown(change(lambda clock: _set(clock, body)))

    def advance() -> Response:
        body = _body()
        return _shown(change(lambda clock: _advanced(clock, body)))

    def delete() -> Response:
        return _shown(change(lambda clock: Clock(clock.server)))

    blueprint.add_url_rule("/clock", "GET /clock", get, methods=["GET"])
    blueprint.add_url_rule("/clock", "PUT /clock", put, methods=["PUT"])
    blueprint.add_url_rule("/clock/advance", "POST /clock/advance", advance, methods=["POST"])
    blueprint.add_url_rule("/clock", "DELETE /clock", delete, methods=["DELETE"])


def _shown(clock: Clock) -> Response:
    ahead = clock.ahead if clock.stands_at is None else clock.stands_at - clock.server()
    value = {"now": iso_time(clock.now()), "frozen": clock.stands_at is not None, "ahead": round(ahead.total_seconds(), 3)}
    return Response(orjson.dumps(value), mimetype="application/json")


def _body() -> dict[str, Any]:
    try:
        body = parse_json(request.get_data())
    except ValueError as error:
        raise bad_request(f"the request body cannot be read as JSON: {error}") from error
    return body if isinstance(body, dict) else {}


def _set(clock: Clock, body: dict[str, Any]) -> Clock:
    frozen = body.get("frozen", clock.stands_at is not None)
    if not body or not body.keys() <= {"now", "frozen"} or not isinstance(frozen, bool):
        raise bad_request('the request body must be {"now": "2030-01-31T12:00:00Z"}, {"frozen": true}, or both')
    moment = _moment(body["now"]) if "now" in body else clock.now()
    # To the millisecond, as every answer shows it.
    return _checked(clock.set(moment.replace(microsecond=moment.microsecond // 1000 * 1000) if frozen else moment, frozen=frozen))


def _moment(text: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise bad_request("now must be an ISO 8601 time, such as 2030-01-31T12:00:00Z") from error


def _advanced(clock: Clock, body: dict[str, Any]) -> Clock:
    numbers = all(isinstance(value, int | float) and not isinstance(value, bool) for value in body.values())
    if not body or not numbers or not body.keys() <= set(_UNITS):
        raise bad_request('the request body must be {"seconds": 90}, or have any of ' + ", ".join(_UNITS))
    try:
        return _checked(clock.advance(timedelta(**body)))
    except OverflowError as error:
        raise _out_of_range() from error


def _checked(clock: Clock) -> Clock:
    try:
        inside = _FIRST <= clock.now() < _LAST
    except OverflowError:
        inside = False
    if not inside:
        raise _out_of_range()
    return clock


def _out_of_range() -> Problem:
    return bad_request(f"the clock goes from {iso_time(_FIRST)} to {iso_time(_LAST)}")
