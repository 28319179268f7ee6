"""One request on its way to the target and its answer on the way back, as far as they are kept to be judged."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from contract_tests.contract.operations import Operation
from contract_tests.proxy.rewriting import Headers, Place

Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

# More than any operation takes. Of a longer body the beginning is kept, and it passes unjudged.
KEPT_BYTES = 11 * 1024 * 1024
KEPT_ELSEWHERE = 256 * 1024  # of what is no operation, and not judged
CLIENT_LEFT = 499  # as nginx notes it


class ClientLeftError(Exception):
    """The client has closed the connection in the middle of its request."""


@dataclass
class Kept:
    """The beginning of a body, up to about `most` bytes, how long the whole of it is, and whether it came to its end."""

    most: int = KEPT_BYTES
    start: bytearray = field(default_factory=bytearray)
    size: int = 0
    ended: bool = False

    def add(self, part: bytes) -> None:
        if self.size == len(self.start) < self.most:
            self.start += part
        self.size += len(part)

    @property
    def whole(self) -> bool:
        return self.ended and self.size == len(self.start)

    @property
    def full(self) -> bool:
        """Whether no more is kept, though nothing is missing yet."""
        return len(self.start) >= self.most


@dataclass
class Answer:
    """What came back: status, headers and body."""

    status: int
    headers: Headers
    body: Kept = field(default_factory=Kept)

    @classmethod
    def made(cls, status: int, headers: Headers, body: bytes) -> "Answer":
        """One that is whole already."""
        answer = cls(status, headers)
        answer.body.add(body)
        answer.body.ended = True
        return answer


@dataclass
class Passing:
    """A request, filled in as it goes on.

    `path` and `query` are those below the target's prefix, as they were written; `operation` is None where the specs have none.
    `client` and `target` are where each side sees the other; `asked` are the headers as the client has sent them, `sent` those
    for the target. `came` is what the target answered, `given` what the client got in its place, if that is something else.
    `failure` is why there is no answer, or no whole one. `note` is how the proxy has answered itself,
    and `over` whether the client has all of its answer.
    """

    session: str
    method: str
    path: str
    query: str
    operation: Operation | None
    client: Place
    target: Place
    asked: Headers
    sent: Headers
    body: Kept = field(default_factory=Kept)
    came: Answer | None = None
    given: Answer | None = None
    failure: str = ""
    note: str = ""
    over: bool = False
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    seconds: float = 0.0

    @property
    def answer(self) -> Answer:
        """What the client got."""
        return self.given or self.came or Answer(CLIENT_LEFT, [])

    @property
    def whole(self) -> bool:
        """Whether all of it is there to be judged."""
        return self.body.whole and self.came is not None and self.came.body.whole

    @property
    def below(self) -> str:
        """The path with the query, below the target's prefix."""
        return f"{self.path}?{self.query}" if self.query else self.path

    @property
    def url(self) -> str:
        """Where the target is asked."""
        return f"{self.target.origin}{self.target.prefix}{self.below}"

    @property
    def shown(self) -> str:
        """The path as people read it, with the query."""
        path = unquote(self.path, errors="replace")
        return f"{path}?{self.query}" if self.query else path

    @property
    def weight(self) -> int:
        """About how many bytes it holds."""
        bodies = (self.body, *(one.body for one in (self.came, self.given) if one))
        return 4000 + sum(len(body.start) for body in bodies)

    def header(self, name: str) -> str:
        """A header of the client's, empty for none."""
        return next((value for key, value in self.asked if key.lower() == name), "")


class Body:
    """The body of a request: each part goes on as it comes, and the beginning is kept."""

    def __init__(self, receive: Receive, kept: Kept, announced: str, *, present: bool) -> None:
        """`announced` is how long it is said to be, empty where that is not said."""
        self._receive, self.kept, self._announced, self.present = receive, kept, announced, present
        self._over = asyncio.Event()
        if not present:
            self._end()

    async def read(self) -> None:
        """Waits until all of it is there, or more than is kept. Raises ClientLeftError."""
        while not (self.kept.ended or self.kept.full):
            await self._next()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """All parts. Raises ClientLeftError."""
        if self.kept.start:
            yield bytes(self.kept.start)
        while not self.kept.ended:
            if part := await self._next():
                yield part

    async def gone(self) -> None:
        """Returns when the client closes the connection, which shows only after the whole request has been read."""
        await self._over.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _next(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise ClientLeftError
        part: bytes = message.get("body", b"")
        self.kept.add(part)
        # The server would say that it was the end only when it is asked once more.
        if not message.get("more_body", False) or str(self.kept.size) == self._announced:
            self._end()
        return part

    def _end(self) -> None:
        self.kept.ended = True
        self._over.set()
