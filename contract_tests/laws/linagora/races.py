"""Calls that arrive at once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from contract_tests.actors.caller import Answer
from contract_tests.transport.wire import TIMEOUT

Call = Callable[[], Answer]


def at_once(*calls: Call) -> list[Answer]:
    """The replies to calls that all begin at the same moment; each needs a caller of its own."""
    start = Barrier(len(calls), timeout=TIMEOUT)

    def begin(call: Call) -> Answer:
        start.wait()
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(begin, calls))
