"""The only wiring: Flask requests become calls of the engines, replies become responses."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from importlib import import_module

import orjson
from flask import Flask, Request, Response, request
from flask.globals import request_ctx
from werkzeug.exceptions import HTTPException

from mock_server import admin, clock, oidc
from mock_server.bodies import read_body
from mock_server.config import Config
from mock_server.control import Control
from mock_server.dispatch import Behaviour, Engine, Reply, refused
from mock_server.errors import BootError, Problem
from mock_server.journal import Exchange, Journal, keep_body
from mock_server.sessions import SessionMiddleware, arrival
from mock_server.spec import JSON, Operation, load_apis
from mock_server.store import Store
from mock_server.validation import Incoming
from mock_server.version import VERSION

log = logging.getLogger("mock_server")

_LOCAL_ORIGIN = re.compile(r"https?://(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?")
_MAX_CONTROL_BYTES = 64 * 1024
_BODY = "mock_server.body"


class MockServer(Flask):
    """The WSGI application. store is its database; close() frees it."""

    store: Store
    journal: Journal

    def close(self) -> None:
        """Write what is to be written and give the database's connections back."""
        self.journal.flush()
        self.store.close()


def create_app(config: Config | None = None) -> MockServer:
    """Make the mock server ready to answer. Raises BootError where the configuration, a spec or a scenario is at fault."""
    config = config or Config()
    # First, since each brings the tables of its own.
    apis = {name: (api, _behaviour(name)) for name, api in load_apis(config.apis, config.overlays).items()}
    app = MockServer("mock_server", static_folder=None)
    app.url_map.merge_slashes = False
    app.config["MAX_CONTENT_LENGTH"] = _MAX_CONTROL_BYTES
    app.store = Store(config.database_url)
    journal = app.journal = Journal(app.store)
    control = Control(config, app.store, journal, apis)
    owners: dict[str | None, str] = {}
    # Requests that reach no operation are shown with the API that they were meant for.
    prefixes = {_prefix(operation.path): name for name, (api, _) in apis.items() for operation in api.operations}
    for api, behaviour in apis.values():
        engine = Engine(api, behaviour, app.store, config.seed, control.first_use)
        for operation in engine.operations:
            rule = operation.path.replace("{", "<").replace("}", ">")
            app.add_url_rule(rule, operation.id, _view(engine, operation), methods=[operation.method])
            owners[operation.id] = api.name
        if behaviour.has_openid:
            app.register_blueprint(oidc.make_blueprint(engine, config.seed))
    health = {"status": "ok", "version": VERSION, "apis": {name: len(api.operations) for name, (api, _) in apis.items()}}
    app.register_blueprint(admin.make_blueprint(control, journal, health))
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Problem, _problem)
    # A scenario file may be broken while the server runs.
    app.register_error_handler(BootError, lambda error: _problem(Problem(500, str(error))))
    # Flask calls them last first: the journal notes what is sent.
    app.after_request(_recorder(journal, control, owners, prefixes))
    app.after_request(_allow_local_pages)
    app.wsgi_app = SessionMiddleware(app.wsgi_app, _problem)  # type: ignore[method-assign]  # as Flask documents it
    return app


def _view(engine: Engine, operation: Operation) -> Callable[..., Response]:
    limit = operation.body.max_bytes if operation.body else None

    def view(**path: str) -> Response:
        asked = request_ctx.request  # each look through Flask's proxy costs
        arrived = arrival(asked.environ)
        body = b"" if limit is None else read_body(asked, limit)
        asked.environ[_BODY] = body
        incoming = Incoming(
            session=arrived.session,
            path=path,
            query=dict(asked.args.lists()),
            headers=asked.headers,
            cookies=asked.cookies,
            content_type=asked.content_type or "",
            body=body,
            origin=arrived.origin,
            client=asked.remote_addr or "",
        )
        return _response(engine.handle(operation, incoming))

    return view


def _response(reply: Reply) -> Response:
    body = orjson.dumps(reply.body) if reply.media_type == JSON else reply.body
    response = Response(body, reply.status, dict(reply.headers), content_type=reply.media_type)
    if reply.media_type is None:
        del response.headers["Content-Type"]
    # Of what has no ETag, the handlers themselves know what they answer to a condition.
    if "ETag" in reply.headers and response.make_conditional(request_ctx.request).status_code == 304:
        response.set_data(b"")
    return response


def _problem(problem: Problem) -> Response:
    return _response(refused(problem))


def _http_error(error: HTTPException) -> Response:
    """What Flask refuses by itself (an unknown path, an unsupported verb), in the error shape of the APIs."""
    response = error.get_response()
    details = {
        404: f"no operation has the path {request.path}",
        405: f"{request.path} does not support {request.method}",
        413: "the request body is too long",
    }
    allow = {"Allow": response.headers["Allow"]} if "Allow" in response.headers else {}
    return _problem(Problem(response.status_code, details.get(response.status_code, str(error.description)), allow))


def _allow_local_pages(response: Response) -> Response:
    """CORS for pages from this machine, where front ends are developed; other origins are for their own servers."""
    origin = request.environ.get("HTTP_ORIGIN")
    if origin and _LOCAL_ORIGIN.fullmatch(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Credentials"] = "true"
        response.headers["Access-Control-Expose-Headers"] = "X-ESN-Items-Count, Last-Modified, Location, Retry-After"
        response.vary.add("Origin")
        if request.method == "OPTIONS":
            response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "")
            response.headers["Access-Control-Allow-Headers"] = request.headers.get("Access-Control-Request-Headers", "")
            response.headers["Access-Control-Max-Age"] = "600"
    return response


def _recorder(
    journal: Journal, control: Control, owners: Mapping[str | None, str], prefixes: Mapping[str, str]
) -> Callable[[Response], Response]:
    """owners tells which API an operation is of."""

    def record(response: Response) -> Response:
        asked = request_ctx.request
        if not asked.path.startswith(admin.PREFIX):
            journal.record(_exchange(asked, response, owners, prefixes))
            log.debug("%s %s %d", asked.method, asked.path, response.status_code)
        control.used(arrival(asked.environ).session)
        return response

    return record


def _behaviour(api: str) -> Behaviour:
    found: Behaviour = import_module(f"mock_server.apis.{api}").BEHAVIOUR
    return found


def _prefix(path: str) -> str:
    """What the paths of an API have in common: `/api/communities`."""
    return "/".join(path.split("/")[:3])


def _exchange(request: Request, response: Response, owners: Mapping[str | None, str], prefixes: Mapping[str, str]) -> Exchange:
    environ = request.environ
    arrived = arrival(environ)
    seconds = time.perf_counter() - arrived.started
    query = environ.get("QUERY_STRING")
    body = environ.get(_BODY, b"")
    return Exchange(
        session=arrived.session,
        time=clock.now() - timedelta(seconds=seconds),
        seconds=seconds,
        api=owners.get(request.endpoint) or prefixes.get(_prefix(request.path)),
        operation=request.endpoint,
        method=request.method,
        url=f"{request.path}?{query}" if query else request.path,
        environ={key: value for key, value in environ.items() if isinstance(value, str)},
        request_body=b"" if isinstance(body, Problem) else keep_body(body),
        status=response.status_code,
        response_headers=tuple(response.headers),
        response_body=keep_body(response.get_data()),
    )
