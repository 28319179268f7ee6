"""How fast a run may ask, and how long it waits where a server asks to be spared."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from queue import SimpleQueue

from requests import Response

from contract_tests.contract.operations import find_operation, statuses
from contract_tests.transport.network import path_below

BUSY = {429, 503}  # statuses that may come with a Retry-After
MOST_WAITS = 3  # for one request
LONGEST_WAIT, MOST_WAITED = 60.0, 600.0  # seconds of one wait, and of all those of a run


class Pace:
    """Never more than so many requests in any period, however they are measured at the other end.

    There are as many turns as the rate has requests. A turn is free again a whole period after the request that took it was
    answered, and so a period after the server saw it.
    """

    def __init__(self, count: int, period: float) -> None:
        self._period = period
        self._turns: SimpleQueue[float] = SimpleQueue()
        for _ in range(count):
            self._turns.put(0.0)

    @contextmanager
    def turn(self, sleep: Callable[[float], None]) -> Iterator[None]:
        """Waits by `sleep` until a turn is free; what is done inside takes it."""
        free = self._turns.get()
        try:
            sleep(max(0.0, free - time.monotonic()))
            yield
        finally:
            self._turns.put(time.monotonic() + self._period)


@dataclass
class Waits:
    """How often, and for how many seconds in all, was waited because answers asked for it with Retry-After."""

    number: int = 0
    seconds: float = 0.0

    def wanted(self, response: Response, bases: Mapping[str, str]) -> float | None:
        """For how many seconds an answer asks; None if it does not, for too many, or with a status that is its contract."""
        seconds = retry_after(response) if response.status_code in BUSY else None
        if seconds is None or seconds > LONGEST_WAIT or self.seconds + seconds > MOST_WAITED:
            return None
        return None if _is_documented(response, bases) else seconds

    def note(self, seconds: float) -> None:
        """Counts one more."""
        self.number, self.seconds = self.number + 1, self.seconds + seconds


def retry_after(response: Response) -> float | None:
    """For how many seconds an answer wants to be left alone, by RFC 9110, 10.2.3; None if it does not say."""
    text = response.headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - time.time())
    except (ValueError, TypeError, OverflowError):
        return None


def _is_documented(response: Response, bases: Mapping[str, str]) -> bool:
    path = path_below(bases, response.request.url or "")
    operation = None if path is None else find_operation(response.request.method or "", path)
    return operation is not None and str(response.status_code) in statuses(operation)
