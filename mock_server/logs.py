"""The log on the error output: a line for each request where somebody reads it, in colours on a terminal, or in JSON."""

from __future__ import annotations

import contextlib
import copy
import json
import logging.handlers
import multiprocessing.util
import os
import queue
import sys
import threading
from datetime import UTC, datetime
from functools import partial
from typing import Any

from mock_server.clock import iso_time
from mock_server.journal import Exchange, masked_url
from mock_server.sessions import DEFAULT

requests = logging.getLogger("mock_server.requests")
notes = logging.getLogger("mock_server.notes")
_OURS = "mock-server: "  # what such a line begins with
_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN = (f"\033[{code}m" for code in (1, 2, 31, 32, 33, 36))
_LINES = 10_000  # so many may wait to be written; of more, those that come later are left out
_SECONDS_TO_END = 1
_END = "\033[0m"
_OF_STATUS = {2: _GREEN, 3: _CYAN, 4: _YELLOW, 5: _RED}


def set_up(level: str, form: str = "text") -> None:
    """Log from that level on, as `text` or `json`. Requests are told at `debug`, and at `info` if somebody reads them: on a
    terminal, or as JSON."""
    seen, as_json = sys.stderr.isatty(), form == "json"
    handler = logging.StreamHandler()
    handler.setFormatter(_JsonFormatter() if as_json else _Formatter(colours=seen and "NO_COLOR" not in os.environ))
    logging.basicConfig(level=level.upper(), handlers=[handler], force=True)
    requests.setLevel(logging.INFO if level == "debug" or (level == "info" and (seen or as_json)) else logging.ERROR)
    notes.setLevel(logging.INFO)
    if as_json:
        logging.captureWarnings(capture=True)
        sys.excepthook = lambda *raised: _uncaught(raised)
        threading.excepthook = lambda raised: _uncaught((raised.exc_type, raised.exc_value or Exception(), raised.exc_traceback))


def tell(text: str, level: int = logging.INFO) -> None:
    """Tell whoever started the server, at whatever level it logs."""
    if notes.level:
        notes.log(level, text)
    else:
        print(f"{_OURS}{text}", file=sys.stderr, flush=True)


def _uncaught(raised: Any) -> None:
    logging.getLogger("mock_server").critical("an exception that nobody expected", exc_info=raised)


class _Waiting(logging.handlers.QueueHandler):
    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """The record whole: it does not leave the process, and what was raised is a field of its own in JSON."""
        record = copy.copy(record)
        record.msg, record.args = record.getMessage(), None
        return record

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
    multiprocessing.util.Finalize(None, partial(_end, listener), exitpriority=0)


def _end(listener: logging.handlers.QueueListener) -> None:
    """Have it write what waits, if somebody reads it."""
    ending = threading.Thread(target=listener.stop, daemon=True)
    ending.start()
    ending.join(_SECONDS_TO_END)


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
        if exchange is not None:
            return request_line(exchange, colours=self._colours)
        return _OURS + record.getMessage() if record.name == notes.name else super().format(record)


class _JsonFormatter(logging.Formatter):
    """One object a line, with time (UTC), level, logger and message; with what a request was, or with the traceback."""

    def format(self, record: logging.LogRecord) -> str:
        exchange = getattr(record, "exchange", None)
        entry = {
            "time": iso_time(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage() if exchange is None else request_line(exchange, colours=False),
        }
        if exchange is not None:
            entry |= _fields(exchange)
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry)  # of the standard library, which can write any text


def _fields(exchange: Exchange) -> dict[str, Any]:
    return {
        "session": exchange.session,
        "api": exchange.api,
        "operation": exchange.operation,
        "method": exchange.method,
        "url": masked_url(exchange.url),
        "status": exchange.status,
        "milliseconds": round(exchange.seconds * 1000, 3),
        "faults": list(exchange.faults),
    }


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
