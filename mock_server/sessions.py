"""Which session a request belongs to: header X-Mock-Session or path prefix /_s/NAME/, else `default`."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from werkzeug.sansio.utils import get_host

from mock_server.errors import bad_request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

DEFAULT = "default"
NAME_RULE = "the name of a session or snapshot has 1 to 64 characters: letters, digits, _ . ~ -; it is not . or .."
_ARRIVAL = "mock_server.arrival"
# Not `.` or `..`: clients take those out of a path before they send it.
_NAME = re.compile(r"(?!\.{1,2}$)[A-Za-z0-9_.~-]{1,64}")
_PREFIX = "/_s/"


class Arrival(NamedTuple):
    """The session of a request; origin is the URL at which the client sees the server, with the session's path prefix."""

    session: str
    origin: str


def arrival(environ: WSGIEnvironment) -> Arrival:
    """What arrive() found out about the request."""
    found: Arrival = environ[_ARRIVAL]
    return found


def is_name(name: str) -> bool:
    """Whether name can name a session or a snapshot: 1 to 64 letters, digits, `_`, `.`, `~`, `-`, but not `.` or `..`."""
    return _NAME.fullmatch(name) is not None


def arrive(environ: WSGIEnvironment, base_url: str | None = None) -> Arrival:
    """Find out which session the request is in, note it in the environment, and take the path prefix away.

    base_url is where clients see the server, without a slash at its end; None if that is where each asks for it.
    Raises Problem 400 for a bad session name, or where there is no good Host header (RFC 9112, 3.2).
    """
    if base_url is not None:
        environ["SCRIPT_NAME"] = urlsplit(base_url).path
    prefix = ""
    path: str = environ.get("PATH_INFO", "")
    session: str = environ.get("HTTP_X_MOCK_SESSION", DEFAULT)
    if path.startswith(_PREFIX):
        session, slash, rest = path.removeprefix(_PREFIX).partition("/")
        prefix = _PREFIX + session
        environ["PATH_INFO"] = slash + rest
    scheme = environ["wsgi.url_scheme"]
    host = _host(scheme, environ.get("HTTP_HOST"))
    outside = environ.get("SCRIPT_NAME", "")
    environ["SCRIPT_NAME"] = outside + prefix
    found = environ[_ARRIVAL] = Arrival(session, f"{base_url or f'{scheme}://{host}{outside}'}{prefix}")
    if not is_name(session):
        raise bad_request(NAME_RULE)
    if not host:
        raise bad_request("the request needs a Host header that names a host")
    return found


@functools.lru_cache(maxsize=256)
def _host(scheme: str, header: str | None) -> str:
    """The host of the header; empty for none, and for what cannot be one."""
    host = get_host(scheme, header) if header else ""
    try:
        host.encode("idna")
    except UnicodeError:
        return ""
    return host


def path_in(environ: WSGIEnvironment, session: str) -> str:
    """What the server's paths begin with in a session, seen from a request in any other: `/_s/NAME`, nothing for `default`."""
    root: str = environ.get("SCRIPT_NAME", "").removesuffix(f"{_PREFIX}{arrival(environ).session}")
    return root if session == DEFAULT else f"{root}{_PREFIX}{session}"
