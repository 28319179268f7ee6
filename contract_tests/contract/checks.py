"""What holds for every answer, beyond the checks that Schemathesis brings; each check returns what is wrong."""

import json
from collections.abc import Callable, Iterator
from typing import Any

from requests.structures import CaseInsensitiveDict

from contract_tests.contract.cause import header
from contract_tests.contract.finding import Finding, Kind, Place
from contract_tests.contract.operations import Operation

Headers = CaseInsensitiveDict[str]
Check = Callable[[Operation, str, int, Headers, bytes], Iterator[Finding]]

BODILESS = frozenset({204, 304})
SERVER_ERROR = 500
CLIENT_ERROR = 400
NO_JSON = object()


def parsed(body: bytes) -> Any:
    """The JSON of a body, or NO_JSON; it is UTF-8 whatever charset is said (RFC 8259, 8.1)."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return NO_JSON


def no_body_where_none_may_be(operation: Operation, method: str, status: int, headers: Headers, body: bytes) -> Iterator[Finding]:
    """RFC 9110, 6.4.1: no content in 204 and 304, nor in any answer to HEAD."""
    if status not in BODILESS and method != "HEAD":
        return
    # Clients throw such a body away, or take it for the next answer, so the announced length has to be looked at too.
    announced = headers.get("Content-Length", "0") != "0" or "Transfer-Encoding" in headers
    if body or (announced and status == 204):
        yield _wrong(operation, Kind.BODY, status, "empty", expected="no body")


def length_is_the_length(operation: Operation, method: str, status: int, headers: Headers, body: bytes) -> Iterator[Finding]:
    """RFC 9110, 8.6: Content-Length is the length of the body."""
    if method == "HEAD" or status in BODILESS or "Content-Length" not in headers or "Content-Encoding" in headers:
        return
    if headers["Content-Length"] != str(len(body)):
        yield _wrong(operation, Kind.BODY, status, "length", expected=headers["Content-Length"], got=len(body))


def refused_logins_say_how_to_log_in(
    operation: Operation, method: str, status: int, headers: Headers, body: bytes
) -> Iterator[Finding]:
    """RFC 9110, 15.5.2: 401 carries WWW-Authenticate."""
    if status == 401 and not headers.get("WWW-Authenticate"):
        yield _wrong(operation, Kind.HEADER, status, "required", place=header("WWW-Authenticate"))


def refused_methods_say_which_are_allowed(
    operation: Operation, method: str, status: int, headers: Headers, body: bytes
) -> Iterator[Finding]:
    """RFC 9110, 15.5.6: 405 carries Allow."""
    if status == 405 and "Allow" not in headers:
        yield _wrong(operation, Kind.HEADER, status, "required", place=header("Allow"))


def errors_have_their_shape(operation: Operation, method: str, status: int, headers: Headers, body: bytes) -> Iterator[Finding]:
    """Our specs: an error is JSON, and its code is the status."""
    if status < CLIENT_ERROR or method == "HEAD":
        return
    kind = headers.get("Content-Type", "")
    if "json" not in kind:
        yield _wrong(operation, Kind.CONTENT_TYPE, status, "", expected="application/json", got=media_type(kind))
        return
    data = parsed(body)
    if data is NO_JSON:
        yield _wrong(operation, Kind.BODY, status, "json")
        return
    error = data.get("error") if isinstance(data, dict) else None
    if not isinstance(error, dict):
        yield _wrong(operation, Kind.SCHEMA, status, "required", place=Place("/error", "ErrorBody", "error"), got=data)
        return
    if error.get("code") != status:
        place = Place("/error/code", "ErrorBody", "error.code")
        yield _wrong(operation, Kind.SCHEMA, status, "const", place=place, expected=status, got=error.get("code"))
    for name in ("message", "details"):
        if not isinstance(error.get(name), str):
            keyword = "type" if name in error else "required"
            place = Place(f"/error/{name}", "ErrorBody", f"error.{name}")
            yield _wrong(operation, Kind.SCHEMA, status, keyword, place=place, expected="string", got=error.get(name))


def no_server_error(operation: Operation, method: str, status: int, headers: Headers, body: bytes) -> Iterator[Finding]:
    """No request, whatever it holds, may break the server."""
    if status >= SERVER_ERROR:
        yield _wrong(operation, Kind.SERVER_ERROR, status, "", got=status)


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


def faults(
    operation: Operation, method: str, status: int, headers: Headers, body: bytes, *, inferred: bool = True
) -> list[Finding]:
    """All that is wrong with one answer; `inferred` is whether our own reading of the documents counts."""
    return [one for check in checks(inferred=inferred) for one in check(operation, method, status, headers, body)]


def media_type(content_type: str) -> str:
    """The media type of a Content-Type without its parameters; `none` where there is none."""
    return content_type.partition(";")[0].strip().lower() or "none"


def _wrong(operation: Operation, kind: Kind, status: int, keyword: str, **more: Any) -> Finding:
    return Finding(operation.api, operation.id, kind, status=status, keyword=keyword, judge="checks", **more)
