"""Logging a browser in and out: what the document presupposes when it speaks of authenticated users. Inferred, all of it."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select

from mock_server.apis.linagora.profiles import profile
from mock_server.apis.linagora.tables import users
from mock_server.dispatch import Call, Reply
from mock_server.errors import unauthorized
from mock_server.spec import JSON, Operation, RequestBody, ResponseSpec

_USERS = select(users).where(
    users.c.session == bindparam("key"),
    (users.c.name == bindparam("name")) | (func.lower(users.c.email) == bindparam("email")),
)
_TEXT = {"type": "string", "maxLength": 255, "pattern": "^[^\\x00]*$"}
_CREDENTIALS = {
    "type": "object",
    "required": ["username", "password"],
    "properties": {"username": _TEXT, "password": _TEXT, "rememberme": {"type": "boolean"}},
}


def log_in(call: Call) -> Reply:
    """By name or e-mail address and password; the cookie lasts as long as the browser does."""
    username, password = call.body["username"], call.body["password"]
    rows = call.connection.execute(_USERS, {"key": call.session, "name": username, "email": username.lower()})
    user = next((row for row in rows if row.password == password), None)
    if user is None:
        raise unauthorized("linagora", "no user has this name and password")
    return Reply(200, profile(user), {"Set-Cookie": call.cookie.given(user.id, call.origin)})


def log_out(call: Call) -> Reply:
    """Nothing but the browser remembers a login, so nobody needs to be logged in."""
    return Reply(204, None, {"Set-Cookie": call.cookie.taken(call.origin)}, media_type=None)


def _operation(name: str, path: str, body: RequestBody | None, responses: dict[str, ResponseSpec]) -> Operation:
    return Operation(
        api="linagora",
        id=name,
        method="POST",
        path=path,
        parameters=(),
        body=body,
        responses=responses,
        security=(),
        writes=False,
    )


OPERATIONS = (
    _operation(
        "logIn",
        "/api/login",
        RequestBody(required=True, media={JSON: _CREDENTIALS}, max_bytes=64 * 1024),
        {"200": ResponseSpec({JSON: {"type": "object", "required": ["_id"]}}, {"Set-Cookie": True})},
    ),
    _operation("logOut", "/api/logout", None, {"204": ResponseSpec({}, {"Set-Cookie": True})}),
)
