"""Gates with limits, and a server that notes when it was asked."""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from typing import Any

from requests.adapters import HTTPAdapter

from contract_tests.profile import Connection
from contract_tests.transport.gate import Gate, Limits


class Clock:
    """A server that notes when it was asked, and answers after a while."""

    def __init__(self, seconds: Callable[[int], float] = lambda _: 0.0) -> None:
        self.times: list[float] = []
        self._seconds = seconds

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.times.append(time.monotonic())
        time.sleep(self._seconds(len(self.times)))
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    def most_within(self, seconds: float) -> int:
        times = sorted(self.times)
        return max(bisect_left(times, start + seconds) - number for number, start in enumerate(times))


def gated(**limits: Any) -> Gate:
    """A gate of its own, which soon gives up."""
    return Gate(HTTPAdapter(pool_maxsize=20), Connection(connect_timeout=2, read_timeout=1), Limits(**limits))
