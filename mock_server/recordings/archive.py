"""Reads HTTP archives (HAR 1.2) as browsers, proxies and the contract suite write them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson

from mock_server.errors import BootError

_LARGEST_MB = 64


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and its answer. Names of headers are in small letters; comments has those that the archive makes on headers of
    the request. A body is None where the archive has none although there was one. time is as the archive writes it."""

    time: str
    method: str
    url: str
    headers: Mapping[str, str]
    comments: Mapping[str, str]
    sent: bytes | None
    status: int
    answer_headers: Mapping[str, str]
    answer: bytes | None


def read_archive(path: Path) -> tuple[list[Exchange], int]:
    """The exchanges of a file, and the number of its entries that are none. Raises BootError where it is no archive."""
    try:
        megabytes = path.stat().st_size / 1e6
        if megabytes > _LARGEST_MB:
            raise BootError(f"{path} has {megabytes:.0f} MB and at most {_LARGEST_MB} are read; export fewer requests at a time")
        data = path.read_bytes().removeprefix(b"\xef\xbb\xbf")
    except OSError as error:
        raise BootError(f"{path} cannot be read: {error.strerror}") from error
    if not data.strip():
        raise BootError(f"{path} is empty; export the traffic again")
    try:
        archive = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        raise BootError(f"{path} is not JSON, or was cut off ({error}); export the traffic again, as HAR") from error
    entries = _get(archive, "log", "entries")
    if not isinstance(entries, list):
        raise BootError(f"{path} is no HAR file: it has no list log/entries")
    exchanges = [_exchange(entry) for entry in entries]
    return [exchange for exchange in exchanges if exchange], exchanges.count(None)


def _get(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _exchange(entry: Any) -> Exchange | None:
    request, response = _get(entry, "request"), _get(entry, "response")
    method, url, status = _get(request, "method"), _get(request, "url"), _get(response, "status")
    if not (isinstance(method, str) and isinstance(url, str) and isinstance(status, int) and _is_url(url)):
        return None
    posted, content = _get(request, "postData") or {}, _get(response, "content") or {}
    return Exchange(
        time=str(_get(entry, "startedDateTime") or ""),
        method=method.upper(),
        url=url,
        headers=_headers(request, "value"),
        comments=_headers(request, "comment"),
        sent=_body(posted, _get(request, "bodySize")),
        status=status,
        answer_headers=_headers(response, "value"),
        answer=_body(content, _get(content, "size")),
    )


def _is_url(text: str) -> bool:
    try:
        return bool(urlsplit(text).netloc)
    except ValueError:
        return False


def _headers(message: Any, key: str) -> dict[str, str]:
    headers = _get(message, "headers")
    pairs = [(_get(header, "name"), _get(header, key)) for header in (headers if isinstance(headers, list) else [])]
    return {name.lower(): value for name, value in pairs if isinstance(name, str) and isinstance(value, str)}


def _body(content: Any, size: Any) -> bytes | None:
    text = _get(content, "text")
    if not isinstance(text, str):
        return None if isinstance(size, int) and size > 0 else b""
    try:
        return base64.b64decode(text) if _get(content, "encoding") == "base64" else text.encode()
    except (binascii.Error, UnicodeEncodeError):
        return None
