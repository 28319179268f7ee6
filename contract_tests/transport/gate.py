"""The one way out of this process: every request of a run passes here, whoever sends it, and here it can be stopped."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import SimpleQueue
from threading import Lock
from typing import Any

import pytest
import requests
import urllib3
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from urllib3.exceptions import InsecureRequestWarning

from contract_tests.profile import Connection
from contract_tests.transport.network import sentence
from contract_tests.transport.traffic import Traffic

PERIODS = {"s": 1.0, "m": 60.0, "h": 3600.0}
MOST_SILENCES = 3  # requests in a row that nobody answered: the rest would only tell the same


class Stopped(pytest.skip.Exception):  # type: ignore[name-defined,misc]  # pytest hides its type
    """The run has reached a limit of its own; what is left of it is skipped, and the report says so."""

    __module__ = "builtins"  # so that pytest prints the name alone, as it does for its own outcomes


@dataclass(frozen=True)
class Limits:
    """How much a run may ask for: `rate` as "20/s", "300/m" or "1000/h", the others as numbers; None is no limit."""

    rate: str | None = None
    requests: int | None = None
    minutes: float | None = None
    failures: int | None = None


NO_LIMITS = Limits()


def parse_rate(text: str) -> tuple[int, float]:
    """How many requests in how many seconds. Raises ValueError."""
    count, slash, unit = text.partition("/")
    if not slash or unit not in PERIODS or not count.isdigit() or int(count) < 1:
        raise ValueError(f"{text!r} is no rate such as 20/s, 300/m or 1000/h")
    return int(count), PERIODS[unit]


class _Pace:
    """Never more than so many requests in any period, however they are measured at the other end.

    There are as many turns as the rate has requests. A turn is free again a whole period after the request that took it was
    answered, and so a period after the server saw it.
    """

    def __init__(self, rate: str) -> None:
        count, self._period = parse_rate(rate)
        self._turns: SimpleQueue[float] = SimpleQueue()
        for _ in range(count):
            self._turns.put(0.0)

    @contextmanager
    def turn(self) -> Iterator[None]:
        time.sleep(max(0.0, self._turns.get() - time.monotonic()))
        try:
            yield
        finally:
            self._turns.put(time.monotonic() + self._period)


class Gate(BaseAdapter):
    """Applies the settings of the connection and the limits of the run to each request, counts it, and records the traffic.

    `sent` counts the requests, `stopped` says why no more are let through, and `test` is on whose behalf they are sent.
    """

    def __init__(
        self, inner: BaseAdapter, connection: Connection, limits: Limits, traffic: Traffic | None = None, *, remote: bool = True
    ) -> None:
        super().__init__()
        self.inner, self.limits, self.traffic = inner, limits, traffic
        self.sent, self.stopped, self.test = 0, "", ""
        rate = limits.rate or connection.rate
        self._pace = _Pace(rate) if rate else None
        self._options = _options(connection) if remote else {}
        self._end = time.monotonic() + limits.minutes * 60 if limits.minutes else None
        self._silences, self._exempt = 0, False
        self._lock = Lock()

    def check(self) -> None:
        """Raises Stopped once a limit is reached, so that a test need not even begin."""
        if self._end is not None and time.monotonic() > self._end:
            self.stop(f"--max-minutes {self.limits.minutes:g} are over")
        if self.stopped and not self._exempt:
            raise Stopped(f"stopped: {self.stopped}")

    def stop(self, why: str) -> None:
        """Lets nothing more through; the first reason counts."""
        self.stopped = self.stopped or why

    @contextmanager
    def exempt(self) -> Iterator[None]:
        """What is sent inside takes back what the run made, which no limit but the rate may prevent."""
        self._exempt = True
        try:
            yield
        finally:
            self._exempt = False

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Raises Stopped, and what requests raises."""
        try:
            return self._send_once(request, *args, **options)
        except requests.ConnectionError as error:
            # A server may close a kept connection in the moment in which it is used again. Another try is another request.
            if request.method != "GET" or "RemoteDisconnected" not in repr(error):
                raise
        return self._send_once(request, *args, **options)

    def _send_once(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        self.check()
        self._count()
        started, begun = datetime.now(UTC), time.perf_counter()
        if self._pace is None:
            response = self._send(request, *args, **options)
        else:
            with self._pace.turn():
                response = self._send(request, *args, **options)
        if self.traffic is not None:
            self.traffic.note(response, started, time.perf_counter() - begun, self.test)
        return response

    def close(self) -> None:
        """Closes the connections."""
        self.inner.close()

    def _count(self) -> None:
        with self._lock:
            most = self.limits.requests
            if most is not None and self.sent >= most and not self._exempt:
                self.stop(f"--max-requests {most} are used up")
                self.check()
            self.sent += 1

    def _send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        try:
            response = self._answer(request, *args, **options)
        except requests.RequestException as error:
            self._silences += 1
            if self._silences >= MOST_SILENCES:
                self.stop(f"{MOST_SILENCES} requests in a row had no answer: {sentence(error, request.url or '')}")
            raise
        self._silences = 0
        return response

    def _answer(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        response = self.inner.send(request, *args, **(options | self._options))
        _ = response.content  # all of it: what comes late or broken is found here, and the turn ends with the last byte
        return response


def _options(connection: Connection) -> dict[str, Any]:
    """What the profile says about a connection, as requests wants it; what it does not say is left as it is."""
    options: dict[str, Any] = {"timeout": (connection.connect_timeout, connection.read_timeout)}
    if connection.ca is not None:
        options["verify"] = str(connection.ca)
    elif not connection.verify:
        options["verify"] = False
        urllib3.disable_warnings(InsecureRequestWarning)  # the header of the run says it once, and loudly
    if connection.certificate is not None:
        files = [str(file) for file in (connection.certificate, connection.key) if file is not None]
        options["cert"] = tuple(files) if len(files) == 2 else files[0]
    return options
