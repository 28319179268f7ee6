"""Which session a request belongs to: header X-Mock-Session or path prefix /_s/NAME/, else `default`."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

import orjson

from mock_server.errors import bad_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.wrappers import Request

DEFAULT = "default"
ENVIRON_KEY = "mock_server.session"
STARTED_KEY = "mock_server.started"
_NAME = re.compile(r"[A-Za-z0-9_.~-]{1,64}")
_PREFIX = "/_s/"


def is_name(name: str) -> bool:
    """Whether name can name a session or a snapshot: 1 to 64 letters, digits, `_`, `.`, `~`, `-`."""
    return _NAME.fullmatch(name) is not None


def origin(request: Request) -> str:
    """The URL that the server is seen at, with the session's path prefix. Raises Problem 400 where the request names no host."""
    # RFC 9112, 3.2 wants that 400. Not root_url: that spells names in other scripts out, which no URL may.
    if not request.host:
        raise bad_request("the Host header names no host")
    return f"{request.scheme}://{request.host}{request.root_path}"


class SessionMiddleware:
    """Puts the session's name into the WSGI environment and takes the path prefix away; a bad name is answered 400."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path: str = environ.get("PATH_INFO", "")
        name: str = environ.get("HTTP_X_MOCK_SESSION") or DEFAULT
        if path.startswith(_PREFIX):
            name, slash, rest = path.removeprefix(_PREFIX).partition("/")
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + _PREFIX + name
            environ["PATH_INFO"] = slash + rest
        if not is_name(name):
            body = orjson.dumps(bad_request("a session name has 1 to 64 letters, digits, or one of _ . ~ -").body())
            start_response("400 Bad Request", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
            return [body]
        environ[ENVIRON_KEY] = name
        environ[STARTED_KEY] = time.perf_counter()
        return self._app(environ, start_response)
