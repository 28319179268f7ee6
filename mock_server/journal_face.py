"""The JSON face of a session's journal, under /__mock/journal: what was asked, and whether that is what somebody expects."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

import orjson
from flask import Blueprint, Response, request
from werkzeug.sansio.http import parse_cookie

from mock_server.breaking import Asked
from mock_server.clock import Clock
from mock_server.control import Control
from mock_server.dispatch import Served
from mock_server.errors import bad_request, conflict
from mock_server.hints import did_you_mean
from mock_server.journal import KEEP, Exchange, Expected, Journal, explain, values, verify
from mock_server.nesting import parse_json
from mock_server.sessions import arrival
from mock_server.validation import Incoming

_FILTERS = ("api", "operation", "status", "since")


def add(
    blueprint: Blueprint,
    control: Control,
    journal: Journal,
    served: Mapping[str, Served],
    endpoints: Callable[[], Collection[str]],
) -> None:
    """The routes: list the requests, and verify them. endpoints are all that can be called, served those that are operations."""

    def entries() -> Response:
        filters = {name: request.args[name] for name in _FILTERS if request.args.get(name)}
        return _json(journal.entries(arrival(request.environ).session, filters))

    def verified() -> Response:
        session = arrival(request.environ).session
        people = _people(control.credentials(session))
        expected = _expected(request.args.to_dict(), people, endpoints())
        kept = journal.exchanges(session)

        def caller(exchange: Exchange) -> str | None:
            who = _caller(exchange, served)
            return people.get(who, who) if who else None

        verdict = verify(expected, kept, caller, complete=len(kept) < KEEP)
        refusal = {} if verdict.holds else conflict(explain(verdict, session, caller)).body()
        return _json({**refusal, **values(verdict)}, 200 if verdict.holds else 409)

    blueprint.add_url_rule("/journal", "GET /journal", entries, methods=["GET"])
    blueprint.add_url_rule("/journal/verify", "GET /journal/verify", verified, methods=["GET"])


def _people(credentials: Mapping[str, Any]) -> dict[str, str]:
    """The name of everybody who can log in, by `API:USER_ID`."""
    return {f"{api}:{one['user_id']}": one["name"] for api, known in credentials.items() for one in known["principals"]}


def _caller(exchange: Exchange, served: Mapping[str, Served]) -> str | None:
    """`API:USER_ID` of whoever sent it; None for nobody who was known then."""
    headers = dict(exchange.sent_headers())
    incoming = Incoming(
        session=exchange.session,
        path={},
        query={},
        headers=headers,
        cookies=parse_cookie(headers.get("Cookie")),
        content_type="",
        body=b"",
        origin="",
        client="",
        clock=Clock(stands_at=exchange.time),
    )
    return Asked(exchange.api or "", exchange.operation, served.get(exchange.operation or ""), incoming).caller()


def _expected(asked: dict[str, str], people: Mapping[str, str], endpoints: Collection[str]) -> Expected:
    """What the query of a request asks for. Raises Problem 400."""
    for name in asked:
        if name not in _READ and name != "times":
            raise bad_request(f"there is no condition {name}{did_you_mean(name, (*_READ, 'times'))}")
    conditions = {name: read(asked[name]) for name, read in _READ.items() if name in asked}
    _check_known("operation", conditions.get("operation"), endpoints)
    if "caller" in conditions:
        names = {**{who.partition(":")[2]: name for who, name in people.items()}, **{name: name for name in people.values()}}
        _check_known("caller", conditions["caller"], names)
        conditions["caller"] = names[conditions["caller"]]
    return Expected(conditions, _number("times", asked["times"]) if "times" in asked else None)


def _check_known(kind: str, name: str | None, known: Collection[str]) -> None:
    if name is not None and name not in known:
        raise bad_request(f"there is no {kind} {name}{did_you_mean(name, known)}")


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise bad_request(f"{name} must be a number, such as {name}=1")
    return int(text)


def _value(name: str, text: str) -> Any:
    try:
        return parse_json(text.encode())
    except ValueError as error:
        raise bad_request(f"{name} cannot be read as JSON: {error}") from error


def _query(text: str) -> dict[str, Any]:
    """Each value as it stands in a URL: true as `true`, 2 as `2`."""
    query = _value("query", text)
    if not isinstance(query, dict):
        raise bad_request('query must be an object of JSON, such as {"page": 2}')
    return {name: [*map(_text, value)] if isinstance(value, list) else _text(value) for name, value in query.items()}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


_READ: Mapping[str, Callable[[str], Any]] = {
    "operation": str,
    "path": str,
    "query": _query,
    "body": lambda text: _value("body", text),
    "status": lambda text: _number("status", text),
    "caller": str,
}


def _json(value: object, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, mimetype="application/json")
