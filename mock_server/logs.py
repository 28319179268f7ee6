"""The log on the error output: a line for each request where somebody reads it, in colours on a terminal."""

from __future__ import annotations

import contextlib
import logging.handlers
import multiprocessing.util
import os
import queue
import sys

from mock_server.journal import Exchange, masked_url
from mock_server.sessions import DEFAULT

requests = logging.getLogger("mock_server.requests")
_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN = (f"\033[{code}m" for code in (1, 2, 31, 32, 33, 36))
_LINES = 10_000  # so many may wait to be written; of more, those that come later are left out
_END = "\033[0m"
_OF_STATUS = {2: _GREEN, 3: _CYAN, 4: _YELLOW, 5: _RED}


def set_up(level: str) -> None:
    """Log from that level on. Requests are told at `debug`, and at `info` if the error output is a terminal."""
    seen = sys.stderr.isatty()
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter(colours=seen and "NO_COLOR" not in os.environ))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    requests.setLevel(logging.INFO if level == "debug" or (level == "info" and seen) else logging.ERROR)


class _Waiting(logging.handlers.QueueHandler):
    def enqueue(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(queue.Full):
            self.queue.put_nowait(record)


def write_apart() -> None:
    """Write the log in a thread of its own: whoever started the server may not read it, and a full pipe stops its writers."""
    root = logging.getLogger()
    waiting = queue.Queue[logging.LogRecord](_LINES)
    listener = logging.handlers.QueueListener(waiting, *root.handlers)
    root.handlers[:] = [_Waiting(waiting)]
    listener.start()
    multiprocessing.util.Finalize(None, listener.stop, exitpriority=0)


def log_request(exchange: Exchange) -> None:
    """Tell that a request was answered, if that is to be told."""
    if requests.isEnabledFor(logging.INFO):
        requests.info("", extra={"exchange": exchange})


class _Formatter(logging.Formatter):
    def __init__(self, *, colours: bool) -> None:
        super().__init__("%(levelname)s %(message)s")
        self._colours = colours

    def format(self, record: logging.LogRecord) -> str:
        exchange = getattr(record, "exchange", None)
        return super().format(record) if exchange is None else request_line(exchange, colours=self._colours)


def request_line(exchange: Exchange, *, colours: bool) -> str:
    """Method, path, operation, status, milliseconds; the session unless it is the default one, and the faults that struck."""
    parts = (
        (exchange.method, _BOLD),
        (_printable(masked_url(exchange.url)), ""),
        (exchange.operation, _DIM),
        (str(exchange.status), _OF_STATUS.get(exchange.status // 100, "")),
        (f"{exchange.seconds * 1000:.1f} ms", _DIM),
        (f"session={exchange.session}" if exchange.session != DEFAULT else "", _DIM),
        (f"fault={','.join(exchange.faults)}" if exchange.faults else "", _RED),
    )
    return " ".join(f"{colour}{text}{_END}" if colours and colour else text for text, colour in parts if text)


def _printable(url: str) -> str:
    """A terminal would obey some of the characters that a path can have."""
    return "".join(character if character.isprintable() else f"\\x{ord(character):02x}" for character in url)
