"""Requests byte by byte, for what no HTTP client would send."""

from __future__ import annotations

import json
import socket
from typing import Any

UPLOAD = (b"POST /api/v1/uploads HTTP/1.1", b"Host: localhost", b"Content-Type: text/plain")
NAMED = (*UPLOAD, b"X-Filename: a.txt")
HEALTH = b"GET /__mock/health HTTP/1.1"


def connect(url: str) -> socket.socket:
    host, _, port = url.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=20)


def head(*lines: bytes) -> bytes:
    return b"\r\n".join((*lines, b"", b""))


def answer(connection: socket.socket) -> tuple[int, Any]:
    """Status and JSON of the answer that comes next; the connection may stay open."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(line.split(b":")[1]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length"))
    while len(body) < length:
        body += _more(connection)
    return int(head.split()[1]), json.loads(body or b"null")


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65_536)
    assert data, "the connection was closed without an answer"
    return data


def ask(url: str, data: bytes) -> tuple[int, Any]:
    with connect(url) as connection:
        connection.sendall(data)
        return answer(connection)


def details(answer: tuple[int, Any]) -> tuple[int, str]:
    return answer[0], answer[1]["error"]["details"]
