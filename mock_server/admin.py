"""The JSON face of control, under /__mock/."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from typing import Any

import orjson
from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError

from mock_server import clock_face, faults_face, journal_face
from mock_server.bodies import read_body
from mock_server.control import Control
from mock_server.counters import Counters
from mock_server.dispatch import Served
from mock_server.errors import Problem, bad_request
from mock_server.guard import CONTROL
from mock_server.journal import Journal
from mock_server.nesting import parse_json
from mock_server.sessions import NAME_RULE, arrival, is_name

_MAX_SCENARIO_BYTES = 1024 * 1024


def make_blueprint(
    control: Control,
    journal: Journal,
    served: Mapping[str, Served],
    counters: Counters,
    health: dict[str, Any],
    endpoints: Callable[[], Collection[str]],
) -> Blueprint:
    """The routes of the control API; health is what /__mock/health answers, endpoints the names of all that can be called."""
    blueprint = Blueprint("admin", __name__, url_prefix=CONTROL)

    def get(rule: str, answer: Callable[[], Any]) -> None:
        blueprint.add_url_rule(rule, f"GET {rule}", lambda: _json(answer()), methods=["GET"])

    def act(method: str, rule: str, action: Callable[..., None]) -> None:
        def view(**names: str) -> Response:
            _check_whole()
            action(*(_checked_name(name) for name in names.values()))
            return _done()

        blueprint.add_url_rule(rule, f"{method} {rule}", view, methods=[method])

    get("/health", lambda: _checked_health(control, health))
    get("/credentials", lambda: control.credentials(_session()))
    get("/sessions", control.sessions_with_bounds)
    get("/snapshots", lambda: [{"name": name} for name in control.snapshots(_session())])
    blueprint.add_url_rule("/metrics", "GET /metrics", partial(_metrics, control, counters), methods=["GET"])
    clock_face.add(blueprint, control)
    faults_face.add(blueprint, control, endpoints)
    journal_face.add(blueprint, control, journal, served, endpoints)
    act("POST", "/reset", lambda: control.reset(_session()))
    act("PUT", "/scenario", lambda: _load_scenario(control))
    act("PUT", "/snapshots/<name>", lambda name: control.snapshot(_session(), name))
    act("DELETE", "/snapshots/<name>", lambda name: control.drop_snapshot(_session(), name))
    act("POST", "/snapshots/<name>/restore", lambda name: control.restore(_session(), name))
    act("DELETE", "/sessions/<name>", control.drop_session)
    blueprint.add_url_rule("/login/<name>", "POST /login/<name>", partial(_log_in, control), methods=["POST"])
    return blueprint


def _done() -> Response:
    response = Response(status=204)
    del response.headers["Content-Type"]
    return response


def _checked_health(control: Control, health: dict[str, Any]) -> dict[str, Any]:
    fault = control.fault()
    if fault:
        raise Problem(503, fault)
    return health


def _metrics(control: Control, counters: Counters) -> Response:
    # Here, since the library takes a tenth of a start to import, and most servers are never asked.
    from mock_server.metrics import exposition

    try:
        figures = control.figures()
    except (Problem, SQLAlchemyError):
        figures = None
    body, media_type = exposition(counters.counted(), figures, request.headers.get("Accept", ""))
    return Response(body, content_type=media_type)


def _session() -> str:
    return arrival(request.environ).session


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), mimetype="application/json")


def _checked_name(name: str) -> str:
    if not is_name(name):
        raise bad_request(NAME_RULE)
    return name


def _check_whole() -> None:
    """A request that breaks off does nothing. Raises its Problem."""
    if isinstance(problem := read_body(request.environ, None), Problem):
        raise problem


def _log_in(control: Control, name: str) -> Response:
    response = _done()
    for cookie in control.log_in(_session(), name, arrival(request.environ).origin):
        response.headers.add("Set-Cookie", cookie)
    return response


def _load_scenario(control: Control) -> None:
    """The body is `{"name": …}` or a whole scenario, in JSON or YAML."""
    data = read_body(request.environ, _MAX_SCENARIO_BYTES)
    if isinstance(data, Problem):
        raise data
    try:
        sent = parse_json(data)
    except ValueError as error:
        if request.mimetype == "application/json":
            raise bad_request(f"the request body cannot be read as JSON: {error}") from error
        sent = data
    if isinstance(sent, dict) and isinstance(sent.get("name"), str):
        control.load_scenario(_session(), sent["name"])
    elif isinstance(sent, dict | bytes):
        control.load_sent_scenario(_session(), sent)
    else:
        raise bad_request('the request body must be {"name": "NAME OF A SCENARIO"}, or a scenario')
