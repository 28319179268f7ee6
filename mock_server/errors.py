"""What can go wrong: a Problem is an answer to the caller, a BootError a message to whoever starts the server."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus


class BootError(Exception):
    """The server cannot start as it was told to; the message says why in one line."""


class Problem(Exception):  # noqa: N818 - it is an answer more than an error
    """An expected refusal of a request.

    status is the HTTP status (400 to 599), detail a sentence for a person, headers what the answer carries besides.
    """

    def __init__(self, status: int, detail: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"{status}: {detail}")
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})

    def body(self) -> dict[str, object]:
        """The error shape of both APIs (inferred: neither document shows one): `{"error": {code, message, details}}`."""
        return {"error": {"code": self.status, "message": HTTPStatus(self.status).phrase, "details": self.detail}}


def bad_request(detail: str) -> Problem:
    return Problem(400, detail)


def unauthorized(realm: str, detail: str) -> Problem:
    return Problem(401, detail, {"WWW-Authenticate": f'Bearer realm="{realm}"'})


def forbidden(detail: str) -> Problem:
    return Problem(403, detail)


def not_found(kind: str, identifier: object) -> Problem:
    return Problem(404, f"{kind} {identifier} does not exist")


def conflict(detail: str) -> Problem:
    return Problem(409, detail)
