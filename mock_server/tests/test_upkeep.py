"""A server that runs for weeks: what nobody uses any more is dropped, and what is freed is free."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from mock_server.clock import iso_time
from mock_server.config import API_NAMES
from mock_server.journal import table
from mock_server.store import metadata
from mock_server.tests.client import Mock, problem
from mock_server.tests.conftest import ServerTime
from mock_server.tests.residents import UPLOADS, made, upload

Start = Callable[..., Mock]
DAYS = 86_400


def _sessions(mock: Mock) -> list[str]:
    return [entry["name"] for entry in mock.get("/__mock/sessions").get_json()]


def _told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """What the log said, but for the requests."""
    return [record.getMessage() for record in caplog.records if record.name == "mock_server"]


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
    assert [text.split(":")[0] for text in _told(caplog)] == ["session first is dropped", "session third is dropped"]
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


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_the_journal_of_all_sessions_together_is_bounded(
    kind: str, start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(table, "_LOOK_EVERY", 10)
    # In a database an entry takes about 600 bytes, in memory ten times that.
    url, megabytes = (None, 0.14) if kind == "memory" else (f"sqlite:///{tmp_path}/state.db", 0.012)
    mock = start(database_url=url, max_journal_mb=megabytes)
    names = [f"never-made-{number}" for number in range(30)]
    with caplog.at_level(logging.INFO, "mock_server"):
        for number in range(60):
            mock.get(f"/nowhere/{number}", headers={"X-Mock-Session": names[number % 30]})
        kept = [len(Mock(mock.app, name).journal()) for name in names]
    assert 15 <= sum(kept) <= 30
    assert Mock(mock.app, names[29]).journal()[-1]["request"]["url"] == "/nowhere/59"
    assert any("the journal is full" in text and "--max-journal-mb" in text for text in _told(caplog))


def test_a_name_that_only_met_a_refusal_can_be_deleted_with_its_journal(any_mock: Mock) -> None:
    never = any_mock.beside("never")
    assert never.get("/nowhere").status_code == 404
    assert len(never.journal()) == 1
    path = f"/__mock/sessions/{never.session}"
    assert any_mock.delete(path).status_code == 204
    assert never.journal() == []
    assert problem(any_mock.delete(path))[0] == 404


def test_a_name_that_no_session_can_have_leaves_no_journal(mock: Mock) -> None:
    assert mock.get("/nowhere", headers={"X-Mock-Session": "a b"}).status_code == 400
    assert "a b" not in mock.app.journal.counts()


def test_of_too_many_snapshots_the_one_that_was_not_used_for_longest_goes(
    start: Start, database_url: str | None, server_time: ServerTime, caplog: pytest.LogCaptureFixture
) -> None:
    mock = start(now=server_time, database_url=database_url, max_snapshots=3)
    with caplog.at_level(logging.INFO, "mock_server"):
        for name in ("a", "b", "c", "a restored", "d"):
            server_time.move(1)
            mock.post("/__mock/snapshots/a/restore") if " " in name else mock.put(f"/__mock/snapshots/{name}")
    assert [one["name"] for one in mock.get("/__mock/snapshots").get_json()] == ["a", "c", "d"]
    assert _told(caplog) == ["snapshot default/b is dropped: the session has more than 3 (--max-snapshots)"]
    assert mock.post("/__mock/snapshots/a/restore").status_code == 204


def test_of_too_many_files_the_session_with_the_most_loses_its_oldest(
    start: Start, database_url: str | None, server_time: ServerTime, caplog: pytest.LogCaptureFixture
) -> None:
    much = start(now=server_time, database_url=database_url, max_stored_mb=2, apis=API_NAMES)
    little = much.beside("little")
    kept = _stored(little, 100_000)
    first = _stored(much, 600_000)
    server_time.move(61)
    second = _stored(much, 600_000)
    much.put("/__mock/snapshots/with-files")
    much.post("/__mock/snapshots/with-files/restore")
    with caplog.at_level(logging.INFO, "mock_server"):
        server_time.move(61)
        third = _stored(much, 600_000)
        assert _told(caplog) == []
        server_time.move(61)
        last = _stored(much, 600_000)
    told = "session default loses its oldest files (1): all files take more than 2 MB (--max-stored-mb), and its own the most"
    assert _told(caplog) == [told]
    assert [much.get(path).status_code for path in (first, second, third, last)] == [404, 200, 200, 200]
    assert little.get(kept).status_code == 200
    much.post("/__mock/snapshots/with-files/restore")
    assert [much.get(path).status_code for path in (first, second, third, last)] == [404, 200, 404, 404]


@pytest.mark.parametrize("verb", ["reset", "restore", "delete", "scenario"])
def test_files_that_nobody_refers_to_any_more_are_gone_at_once(start: Start, database_url: str | None, verb: str) -> None:
    mock = start(database_url=database_url, apis=API_NAMES)
    mock.put("/__mock/snapshots/empty")
    first = _stored(mock, 1_000)
    mock.put("/__mock/snapshots/one")
    _stored(mock, 1_000)
    assert _file_count(mock) == 2
    if verb == "reset":
        mock.post("/__mock/reset")
    elif verb == "restore":
        mock.post("/__mock/snapshots/empty/restore")
    elif verb == "scenario":
        mock.put("/__mock/scenario", json={"name": "empty"})
    if verb == "delete":
        mock.delete("/__mock/sessions/default")
    else:
        assert _file_count(mock) == 1
        mock.post("/__mock/snapshots/one/restore")
        assert mock.get(first).status_code == 200
        mock.post("/__mock/reset")
        mock.delete("/__mock/snapshots/one")
    assert _file_count(mock) == 0


def _file_count(mock: Mock) -> int:
    with mock.app.store.transaction(None, write=False) as connection:
        count: int = connection.execute(select(func.count().label("files")).select_from(metadata.tables["files"])).scalar_one()
        return count


def test_an_avatar_that_was_dropped_is_none(start: Start, server_time: ServerTime, png: bytes) -> None:
    mock = start(max_stored_mb=0.002)
    path = f"{mock.create('Pictured')}/avatar"
    assert mock.post(f"{path}?mimetype=image/png&size={len(png)}", "alice", data=png, content_type="image/png").status_code == 200
    status, details = problem(mock.get(path, "alice"))
    assert (status, "dropped" in details) == (404, True)


def test_the_list_of_sessions_tells_what_each_takes_and_the_bounds(
    start: Start, database_url: str | None, server_time: ServerTime
) -> None:
    mock = start(now=server_time, database_url=database_url, max_snapshots=7, apis=API_NAMES)
    mock.titles()
    server_time.move(1)
    one = mock.beside("one")
    for _ in range(2):
        _stored(one, 1_000)
    one.put("/__mock/snapshots/kept")
    entries = {entry.pop("name"): entry for entry in mock.get("/__mock/sessions").get_json()}
    bounds = {"max-sessions": 1000, "max-idle-days": 7, "max-snapshots": 7, "max-stored-mb": 500, "max-journal-mb": 64}
    assert list(entries) == ["default", one.session]
    assert [entry.pop("bounds") for entry in entries.values()] == [bounds, bounds]
    older, newer = (entry.pop("usedAt") for entry in entries.values())
    assert iso_time(server_time()) == newer > older
    # A file takes 1,000 bytes more than it has.
    assert entries["default"] == {"snapshots": 0, "files": 0, "bytes": 0, "journal": 1}
    assert entries[one.session] == {"snapshots": 1, "files": 2, "bytes": 4_000, "journal": 2}


def _stored(mock: Mock, size: int) -> str:
    """The path of a new file."""
    return f"{UPLOADS}/{made(upload(mock, bytes(size)))['path']}"


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
