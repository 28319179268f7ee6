"""The command `mock-server`."""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import errno
import gc
import http.client
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, NoReturn

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server.mp import MPServer

from mock_server import logs
from mock_server.app import MockServer, create_app
from mock_server.config import API_NAMES, Config, family_of, url_of
from mock_server.errors import BootError
from mock_server.gateway import Gateway
from mock_server.scenarios import example_scenario
from mock_server.store import without_password
from mock_server.version import VERSION

EXAMPLE = "example-scenario"
_ENVIRONMENT = "MOCK_SERVER_"
_PR_SET_PDEATHSIG = 1
# In memory requests take turns anyway, and each thread more makes the others slower; on a database some may wait for a writer.
_THREADS_IN_MEMORY, _THREADS_ON_A_DATABASE = 2, 4


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C. The exit status is 0 then, and 2 if the server cannot start."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if list(arguments) == [EXAMPLE]:
        print(example_scenario(), end="")
        return 0
    try:
        config = read_config(arguments, os.environ)
        logs.set_up(config.log_level)
        return _serve(config)
    except BootError as error:
        print(f"mock-server: {error}", file=sys.stderr)
        return 2


def read_config(arguments: Sequence[str], environment: Any) -> Config:
    """Options win over environment variables (MOCK_SERVER_PORT, …; several values with commas), those over defaults.

    Exits as argparse does on a bad option. Raises BootError for values that do not fit each other.
    """
    defaults = Config()
    about = f"A stateful mock of the casavi and linagora-rse APIs. `mock-server {EXAMPLE}` prints a scenario file to start from."
    parser = _Parser("mock-server", description=about)
    for name, text, kind in _OPTIONS:
        option = f"--{name.replace('_', '-')}"
        given = environment.get(_ENVIRONMENT + name.upper())
        default = getattr(defaults, name) if given is None else given
        choices = _LOG_LEVELS if name == "log_level" else None
        shown = without_password(str(default)).replace("%", "%%")
        parser.add_argument(option, type=kind, default=default, choices=choices, help=f"{text} (default: {shown})")
    parser.add_argument("--overlay", action="append", metavar="FILE", help="OpenAPI Overlay that changes the specs; repeatable")
    parser.add_argument("--api", action="append", choices=API_NAMES, help="serve this API alone; repeatable (default: both)")
    parser.add_argument("--version", action="version", version=f"mock-server {VERSION}")
    values = vars(parser.parse_args(arguments))
    chosen = values.pop("api") or _several(environment, "API") or API_NAMES
    if not set(chosen) <= set(API_NAMES):
        raise BootError(f"{_ENVIRONMENT}API may be {' or '.join(API_NAMES)} or both, not {','.join(chosen)}")
    overlays = tuple(values.pop("overlay") or _several(environment, "OVERLAY"))
    return _checked(Config(**values, overlays=overlays, apis=tuple(name for name in API_NAMES if name in chosen)))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"mock-server: {message}\n")


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from error


def _several(environment: Any, name: str) -> list[str]:
    given = environment.get(_ENVIRONMENT + name)
    return given.split(",") if given else []


def _checked(config: Config) -> Config:
    if config.workers > 1 and (config.database_url is None or config.database_url in ("sqlite://", "sqlite:///:memory:")):
        raise BootError("more than one of --workers need a --database-url that they can share: an SQLite file or PostgreSQL")
    if not 0 <= config.port <= 65535:
        raise BootError(f"--port {config.port} is not between 0 and 65535")
    for name in ("workers", "max_sessions", "max_idle_days", "body_timeout"):
        if not getattr(config, name) >= (1 if isinstance(getattr(config, name), int) else 0.01):
            raise BootError(f"--{name.replace('_', '-')} is too small")
    if config.log_level not in _LOG_LEVELS:
        raise BootError(f"{_ENVIRONMENT}LOG_LEVEL must be one of {', '.join(_LOG_LEVELS)}")
    return config


_LOG_LEVELS = ("debug", "info", "warning", "error")
_OPTIONS: tuple[tuple[str, str, Any], ...] = (
    ("host", "address to listen on", str),
    ("port", "port to listen on, 0 for a free one", _number),
    ("scenario", "what a session starts from: a name in fixtures/scenarios or a YAML file", str),
    ("database_url", "SQLite file or PostgreSQL; state then outlives the process", str),
    ("workers", "processes; more than 1 needs --database-url", _number),
    ("body_timeout", "seconds that a client may be silent in the middle of a request body", float),
    ("max_sessions", "sessions kept; beyond that number, the one that was not used for longest is dropped", _number),
    ("max_idle_days", "days after which a session that nobody uses is dropped", float),
    ("seed", "ids, tokens and generated data are the same for the same seed", _number),
    ("log_level", "debug (with a line for each request), info (with one on a terminal), warning or error", str),
)


def _serve(config: Config) -> int:
    # Made before the workers are forked, so that they share its memory and a fault in it is told once.
    app = _lasting(create_app(config))
    if config.database_url:
        app.close()
    forked = multiprocessing.get_start_method() == "fork"
    with _reserved(config.host, config.port) as (address, port):
        server = _AnnouncingServer(
            "mock_server",
            address=address,
            port=port,
            interface=Interfaces.ASGINL,
            http=HTTPModes.http1,
            workers=config.workers,
            workers_kill_timeout=1,
            respawn_failed_workers=True,
            websockets=False,
            log_level=LogLevels.error,
        )
        server.url = url_of(config.host, port)
        server.serve(target_loader=partial(_load_app, config, app if forked else None), wrap_loader=False)
    return 0


def _load_app(config: Config, prepared: MockServer | None) -> Gateway:
    """Runs in a worker."""
    _end_with_parent()
    # A terminal that closes tells the whole group; the parent ends its workers in good order.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if prepared is None:  # nothing of the parent's is here
        logs.set_up(config.log_level)
    app = prepared or _lasting(create_app(config))
    return Gateway(app, config.body_timeout, _THREADS_ON_A_DATABASE if config.database_url else _THREADS_IN_MEMORY)


def _lasting(app: MockServer) -> MockServer:
    """Nothing of it is ever garbage. A collector that looks at it again would, in a worker, also make a copy of its memory."""
    gc.collect()
    gc.freeze()
    return app


class _AnnouncingServer(MPServer):
    url: str

    def signal_handler_reload(self, *arguments: Any) -> None:
        """SIGHUP, as of a closed terminal, ends the server; new workers would not have the state that is in memory."""
        self.signal_handler_interrupt(*arguments)  # type: ignore[no-untyped-call]

    def startup(self, *arguments: Any) -> None:
        super().startup(*arguments)  # type: ignore[no-untyped-call]  # not annotated there
        # Not before: a thread that holds an import lock while the workers are forked would leave it locked in them.
        threading.Thread(target=_announce, args=(self.url, self.bind_addr, self.bind_port), daemon=True).start()


@contextlib.contextmanager
def _reserved(host: str, port: int) -> Iterator[tuple[str, int]]:
    """The address of the host, and a port that was free.

    The workers share it with SO_REUSEPORT, which alone would let two servers share it as well.
    """
    family = family_of(host)
    try:
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
            address, port = probe.getsockname()[:2]
        with socket.socket(family) as reservation:
            reservation.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            reservation.bind((address, port))
            yield address, port
    except OSError as error:
        busy = error.errno == errno.EADDRINUSE
        hint = "; is another mock-server running? Choose another --port, or 0 for a free one" if busy else ""
        raise BootError(f"cannot listen on {host}:{port}: {error.strerror}{hint}") from error


def _announce(url: str, address: str, port: int) -> None:
    while True:
        # Not urllib: it would ask the proxy of the environment.
        connection = http.client.HTTPConnection(address, port, timeout=5)
        try:
            connection.request("GET", "/__mock/health")
            if connection.getresponse().status == 200:
                print(f"mock-server ready on {url}", flush=True)
                return
        except OSError:
            time.sleep(0.01)
        finally:
            connection.close()


def _end_with_parent() -> None:
    # A killed parent cannot end its workers, and an orphan would keep the port.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
