"""A server that runs for weeks: what nobody uses any more is dropped, and what is freed is free."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mock_server.journal import memory
from mock_server.tests.client import Mock
from mock_server.tests.conftest import ServerTime
from mock_server.tests.residents import made, upload

Start = Callable[..., Mock]
DAYS = 86_400


def _sessions(mock: Mock) -> list[str]:
    return [entry["name"] for entry in mock.get("/__mock/sessions").get_json()]


def _use(mock: Mock, name: str) -> Mock:
    session = Mock(mock.app, name)
    assert session.get("/__mock/credentials").status_code == 200
    return session


def test_beyond_the_bound_the_session_that_was_not_used_for_longest_goes(
    start: Start, database_url: str | None, server_time: ServerTime, caplog: pytest.LogCaptureFixture
) -> None:
    mock = start(now=server_time, database_url=database_url, max_sessions=4)
    mock.titles()
    _use(mock, "first").put("/__mock/snapshots/kept")
    _use(mock, "first").titles()
    for name in ("second", "third"):
        server_time.move(1)
        _use(mock, name)
    server_time.move(1)
    _use(mock, "second")
    server_time.move(1)
    with caplog.at_level(logging.INFO, "mock_server"):
        for name in ("fourth", "fifth"):
            server_time.move(1)
            _use(mock, name)
    assert _sessions(mock) == ["default", "fifth", "fourth", "second"]
    assert [text.split(":")[0] for text in caplog.messages] == ["session first is dropped", "session third is dropped"]
    again = _use(mock, "first")
    assert (again.get("/__mock/snapshots").get_json(), again.journal()) == ([], [])


def test_a_session_that_nobody_uses_for_a_week_goes_and_the_default_one_stays(
    start: Start, database_url: str | None, server_time: ServerTime
) -> None:
    mock = start(now=server_time, database_url=database_url)
    mock.titles()
    for name in ("idle", "busy"):
        _use(mock, name)
    server_time.move(4 * DAYS)
    _use(mock, "busy")
    server_time.move(4 * DAYS)
    mock.get("/nowhere", headers={"X-Mock-Session": "never-made"})
    assert _sessions(mock) == ["busy", "default"]


def test_what_another_replica_uses_stays(start: Start, shared_database_url: str, server_time: ServerTime) -> None:
    bounds: dict[str, Any] = {"now": server_time, "database_url": shared_database_url, "max_sessions": 2}
    here, there = start(**bounds), start(**bounds)
    _use(here, "here")
    server_time.move(1)
    _use(here, "there")
    server_time.move(61)
    _use(there, "here")
    server_time.move(61)
    _use(there, "here")
    _use(here, "new")
    assert _sessions(here) == ["here", "new"]


def test_the_journal_in_memory_is_bounded_over_all_sessions(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    mock = start()
    monkeypatch.setattr(memory, "_MAX_BYTES", 20 * 7_000)
    for number in range(60):
        mock.get(f"/nowhere/{number}", headers={"X-Mock-Session": f"never-made-{number % 30}"})
    kept = [len(Mock(mock.app, f"never-made-{number}").journal()) for number in range(30)]
    assert 15 <= sum(kept) <= 25
    assert Mock(mock.app, "never-made-29").journal()[-1]["request"]["url"] == "/nowhere/59"


def test_a_dropped_session_makes_the_sqlite_file_small_again(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    mock = start(database_url=f"sqlite:///{file}", apis=("casavi",))
    small = _size(mock, file)
    for _ in range(10):
        made(upload(Mock(mock.app, "big"), bytes(1_000_000)))
    assert _size(mock, file) > small + 9_000_000
    assert mock.delete("/__mock/sessions/big").status_code == 204
    assert _size(mock, file) < small + 1_000_000


def _size(mock: Mock, file: Path) -> int:
    mock.app.close()  # writes what is in the log beside the file
    return file.stat().st_size
