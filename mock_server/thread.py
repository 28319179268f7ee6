"""A real server in a thread of this process, for tests."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from werkzeug.serving import WSGIRequestHandler, make_server

from mock_server.app import MockServer, create_app
from mock_server.config import Config, family_of, url_of
from mock_server.tls import certificate

_SECONDS_TO_END = 0.05  # at most; it looks so often whether it is to end


@dataclass(frozen=True, slots=True)
class RunningServer:
    """url has no slash at its end; app is what serves it; authority is the PEM file to trust if Config(tls=True) had one made."""

    url: str
    app: MockServer
    authority: Path | None = None


class _QuietHandler(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def connection_dropped(self, *_: Any) -> None:
        """A fault has cut the answer off: the client has to notice."""
        self.close_connection = True

    def send_header(self, keyword: str, value: str) -> None:
        """The date of a session's clock takes the place of the server's own, which comes first."""
        if keyword == "Date":
            lines: list[bytes] = vars(self)["_headers_buffer"]
            lines[:] = [line for line in lines if not line.startswith(b"Date:")]
        super().send_header(keyword, value)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug names it so
        """Nothing: the journal has it."""


@contextlib.contextmanager
def run_in_thread(config: Config | None = None) -> Iterator[RunningServer]:
    """Serve until the block ends; port 0 takes a free one. Raises BootError as create_app does, OSError for a port in use."""
    config = config or Config(port=0)
    app = create_app(config)
    with contextlib.ExitStack() as stack:
        stack.enter_context(contextlib.closing(app))
        # Bound here: the server would end the process where the port is taken.
        listening = stack.enter_context(socket.create_server((config.host, config.port), family=family_of(config.host)))
        tls = stack.enter_context(certificate(config))
        port = listening.getsockname()[1]
        server = make_server(
            config.host,
            port,
            app,
            threaded=True,
            request_handler=_QuietHandler,
            ssl_context=(str(tls.chain), str(tls.key)) if tls else None,
            fd=listening.fileno(),
        )
        thread = threading.Thread(target=server.serve_forever, args=(_SECONDS_TO_END,), name="mock-server", daemon=True)
        thread.start()
        try:
            yield RunningServer(url_of(config.host, port, tls=tls is not None), app, tls.authority if tls else None)
        finally:
            server.shutdown()
            thread.join()
