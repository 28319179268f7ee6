"""Which session a request belongs to: header X-Mock-Session or path prefix /_s/NAME/, else `default`."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from werkzeug.wsgi import get_host

from mock_server.errors import Problem, bad_request

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

DEFAULT = "default"
NAME_RULE = "the name of a session or snapshot has 1 to 64 characters: letters, digits, _ . ~ -; it is not . or .."
_ARRIVAL = "mock_server.arrival"
# Not `.` or `..`: clients take those out of a path before they send it.
_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_.~-]{1,64}")
_PREFIX = "/_s/"


@dataclass(frozen=True, slots=True)
class Arrival:
    """The session of a request; origin is the URL at which the client sees the server, with the session's path prefix; started
    is when it came, by time.perf_counter()."""

    session: str
    origin: str
    started: float


def arrival(environ: WSGIEnvironment) -> Arrival:
    """What SessionMiddleware found out about the request."""
    found: Arrival = environ[_ARRIVAL]
    return found


def is_name(name: str) -> bool:
    """Whether name can name a session or a snapshot: 1 to 64 letters, digits, `_`, `.`, `~`, `-`, but not `.` or `..`."""
    return _NAME.fullmatch(name) is not None


class SessionMiddleware:
    """Puts an Arrival into the WSGI environment and takes the path prefix away.

    refuse makes the answer to a request with a bad session name, or with no good Host header (400, as RFC 9112, 3.2 demands).
    """

    def __init__(self, app: WSGIApplication, refuse: Callable[[Problem], WSGIApplication]) -> None:
        self._app = app
        self._refuse = refuse

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        started = time.perf_counter()
        path: str = environ.get("PATH_INFO", "")
        session: str = environ.get("HTTP_X_MOCK_SESSION", DEFAULT)
        if path.startswith(_PREFIX):
            session, slash, rest = path.removeprefix(_PREFIX).partition("/")
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + _PREFIX + session
            environ["PATH_INFO"] = slash + rest
        host = get_host(environ) if environ.get("HTTP_HOST") else ""
        app = self._app
        if not is_name(session):
            app = self._refuse(bad_request(NAME_RULE))
        elif not host:
            app = self._refuse(bad_request("the request needs a Host header that names a host"))
        origin = f"{environ['wsgi.url_scheme']}://{host}{environ.get('SCRIPT_NAME', '')}"
        environ[_ARRIVAL] = Arrival(session, origin, started)
        return app(environ, start_response)
