"""How many requests there were, by operation and status, and how long they took: plain numbers, for each request pays for it."""

from __future__ import annotations

import mmap
import threading
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)  # seconds
CONTROL_CALLS, UNKNOWN = "control", ""  # as what calls of the control API count, and what is no operation
_STATUSES = 600
_UNASKED = _STATUSES  # the place after theirs
_TIMES = _UNASKED + 1
_SECONDS = _TIMES + len(BOUNDS) + 1
_PLACES = _SECONDS + 1


@dataclass(frozen=True, slots=True)
class Counted:
    """One operation: requests by status; how many took no longer than each of BOUNDS, and the last how many took longer, one by
    one; the seconds of all; and how many answers were a 5xx that nobody had asked for."""

    operation: str
    statuses: dict[int, int]
    times: list[int]
    seconds: float
    unasked: int


class Counters:
    """Those of one process, until it shares them with others."""

    def __init__(self, operations: Iterable[str]) -> None:
        """What is none of these operations counts as UNKNOWN."""
        names = [UNKNOWN, CONTROL_CALLS, *sorted(operations)]
        self._places = {name: number * _PLACES for number, name in enumerate(names)}
        self.bytes = len(names) * _PLACES * 8
        self._all = self._own = memoryview(bytearray(self.bytes)).cast("d")
        self._turn = threading.Lock()

    def share(self, file: Path, worker: int) -> None:
        """Count in a file from now on, which has room for several workers: what one has counted outlives it, and all see it."""
        with file.open("r+b") as opened:
            self._all = memoryview(mmap.mmap(opened.fileno(), 0)).cast("d")
        size = self.bytes // 8
        self._own = self._all[worker * size : (worker + 1) * size]

    def count(self, operation: str, status: int, seconds: float, *, asked_for: bool) -> None:
        """Note an answer; asked_for is whether a fault or a preference made it what it is."""
        place, own = self._places.get(operation, 0), self._own
        with self._turn:
            own[place + status] += 1
            own[place + _TIMES + bisect_left(BOUNDS, seconds)] += 1
            own[place + _SECONDS] += seconds
            if status >= 500 and not asked_for:
                own[place + _UNASKED] += 1

    def counted(self) -> list[Counted]:
        """All that was counted, by all who share it."""
        size = self.bytes // 8
        parts = (self._all[start : start + size].tolist() for start in range(0, len(self._all), size))
        sums = list(map(sum, zip(*parts, strict=True)))
        found = (self._one(name, sums[place : place + _PLACES]) for name, place in self._places.items())
        return [one for one in found if one.statuses]

    def _one(self, name: str, sums: Sequence[float]) -> Counted:
        statuses = {status: int(number) for status, number in enumerate(sums[:_STATUSES]) if number}
        return Counted(name, statuses, list(map(int, sums[_TIMES:_SECONDS])), sums[_SECONDS], int(sums[_UNASKED]))
