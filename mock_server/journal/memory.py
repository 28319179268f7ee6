"""Where the exchanges of a server with its state in memory are kept, within bounds."""

from __future__ import annotations

import itertools
import logging
import threading
from collections import OrderedDict, deque

from mock_server.journal.exchange import Exchange

log = logging.getLogger("mock_server")

KEEP = 1000
_BYTES_OF_AN_ENTRY = 6_000  # besides its bodies, most of it for headers


class Memory:
    """The last KEEP exchanges of each session, and in all no more than most_bytes, of whatever sessions; each with its number."""

    def __init__(self, most_bytes: float) -> None:
        self._most = most_bytes
        self._full = False
        self._numbers = itertools.count(1)
        self._kept: OrderedDict[int, Exchange] = OrderedDict()
        self._of: dict[str, deque[int]] = {}
        self._bytes = 0
        self._turn = threading.Lock()

    def add(self, exchange: Exchange) -> None:
        with self._turn:
            number = next(self._numbers)
            self._kept[number] = exchange
            numbers = self._of.setdefault(exchange.session, deque())
            numbers.append(number)
            self._bytes += _size(exchange)
            if len(numbers) > KEEP:
                self._forget(numbers[0])
            while self._bytes > self._most:
                self._forget(next(iter(self._kept)))
                self._tell()

    def of(self, session: str) -> list[tuple[int, Exchange]]:
        """Oldest first."""
        return self.since(session, 0)

    def since(self, session: str, first: int) -> list[tuple[int, Exchange]]:
        """Those that have this number or a higher one, oldest first."""
        with self._turn:
            newest = itertools.takewhile(lambda number: number >= first, reversed(self._of.get(session, ())))
            return [(number, self._kept[number]) for number in newest][::-1]

    def counts(self) -> dict[str, int]:
        """How many are kept of each session."""
        with self._turn:
            return {session: len(numbers) for session, numbers in self._of.items()}

    def clear(self, session: str) -> bool:
        """Whether there was anything."""
        with self._turn:
            numbers = list(self._of.get(session, ()))
            for number in numbers:
                self._forget(number)
            return bool(numbers)

    def _tell(self) -> None:
        if not self._full:
            log.info("the journal is full: from now on its oldest entries are dropped (--max-journal-mb)")
        self._full = True

    def flush(self) -> None:
        """Nothing waits to be kept."""

    def _forget(self, number: int) -> None:
        """The number is the oldest of its session."""
        exchange = self._kept.pop(number)
        self._of[exchange.session].popleft()
        if not self._of[exchange.session]:
            del self._of[exchange.session]
        self._bytes -= _size(exchange)


def _size(exchange: Exchange) -> int:
    return _BYTES_OF_AN_ENTRY + _length(exchange.request_body) + _length(exchange.response_body)


def _length(body: bytes | int) -> int:
    return len(body) if isinstance(body, bytes) else 0
