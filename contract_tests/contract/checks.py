"""What holds for every answer, beyond the checks that Schemathesis brings; each check returns errors."""

import json
from collections.abc import Callable

from requests.structures import CaseInsensitiveDict

Headers = CaseInsensitiveDict[str]
Check = Callable[[str, int, Headers, bytes], list[str]]

BODILESS = frozenset({204, 304})
SERVER_ERROR = 500
CLIENT_ERROR = 400


def no_body_where_none_may_be(method: str, status: int, headers: Headers, body: bytes) -> list[str]:
    """RFC 9110, 6.4.1: no content in 204 and 304, nor in any answer to HEAD."""
    if status not in BODILESS and method != "HEAD":
        return []
    # Clients throw such a body away, or take it for the next answer, so the announced length has to be looked at too.
    announced = headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers
    return [f"{status} to {method} has a body"] if body or (announced and status == 204) else []


def length_is_the_length(method: str, status: int, headers: Headers, body: bytes) -> list[str]:
    """RFC 9110, 8.6: Content-Length is the length of the body."""
    if method == "HEAD" or status in BODILESS or "Content-Length" not in headers or "Content-Encoding" in headers:
        return []
    length = headers["Content-Length"]
    return [] if length == str(len(body)) else [f"Content-Length is {length}, the body has {len(body)} bytes"]


def refused_logins_say_how_to_log_in(method: str, status: int, headers: Headers, body: bytes) -> list[str]:
    """RFC 9110, 15.5.2: 401 carries WWW-Authenticate."""
    return ["401 without WWW-Authenticate"] if status == 401 and not headers.get("WWW-Authenticate") else []


def refused_methods_say_which_are_allowed(method: str, status: int, headers: Headers, body: bytes) -> list[str]:
    """RFC 9110, 15.5.6: 405 carries Allow."""
    return ["405 without Allow"] if status == 405 and "Allow" not in headers else []


def errors_have_their_shape(method: str, status: int, headers: Headers, body: bytes) -> list[str]:
    """Our specs: an error is JSON, and its code is the status."""
    if status < CLIENT_ERROR or method == "HEAD":
        return []
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        error = None
    if not isinstance(error, dict):
        return [f"{status} without an error object: {body[:100]!r}"]
    wrong = [] if error.get("code") == status else [f"error.code is {error.get('code')!r}, the status is {status}"]
    return wrong + [f"error.{key} is not a text" for key in ("message", "details") if not isinstance(error.get(key), str)]


def no_server_error(method: str, status: int, headers: Headers, body: bytes) -> list[str]:
    """No request, whatever it holds, may break the server."""
    return [f"{status}: {body[:300]!r}"] if status >= SERVER_ERROR else []


EVERYWHERE: tuple[Check, ...] = (
    no_body_where_none_may_be,
    length_is_the_length,
    refused_logins_say_how_to_log_in,
    refused_methods_say_which_are_allowed,
    no_server_error,
)
INFERRED: tuple[Check, ...] = (errors_have_their_shape,)


def checks(*, inferred: bool) -> tuple[Check, ...]:
    """The checks of this file that apply; `inferred` is whether our own reading of the documents counts."""
    return (*EVERYWHERE, *INFERRED) if inferred else EVERYWHERE


def faults(method: str, status: int, headers: Headers, body: bytes, *, inferred: bool = True) -> dict[str, str]:
    """All that is wrong with one answer, by check; `inferred` is whether our own reading of the documents counts."""
    wrong = {check.__name__: check(method, status, headers, body) for check in checks(inferred=inferred)}
    return {name: "; ".join(errors) for name, errors in wrong.items() if errors}
