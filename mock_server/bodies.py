"""Reads the body of a request once, up to a limit."""

from __future__ import annotations

from werkzeug import Request
from werkzeug.exceptions import HTTPException

from mock_server.errors import Problem, bad_request


def read_body(request: Request, limit: int) -> bytes | Problem:
    """The bytes, or the Problem 413 or 400 why there are none: the body is too long, or breaks off."""
    coding = request.headers.get("Content-Encoding", "identity")
    if coding.lower() != "identity":
        return bad_request(f"Content-Encoding {coding} is not supported; send the body as it is")
    announced = request.content_length
    # Refused by what it announces, before a byte is read; one byte more than is allowed tells whether an unannounced body fits.
    try:
        data = _read(request, limit + 1) if announced is None or announced <= limit else None
    except Problem as problem:
        return problem
    except (HTTPException, OSError) as error:
        return bad_request(f"the request body cannot be read: {error}")
    if data is None or len(data) > limit:
        return Problem(413, f"the request body may have at most {limit} bytes")
    if announced is not None and len(data) < announced:
        return bad_request(f"the request body ends after {len(data)} of {announced} bytes")
    return data


def _read(request: Request, size: int) -> bytes:
    if request.environ.get("wsgi.input_terminated"):
        # In one go: through Flask it would come in small pieces, which makes a big file take twice as long.
        data: bytes = request.environ["wsgi.input"].read(size)
        return data
    request.max_content_length = size
    return request.get_data(cache=False)
