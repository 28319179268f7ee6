"""The JSON face of a session's faults, under /__mock/faults."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any

import orjson
from flask import Blueprint, Response, request

from mock_server.control import Control
from mock_server.errors import bad_request, not_found
from mock_server.faults import Fault, read_fault
from mock_server.hints import did_you_mean
from mock_server.nesting import parse_json
from mock_server.sessions import arrival

_MOST = 100
Faults = tuple[Fault, ...]


def add(blueprint: Blueprint, control: Control, endpoints: Callable[[], Collection[str]]) -> None:
    """The routes: list the faults, add one, take one or all away. endpoints are the operations that one can be for."""

    def session() -> str:
        return arrival(request.environ).session

    def change(to: Callable[[Faults], Faults]) -> Faults:
        return control.change_conditions(session(), lambda now: replace(now, faults=to(now.faults))).faults

    def get() -> Response:
        return _json([fault.shown() for fault in control.conditions(session()).faults])

    def post() -> Response:
        try:
            body = parse_json(request.get_data())
        except ValueError as error:
            raise bad_request(f"the request body cannot be read as JSON: {error}") from error
        fault = _known(read_fault(body), control.credentials(session()), endpoints())
        return _json(change(lambda faults: _added(faults, fault))[-1].shown(), 201)

    def delete(name: str | None = None) -> Response:
        change(lambda faults: _without(faults, name))
        response = Response(status=204)
        del response.headers["Content-Type"]
        return response

    blueprint.add_url_rule("/faults", "GET /faults", get, methods=["GET"])
    blueprint.add_url_rule("/faults", "POST /faults", post, methods=["POST"])
    blueprint.add_url_rule("/faults", "DELETE /faults", delete, methods=["DELETE"])
    blueprint.add_url_rule("/faults/<name>", "DELETE /faults/<name>", delete, methods=["DELETE"])


def _free_name(faults: Faults) -> str:
    taken = {fault.name for fault in faults}
    return next(name for name in (f"fault-{number}" for number in range(1, _MOST + 2)) if name not in taken)


def _added(faults: Faults, fault: Fault) -> Faults:
    """With it as the last; a fault of the same name is replaced."""
    fault = fault if fault.name else replace(fault, name=_free_name(faults))
    others = tuple(other for other in faults if other.name != fault.name)
    if len(others) >= _MOST:
        raise bad_request(f"the session has {_MOST} faults already")
    return (*others, fault)


def _without(faults: Faults, name: str | None) -> Faults:
    if name is None:
        return ()
    left = tuple(fault for fault in faults if fault.name != name)
    if left == faults:
        raise not_found("fault", name)
    return left


def _known(fault: Fault, credentials: Mapping[str, Any], endpoints: Collection[str]) -> Fault:
    """The fault with the ids of its caller. Raises Problem 400 for an unknown API, operation or caller."""
    people: dict[str, set[str]] = {}
    for api, part in credentials.items():
        for person in part["principals"] if fault.api in (None, api) else []:
            for name in (person["name"], str(person["user_id"])):
                people.setdefault(name, set()).add(f"{api}:{person['user_id']}")
    for kind, name, known in (
        ("API", fault.api, credentials),
        ("operation", fault.operation, endpoints),
        ("caller", fault.caller, people),
    ):
        if name is not None and name not in known:
            raise bad_request(f"there is no {kind} {name}{did_you_mean(name, known)}")
    return replace(fault, callers=tuple(sorted(people[fault.caller]))) if fault.caller else fault


def _json(value: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(value), status, mimetype="application/json")
