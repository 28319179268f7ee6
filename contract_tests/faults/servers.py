"""Servers to try the suite on: the mock over HTTP, with whatever is put around it."""

import ssl
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from itertools import count
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from contract_tests.transport import target
from contract_tests.transport.in_process import WsgiAdapter, WsgiApp
from mock_server import Config, create_app

NEAR_URL = "http://127.0.0.1:9"


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # as deployments do, though this server closes each connection

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - the name in werkzeug
        """Says nothing."""


@contextmanager
def serve(app: WsgiApp, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """The URL of a WSGI app in a thread."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet, ssl_context=tls)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def near(app: WsgiApp) -> Iterator[str]:
    """A URL where runs in this process find a WSGI app without a socket, which would take more time than what is sent over it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(target, "_adapter", lambda _: WsgiAdapter(app))
        yield NEAR_URL


@contextmanager
def serve_stream(parts: Callable[[], Iterable[bytes]]) -> Iterator[str]:
    """The URL of a server that sends these parts to whoever has asked for something, and then closes the connection."""

    class Sending(StreamRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):  # who asked may have gone
                while self.rfile.readline().strip():
                    pass
                for part in parts():
                    self.wfile.write(part)

    class Server(ThreadingTCPServer):
        daemon_threads, block_on_close = True, False

    with Server(("127.0.0.1", 0), Sending) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def mock() -> WsgiApp:
    """A sound mock with a state of its own."""
    app: WsgiApp = create_app(Config())
    return app


@cache
def shared_mock() -> WsgiApp:
    """A sound mock for all who use sessions of their own, as runs and deployments do."""
    return mock()


class Deployment:
    """Looks like a real deployment: no control API and no sessions, but one state. `requests` are those that reached it."""

    _numbers = count()

    def __init__(self, app: WsgiApp) -> None:
        self.app, self._session = app, f"deployment-{next(self._numbers)}"
        self.requests: list[tuple[str, str]] = []

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["HTTP_X_MOCK_SESSION"] = self._session
        if environ["PATH_INFO"].startswith(("/__mock", "/_s/")):
            start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
            return [b""]
        self.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        return self.app(environ, start_response)

    @property
    def writes(self) -> list[tuple[str, str]]:
        return [(method, path) for method, path in self.requests if method not in {"GET", "HEAD", "OPTIONS"}]
