"""The line that is logged for a request, and the log in JSON."""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
import warnings
from datetime import UTC, datetime, timedelta
from logging.handlers import QueueHandler

import pytest

from mock_server import logs
from mock_server.journal import Exchange
from mock_server.tests.client import Mock
from mock_server.tests.processes import eventually

ASKED = Exchange("default", datetime.now(UTC), 0.01234, "casavi", "listUnits", "GET", "/api/v1/units", (), b"", 200, (), b"[]")


def test_a_line_has_what_one_looks_for_and_no_secret() -> None:
    assert logs.request_line(ASKED, colours=False) == "GET /api/v1/units listUnits 200 12.3 ms"
    struck = ASKED._replace(session="s-1", operation=None, faults=("down", "late"), url="/x?code=1&invite_token=2", status=503)
    assert logs.request_line(struck, colours=False) == (
        "GET /x?code=***&invite_token=*** 503 12.3 ms session=s-1 fault=down,late"
    )
    assert logs.request_line(ASKED._replace(url="/ä\x1b[2J\n"), colours=False).startswith("GET /ä\\x1b[2J\\x0a listUnits")
    coloured = logs.request_line(struck, colours=True)
    assert "\033[31m503\033[0m" in coloured
    assert "\033[31mfault=down,late\033[0m" in coloured


@pytest.mark.parametrize(
    ("level", "terminal", "lines"), [("info", True, 1), ("info", False, 0), ("debug", False, 1), ("warning", True, 0)]
)
def test_requests_are_told_where_somebody_reads_them(
    mock: Mock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], level: str, *, terminal: bool, lines: int
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    logs.set_up(level)
    assert mock.get("/nowhere").status_code == 404
    assert capsys.readouterr().err.count("GET /nowhere 404 ") == lines


def test_in_json_each_record_is_an_object_on_a_line_with_what_was_raised_in_it(
    mock: Mock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for module in (sys, threading):
        monkeypatch.setattr(module, "excepthook", module.excepthook)
    logs.set_up("info", "json")
    logs.write_apart()
    assert mock.get("/nowhere?token=hush&a=%0A").status_code == 404
    try:
        raise ValueError("first\nsecond")
    except ValueError:
        logging.getLogger("mock_server").exception("%s failed", "\ud800")
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start()
    thread.join()
    warnings.warn("old", stacklevel=1)
    logs.tell("of the server")
    logging.captureWarnings(capture=False)
    _written()
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [line["level"] for line in lines] == ["info", "error", "critical", "warning", "info"]
    assert {datetime.fromisoformat(line["time"]).utcoffset() for line in lines} == {timedelta(0)}
    request, failure, uncaught, warning, note = lines
    expected = {"method": "GET", "status": 404, "operation": None, "session": mock.session, "faults": []}
    assert {name: request[name] for name in expected} == expected
    assert request["url"].startswith("/nowhere?token=***&")
    assert failure["message"] == "\ud800 failed"
    assert failure["traceback"].endswith("ValueError: first\nsecond")
    assert uncaught["traceback"].endswith("ZeroDivisionError: division by zero")
    assert "old" in warning["message"]
    assert note["message"] == "of the server"


def _written() -> None:
    """Wait until the thread that writes has written, and leave the log to the others."""
    root = logging.getLogger()
    (waiting,) = (handler for handler in root.handlers if isinstance(handler, QueueHandler))
    assert eventually(lambda: not waiting.queue.qsize())  # type: ignore[attr-defined]  # it is a queue.Queue
    time.sleep(0.05)
    root.removeHandler(waiting)
