"""The store: state outlives a process, replicas share it, transactions are whole, and a database that fails says so."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import NullPool, create_engine, event, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from mock_server.apis.linagora.tables import communities
from mock_server.bench.requests import ask
from mock_server.bench.story import tell
from mock_server.bench.world import World
from mock_server.clock import real_now
from mock_server.config import API_NAMES
from mock_server.copies import copy_session, delete_session
from mock_server.store import Store, metadata, sessions
from mock_server.tests.client import STATE, Mock, problem
from mock_server.tests.processes import eventually


def test_state_outlives_the_application(shared_database_url: str, start: Callable[..., Mock], png: bytes) -> None:
    first = start(database_url=shared_database_url)
    path = first.create("Survivor")
    upload = {"query_string": {"mimetype": "image/png", "size": len(png)}, "data": png, "content_type": "image/png"}
    assert first.post(f"{path}/avatar", "alice", **upload).status_code == 200
    first.put("/__mock/snapshots/kept")
    first.app.close()
    second = start(database_url=shared_database_url)
    assert "Survivor" in second.titles()
    assert second.get(f"{path}/avatar?format=original", "alice").get_data() == png
    assert second.get("/__mock/snapshots").get_json() == [{"name": "kept"}]
    assert second.journal(operation="createCommunity")[0]["status"] == 201


def test_replicas_of_one_database_share_sessions_journal_and_ids(shared_database_url: str, start: Callable[..., Mock]) -> None:
    one, two = start(database_url=shared_database_url), start(database_url=shared_database_url)
    paths = [mock.create(f"Community {number}") for number, mock in enumerate((one, two, one, two))]
    assert len(set(paths)) == 4
    assert one.titles() == two.titles()
    assert two.try_create("Community 0").status_code == 409
    for mock in (one, two):
        mock.app.journal.flush()
    assert [entry["id"] for entry in one.journal()] == [entry["id"] for entry in two.journal()]
    two.post("/__mock/reset")
    assert "Community 0" not in one.titles()


def test_an_application_with_another_seed_or_choice_of_apis_starts_its_own_sessions(
    shared_database_url: str, start: Callable[..., Mock]
) -> None:
    first = start(database_url=shared_database_url, seed=1)
    alice = first.id_of("alice")
    other = start(database_url=shared_database_url, seed=2).beside("new")
    assert other.id_of("alice") != alice
    both = start(database_url=shared_database_url, seed=1, apis=API_NAMES).beside("both")
    assert set(both.credentials()) == {"casavi", "linagora"}
    assert both.id_of("alice") == alice


def test_a_transaction_that_fails_leaves_nothing(any_mock: Mock) -> None:
    path, store = any_mock.create("Whole"), any_mock.app.store

    def fail() -> None:
        with store.transaction(any_mock.session, write=True) as connection:
            connection.execute(update(communities).where(communities.c.session == any_mock.session).values(title="Half"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert any_mock.get(path, "alice").get_json()["title"] == "Whole"


def test_a_reader_sees_one_state_throughout(shared_database_url: str, start: Callable[..., Mock]) -> None:
    mock = start(database_url=shared_database_url)
    mock.create("Old")
    count = select(func.count()).where(communities.c.session == "default")
    with mock.app.store.transaction("default", write=False) as reader:
        before = reader.execute(count).scalar_one()
        mock.create("New, meanwhile")
        assert reader.execute(count).scalar_one() == before
    assert "New, meanwhile" in mock.titles()


def test_of_many_rows_all_are_stored_or_none(database_url: str | None, start: Callable[..., Mock]) -> None:
    store = start(database_url=database_url).app.store
    rows = [{"session": f"many-{number}", "scenario": "default", "counter": number, "used_at": 0.5} for number in range(1200)]
    many = select(sessions).where(sessions.c.session.like("many-%")).order_by(sessions.c.counter)
    with pytest.raises(IntegrityError), store.transaction(None, write=True) as connection:
        connection.execute(insert(sessions), [*rows, rows[700]])
    with store.transaction(None, write=True) as connection:
        assert connection.execute(many).all() == []
        assert connection.execute(insert(sessions), rows).rowcount == len(rows)
    with store.transaction(None, write=False) as connection:
        found = connection.execute(many)
    assert [(row.session, row.counter, row.used_at) for row in found] == [(f"many-{n}", n, 0.5) for n in range(1200)]


def test_who_does_not_read_at_present_holds_no_state(postgres_url: str, start: Callable[..., Mock]) -> None:
    """What is old could not be cleaned away else."""
    name = postgres_url.rpartition("_")[2]
    mock, other = start(database_url=f"{postgres_url}&application_name={name}"), start(database_url=postgres_url)
    assert mock.get(mock.create("Read"), "alice").status_code == 200
    mock.app.journal.flush()

    def holds(number: int) -> bool:
        held = text("SELECT count(*) FROM pg_stat_activity WHERE application_name = :name AND backend_xmin IS NOT NULL")
        with other.app.store.transaction(None, write=False) as connection:
            return bool(connection.execute(held, {"name": name}).scalar_one() == number)

    with mock.app.store.transaction(None, write=False) as reader:
        reader.execute(select(func.count()).select_from(sessions))
        assert holds(1)
    assert eventually(lambda: holds(0))  # nobody waits for the end of reading


def test_a_copied_session_has_every_row_of_every_table(database_url: str | None, start: Callable[..., Mock]) -> None:
    mock = start(database_url=database_url)
    mock.create("Copied")
    with mock.app.store.transaction(None, write=True) as connection:
        copy_session(connection, "default", "copy", real_now())
        counts = {
            table.name: [
                connection.execute(select(func.count()).select_from(table).where(table.c.session == name)).scalar_one()
                for name in ("default", "copy")
            ]
            for table in STATE
        }
        delete_session(connection, "copy")
        left = [connection.execute(select(table.c.session).where(table.c.session == "copy")).first() for table in STATE]
    assert all(original == copied for original, copied in counts.values()), counts
    assert counts["lin_communities"][0] > 5
    assert left == [None] * len(STATE)


def test_a_reset_brings_every_row_back(database_url: str | None, start: Callable[..., Mock]) -> None:
    mock = start(database_url=database_url, apis=API_NAMES)
    story, answer = tell(World(mock.app, mock.session), 1), None
    was = mock.state()
    with contextlib.suppress(StopIteration):
        while True:
            answer = ask(mock.app, story.send(answer).environ()).value
    changed = {name for name, rows in mock.state().items() if rows != was[name]}
    assert changed >= {"cas_notifications", "cas_contacts", "cas_tickets", "sessions"}
    mock.put("/__mock/snapshots/changed")
    mock.post("/__mock/reset")
    assert mock.state() == was
    mock.put("/__mock/scenario", json={"name": "empty"})
    assert not mock.state()["cas_tickets"]
    mock.post("/__mock/snapshots/changed/restore")
    assert {name for name, rows in mock.state().items() if rows != was[name]} == changed
    mock.post("/__mock/reset")
    assert mock.state() == was


def test_every_state_table_has_the_session_first_in_its_key() -> None:
    assert len(STATE) >= 10
    assert {next(iter(table.primary_key)).name for table in STATE} == {"session"}
    assert {table.name for table in metadata.sorted_tables if table not in STATE} == {"files", "journal"}


def _sqlite(store: Store, pragma: str) -> None:
    """Set a pragma on the connections: the one there is, and those to come."""
    with store.transaction(None, write=False) as connection:
        connection.execute(text(f"PRAGMA {pragma}"))
    event.listen(store._engine, "connect", lambda raw, _record: raw.execute(f"PRAGMA {pragma}"))


def test_a_full_disk_is_a_503_that_says_so_and_loses_nothing(tmp_path: Path, start: Callable[..., Mock]) -> None:
    mock = start(database_url=f"sqlite:///{tmp_path / 'state.db'}")
    mock.create("Before")
    with mock.app.store.transaction(None, write=False) as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
    _sqlite(mock.app.store, f"max_page_count={pages + 40}")
    answers = [mock.try_create(f"Filler {number}", description="x" * 9_000) for number in range(60)]
    kept = [a.get_json()["title"] for a in answers if a.status_code == 201]
    refused = [a for a in answers if a.status_code != 201]
    assert kept
    assert refused
    assert {problem(a) for a in refused} == {(503, "the database cannot be used: database or disk is full")}
    assert set(mock.titles()) >= {"Before", *kept}
    assert not set(mock.titles()) & {f"Filler {n}" for n in range(60) if f"Filler {n}" not in kept}
    _sqlite(mock.app.store, "max_page_count=1000000")
    assert mock.try_create("There is room again").status_code == 201


def test_a_database_that_became_read_only_still_answers_reads_and_health_tells(
    tmp_path: Path, start: Callable[..., Mock]
) -> None:
    mock = start(database_url=f"sqlite:///{tmp_path / 'state.db'}")
    path = mock.create("Readable")
    _sqlite(mock.app.store, "query_only=ON")
    status, details = problem(mock.try_create("Not written"))
    assert (status, "readonly" in details or "read-only" in details) == (503, True), details
    assert mock.get(path, "alice").get_json()["title"] == "Readable"
    assert "Not written" not in mock.titles()
    assert problem(mock.get("/__mock/health")) == (503, details)
    _sqlite(mock.app.store, "query_only=OFF")
    assert mock.get("/__mock/health").status_code == 200


def test_connections_that_the_server_closed_are_made_anew(postgres_url: str, start: Callable[..., Mock]) -> None:
    name = postgres_url.rpartition("_")[2]
    mock, other = start(database_url=f"{postgres_url}&application_name={name}"), start(database_url=postgres_url)
    path = mock.create("Still there")
    mock.app.journal.flush()  # else its writer finds out first
    with other.app.store.transaction(None, write=True) as connection:
        kill = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = :name")
        # One that reads, and one that writes.
        assert connection.execute(kill, {"name": name}).scalars().all() == [True, True]
    assert mock.get(path, "alice").status_code == 200
    assert mock.try_create("Next").status_code == 201


def test_health_is_503_with_the_reason_while_the_database_cannot_be_used(
    fresh_database_url: str, start: Callable[..., Mock]
) -> None:
    mock, engine = start(database_url=fresh_database_url), create_engine(fresh_database_url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE sessions RENAME TO lost"))
    status, details = problem(mock.get("/__mock/health"))
    assert (status, "the database cannot be used: " in details, "sessions" in details) == (503, True, True)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE lost RENAME TO sessions"))
    assert mock.get("/__mock/health").status_code == 200
