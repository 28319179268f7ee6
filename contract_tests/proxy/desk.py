"""Where what has passed waits to be judged: in a thread of its own, so that nobody waits for the judge."""

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING

from contract_tests.proxy.passing import Passing

log = logging.getLogger("mock_server")

MOST_WAITING = 64 * 1024 * 1024  # bytes; until there are less, no further request is taken
PAUSE = 0.005  # seconds between two looks


if TYPE_CHECKING:
    from contract_tests.proxy.judge import Judge


class Desk:
    """Passes exchanges to a judge in their order. What makes the judge runs in that thread too: it takes a second to load."""

    def __init__(self, make: Callable[[], "Judge"]) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="judge")
        self._judge: Future[Judge] = self._pool.submit(make)
        self._put, self._done, self.failed = 0, 0, 0
        self._notes: set[Future[None]] = set()

    @property
    def judge(self) -> "Judge":
        """Waits until it is there."""
        return self._judge.result()

    def put(self, passing: Passing) -> None:
        """Has it judged as soon as may be."""
        self._put += passing.weight
        note = self._pool.submit(self._note, passing, passing.weight)
        self._notes.add(note)
        note.add_done_callback(self._notes.discard)

    async def ask(self, passing: Passing, part: str) -> list[str]:
        """Why a part of it may not pass; nothing if it may."""
        return await asyncio.wrap_future(self._pool.submit(lambda: self.judge.reasons(passing, part)))

    async def room(self) -> None:
        """Waits while too much waits here."""
        while self._put - self._done > MOST_WAITING:
            await asyncio.sleep(PAUSE)

    async def settled(self) -> None:
        """Waits until all that has passed by now is judged."""
        if notes := list(self._notes):
            await asyncio.wait([asyncio.wrap_future(one) for one in notes])

    def close(self) -> None:
        """Waits until all is judged."""
        self._pool.shutdown()

    def _note(self, passing: Passing, weight: int) -> None:
        try:
            self.judge.note(passing)
        except Exception:
            self.failed += 1
            log.exception("%s %s could not be judged", passing.method, passing.path)
        finally:
            self._done += weight
