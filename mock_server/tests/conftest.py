"""Databases to test on, each clean, and mock servers on them."""

from __future__ import annotations

import contextlib
import itertools
import logging
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL, Connection, NullPool, create_engine, text

from mock_server import Config, MockServer, create_app, logs
from mock_server.clock import real_now
from mock_server.databases import parse
from mock_server.journal import table
from mock_server.store import Store, metadata
from mock_server.tests.client import Mock
from mock_server.tests.compiled import compiled_once
from mock_server.tests.pictures import picture
from mock_server.tests.processes import serving

POSTGRES = "MOCK_SERVER_TEST_POSTGRES"
_SKIP = pytest.mark.skip(reason=f"{POSTGRES} is not set: the URL of a PostgreSQL server where tests may create schemas")
_POSTGRES = pytest.param("postgresql", marks=[] if os.environ.get(POSTGRES) else [_SKIP])
_SHARED = ("sqlite", _POSTGRES)
_numbers = itertools.count(1)


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with compiled_once(tmp_path_factory):
        yield


@pytest.fixture(autouse=True)
def _log_as_it_was() -> Iterator[None]:
    """Takes back what the command does to the log of the process, or later tests would pay for lines that nobody reads."""
    root = logging.getLogger()
    levels = {logger: logger.level for logger in (root, logs.requests, logs.notes)}
    yield
    for handler in root.handlers[:]:
        if type(handler) is logging.StreamHandler:  # those of pytest are of kinds of their own
            root.removeHandler(handler)
    for logger, level in levels.items():
        logger.setLevel(level)


@pytest.fixture(scope="session", autouse=True)
def _nobody_else_writes() -> Iterator[None]:
    """A server waits for others on its database before it tells the journal. One in this process has none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(table, "_OTHERS_SECONDS", 0)
        yield


class ServerTime:
    """A time for servers that stands still until it is moved on by seconds."""

    def __init__(self) -> None:
        self._now = real_now()

    def __call__(self) -> datetime:
        return self._now

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@pytest.fixture(params=["memory", *_SHARED])
def database_url(request: pytest.FixtureRequest) -> str | None:
    """A database of each kind with nothing in it; None is the one in memory."""
    return None if request.param == "memory" else _empty(request)


@pytest.fixture(params=_SHARED)
def shared_database_url(request: pytest.FixtureRequest) -> str:
    """A database with nothing in it of each kind that outlives a process and that several can use."""
    return _empty(request)


@pytest.fixture(params=[_POSTGRES])
def postgres_url(request: pytest.FixtureRequest) -> str:
    """A schema of PostgreSQL with nothing in it."""
    return _empty(request)


@pytest.fixture(params=_SHARED)
def fresh_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """As shared_database_url, without tables, and no other test will have it: it may be left in any shape."""
    with _fresh(request.param, tmp_path) as url:
        yield url


@pytest.fixture(scope="module", params=_SHARED)
def module_database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """As fresh_database_url, for the tests of a module."""
    with _fresh(request.param, tmp_path_factory.mktemp("state")) as url:
        yield url


def _empty(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path') / 'state.db'}"
    url: str = request.getfixturevalue("_postgres")
    # Before the test, not after it: by then, everything of another one has ended.
    with _connected(url) as connection:
        connection.execute(text(";".join(f"DELETE FROM {one.name}" for one in reversed(metadata.sorted_tables))))
    return url


@pytest.fixture(scope="session")
def _postgres() -> Iterator[str]:
    """One schema with tables for the tests of a process: to make and to drop them for each takes three times as long as to
    empty them."""
    with _schema() as url:
        Store(url).close()
        yield url


@contextlib.contextmanager
def _fresh(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'state.db'}"
    else:
        with _schema() as url:
            yield url


@contextlib.contextmanager
def _schema() -> Iterator[str]:
    url = parse(os.environ[POSTGRES])
    name = f"mock_server_{uuid.uuid4().hex}"
    with _connected(url) as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    try:
        yield url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
    finally:
        with _connected(url) as connection:
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


@contextlib.contextmanager
def _connected(url: str | URL) -> Iterator[Connection]:
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        # A test that left a transaction open must not hang the run.
        connection.execute(text("SET lock_timeout = '5s'"))
        yield connection


@pytest.fixture
def start() -> Iterator[Callable[..., Mock]]:
    """Makes mock servers from the fields of a Config (linagora alone unless told) and `now`, their time."""
    apps: list[MockServer] = []

    def make(**fields: Any) -> Mock:
        # Half the time of a start goes into casavi's validators.
        now = fields.pop("now", real_now)
        apps.append(create_app(Config(**{"apis": ("linagora",), **fields}), now))
        return Mock(apps[-1])

    yield make
    for app in apps:
        app.close()


@pytest.fixture(scope="session", params=["memory", *_SHARED])
def _app_on_each(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MockServer]:
    folder = tmp_path_factory.mktemp("state")
    with contextlib.nullcontext() if request.param == "memory" else _fresh(request.param, folder) as url:
        app = create_app(Config(database_url=url))
        yield app
        app.close()


@pytest.fixture
def any_mock(_app_on_each: MockServer) -> Mock:
    """A session of its own on each kind of database."""
    return Mock(_app_on_each, f"test-{next(_numbers)}")


# For long tables of refusals with any_mock: in a file, SQLite is asked the same as in memory. That what fails leaves nothing in a
# file either is shown once, in test_store.py and test_engine.py.
on_each_sql = pytest.mark.parametrize("_app_on_each", ["memory", _POSTGRES], indirect=True)


@pytest.fixture(scope="session")
def app_in_memory() -> Iterator[MockServer]:
    """For what cannot have a fixture a test, as Hypothesis; take a session of your own."""
    app = create_app(Config())
    yield app
    app.close()


@pytest.fixture
def mock(app_in_memory: MockServer) -> Mock:
    """A session of its own in one server in memory: quick, for all that does not depend on the database."""
    return Mock(app_in_memory, f"test-{next(_numbers)}")


@pytest.fixture(scope="session")
def command_url() -> Iterator[str]:
    """The server of the command, with its defaults; take a session of your own."""
    with serving() as (_, url):
        yield url


@pytest.fixture(scope="session")
def png() -> bytes:
    """A picture of 200x100 pixels."""
    return picture("PNG")


@pytest.fixture
def server_time() -> ServerTime:
    return ServerTime()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium. Not for a whole run: as long as it is there, a loop of asyncio runs in this thread."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed; CI does so from .ci/tools.txt")
    chromium = shutil.which("chromium") or pytest.skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()
