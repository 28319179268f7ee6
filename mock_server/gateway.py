"""Puts the WSGI application behind an ASGI server, so that a request takes a thread only after all of it has arrived."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_to_bytes

from mock_server.delivering import Send, deliver
from mock_server.errors import Problem, bad_request
from mock_server.faults import DELIVERY
from mock_server.streaming import STREAM, More, Streams

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]

# More than any operation takes: what is longer is a 413 there.
KEPT_BYTES = 10 * 1024 * 1024 + 1
# Of a body that is too long so much is read and thrown away: many clients look for an answer only after they have written.
DRAINED_BYTES = 32 * 1024 * 1024
TOTAL_SECONDS = 600


class Gateway:
    """An ASGI application (HTTP alone) that answers as the WSGI application does, in so many threads.

    silence is how many seconds a client may send nothing in the middle of a body before that is a 408. app may be replaced at any
    time: what has a thread by then is still answered by the one before.
    """

    def __init__(self, app: WSGIApplication, silence: float, threads: int) -> None:
        self.app = app
        self._silence = silence
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._over = asyncio.Event()
        self._streams = Streams(self._over)

    def stop(self) -> None:
        """Let nobody wait for anything but answers: streams end, and what faults delay comes at once."""
        self._over.set()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        environ = _environ(scope)
        closing = False
        if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"], closing = await self._input(environ, receive)
        streams: list[More] = []
        environ[DELIVERY], environ[STREAM] = None, streams
        status, headers, body = await asyncio.get_running_loop().run_in_executor(self._pool, _answer, self.app, environ)
        if closing:
            headers.append((b"connection", b"close"))
        start = {"type": "http.response.start", "status": status, "headers": headers}
        if environ[DELIVERY] is not None:
            await deliver(environ[DELIVERY], scope["client"], send, start, body, self._pause)
            return
        await send(start)
        if streams and not self._streams.full:
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await self._streams.follow(streams[0], receive, send)
            body = b""
        await send({"type": "http.response.body", "body": body})

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    async def _input(self, environ: WSGIEnvironment, receive: Receive) -> tuple[io.BytesIO | _Refused, bool]:
        """The body, at most KEPT_BYTES of it, and whether there may be more on the connection, which then has to be closed."""
        try:
            async with asyncio.timeout(TOTAL_SECONDS):
                return await self._read(environ, receive)
        except TimeoutError:
            return _Refused(Problem(408, "the request body did not arrive in time")), True

    async def _read(self, environ: WSGIEnvironment, receive: Receive) -> tuple[io.BytesIO | _Refused, bool]:
        announced = environ.get("CONTENT_LENGTH", "")
        if announced.isdecimal() and int(announced) > DRAINED_BYTES:
            return io.BytesIO(), True
        kept, size, more = bytearray(), 0, True
        while more and size <= DRAINED_BYTES:
            async with asyncio.timeout(self._silence):
                message = await receive()
            if message["type"] == "http.disconnect":
                return _Refused(bad_request(f"the request body breaks off after {size} bytes")), True
            part = message.get("body", b"")
            size += len(part)
            kept += part[: KEPT_BYTES - len(kept)]
            more = message.get("more_body", False)
        return io.BytesIO(kept), more


class _Refused(io.RawIOBase):
    """The body of a request that did not arrive whole: whoever reads it gets the Problem."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def read(self, _size: int = -1) -> bytes:
        raise self._problem

    readinto = readall = readline = read  # type: ignore[assignment]  # each way of reading it


def _answer(app: WSGIApplication, environ: WSGIEnvironment) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """Runs in a thread: status, headers and body of the response."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], _error: object = None) -> Callable[[bytes], object]:
        started[:] = int(status[:3]), [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return lambda _: None

    chunks: Iterable[bytes] = app(environ, start_response)
    try:
        body = b"".join(chunks)
    finally:
        getattr(chunks, "close", lambda: None)()
    return started[0], started[1], body


def _environ(scope: Mapping[str, Any]) -> WSGIEnvironment:
    """PEP 3333: texts hold bytes as Latin-1, and headers of one name are joined."""
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        # Not the path that the server decoded: that has lost what is not UTF-8.
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": str(scope["server"][1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        key, text = _key(name), value.decode("latin-1")
        if key in environ:
            text = f"{environ[key]}{'; ' if key == 'HTTP_COOKIE' else ','}{text}"
        environ[key] = text
    return environ


@functools.lru_cache(maxsize=256)
def _key(header: bytes) -> str:
    name = header.decode("latin-1").upper().replace("-", "_")
    return name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"
