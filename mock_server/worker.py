"""A worker: the process in which granian serves the application, from its start to its end."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import multiprocessing.util
import signal
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from granian.server.embed import Server

from mock_server import logs
from mock_server.app import MockServer, create_app
from mock_server.config import Config
from mock_server.gateway import Gateway
from mock_server.reloading import Reloader

# Tells a worker that the server ends, before granian's signal has it wait for what is being answered.
ENDING = signal.SIGUSR1
_PR_SET_PDEATHSIG = 1
# In memory requests take turns anyway, and each thread more makes the others slower; on a database some may wait for a writer.
_THREADS_IN_MEMORY, _THREADS_ON_A_DATABASE = 2, 4


def load_app(
    config: Config,
    prepared: MockServer | None,
    reloader: Reloader | None,
    more_addresses: Sequence[str],
    options: Mapping[str, Any],
    counted: Path | None,
    number: int,
) -> Gateway:
    """Runs in a worker when it starts. They have numbers from 0, and may count requests in one file."""
    _end_with_parent()
    # A terminal that closes tells the whole group; the parent ends its workers in good order.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    if prepared is None:  # nothing of the parent's is here
        logs.set_up(config.log_level, config.log_format)
    logs.write_apart()
    app = prepared or lasting(create_app(config))
    if counted:
        app.counters.share(counted, number)
    threads = _THREADS_ON_A_DATABASE if config.database_url else _THREADS_IN_MEMORY
    gateway = Gateway(app, config.body_timeout, threads, at_once=not app.store.shared)
    beside = _Beside(gateway, more_addresses, options)
    asyncio.get_event_loop().add_signal_handler(ENDING, beside.stop)
    # When granian has answered all at its own address.
    multiprocessing.util.Finalize(None, beside.join, exitpriority=2)
    multiprocessing.util.Finalize(None, app.journal.flush, exitpriority=1)
    if reloader:
        reloader.watch(app, partial(_replace, gateway))
    return gateway


def _replace(gateway: Gateway, app: MockServer) -> None:
    gateway.app = app
    # The one that it takes the place of may be garbage now.
    gc.unfreeze()
    gc.collect()
    lasting(app)


def lasting(app: MockServer) -> MockServer:
    """Nothing of it is ever garbage. A collector that looks at it again would, in a worker, also make a copy of its memory."""
    gc.freeze()
    return app


class _Beside:
    """Each granian listens on one address. Those of more run in the event loop of this worker, before the same threads."""

    def __init__(self, gateway: Gateway, addresses: Sequence[str], options: Mapping[str, Any]) -> None:
        self._gateway = gateway
        self._loop = asyncio.get_event_loop()
        self._servers = [Server(gateway, address=address, **options) for address in addresses]
        self._running = [self._loop.create_task(server.serve()) for server in self._servers]
        for running in self._running:
            running.add_done_callback(asyncio.Task.result)  # whatever ends it is told, instead of being kept

    def stop(self) -> None:
        """Take no more requests at these addresses, and let none wait at any."""
        self._gateway.stop()
        for server in self._servers:
            server.stop()  # type: ignore[no-untyped-call]

    def join(self) -> None:
        """Wait until what is being answered at these addresses is."""
        self.stop()
        if self._running:
            self._loop.run_until_complete(asyncio.wait(self._running))


def _end_with_parent() -> None:
    # A killed parent cannot end its workers, and an orphan would keep the port.
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
