"""Where clients come in: the control calls go to the mock, all else goes to the target, in pieces as it comes."""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

import httpcore2

from contract_tests.contract.operations import find_operation
from contract_tests.proxy.absence import Absence
from contract_tests.proxy.desk import Desk
from contract_tests.proxy.mock import CONTROL, Mock, hang_up, is_session
from contract_tests.proxy.passing import KEPT_BYTES, KEPT_ELSEWHERE, Answer, Body, ClientLeftError, Kept, Passing, Receive, Send
from contract_tests.proxy.rewriting import SESSION, Headers, Place, to_client, to_target
from contract_tests.proxy.target import SilentError, Target

MARK = "X-Mock-Proxy"  # on answers that are not the target's
NO_ANSWER, REQUEST_REFUSED, ANSWER_REFUSED = "no-answer", "request-refused", "answer-refused"
_OPENING = frozenset({"access-control-allow-origin", "access-control-allow-credentials", "access-control-expose-headers"})
_SESSION = re.compile(r"/_s/([^/]+)(?=/)")


class Front:
    """The ASGI application (HTTP alone).

    With `enforce`, what breaks the spec is answered by a refusal; with `absence`, operations that the target does not have are
    answered by the mock.
    """

    def __init__(self, target: Target, mock: Mock, desk: Desk, absence: Absence | None, *, enforce: bool) -> None:
        self._target, self._mock, self._desk = target, mock, desk
        self._absence, self._enforce = absence, enforce
        self._open: dict[asyncio.Future[None], Passing] = {}

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        passing = _arrived(scope, self._target.place)
        if passing.path.startswith(CONTROL):
            await self._settled()
            await self._mock.gateway(scope, receive, send)
            return
        await self._desk.room()
        present = any(name.lower() in ("content-length", "transfer-encoding") for name, _ in passing.asked)
        body = Body(receive, passing.body, passing.header("content-length"), present=present)
        work = asyncio.ensure_future(self._answer(passing, body, scope, send))
        self._open[work] = passing
        self._desk.expect()
        work.add_done_callback(partial(self._note, passing, time.perf_counter()))
        gone = asyncio.ensure_future(_gone(work, passing, body))
        try:
            await work
        except (ClientLeftError, asyncio.CancelledError):
            pass  # nobody is there any more
        finally:
            gone.cancel()

    async def finish(self, seconds: float) -> None:
        """Lets what is on its way come to its end for so long."""
        if self._open:
            _, late = await asyncio.wait(self._open, timeout=seconds)
            for work in late:
                work.cancel()

    def _note(self, passing: Passing, begun: float, work: asyncio.Future[None]) -> None:
        del self._open[work]
        passing.seconds = time.perf_counter() - begun
        self._desk.put(passing)

    async def _settled(self) -> None:
        """Waits until all that has been answered is judged: whoever asks what has passed may be faster than who notes it."""
        if over := [work for work, passing in self._open.items() if passing.over]:
            await asyncio.wait(over)
        await self._desk.settled()

    async def _answer(self, passing: Passing, body: Body, scope: Mapping[str, Any], send: Send) -> None:
        judged = passing.operation is not None and (self._enforce or self._absence is not None)
        if judged:
            await body.read()
        if judged and self._enforce and (reasons := await self._desk.ask(passing, "request")):
            await self._send(passing, send, _refusal(400, REQUEST_REFUSED, reasons))
            return
        try:
            response = await self._target.send(passing.method, passing.below, passing.sent, body if body.present else None)
        except SilentError as error:
            passing.failure = str(error)
            await self._send(passing, send, self._preflight(passing) or _refusal(502, NO_ANSWER, [passing.failure]))
            return
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
        passing.came = Answer(response.status, headers, Kept(passing.body.most))
        try:
            await self._deliver(passing, response, scope, send, judged=judged)
        finally:
            await response.aclose()

    async def _deliver(
        self, passing: Passing, response: httpcore2.Response, scope: Mapping[str, Any], send: Send, *, judged: bool
    ) -> None:
        assert passing.came is not None
        kept, started = passing.came.body, False
        parts = _parts(response, kept)
        try:
            if judged and (self._enforce or (self._absence and self._absence.is_possible(passing))):
                await _read(parts, kept)
            if instead := self._preflight(passing) or (judged and await self._instead(passing, scope)):
                await self._send(passing, send, instead)
                return
            headers = to_client(passing.came.headers, passing.client, passing.target)
            await send(_start(passing.came.status, self._opened(passing, headers)))
            started = True
            await _pass_on(parts, passing, kept, send)
        except (httpcore2.NetworkError, httpcore2.ProtocolError):
            passing.failure = f"{self._target.place.origin} breaks off in the middle of an answer"
            if started:
                # An end would look like a whole answer.
                hang_up(scope["client"])
            else:
                await self._send(passing, send, _refusal(502, NO_ANSWER, [passing.failure]))

    async def _instead(self, passing: Passing, scope: Mapping[str, Any]) -> Answer | None:
        """What the client gets in the place of an answer that is there whole; None where it gets that."""
        assert passing.came is not None
        if self._absence is not None and (answer := await self._absence.filled(passing, scope)):
            answer.headers.append((MARK, "mock"))
            return answer
        if self._enforce and (reasons := await self._desk.ask(passing, "answer")):
            return _refusal(502, ANSWER_REFUSED, reasons)
        return None

    async def _send(self, passing: Passing, send: Send, answer: Answer) -> None:
        """Answers itself."""
        answer.headers = self._opened(passing, answer.headers)
        passing.given = answer
        passing.note = next((value for name, value in answer.headers if name == MARK), "")
        await send(_start(answer.status, answer.headers))
        body = b"" if passing.method == "HEAD" else bytes(answer.body.start)
        passing.over = True
        await send({"type": "http.response.body", "body": body})

    def _opened(self, passing: Passing, headers: Headers) -> Headers:
        """The headers with what lets a page of this machine read the answer, unless they let that page in already."""
        origin = passing.header("origin")
        if origin not in self._mock.origins or ("access-control-allow-origin", origin) in _lowered(headers):
            return headers
        kept = [(name, value) for name, value in headers if name.lower() not in _OPENING]
        exposed = dict.fromkeys(name for name, _ in kept if name.lower() != "set-cookie")
        return [
            *kept,
            ("Access-Control-Allow-Origin", origin),
            ("Access-Control-Allow-Credentials", "true"),
            ("Access-Control-Expose-Headers", ", ".join(exposed)),
            ("Vary", "Origin"),
        ]

    def _preflight(self, passing: Passing) -> Answer | None:
        """What a browser is told that asks for a page which the target does not know; None for any other request."""
        verb, origin = passing.header("access-control-request-method"), passing.header("origin")
        if passing.method != "OPTIONS" or not verb or origin not in self._mock.origins:
            return None
        if passing.came and passing.came.status < 300 and _lets_in(passing.came.headers, origin):
            return None
        wanted = passing.header("access-control-request-headers")
        return Answer.made(204, [("Access-Control-Allow-Methods", verb), ("Access-Control-Allow-Headers", wanted)], b"")


def _arrived(scope: Mapping[str, Any], target: Place) -> Passing:
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    named = {name.lower(): value for name, value in headers}
    path, prefix, session = scope["raw_path"].decode("latin-1"), "", named.get(SESSION, "default")
    if (found := _SESSION.match(path)) and is_session(found[1]):
        path, prefix, session = path[found.end() :], found[0], found[1]
    client = Place(f"{scope['scheme']}://{named.get('host', '')}", prefix)
    sent = to_target(headers, client, target, scope["client"][0])
    if "transfer-encoding" in named:  # of the connection to the target it is too: nobody knows how long the body is
        sent.append(("Transfer-Encoding", "chunked"))
    if prefix:
        sent = [*((name, value) for name, value in sent if name.lower() != SESSION), (SESSION, session)]
    operation = find_operation(scope["method"], path)
    return Passing(
        session=session if is_session(session) else "default",
        method=scope["method"],
        path=path,
        query=scope["query_string"].decode("latin-1"),
        operation=operation,
        body=Kept(KEPT_BYTES if operation else KEPT_ELSEWHERE),
        client=client,
        target=target,
        asked=headers,
        sent=sent,
    )


async def _gone(work: asyncio.Future[None], passing: Passing, body: Body) -> None:
    """Ends the work once its client is gone, unless with the whole answer: then the connection to the target is being freed."""
    await body.gone()
    if not passing.over:
        work.cancel()


async def _parts(response: httpcore2.Response, kept: Kept) -> AsyncIterator[bytes]:
    async for part in response.aiter_stream():
        kept.add(part)
        yield part
    kept.ended = True


async def _read(parts: AsyncIterator[bytes], kept: Kept) -> None:
    """Waits until all is there, or more than is kept."""
    async for _ in parts:
        if kept.full:
            break


async def _pass_on(parts: AsyncIterator[bytes], passing: Passing, kept: Kept, send: Send) -> None:
    if kept.start:
        await send({"type": "http.response.body", "body": bytes(kept.start), "more_body": True})
    announced, last = _announced(passing), b""
    async for part in parts:
        if str(kept.size) != announced:
            await send({"type": "http.response.body", "body": part, "more_body": True})
            continue
        # The end has to be seen before the client is told: it may be gone then.
        last = part
    passing.over = True
    await send({"type": "http.response.body", "body": last})


def _announced(passing: Passing) -> str:
    headers = passing.came.headers if passing.came else []
    return next((value for name, value in headers if name.lower() == "content-length"), "")


def _start(status: int, headers: Headers) -> dict[str, Any]:
    raw = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    return {"type": "http.response.start", "status": status, "headers": raw}


def _refusal(status: int, mark: str, reasons: list[str]) -> Answer:
    """In the error shape of the APIs, so that an app shows it as it shows other errors."""
    error = {"code": status, "message": HTTPStatus(status).phrase, "details": "; ".join(reasons)}
    return Answer.made(status, [("Content-Type", "application/json"), (MARK, mark)], json.dumps({"error": error}).encode())


def _lowered(headers: Headers) -> list[tuple[str, str]]:
    return [(name.lower(), value) for name, value in headers]


def _lets_in(headers: Headers, origin: str) -> bool:
    return any(name == "access-control-allow-origin" and value in (origin, "*") for name, value in _lowered(headers))
