"""Answers with an end: whatever a server sends, each takes so many seconds and bytes at most, and has readable headers."""

import io
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPResponse
from math import inf
from typing import Any

from requests import Response
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from contract_tests.transport.network import AnswerError

CHUNK = 64 * 1024


@dataclass(frozen=True)
class Bounds:
    """What an answer may take: a moment as of time.monotonic() by which it is whole, with the seconds until then, and bytes."""

    end: float = inf
    seconds: float = inf
    size: float = inf

    def check(self, size: int) -> float:
        """The seconds that are left. Raises AnswerError."""
        if size > self.size:
            raise AnswerError(f"answers with more than {self.size / 2**20:g} MB, which is as much as is taken of one answer")
        left = self.end - time.monotonic()
        if left <= 0:
            raise AnswerError(f"does not come to the end of an answer within {self.seconds:g} s")
        return left


UNBOUNDED = Bounds()
_BOUNDS = ContextVar("bounds", default=UNBOUNDED)  # of the request that this thread is sending


@contextmanager
def bounded(seconds: float, size: int) -> Iterator[None]:
    """What is asked inside by a BoundedAdapter has to be answered within these bounds; else AnswerError is raised, or wrapped."""
    before = _BOUNDS.set(Bounds(time.monotonic() + seconds, seconds, size))
    try:
        yield
    finally:
        _BOUNDS.reset(before)


def read_whole(response: Response) -> None:
    """Reads the body, unfolded, within the bounds. Raises what requests raises, and AnswerError."""
    parts, size, bounds = [], 0, _BOUNDS.get()
    for part in response.iter_content(CHUNK):
        parts.append(part)
        size += len(part)
        try:
            bounds.check(size)
        except AnswerError:
            response.close()
            raise
    response._content = b"".join(parts)  # noqa: SLF001 - where requests keeps it


class _Source(io.RawIOBase):
    """The bytes of one answer as they come out of a socket."""

    def __init__(self, connection: socket.socket, raw: io.RawIOBase) -> None:
        self._socket, self._raw, self._bounds = connection, raw, _BOUNDS.get()
        self._patience, self._size = connection.gettimeout() or inf, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Waits for the next bytes as long as the connection may be silent, or the answer may still take."""
        left = min(self._patience, self._bounds.check(self._size))
        self._socket.settimeout(None if left == inf else left)
        try:
            read: int | None = self._raw.readinto(buffer)
        except TimeoutError:
            self._bounds.check(self._size)  # which of the two it was
            raise
        self._size += read or 0
        return read

    def close(self) -> None:
        super().close()
        self._raw.close()


class _Answer(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **options: Any) -> None:
        super().__init__(sock, *args, **options)
        self.fp = io.BufferedReader(_Source(sock, self.fp.detach()))

    def begin(self) -> None:
        super().begin()
        # The parser takes all that follows a line which is no header for the text of a mail, lengths and cookies included.
        if self.headers.get_payload():
            raise AnswerError("sends headers that cannot be read")


class _Connection(HTTPConnection):
    response_class = _Answer


class _TlsConnection(HTTPSConnection):
    response_class = _Answer


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class BoundedAdapter(HTTPAdapter):
    """The adapter of requests, with answers that keep to the bounds."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        _bind(self.poolmanager)

    def proxy_manager_for(self, proxy: str, **options: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **options)
        if not proxy.lower().startswith("socks"):  # which has connections of its own
            _bind(manager)
        return manager


def _bind(manager: PoolManager) -> None:
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
