"""Delivers an answer of the ASGI server late, slowly, in part or not at all, without keeping a thread meanwhile."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from mock_server.faults import Delivery

Send = Callable[[dict[str, Any]], Awaitable[None]]
Pause = Callable[[float], Awaitable[None]]  # for so many seconds


async def deliver(
    delivery: Delivery, client: tuple[str, str | int], send: Send, start: dict[str, Any], body: bytes, pause: Pause
) -> None:
    """Send the head (the message start) and the body as delivery says; client is the address that the request came from."""
    await pause(delivery.delay)
    if not delivery.begins(body):
        hang_up(client)
        return
    await send(start)
    for seconds, part in delivery.steps(body):
        await pause(seconds)
        await send({"type": "http.response.body", "body": part, "more_body": True})
    # If it is shorter than its Content-Length by now, the server closes the connection.
    await send({"type": "http.response.body", "body": b""})


def hang_up(client: tuple[str, str | int]) -> None:
    """Close the connection to that address. The server has none to give, but it is among the open files of the process."""
    for file in Path("/dev/fd").iterdir():
        with contextlib.suppress(OSError):
            # Not socket.fromfd(): that has to know whether it is IPv6, and leaves a copy of what is no socket open.
            connection = socket.socket(fileno=int(file.name))
            try:
                # Of other kinds of sockets it is a text.
                if tuple(map(str, connection.getpeername()[:2])) == tuple(map(str, client)):
                    connection.shutdown(socket.SHUT_RDWR)
            finally:
                connection.detach()  # it is the server's to close
