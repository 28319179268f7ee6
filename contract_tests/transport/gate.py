"""The one way out of this process: every request of a run passes here, whoever sends it, and here it can be stopped."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from math import inf
from threading import Lock
from typing import Any

import pytest
import requests
import urllib3
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.exceptions import ContentDecodingError
from urllib3.exceptions import InsecureRequestWarning

from contract_tests.profile import Connection
from contract_tests.transport.bounded import bounded, read_whole
from contract_tests.transport.network import sentence
from contract_tests.transport.pace import MOST_WAITS, Pace, Waits
from contract_tests.transport.silence import Silence
from contract_tests.transport.traffic import Traffic

PERIODS = {"s": 1.0, "m": 60.0, "h": 3600.0}


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


class Gate(BaseAdapter):
    """Applies the settings of the connection and the limits of the run to each request, counts it, and records the traffic.

    `sent` counts the requests, `waits` what the server asked to be spared, `stopped` says why no more are let through, and
    `test` is on whose behalf they are sent. `bases` are the base URLs by API.
    """

    def __init__(
        self,
        inner: BaseAdapter,
        connection: Connection,
        limits: Limits,
        traffic: Traffic | None = None,
        bases: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        self.inner, self.limits, self.traffic, self.waits = inner, limits, traffic, Waits()
        self.sent, self.stopped, self.test = 0, "", ""
        rate = limits.rate or connection.rate
        self._pace = Pace(*parse_rate(rate)) if rate else None
        self._bases, self._connection, self._options = bases or {}, connection, _options(connection)
        self._end = time.monotonic() + limits.minutes * 60 if limits.minutes else inf
        self._silence, self._exempt = Silence(), False
        self._lock = Lock()

    def check(self) -> None:
        """Raises Stopped once a limit is reached, so that a test need not even begin."""
        if time.monotonic() >= self._end:
            self._stop_for_time()
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
        """Raises Stopped, and what requests raises: a test that met the silence which ended the run meets it again."""
        ended = self._silence.ended
        if ended is not None and ended[0] == self.test != "" and not self._exempt:
            raise ended[1]  # a test that Hypothesis repeats would be skipped else, though it has failed
        response = self._send(request, *args, **options)
        for _ in range(MOST_WAITS):
            seconds = self.waits.wanted(response, self._bases)
            if seconds is None:
                break
            self._sleep(seconds)
            self.waits.note(seconds)
            response = self._send(request, *args, **options)
        return response

    def close(self) -> None:
        """Closes the connections."""
        self.inner.close()

    def _sleep(self, seconds: float) -> None:
        """Raises Stopped if the run would be over before."""
        if time.monotonic() + seconds > self._end and not self._exempt:
            self._stop_for_time()
            self.check()
        time.sleep(seconds)

    def _stop_for_time(self) -> None:
        self.stop(f"--max-minutes {self.limits.minutes:g} are over")

    def _send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        try:
            return self._send_heard(request, *args, **options)
        except requests.ConnectionError as error:
            # A server may close a kept connection in the moment in which it is used again. Another try is another request.
            if request.method != "GET" or "RemoteDisconnected" not in repr(error):
                raise
        return self._send_heard(request, *args, **options)

    def _send_heard(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """Sends a request once, and takes note of whether there is an answer."""
        begun = time.monotonic()
        try:
            response = self._send_once(request, *args, **options)
        except ContentDecodingError:  # the server is there
            self._silence.broken()
            raise
        except requests.RequestException as error:
            self.check()
            ask = partial(self._send_once, **options)
            with suppress(Stopped):  # where a limit leaves no request to look whether the server is there
                if why := self._silence.lasts(request, time.monotonic() - begun, ask):
                    self.stop(f"{why}: {sentence(error, request.url or '')}")
            if self.stopped:
                self._silence.ended = self.test, error
            raise
        self._silence.broken(request)
        return response

    def _send_once(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        self.check()
        self._count()
        with self._pace.turn(self._sleep) if self._pace else nullcontext():
            started, begun = datetime.now(UTC), time.perf_counter()
            response = self._answer(request, *args, **options)
            seconds = time.perf_counter() - begun
        if self.traffic is not None:
            self.traffic.note(response, started, seconds, self.test)
        return response

    def _count(self) -> None:
        with self._lock:
            most = self.limits.requests
            if most is not None and self.sent >= most and not self._exempt:
                self.stop(f"--max-requests {most} are used up")
                self.check()
            self.sent += 1

    def _answer(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        """All of an answer: what comes late or broken is found here, and the turn ends with the last byte."""
        left = inf if self._exempt else max(0.001, self._end - time.monotonic())
        timeout = min(self._connection.connect_timeout, left), self._connection.read_timeout
        try:
            with bounded(min(self._connection.answer_timeout, left), int(self._connection.max_answer_mb * 2**20)):
                response = self.inner.send(request, *args, **(options | self._options | {"timeout": timeout}))
                read_whole(response)
        except requests.RequestException as error:
            error.request = request  # which is not known any more where a body breaks off
            raise
        return response


def _options(connection: Connection) -> dict[str, Any]:
    """What the profile says about a connection, as requests wants it; what it does not say is left as it is."""
    options: dict[str, Any] = {}
    if connection.ca is not None:
        options["verify"] = str(connection.ca)
    elif not connection.verify:
        options["verify"] = False
        urllib3.disable_warnings(InsecureRequestWarning)  # the header of the run says it once, and loudly
    if connection.certificate is not None:
        files = [str(file) for file in (connection.certificate, connection.key) if file is not None]
        options["cert"] = tuple(files) if len(files) == 2 else files[0]
    return options
