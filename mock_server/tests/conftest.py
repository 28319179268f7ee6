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
from sqlalchemy import NullPool, create_engine, make_url, text

from mock_server import Config, MockServer, create_app, logs
from mock_server.clock import real_now
from mock_server.tests.client import Mock
from mock_server.tests.compiled import compiled_once
from mock_server.tests.pictures import picture

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


class ServerTime:
    """A time for servers that stands still until it is moved on by seconds."""

    def __init__(self) -> None:
        self._now = real_now()

    def __call__(self) -> datetime:
        return self._now

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)


@pytest.fixture(params=["memory", *_SHARED])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | None]:
    """An empty database of each kind; None is the one in memory."""
    with _database(request.param, tmp_path) as url:
        yield url


@pytest.fixture(params=_SHARED)
def shared_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind that outlives a process and that several can use."""
    with _database(request.param, tmp_path) as url:
        assert url is not None
        yield url


@pytest.fixture(params=[_POSTGRES])
def postgres_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty schema of PostgreSQL."""
    with _database(request.param, tmp_path) as url:
        assert url is not None
        yield url


@contextlib.contextmanager
def _database(kind: str, folder: Path) -> Iterator[str | None]:
    if kind == "memory":
        yield None
    elif kind == "sqlite":
        yield f"sqlite:///{folder / 'state.db'}"
    else:
        yield from _schema(os.environ[POSTGRES])


def _schema(server: str) -> Iterator[str]:
    url = make_url(server)
    url = url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url
    name = f"mock_server_{uuid.uuid4().hex}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(f"CREATE SCHEMA {name}"))
    try:
        yield url.update_query_dict({"options": f"-csearch_path={name}"}).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            # A test that left a transaction open must not hang the run.
            connection.execute(text("SET lock_timeout = '5s'"))
            connection.execute(text(f"DROP SCHEMA {name} CASCADE"))


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
    with _database(request.param, tmp_path_factory.mktemp("state")) as url:
        app = create_app(Config(database_url=url))
        yield app
        app.close()


@pytest.fixture
def any_mock(_app_on_each: MockServer) -> Mock:
    """A session of its own on each kind of database."""
    return Mock(_app_on_each, f"test-{next(_numbers)}")


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
