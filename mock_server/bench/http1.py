"""As much of HTTP/1.1 as a load generator needs: a library that reads all of it would cost as much as a fast server."""

from __future__ import annotations

import re

from mock_server.bench.requests import Request

_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)", re.IGNORECASE)
_CHUNKED = re.compile(rb"\r\ntransfer-encoding:[ \t]*chunked", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nconnection:[ \t]*close", re.IGNORECASE)
_HEAD_END, _LAST_CHUNK = b"\r\n\r\n", b"0\r\n\r\n"
_WITHOUT_BODY = (204, 304)


def to_bytes(request: Request, host: str) -> bytes:
    """What is sent to that host."""
    length = {"Content-Length": str(len(request.body))} if request.body else {}
    headers = {"Host": host, **request.headers, **length}
    lines = [f"{request.method} {request.path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + request.body


def status_of(received: bytes) -> int:
    """Of an answer whose first line is there."""
    return int(received[9:12])


def is_last(received: bytes, end: int) -> bool:
    """Whether the server closes the connection after this answer."""
    return _CLOSE.search(received, 0, end) is not None


def answer_end(received: bytes) -> int | None:
    """How many bytes the answer has that begins there, as far as that can be told by now."""
    head = received.find(_HEAD_END)
    if head < 0:
        return None
    start = head + len(_HEAD_END)
    if status_of(received) in _WITHOUT_BODY:
        return start
    if length := _LENGTH.search(received, 0, start):
        return start + int(length[1])
    if _CHUNKED.search(received, 0, start):
        return len(received) if received.endswith(_LAST_CHUNK) else None
    return None
