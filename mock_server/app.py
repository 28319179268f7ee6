"""The only wiring: what the server consists of, and how Flask's own refusals look."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module

from flask import Flask, Response, current_app, request
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule

from mock_server import admin, docs, oidc, page
from mock_server.clock import Clock, Now, real_now
from mock_server.conditions import AllConditions
from mock_server.config import API_NAMES, Config
from mock_server.control import Control
from mock_server.counters import Counters
from mock_server.dispatch import Behaviour, Engine, Served, refused
from mock_server.edge import Edge, to_answer
from mock_server.errors import BootError, Problem
from mock_server.guard import CONTROL
from mock_server.hints import nearest
from mock_server.journal import Journal
from mock_server.proxies import behind_proxies
from mock_server.spec import load_apis
from mock_server.store import Store
from mock_server.version import VERSION

_MAX_CONTROL_BYTES = 64 * 1024
# All, whichever are served: each brings its tables, and a database has those of all.
_ROOMS = {name: import_module(f"mock_server.apis.{name}") for name in API_NAMES}


class _Rule(Rule):
    """A rule that finds the endpoint of a path, and makes no URL: what Werkzeug compiles for that takes a quarter of a boot."""

    def _compile_builder(self, *_: bool) -> Callable[..., tuple[str, str]]:
        return _no_url


def _no_url(*_: object) -> tuple[str, str]:
    raise NotImplementedError


class MockServer(Flask):
    """The WSGI application. store is its database; close() frees it."""

    url_rule_class = _Rule
    store: Store
    journal: Journal
    conditions: AllConditions
    counters: Counters

    def close(self) -> None:
        """Write what is to be written and give the database's connections back."""
        self.journal.flush()
        self.store.close()


def create_app(config: Config | None = None, now: Now = real_now, before: MockServer | None = None) -> MockServer:
    """Make the mock server ready to answer. now is its time; sessions have clocks of their own, which follow it.

    before is one whose place it takes: it goes on with the state of that one, its journal and its time.

    Raises BootError where the configuration, a spec or a scenario is at fault.
    """
    config = config or Config()
    apis = {name: (api, _behaviour(name)) for name, api in load_apis(config.apis, config.overlays).items()}
    app = MockServer("mock_server", static_folder=None)
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = _MAX_CONTROL_BYTES
    app.store = before.store if before else Store(config.database_url)
    journal = app.journal = before.journal if before else Journal(app.store, config.max_journal_mb * 1e6)
    conditions = app.conditions = before.conditions if before else AllConditions(app.store, Clock(now))
    control = Control(config, app.store, journal, apis, conditions)
    served: dict[str, Served] = {}
    for api, behaviour in apis.values():
        engine = Engine(api, behaviour, app.store, config.seed, control.first_use)
        for operation in engine.operations:
            # Without a view: Flask knows of them what it needs for OPTIONS and 405, and the edge answers them.
            app.add_url_rule(operation.path.replace("{", "<").replace("}", ">"), operation.id, methods=[operation.method])
            served[operation.id] = Served(engine, operation)
        if behaviour.has_openid:
            app.register_blueprint(oidc.make_blueprint(engine, config.seed))
    possible = {name for _, behaviour in apis.values() for name in behaviour.handlers}
    counters = app.counters = before.counters if before else Counters({*_endpoints(app), *possible})
    health = {"status": "ok", "version": VERSION, "apis": {name: len(api.operations) for name, (api, _) in apis.items()}}
    app.register_blueprint(admin.make_blueprint(control, journal, served, counters, health, partial(_endpoints, app)))
    app.register_blueprint(docs.make_blueprint(control, [api for api, _ in apis.values()]))
    app.register_blueprint(page.make_blueprint(control, journal, [api for api, _ in apis.values()], health))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Problem, _problem)
    # A scenario file may be broken while the server runs.
    app.register_error_handler(BootError, lambda error: _problem(Problem(500, str(error))))
    edge = Edge(app.wsgi_app, app.url_map, served, journal, conditions, counters, control.used, config)
    app.wsgi_app = behind_proxies(edge, config.trusted_proxies)  # type: ignore[assignment,method-assign]  # as Flask documents it
    return app


def _endpoints(app: Flask) -> list[str]:
    """All that is not the control API: the operations, and those of the OpenID provider."""
    return sorted({rule.endpoint for rule in app.url_map.iter_rules() if not rule.rule.startswith(CONTROL)})


def _problem(problem: Problem) -> Response:
    answer = to_answer(refused(problem), request.environ)
    return Response(answer.body, answer.status, answer.headers)


def _http_error(error: HTTPException) -> Response:
    """What Flask refuses by itself (an unknown path, an unsupported verb), in the error shape of the APIs."""
    response = error.get_response()
    details = {
        404: _unknown_path(request.path),
        405: f"{request.path} does not support {request.method}",
        413: "the request body is too long",
    }
    allow = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else {}
    return _problem(Problem(response.status_code, details.get(response.status_code, str(error.description)), allow))


def _unknown_path(path: str) -> str:
    near = nearest(path, (rule.rule for rule in current_app.url_map.iter_rules()))
    return f"no operation has the path {path}" + (f"; the nearest is {near}" if near and near != path else "")


def _behaviour(api: str) -> Behaviour:
    found: Behaviour = _ROOMS[api].BEHAVIOUR
    return found
