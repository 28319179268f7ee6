"""The specs as this server serves them, and a page to read them on and to try them out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, redirect, render_template, request, send_from_directory
from werkzeug import Response as Redirect

from mock_server.control import Control
from mock_server.docs.documents import FORMS
from mock_server.errors import bad_request
from mock_server.sessions import NAME_RULE, arrival, is_name, path_in
from mock_server.spec import Api

PAGE, SPECS = "/__mock/docs", "/__mock/specs"
# Swagger UI draws its icons as `data:` and shows the pictures in answers as `blob:`. It needs neither inline styles nor eval, and
# nothing of another server; what is tried out goes to this one.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


def make_blueprint(control: Control, apis: Sequence[Api]) -> Blueprint:
    """The routes of the served apis' documents, and of the page."""
    blueprint = Blueprint("docs", __name__, template_folder="templates", static_folder="static", static_url_path=f"{PAGE}/own")
    blueprint.add_url_rule("/docs", "short", lambda: redirect(f"{request.root_path}{PAGE}?{_query()}"), methods=["GET"])
    blueprint.add_url_rule(PAGE, "page", lambda: _page(control, apis), methods=["GET"])
    blueprint.add_url_rule(f"{PAGE}/swagger-ui/<path:file>", "swagger_ui", _swagger_ui, methods=["GET"])
    for api in apis:
        for form in FORMS:
            blueprint.add_url_rule(f"{SPECS}/{api.name}.{form}", f"{api.name} as {form}", _spec(api, form), methods=["GET"])
    return blueprint


def _spec(api: Api, form: str) -> Callable[[], Response]:
    media_type, written = FORMS[form]
    return lambda: Response(written(api.document, arrival(request.environ).origin), content_type=media_type)


def _swagger_ui(file: str) -> Response:
    # The package is for its files alone.
    return send_from_directory(files("flask_swagger_ui") / "dist", file)  # type: ignore[arg-type]  # a folder, as it was installed


def _page(control: Control, apis: Sequence[Api]) -> Response | Redirect:
    session = arrival(request.environ).session
    wanted = request.args.get("session", session)
    if not is_name(wanted):
        raise bad_request(NAME_RULE)
    if wanted != session:
        return redirect(f"{path_in(request.environ, wanted)}{PAGE}?{_query('session')}")
    api = next((api for api in apis if api.name == request.args.get("api")), apis[0])
    people = control.credentials(session)[api.name]["principals"]
    text = render_template(
        "docs.html",
        root=request.root_path,
        apis=[api.name for api in apis],
        api=api.name,
        scheme=_bearer(api),
        people=[{**person, "examples": _examples(api, person)} for person in people],
        chosen=request.args.get("as", people[0]["name"] if people else ""),
        session=session,
        sessions=sorted({session, *control.sessions()}),
    )
    response = make_response(text)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    return response


def _query(*without: str) -> str:
    return urlencode([(name, value) for name, value in request.args.items(multi=True) if name not in without])


def _bearer(api: Api) -> str:
    """The name of the scheme that takes the tokens of /__mock/credentials."""
    schemes = api.security_schemes.items()
    return next((name for name, scheme in schemes if (scheme["type"], scheme.get("scheme")) == ("http", "bearer")), "")


def _examples(api: Api, person: Mapping[str, Any]) -> dict[str, Any]:
    """What works for a person, by the names of parameters and properties: their id, and their first community or domain."""
    home = api.document["info"].get("x-home", {"parameter": ""})["parameter"]
    ids = person.get(f"{home}s", [])[:1]
    shared = {f"{home}s": ids, home: ids[0], f"{home.removesuffix('_id')}Id": ids[0]} if ids else {}
    return {"user_id": person["user_id"], **shared}
