"""Where what has passed waits to be judged: in a thread of its own, while nothing passes, so that nobody waits for the judge."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from contract_tests.proxy.passing import Passing

log = logging.getLogger("mock_server")

MOST_WAITING = 64 * 1024 * 1024  # bytes; until there are less, no further request is taken
PAUSE = 0.005  # seconds between two looks
PATIENCE = 1.0  # seconds that an exchange waits at the most while others pass


if TYPE_CHECKING:
    from contract_tests.proxy.judge import Judge


class Desk:
    """Passes exchanges to a judge in their order. What makes the judge runs in that thread too: it takes a second to load."""

    def __init__(self, make: Callable[[], "Judge"]) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="judge")
        self._judge: Future[Judge] = self._pool.submit(make)
        self._asked = ThreadPoolExecutor(1, thread_name_prefix="judge-asked")
        self._judging = threading.Lock()
        self._put, self._done, self.failed = 0, 0, 0
        self._notes: set[Future[None]] = set()
        self._under_way, self._last, self._awaited = 0, 0.0, 0

    @property
    def judge(self) -> "Judge":
        """Waits until it is there."""
        return self._judge.result()

    def expect(self) -> None:
        """Something is under way that will be put here."""
        self._under_way += 1

    def put(self, passing: Passing) -> None:
        """Has it judged as soon as nothing else passes."""
        self._under_way -= 1
        self._last = time.monotonic()
        self._put += passing.weight
        note = self._pool.submit(self._note, passing, passing.weight, self._last + PATIENCE)
        self._notes.add(note)
        note.add_done_callback(self._notes.discard)

    async def ask(self, passing: Passing, part: str) -> list[str]:
        """Why a part of it may not pass; nothing if it may. What has passed already lets it go first."""
        return await asyncio.wrap_future(self._asked.submit(self._reasons, passing, part))

    async def room(self) -> None:
        """Waits while too much waits here."""
        while self._put - self._done > MOST_WAITING:
            await asyncio.sleep(PAUSE)

    async def settled(self) -> None:
        """Waits until all that has passed by now is judged."""
        if notes := list(self._notes):
            self._awaited += 1
            try:
                await asyncio.wait([asyncio.wrap_future(one) for one in notes])
            finally:
                self._awaited -= 1

    def close(self) -> None:
        """Waits until all is judged."""
        self._awaited += 1
        self._asked.shutdown()
        self._pool.shutdown()

    def _reasons(self, passing: Passing, part: str) -> list[str]:
        judge = self.judge
        with self._judging:
            return judge.reasons(passing, part)

    def _note(self, passing: Passing, weight: int, due: float) -> None:
        try:
            self._wait(due)
            with self._judging:
                self.judge.note(passing)
        except Exception:
            self.failed += 1
            log.exception("%s %s could not be judged", passing.method, passing.path)
        finally:
            self._done += weight

    def _wait(self, due: float) -> None:
        """Until nothing is under way and the next request has had time to come: judging would take a part of Python from it."""
        while not self._awaited and (now := time.monotonic()) < due and (self._under_way or now < self._last + PAUSE):
            time.sleep(PAUSE)
