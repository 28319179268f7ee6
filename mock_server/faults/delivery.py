"""How an answer goes over the wire where it is to be late, slow, cut off or lost; an awaiting and a blocking way to do so."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# Where a server that can wait without keeping a thread says so in the WSGI environment, and finds what it has to do.
DELIVERY = "mock_server.delivery"
_PARTS = 10


class Ending(enum.IntEnum):
    """What arrives of an answer; of two faults the worse one wins."""

    WHOLE = 0
    TRUNCATED = 1
    DROPPED = 2


@dataclass(frozen=True, slots=True)
class Delivery:
    """delay is how many seconds pass before the answer begins, slow over how many its body is spread."""

    delay: float = 0
    slow: float = 0
    ending: Ending = Ending.WHOLE

    @property
    def seconds(self) -> float:
        return self.delay + self.slow

    def steps(self, body: bytes) -> Iterator[tuple[float, bytes]]:
        """The parts of the body that are sent, each with the seconds to wait before it."""
        sent = body if self.ending is Ending.WHOLE else body[: len(body) // 2]
        if not self.slow:
            yield 0, sent
            return
        size = max(1, -(-len(body) // _PARTS))
        for start in range(0, max(1, len(sent)), size):
            yield self.slow / _PARTS, sent[start : start + size]

    def begins(self, body: bytes) -> bool:
        """Whether anything arrives at all: of an empty body, half would be the whole."""
        return self.ending is Ending.WHOLE or (self.ending is Ending.TRUNCATED and len(body) > 1)

    def block(self, start: Callable[[], object], body: bytes) -> Iterator[bytes]:
        """Deliver as a WSGI application does, in the thread that answers; start() sends the head.

        Raises ConnectionAbortedError where the answer ends early, upon which HTTP servers close the connection.
        """
        time.sleep(self.delay)
        if not self.begins(body):
            raise ConnectionAbortedError("a fault has dropped the answer")
        start()
        return self._blocking(body)

    def _blocking(self, body: bytes) -> Iterator[bytes]:
        for seconds, part in self.steps(body):
            time.sleep(seconds)
            yield part
        if self.ending is not Ending.WHOLE:
            raise ConnectionAbortedError("a fault has cut off the answer")
