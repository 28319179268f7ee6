"""The load generator: sends one request over and over through several connections, and does little else."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import cast

import uvloop

from mock_server.bench.http1 import answer_end, is_last, status_of, to_bytes
from mock_server.bench.requests import Request
from mock_server.bench.workloads import NUMBER

HOST = "127.0.0.1"
# An answer that needs longer ends the run.
_PATIENCE = 20.0
# Of one process: no two runs send the same.
_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Load:
    """How often was answered with each status, in how many seconds; busy is the share of them in which the generator itself
    needed its core."""

    statuses: Mapping[int, int]
    seconds: float
    busy: float

    @property
    def requests(self) -> int:
        return sum(self.statuses.values())


def run(port: int, request: Request, seconds: float, connections: int) -> Load:
    """Each connection has one request under way for so long. Raises OSError where a connection fails or is closed, and
    TimeoutError."""
    return uvloop.run(_run(port, request, seconds, connections))


async def _run(port: int, request: Request, seconds: float, connections: int) -> Load:
    loop = asyncio.get_running_loop()
    message = _numbered(to_bytes(request, f"{HOST}:{port}"))
    statuses: Counter[int] = Counter()
    started, busy = time.perf_counter(), time.process_time()
    ended = [loop.create_future() for _ in range(connections)]
    async with asyncio.timeout(seconds + _PATIENCE):
        for future in ended:
            await loop.create_connection(partial(_Connection, message, statuses, started + seconds, future), HOST, port)
        await asyncio.gather(*ended)
    elapsed = time.perf_counter() - started
    return Load(statuses, elapsed, (time.process_time() - busy) / elapsed)


def _numbered(message: bytes) -> Callable[[], bytes]:
    if NUMBER in message:
        return lambda: message.replace(NUMBER, b"%08d" % next(_numbers))
    return lambda: message


class _Connection(asyncio.Protocol):
    """Sends the next request when the last one is answered, until the deadline; ended is done then."""

    def __init__(
        self, message: Callable[[], bytes], statuses: Counter[int], deadline: float, ended: asyncio.Future[None]
    ) -> None:
        self._ended = ended
        self._message = message
        self._statuses = statuses
        self._deadline = deadline
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # What uvloop gives is one, and does not say so.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._message())

    def data_received(self, data: bytes) -> None:
        self._received += data
        end = answer_end(self._received)
        if end is None or len(self._received) < end:
            return
        self._statuses[status_of(self._received)] += 1
        last, self._received = is_last(self._received, end), b""
        if last:
            self._ended.set_exception(ConnectionError("the server closes its connections"))
        elif time.perf_counter() < self._deadline:
            self._transport.write(self._message())
        else:
            self._transport.close()
            self._ended.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self._ended.done():
            self._ended.set_exception(error or ConnectionError("the server closed a connection"))
