"""A database that outlives its server meets another version of it."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, NullPool, create_engine, inspect, text

from mock_server import BootError
from mock_server.cli import main
from mock_server.migrations import HEAD, revision, upgrading
from mock_server.store import Store, metadata
from mock_server.tests.client import Mock
from mock_server.tests.next_release import DIES, next_release
from mock_server.tests.processes import clean_environment
from mock_server.tests.releases import AVATAR, FAULT, RELEASED, STOPPED_AT, UPLOADED

Start = Callable[..., Mock]
_CASAVI_ALONE = "8737e0644c08ca39bcd815e1b58ff8c80d9a10d1a32763a21ecac8f0d0cf4879"


@pytest.fixture
def engine(fresh_database_url: str) -> Iterator[Engine]:
    engine = create_engine(fresh_database_url, poolclass=NullPool)
    yield engine
    engine.dispose()


@pytest.fixture
def released(fresh_database_url: str, engine: Engine) -> str:
    """The URL of a database as the first release left it."""
    script = (RELEASED / f"0.1.0-{engine.dialect.name}.sql").read_text(encoding="utf-8")
    with contextlib.closing(engine.raw_connection()) as connection:
        driver: Any = connection.driver_connection
        (driver.executescript if engine.dialect.name == "sqlite" else driver.execute)(script)
        connection.commit()
    return fresh_database_url


def _run(engine: Engine, *statements: str) -> list[object]:
    """The first column that the last one answers."""
    with engine.begin() as connection:
        for statement in statements:
            result = connection.execute(text(statement))
        return list(result.scalars()) if result.returns_rows else []


def _differences(engine: Engine) -> list[object]:
    """Between the tables of the database and those in the code."""
    with engine.connect() as connection:
        options = {"version_table": revision.name, "compare_server_default": True}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def test_a_database_of_the_first_release_opens_with_all_it_has(released: str, start: Start, engine: Engine) -> None:
    mock = start(database_url=released, scenario="empty", apis=("casavi", "linagora"), max_idle_days=1e6)
    assert _differences(engine) == []
    assert "Kept by default" in mock.titles()
    team = Mock(mock.app, "default.team")
    (entry,) = team.journal(operation="updateCommunity")
    community = entry["request"]["url"]
    assert team.get("/__mock/clock").get_json()["now"].startswith(STOPPED_AT[:-1])
    assert [fault["name"] for fault in team.get("/__mock/faults").get_json()] == [FAULT["name"]]
    assert team.get(community, "alice").status_code == FAULT["status"]
    assert team.titles() == ["After the snapshot"]
    assert team.post("/__mock/snapshots/kept/restore").status_code == 204
    assert team.titles() == ["Before the snapshot"]
    assert team.get(f"{community}/avatar?format=original", "alice").get_data() == AVATAR
    upload = team.get(community, "alice").get_json()["description"]
    assert team.get(f"/api/v1/uploads/{upload}").get_data() == UPLOADED
    # And it is worked with as any other.
    assert team.try_create("Made by the next release").status_code == 201
    assert team.post("/__mock/reset").status_code == 204
    assert team.titles() == []


def test_one_of_casavi_alone_gets_the_tables_of_both(released: str, engine: Engine) -> None:
    mark = f"UPDATE mock_server_tables SET fingerprint = '{_CASAVI_ALONE}'"
    linagora = [table.name for table in reversed(metadata.sorted_tables) if table.name.startswith("lin_")]
    _run(engine, mark, *(f"DROP TABLE {name}" for name in linagora))
    Store(released).close()
    assert _differences(engine) == []
    assert _run(engine, "SELECT count(*) FROM cas_uploads") == [2]


def test_servers_that_start_at_once_bring_it_up_to_date_once(released: str, engine: Engine) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: Store(released).close(), range(4)))
    assert _run(engine, "SELECT version_num FROM mock_server_revision") == [HEAD]
    assert _differences(engine) == []


def test_a_migration_that_is_killed_in_the_middle_is_undone_and_the_next_start_does_it(released: str, engine: Engine) -> None:
    upgrade = [sys.executable, "-m", "mock_server.tests.next_release", released]
    killed = subprocess.run(upgrade, env=clean_environment(**{DIES: "1"}), check=False, timeout=30)
    assert killed.returncode == -signal.SIGKILL
    assert not inspect(engine).has_table(revision.name)
    assert _run(engine, "SELECT count(*) FROM mock_server_tables") == [1]
    rows = {name: _run(engine, f"SELECT count(*) FROM {name}") for name in metadata.tables if name.startswith("lin_")}
    with next_release():
        Store(released).close()
    assert _run(engine, "SELECT version_num FROM mock_server_revision") == ["next"]
    assert set(_run(engine, "SELECT motto FROM lin_communities")) >= {"Kept by default", "After the snapshot"}
    # What refers to the table that was replaced is still there.
    assert {name: _run(engine, f"SELECT count(*) FROM {name}") for name in rows} == rows
    assert rows["lin_images"] != [0]
    with pytest.raises(BootError, match="another version"):  # this release knows nothing of the next one
        Store(released)


@pytest.mark.parametrize(
    "change",
    ["UPDATE mock_server_revision SET version_num = '9999'", "DROP TABLE mock_server_revision"],
    ids=["of a newer version", "of another program, or from before tables were marked"],
)
def test_what_cannot_be_migrated_is_refused_and_left_as_it_is(fresh_database_url: str, engine: Engine, change: str) -> None:
    Store(fresh_database_url).close()
    _run(engine, change, "INSERT INTO files (size, content) VALUES (1, '1')")
    refusal = "its tables are of another version of the mock server, or of another program; use another database, or delete this"
    with pytest.raises(BootError, match=refusal):
        Store(fresh_database_url)
    assert _run(engine, "SELECT count(*) FROM files") == [1]


def test_reset_database_empties_what_is_ours_of_any_version_under_a_running_server(
    fresh_database_url: str, start: Start, engine: Engine, capsys: pytest.CaptureFixture[str]
) -> None:
    mock = start(database_url=fresh_database_url, scenario="empty")
    mock.create("Old")
    newer = (
        "UPDATE mock_server_revision SET version_num = '9999'",
        "CREATE TABLE lin_polls (session TEXT, id TEXT, FOREIGN KEY (session, id) REFERENCES lin_communities (session, id))",
        "INSERT INTO lin_polls SELECT session, id FROM lin_communities",
        "CREATE TABLE somebody_elses (id INTEGER)",
    )
    _run(engine, *newer)
    command = ["reset-database", "--database-url", fresh_database_url]
    assert main(command) == 1
    told = capsys.readouterr().out
    assert ("lin_polls" in told, "journal" in told, "somebody_elses" in told) == (True, True, False)
    assert mock.titles() == ["Old"]
    assert main([*command, "--yes"]) == 0
    assert mock.titles() == []
    assert mock.try_create("New").status_code == 201
    assert inspect(engine).has_table("somebody_elses")
    assert not inspect(engine).has_table("lin_polls")
    Store(fresh_database_url).close()


@pytest.mark.parametrize(
    ("tables", "words"), [(None, "there is no such file"), ("CREATE TABLE sessions (id INTEGER)", "nothing was deleted")]
)
def test_reset_database_touches_nothing_that_is_not_marked_as_ours(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tables: str | None, words: str
) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    engine = create_engine(url, poolclass=NullPool)
    if tables:
        _run(engine, tables)
    assert main(["reset-database", "--database-url", url, "--yes"]) == 2
    assert words in capsys.readouterr().err
    assert [path.name for path in tmp_path.glob("*.db")] == (["state.db"] if tables else [])
    assert not tables or inspect(engine).has_table("sessions")


def test_the_newest_revision_is_the_one_that_the_code_has() -> None:
    assert ScriptDirectory.from_config(upgrading.config()).get_current_head() == HEAD
