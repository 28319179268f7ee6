"""A proxy in a thread of this process, in front of what a test has it in front of."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import requests

from contract_tests.contract.cause import cause_of
from contract_tests.proxy import options
from contract_tests.proxy.ending import Ending, end
from contract_tests.proxy.mock import Listening, Mock
from contract_tests.proxy.serving import make_desk, serve


@dataclass
class Proxy:
    """`ending` is there once it has ended."""

    url: str
    ending: Ending | None = None
    causes: frozenset[Any] = frozenset()

    def journal(self, session: str) -> list[dict[str, Any]]:
        """What has passed in a session."""
        found: list[dict[str, Any]] = requests.get(f"{self.url}/_s/{session}/__mock/journal", timeout=10).json()
        return found


@cache
def _mock() -> Mock:
    """One for all tests: it takes longer to make than all else."""
    return Mock(options.read(["--target", "http://localhost"]).mock, "the target of a test", [])


@contextmanager
def proxied(target: str, *arguments: str) -> Iterator[Proxy]:
    """In front of the target, until the block ends."""
    settings = options.read(["--target", target, "--port", "0", "--host", "127.0.0.1", *arguments])
    beside = _mock()
    desk = make_desk(settings, beside)
    ready, found = threading.Event(), list[Any]()

    def started(here: Listening, ended: asyncio.Event) -> None:
        found.extend((here.url, asyncio.get_running_loop(), ended))
        ready.set()

    thread = threading.Thread(target=lambda: asyncio.run(serve(settings, beside, desk, started)), daemon=True)
    thread.start()
    assert ready.wait(30)
    url, loop, ended = found
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join()
        desk.close()
        proxy.ending = end(desk.judge, settings, desk.failed)
        proxy.causes = frozenset(cause_of(one) for outcome in desk.judge.end() for one in outcome.findings)
