"""Reads the body of a request once, up to a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import get_content_length, get_input_stream

from mock_server.errors import Problem, bad_request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def read_body(environ: WSGIEnvironment, limit: int | None) -> bytes | Problem:
    """The bytes, or the Problem 413, 408 or 400 why there are none: the body is too long, does not come or breaks off.

    A limit of None is for a request whose body does not matter: no bytes, but a Problem where the request is not whole.
    """
    try:
        if limit is None:
            environ["wsgi.input"].read(0)
            return b""
        _check_wrapping(environ)
        return _whole(environ, limit)
    except Problem as problem:
        return problem
    except (HTTPException, OSError) as error:
        return bad_request(f"the request body cannot be read: {error}")


def _check_wrapping(environ: WSGIEnvironment) -> None:
    coding: str = environ.get("HTTP_CONTENT_ENCODING", "")
    if coding.lower() not in ("", "identity"):
        raise bad_request(f"Content-Encoding {coding} is not supported; send the body as it is")
    transfer: str = environ.get("HTTP_TRANSFER_ENCODING", "")
    if transfer.lower() not in ("", "chunked"):
        raise bad_request(f"Transfer-Encoding {transfer} is not supported; send the body as it is, or in chunks")


def _whole(environ: WSGIEnvironment, limit: int) -> bytes:
    announced = get_content_length(environ)
    # Refused by what it announces, before a byte is read; one byte more than is allowed tells whether an unannounced body fits.
    data = _read(environ, limit + 1) if announced is None or announced <= limit else None
    if data is None or len(data) > limit:
        raise Problem(413, f"the request body may have at most {limit} bytes")
    if announced is not None and len(data) < announced:
        raise bad_request(f"the request body ends after {len(data)} of {announced} bytes")
    return data


def _read(environ: WSGIEnvironment, size: int) -> bytes:
    # What ends by itself is read in one go; werkzeug's streams give it in small pieces, which doubles the time of a big file.
    ends = environ.get("wsgi.input_terminated")
    data: bytes = environ["wsgi.input"].read(size) if ends else get_input_stream(environ, max_content_length=size).read()
    return data
