"""Which database a URL means, and how connections to it are made."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import orjson
from sqlalchemy import Engine, NullPool, StaticPool, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from mock_server.errors import BootError

# Up to the last @, which people forget to write as %40; also in what lacks a slash or its beginning.
_PASSWORD = re.compile(r"(:(?!//)(?=[^\s]*@))[^\s]*(?=@)|([?&]\w*password=)[^&\s]+", re.IGNORECASE)
_BUSY_SECONDS = 30


def parse(database_url: str) -> URL:
    """The URL with the driver that we use. Raises BootError for one that is none, or of another kind of database."""
    try:
        url = make_url(database_url)
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise BootError(f"--database-url {without_password(database_url)}: {reason(error)}") from error
    except ImportError as error:
        raise BootError(f"--database-url needs a driver that is not installed: {error}") from error
    if "@" in (url.host or ""):
        raise BootError("--database-url: an @ in the name or the password of a user has to be written as %40")
    if url.get_backend_name() not in ("sqlite", "postgresql"):
        raise BootError(f"--database-url: {url.get_backend_name()} is not supported, use sqlite or postgresql")
    # Only psycopg 3 comes with the extra `postgres`; SQLAlchemy's default name means another driver.
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url


def _dumps(value: object) -> str:
    return orjson.dumps(value).decode("utf-8")


_JSON: dict[str, Any] = {"json_serializer": _dumps, "json_deserializer": orjson.loads}


def make_engine(url: URL, *, shared: bool) -> Engine:
    """The engine of a database that processes share, or of one in memory. Raises BootError where its driver is missing."""
    try:
        if url.get_backend_name() == "postgresql":
            return create_engine(url, poolclass=NullPool, **_JSON)
        options = {"timeout": _BUSY_SECONDS, "check_same_thread": False, "cached_statements": 512}
        pool = NullPool if shared else StaticPool
        engine = create_engine(url, connect_args=options, paramstyle="named", pool_reset_on_return=None, poolclass=pool, **_JSON)
    except ImportError as error:
        raise BootError(f"--database-url needs the extra `postgres`: {error}") from error
    event.listen(engine, "connect", _configure_sqlite)
    return engine


class Link(Protocol):
    """What one transaction after the other takes place on; cursor is the one cursor in it."""

    cursor: Any

    def begin(self, session: str | None, *, write: bool) -> None:
        """To write in a session, wait for the others that do; where only one may write at all, for that one."""

    def end(self, how: str) -> None:
        """how is COMMIT or ROLLBACK."""

    def close(self) -> None: ...


def links(engine: Engine) -> Callable[[], Link]:
    """Makes links to a database that processes share; they raise the driver's errors."""
    event.listen(engine, "connect", leave_transactions_alone)
    if engine.dialect.name == "sqlite":
        return lambda: _FileLink(_connect(engine))
    from mock_server.postgres import PostgresLink  # it needs an extra

    return partial(PostgresLink, partial(_connect, engine))


def _connect(engine: Engine) -> Any:
    made = engine.raw_connection()
    connection = made.driver_connection
    made.detach()
    return connection


class _FileLink:
    """A connection to an SQLite file, which has one writer at a time."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.cursor = connection.cursor()

    def begin(self, session: str | None, *, write: bool) -> None:  # noqa: ARG002 - writers of any session wait
        self.cursor.execute("BEGIN IMMEDIATE" if write else "BEGIN")

    def end(self, how: str) -> None:
        self.cursor.execute(how)

    def close(self) -> None:
        self.cursor.connection.close()


def leave_transactions_alone(connection: Any, _record: object = None) -> None:
    """Have the driver begin and end no transaction by itself: the store does."""
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
    else:
        connection.autocommit = True


def _configure_sqlite(connection: Any, _record: Any) -> None:
    # What is freed is given back. This is chosen once for a database, and would wait for a writer later.
    if not connection.execute("PRAGMA page_count").fetchone()[0]:
        connection.execute("PRAGMA auto_vacuum=FULL")
    # Debian's SQLite overwrites what it deletes with zeros; nothing here is worth that time.
    for pragma in (
        "foreign_keys=ON",
        "journal_mode=WAL",
        "journal_size_limit=16000000",
        "synchronous=NORMAL",
        "temp_store=MEMORY",
        "secure_delete=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}")


def reason(error: Exception) -> str:
    """What the database said, in one line and without passwords."""
    cause = getattr(error, "orig", None) or error
    text = without_password(str(cause)).strip()
    return text.splitlines()[0] if text else type(cause).__name__


def without_password(text: str) -> str:
    """The text with the passwords of database URLs in it replaced by ***; also that of a URL which cannot be parsed."""
    return _PASSWORD.sub(r"\1\2***", text)
