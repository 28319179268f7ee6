"""What takes a thread and what needs none: seen by the application, in whichever thread it is asked."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from mock_server.gateway import LATER, SHORT_BYTES, Gateway

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


class App:
    """Notes which paths were asked in the event loop; `/slow` waits until it is told to go on."""

    def __init__(self) -> None:
        self.at_once: list[str] = []
        self.afterwards: list[bool] = []
        self.go_on = threading.Event()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if _is_loop():
            self.at_once.append(environ["PATH_INFO"])
            environ[LATER](lambda: self.afterwards.append(_is_loop()))
        elif environ["PATH_INFO"].endswith("slow"):
            self.go_on.wait(10)
        start_response("200 OK", [])
        return [b""]


def _is_loop() -> bool:
    return threading.current_thread() is threading.main_thread()


async def _ask(gateway: Gateway, path: str, body: bytes = b"", **headers: str) -> None:
    scope = {
        "method": "POST",
        "raw_path": path.encode(),
        "query_string": b"",
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 4000),
        "http_version": "1.1",
        "scheme": "http",
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }

    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(_message: Mapping[str, Any]) -> None:
        """Whatever it is."""

    await gateway(scope, receive, send)


def _asked(act: Callable[[Gateway, App], Any], *, at_once: bool = True) -> App:
    app = App()
    asyncio.run(act(Gateway(app, 5, 2, at_once=at_once), app))
    return app


def test_what_is_short_is_answered_at_once_and_what_it_leaves_to_do_takes_a_thread() -> None:
    async def act(gateway: Gateway, app: App) -> None:
        await _ask(gateway, "/api/tickets", b"{}", content_length="2")
        while not app.afterwards:
            await asyncio.sleep(0.001)

    app = _asked(act)
    assert (app.at_once, app.afterwards) == (["/api/tickets"], [False])


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/__mock/reset", {}),
        ("/_s/mine/__mock/journal/1/send", {}),
        ("/api/uploads", {"content_length": str(SHORT_BYTES + 1)}),
        ("/api/uploads", {"transfer_encoding": "chunked"}),
    ],
)
def test_what_may_take_long_takes_a_thread(path: str, headers: dict[str, str]) -> None:
    assert _asked(lambda gateway, _: _ask(gateway, path, b"x" * (SHORT_BYTES + 1), **headers)).at_once == []


def test_a_gateway_that_is_not_told_so_answers_nothing_at_once() -> None:
    assert _asked(lambda gateway, _: _ask(gateway, "/api/tickets"), at_once=False).at_once == []


def test_while_a_thread_is_at_work_nothing_is_answered_at_once() -> None:
    async def act(gateway: Gateway, app: App) -> None:
        slow = asyncio.ensure_future(_ask(gateway, "/__mock/slow"))
        await asyncio.sleep(0)
        await _ask(gateway, "/api/meanwhile")
        app.go_on.set()
        await slow
        await asyncio.sleep(0)
        await _ask(gateway, "/api/afterwards")

    assert _asked(act).at_once == ["/api/afterwards"]
