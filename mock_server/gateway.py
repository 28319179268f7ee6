"""Puts the WSGI application behind an ASGI server, so that a request takes a thread only after all of it has arrived."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import io
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from urllib.parse import unquote_to_bytes

from mock_server.delivering import Send, deliver
from mock_server.errors import Problem, bad_request
from mock_server.faults import DELIVERY
from mock_server.guard import CONTROL
from mock_server.streaming import STREAM, More, Streams

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

# Here the WSGI environment may have what does work at a better time than in the middle of a request: LATER(function).
LATER = "mock_server.later"
Message = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Result = TypeVar("Result")
_Response: TypeAlias = tuple[int, list[tuple[bytes, bytes]], bytes]

# More than any operation takes: what is longer is a 413 there.
KEPT_BYTES = 10 * 1024 * 1024 + 1
# Of a body that is too long so much is read and thrown away: many clients look for an answer only after they have written.
DRAINED_BYTES = 32 * 1024 * 1024
TOTAL_SECONDS = 600
# What has a longer body may be a picture, or else take its time.
SHORT_BYTES = 64 * 1024


class Gateway:
    """An ASGI application (HTTP alone) that answers as the WSGI application does, in so many threads.

    silence is how many seconds a client may send nothing in the middle of a body before that is a 408. app may be replaced at any
    time: what has a thread by then is still answered by the one before. With at_once, what is short needs no thread, which would
    cost a third of it: that is for an application whose threads would only wait for each other.
    """

    def __init__(self, app: WSGIApplication, silence: float, threads: int, *, at_once: bool = False) -> None:
        self.app = app
        self._silence = silence
        self._at_once = at_once
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")
        self._at_work = 0
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
        status, headers, body = await self._answered(environ)
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

    async def _answered(self, environ: WSGIEnvironment) -> _Response:
        # While a thread holds the database, whoever needs it waits in a thread, and not all of the server.
        if not self._at_once or self._at_work or not _is_short(environ):
            return await self._in_thread(_answer, self.app, environ)
        environ[LATER] = self._in_thread
        return _answer(self.app, environ)

    def _in_thread(self, work: Callable[..., Result], *arguments: object) -> asyncio.Future[Result]:
        self._at_work += 1
        future = asyncio.get_running_loop().run_in_executor(self._pool, work, *arguments)
        future.add_done_callback(self._thread_is_free)
        return future

    def _thread_is_free(self, _future: object) -> None:
        self._at_work -= 1

    async def _input(self, environ: WSGIEnvironment, receive: Receive) -> tuple[io.BytesIO | _Refused, bool]:
        """The body, at most KEPT_BYTES of it, and whether there may be more on the connection, which then has to be closed."""
        announced = _length(environ)
        if announced is not None and announced > DRAINED_BYTES:
            return io.BytesIO(), True
        try:
            return await self._read(announced, receive)
        except TimeoutError:
            return _Refused(Problem(408, "the request body did not arrive in time")), True

    async def _read(self, announced: int | None, receive: Receive) -> tuple[io.BytesIO | _Refused, bool]:
        now = asyncio.get_running_loop().time
        end = now() + TOTAL_SECONDS
        kept: list[bytes] = []
        size, more = 0, True
        async with asyncio.timeout(None) as patience:
            while more and size <= DRAINED_BYTES:
                patience.reschedule(min(now() + self._silence, end))
                message = await receive()
                if message["type"] == "http.disconnect":
                    return _Refused(bad_request(f"the request body breaks off after {size} bytes")), True
                part = message.get("body", b"")
                kept.append(part[: max(0, KEPT_BYTES - size)])
                size += len(part)
                # The server says so only when it is asked once more, which costs as much as all of the body.
                more = message.get("more_body", False) and size != announced
        # Of bytes it makes no copy.
        return io.BytesIO(b"".join(kept)), more


class _Refused(io.RawIOBase):
    """The body of a request that did not arrive whole: whoever reads it gets the Problem."""

    def __init__(self, problem: Problem) -> None:
        self._problem = problem

    def read(self, _size: int = -1) -> bytes:
        raise self._problem

    readinto = readall = readline = read  # type: ignore[assignment]  # each way of reading it


def _length(environ: WSGIEnvironment) -> int | None:
    announced: str = environ.get("CONTENT_LENGTH", "")
    return int(announced) if announced.isdecimal() else None


def _is_short(environ: WSGIEnvironment) -> bool:
    """Not a control call, which may copy or show much, or ask this server itself."""
    unannounced = "HTTP_TRANSFER_ENCODING" in environ
    return CONTROL not in environ["PATH_INFO"] and not unannounced and (_length(environ) or 0) <= SHORT_BYTES


def _answer(app: WSGIApplication, environ: WSGIEnvironment) -> _Response:
    """Status, headers and body."""
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
