"""An answer that goes on as long as somebody listens: what follows is asked for again and again, and no thread waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from mock_server.delivering import Send

# A server that can go on puts an empty list there in the WSGI environment, and the application a More into it. Other servers end
# the answer with its body.
STREAM = "mock_server.stream"
More = Callable[[], bytes]  # what has come up since it was last called; empty for nothing
Receive = Callable[[], Awaitable[Mapping[str, Any]]]

_ASK_SECONDS = 0.3
# After so much silence a line goes out that means nothing, since proxies close what is silent.
_SILENCE_SECONDS = 15.0
_HEARTBEAT = b":\n\n"
# Who comes when there are so many is answered once, and asks again by themselves.
_MOST = 32


class Streams:
    """Those of one process; all of them need one thread, and no request waits for it."""

    def __init__(self, over: asyncio.Event) -> None:
        """They end once over is set."""
        self._over = over
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="stream")
        self._open = 0

    @property
    def full(self) -> bool:
        return self._open >= _MOST

    async def follow(self, more: More, receive: Receive, send: Send) -> None:
        """Send what comes up, until the client is gone or all is over."""
        self._open += 1
        gone = asyncio.ensure_future(_disconnected(receive))
        try:
            await self._follow(more, gone, send)
        finally:
            self._open -= 1
            gone.cancel()

    async def _follow(self, more: More, gone: asyncio.Future[None], send: Send) -> None:
        loop = asyncio.get_running_loop()
        sent_at = loop.time()
        while not gone.done() and not self._over.is_set():
            part = await loop.run_in_executor(self._pool, more)
            if part or loop.time() > sent_at + _SILENCE_SECONDS:
                sent_at = loop.time()
                await send({"type": "http.response.body", "body": part or _HEARTBEAT, "more_body": True})
            await asyncio.wait([gone], timeout=_ASK_SECONDS)


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
