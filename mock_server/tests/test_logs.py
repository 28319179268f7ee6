"""The line that is logged for a request."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from mock_server import logs
from mock_server.journal import Exchange
from mock_server.tests.client import Mock

ASKED = Exchange("default", datetime.now(UTC), 0.01234, "casavi", "listUnits", "GET", "/api/v1/units", (), b"", 200, (), b"[]")


def test_a_line_has_what_one_looks_for_and_no_secret() -> None:
    assert logs.request_line(ASKED, colours=False) == "GET /api/v1/units listUnits 200 12.3 ms"
    struck = replace(ASKED, session="s-1", operation=None, faults=("down", "late"), url="/x?code=1&invite_token=2", status=503)
    assert logs.request_line(struck, colours=False) == (
        "GET /x?code=***&invite_token=*** 503 12.3 ms session=s-1 fault=down,late"
    )
    assert logs.request_line(replace(ASKED, url="/ä\x1b[2J\n"), colours=False).startswith("GET /ä\\x1b[2J\\x0a listUnits")
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
