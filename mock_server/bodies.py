"""Reads the body of a request once, up to a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from werkzeug.exceptions import HTTPException
from werkzeug.wsgi import get_content_length, get_input_stream

from mock_server.errors import Problem, bad_request

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment


def read_body(environ: WSGIEnvironment, limit: int) -> bytes | Problem:
    """The bytes, or the Problem 413 or 400 why there are none: the body is too long, or breaks off."""
    coding: str = environ.get("HTTP_CONTENT_ENCODING", "identity")
    if coding.lower() != "identity":
        return bad_request(f"Content-Encoding {coding} is not supported; send the body as it is")
    announced = get_content_length(environ)
    # Refused by what it announces, before a byte is read; one byte more than is allowed tells whether an unannounced body fits.
    try:
        data = _read(environ, limit + 1) if announced is None or announced <= limit else None
    except Problem as problem:
        return problem
    except (HTTPException, OSError) as error:
        return bad_request(f"the request body cannot be read: {error}")
    if data is None or len(data) > limit:
        return Problem(413, f"the request body may have at most {limit} bytes")
    if announced is not None and len(data) < announced:
        return bad_request(f"the request body ends after {len(data)} of {announced} bytes")
    return data


def _read(environ: WSGIEnvironment, size: int) -> bytes:
    # What ends by itself is read in one go; werkzeug's streams give it in small pieces, which doubles the time of a big file.
    ends = environ.get("wsgi.input_terminated")
    data: bytes = environ["wsgi.input"].read(size) if ends else get_input_stream(environ, max_content_length=size).read()
    return data
