"""The page at the printed URL, and the calls of the control API that it needs besides those of everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from werkzeug import Response as Redirect

from mock_server.control import Control
from mock_server.errors import bad_request
from mock_server.guard import CONTROL
from mock_server.journal import Journal
from mock_server.page import again, state
from mock_server.page.events import events
from mock_server.page.people import curl, with_samples
from mock_server.sessions import DEFAULT, arrival
from mock_server.spec import Api

# Everything is a file of ours: nothing inline, nothing of other servers, and nobody frames the page.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_LINKS = ("health", "credentials", "sessions", "snapshots", "journal", "state", "faults", "clock", "docs")


def make_blueprint(control: Control, journal: Journal, apis: Sequence[Api], health: Mapping[str, Any]) -> Blueprint:
    """The routes; health is what /__mock/health answers."""
    blueprint = Blueprint(
        "page", __name__, template_folder="templates", static_folder="static", static_url_path=f"{CONTROL}/page"
    )
    names = [api.name for api in apis]

    def home() -> Response | Redirect:
        return _here(f"{arrival(request.environ).origin}{CONTROL}/") if _wants_page() else _links(health)

    def page() -> Response | Redirect:
        if not _wants_page():
            return _links(health)
        at, session = arrival(request.environ).origin, _session()
        if session != DEFAULT and not at.endswith(f"/_s/{session}"):
            # What the page asks for has no header that names the session.
            return _here(f"{at}/_s/{session}{CONTROL}/")
        return _page(control, apis, health)

    def counts() -> dict[str, Any]:
        return control.look(_session(), lambda connection: state.counts(connection, _session(), names))

    def rows(api: str, table: str) -> Response:
        if api not in names:
            raise bad_request(f"the API must be {' or '.join(names)}")
        offset = _number(request.args.get("offset", "0"), "offset")
        return _json(control.look(_session(), lambda connection: state.rows(connection, _session(), api, table, offset)))

    def command(number: int) -> Response:
        return Response(
            again.as_curl(journal.exchange(_session(), number), arrival(request.environ).origin), mimetype="text/plain"
        )

    def send(number: int) -> Response:
        # A proxy sends it where it sent it before.
        app = current_app.config.get("SENDING", current_app.wsgi_app)
        return _json({"status": again.send(journal.exchange(_session(), number), app, request.environ)})

    blueprint.add_url_rule("/", "home", home, methods=["GET"])
    blueprint.add_url_rule(f"{CONTROL}/", "page", page, methods=["GET"])
    blueprint.add_url_rule(CONTROL, "no slash", lambda: _here(f"{arrival(request.environ).origin}{CONTROL}/"), methods=["GET"])
    blueprint.add_url_rule(f"{CONTROL}/state", "state", lambda: _json(counts()), methods=["GET"])
    blueprint.add_url_rule(f"{CONTROL}/state/<api>/<table>", "rows", rows, methods=["GET"])
    blueprint.add_url_rule(f"{CONTROL}/journal/events", "events", lambda: events(journal, _session()), methods=["GET"])
    blueprint.add_url_rule(f"{CONTROL}/journal/<int:number>/curl", "curl", command, methods=["GET"])
    blueprint.add_url_rule(f"{CONTROL}/journal/<int:number>/send", "send", send, methods=["POST"])
    return blueprint


def _page(control: Control, apis: Sequence[Api], health: Mapping[str, Any]) -> Response:
    session = _session()
    people = {api.name: with_samples(api, known) for api in apis for known in [control.credentials(session)[api.name]]}
    text = render_template(
        "page.html",
        version=health["version"],
        origin=arrival(request.environ).origin,
        root="../" if session == DEFAULT else "../../../",
        session=session,
        sessions=sorted({DEFAULT, session, *control.sessions()}),
        scenario=control.scenario(session),
        scenarios=control.scenarios(),
        snapshots=control.snapshots(session),
        people=people,
        operations={api.name: sorted(operation.id for operation in api.operations) for api in apis},
        served=_served(),
        curl=curl,
    )
    response = make_response(text)
    response.headers.update({**_HEADERS, "Vary": "Accept"})
    return response


def _wants_page() -> bool:
    """Browsers say so; programs that take anything get JSON."""
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def _links(health: Mapping[str, Any]) -> Response:
    control = f"{arrival(request.environ).origin}{CONTROL}"
    links = {"page": f"{control}/", **{name: f"{control}/{name}" for name in _LINKS if name in _served()}}
    response = _json({"version": health["version"], "session": _session(), "apis": health["apis"], "links": links})
    response.headers["Vary"] = "Accept"
    return response


def _served() -> set[str]:
    """The first names of paths under /__mock/ that there are: the page has no section for what is not served."""
    return {rule.rule.split("/")[2] for rule in current_app.url_map.iter_rules() if rule.rule.startswith(f"{CONTROL}/")}


def _here(url: str) -> Redirect:
    response = redirect(url)
    response.headers["Vary"] = "Accept"
    return response


def _session() -> str:
    return arrival(request.environ).session


def _number(text: str, name: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 16):
        raise bad_request(f"{name} must be a number")
    return int(text)


def _json(value: object) -> Response:
    return Response(orjson.dumps(value), mimetype="application/json")
