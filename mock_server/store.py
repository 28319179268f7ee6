"""The database: one engine, one way into a transaction, one function that copies a session.

Every table's primary key starts with `session`. A snapshot is a session that nobody writes to, and so is the loaded scenario;
reset, snapshot, restore and first use are all copy_session().
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from types import TracebackType
from typing import Any

import orjson
from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Delete,
    Double,
    Engine,
    Insert,
    Integer,
    MetaData,
    StaticPool,
    Table,
    Text,
    bindparam,
    create_engine,
    delete,
    event,
    insert,
    inspect,
    make_url,
    select,
    text,
    update,
)
from sqlalchemy.engine import URL
from sqlalchemy.engine import Connection as SchemaConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection

from mock_server.errors import BootError, Problem
from mock_server.statements import Connection, Statements

metadata = MetaData()

# Text that both databases compare by code point; it is what "ordered by title" means here.
CodePointText = Text().with_variant(Text(collation="C"), "postgresql")

sessions = Table(
    "sessions",
    metadata,
    Column("session", CodePointText, primary_key=True),
    Column("scenario", Text, nullable=False),
    # How many ids the session has drawn: the next one follows from it and the seed.
    Column("counter", Integer, nullable=False),
    # When somebody asked for something in it, in seconds since the epoch, to ten seconds or so.
    Column("used_at", Double, nullable=False),
    # Its clock and its faults, if there is anything to say of them; conditions.py knows how.
    Column("conditions", JSON(none_as_null=True), nullable=True),
)

# Which tables the database was made for, as _fingerprint() tells.
_made_for = Table("mock_server_tables", metadata, Column("fingerprint", Text, primary_key=True), info={"state": False})

MEMORY = "sqlite://"
# Up to the last @, which people forget to write as %40; also in what lacks a slash or its beginning.
_PASSWORD = re.compile(r"(:(?!//)(?=[^\s]*@))[^\s]*(?=@)|([?&]\w*password=)[^&\s]+", re.IGNORECASE)
_BUSY_SECONDS = 30


class Store:
    """One database, in memory, in an SQLite file or in PostgreSQL; the code above it is the same for all."""

    def __init__(self, database_url: str | None) -> None:
        """Connects and makes the tables that are missing. Raises BootError where that fails."""
        url = _parse(database_url or MEMORY)
        self.shared = not (url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"))
        try:
            self._engine = _engine(url, shared=self.shared)
            with self._engine.begin() as connection:
                connection.execute(text(_LOCK_SCHEMA[self._engine.dialect.name]))
                _make_tables(connection)
        except DBAPIError as error:
            raise BootError(f"database {without_password(database_url or MEMORY)}: {_reason(error)}") from error
        self._dialect = self._engine.dialect
        self._sqlite = self._dialect.name == "sqlite"
        self._statements = Statements(self._dialect)
        self._write_refused = False
        # In memory there is one connection, so transactions take turns; elsewhere the database arranges that.
        self._turn = threading.RLock()
        self._memory = None
        if self.shared:
            self._engine.dispose()  # those to come are the ones that are listened for
            event.listen(self._engine, "connect", _leave_transactions_alone)
        else:
            driver = self._engine.raw_connection().driver_connection
            _leave_transactions_alone(driver)
            self._memory = Connection(driver, self._statements)

    def transaction(self, session: str | None, *, write: bool) -> AbstractContextManager[Connection]:
        """A transaction that commits at the end of the block and rolls back on any exception.

        Writers of one session take turns (of none, with None), readers see one state throughout and wait for nobody. Raises
        Problem 503 where the database cannot be used (a full disk, a lost connection).
        """
        if self._memory is not None:
            return _InMemory(self._turn, self._memory, write=write)
        return self._pooled(session, write=write)

    def lock(self, connection: Connection, session: str) -> None:
        """Keep other writers of the session waiting until the end of the transaction. SQLite has one writer at a time anyway."""
        if not self._sqlite:
            connection.execute(_LOCK_SESSION, {"session": session})

    @contextlib.contextmanager
    def _pooled(self, session: str | None, *, write: bool) -> Iterator[Connection]:
        try:
            pooled = self._begun(_BEGIN[self._dialect.name, write])
            connection = Connection(pooled.driver_connection, self._statements)
            try:
                if write and session is not None:
                    self.lock(connection, session)
                yield connection
            except BaseException:
                self._end(pooled, "ROLLBACK")
                raise
            if error := self._end(pooled, "COMMIT"):
                raise error
        except OperationalError as error:
            # One that is locked is only waited for too long.
            self._write_refused = write and "locked" not in str(error.orig)
            raise _database_refused(error) from error

    def _begun(self, begin: str, *, again: bool = True) -> PoolProxiedConnection:
        """A connection in a new transaction. One that the database has closed in the meantime is replaced, with all others."""
        try:
            pooled = self._engine.raw_connection()
            driver: Any = pooled.driver_connection
        except self._statements.error as error:
            raise self._statements.translated(error) from error
        try:
            driver.execute(begin)
        except self._statements.error as error:
            gone = self._dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type]  # it is what is asked for
            pooled.invalidate()
            if not (gone and again):
                raise self._statements.translated(error) from error
            self._engine.dispose()
            return self._begun(begin, again=False)
        return pooled

    def _end(self, pooled: PoolProxiedConnection, how: str) -> Exception | None:
        """Why the transaction could not end so; the connection is given up then, which rolls it back."""
        driver: Any = pooled.driver_connection
        try:
            driver.execute(how)
        except self._statements.error as error:
            pooled.invalidate()
            return self._statements.translated(error)
        pooled.close()
        return None

    def fault(self) -> str | None:
        """Why the database cannot be used at present; None if it can. It is written only where that was refused before."""
        again = self._write_refused
        try:
            with self.transaction(None, write=again) as connection:
                connection.execute(_TOUCH if again else _ANY_SESSION)
            self._write_refused = False
        except Problem as problem:
            return problem.detail
        except SQLAlchemyError as error:
            return f"the database cannot be used: {_reason(error)}"
        return None

    def close(self) -> None:
        """Give the connections back; the store opens new ones when it is used again."""
        self._engine.dispose()


class _InMemory:
    """A transaction of the one connection; whose turn it is to read is alone, so it needs no BEGIN and COMMIT."""

    __slots__ = ("_connection", "_turn", "_write")

    def __init__(self, turn: AbstractContextManager[object], connection: Connection, *, write: bool) -> None:
        self._turn = turn
        self._connection = connection
        self._write = write

    def __enter__(self) -> Connection:
        self._turn.__enter__()
        if self._write:
            self._connection.driver.execute("BEGIN")
        return self._connection

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            if self._write:
                self._connection.driver.execute("COMMIT" if kind is None else "ROLLBACK")
        finally:
            self._turn.__exit__(kind, error, trace)
        if isinstance(error, OperationalError):
            raise _database_refused(error) from error


def _database_refused(error: OperationalError) -> Problem:
    return Problem(503, f"the database cannot be used: {_reason(error)}")


# PostgreSQL's default shows a reader what others commit between two of its statements.
_BEGIN = {
    ("sqlite", False): "BEGIN",
    ("sqlite", True): "BEGIN IMMEDIATE",
    ("postgresql", False): "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    ("postgresql", True): "BEGIN",
}
_LOCK_SCHEMA = {"sqlite": "BEGIN IMMEDIATE", "postgresql": "SELECT pg_advisory_xact_lock(0)"}
_ANY_SESSION = select(sessions.c.session).limit(1)
_TOUCH = update(_made_for).values(fingerprint=_made_for.c.fingerprint)


def _make_tables(connection: SchemaConnection) -> None:
    """Make the tables where there are none. Raises BootError where there are those of another version."""
    present = set(inspect(connection).get_table_names())
    if present.isdisjoint(metadata.tables):
        metadata.create_all(connection)
        connection.execute(insert(_made_for), {"fingerprint": _fingerprint()})
    elif _made_for.name not in present or connection.execute(select(_made_for.c.fingerprint)).scalar() != _fingerprint():
        url = without_password(connection.engine.url.render_as_string(hide_password=False))
        raise BootError(
            f"database {url}: its tables are of another version of the mock server, or of another program; use another database,"
            " or delete this one"
        )


def _fingerprint() -> str:
    columns = (column for table in metadata.sorted_tables for column in table.columns)
    lines = (f"{column} {column.type!r} {column.primary_key} {column.nullable}" for column in columns)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


_LOCK_SESSION = text("SELECT pg_advisory_xact_lock(hashtext(:session))")


def copy_session(connection: Connection, source: str, target: str, now: datetime) -> None:
    """Make target hold exactly what source holds; what target held before is gone. It counts as used now."""
    if connection.execute(_FIND_SESSION, {"target": target}).first() is not None:
        delete_session(connection, target)
    values = {"source": source, "target": target, "now": now.timestamp()}
    for copy, _ in _statements(tuple(metadata.tables)):
        connection.execute(copy, values)


def delete_session(connection: Connection, session: str) -> None:
    """Remove the session's state."""
    for _, remove in reversed(_statements(tuple(metadata.tables))):
        connection.execute(remove, {"target": session})


_FIND_SESSION = select(sessions.c.session).where(sessions.c.session == bindparam("target"))


@functools.cache
def _statements(_known: tuple[str, ...]) -> list[tuple[Insert, Delete]]:
    """For each table how to copy and how to delete a session, parents first; one with `info={"state": False}` has no state.

    _known are all tables that there are: a process may serve one API first and the other one later.
    """
    return [(_copy(table), _delete(table)) for table in metadata.sorted_tables if table.info.get("state", True)]


def _copy(table: Table) -> Insert:
    given: dict[str, ColumnElement[Any]] = {"session": bindparam("target", type_=Text).label("session")}
    if table is sessions:
        given["used_at"] = bindparam("now", type_=Double).label("used_at")
    columns = [given.get(c.name, c) for c in table.columns]
    query = select(*columns).where(table.c.session == bindparam("source"))
    return insert(table).from_select([c.name for c in table.columns], query)


def _delete(table: Table) -> Delete:
    return delete(table).where(table.c.session == bindparam("target"))


def _parse(database_url: str) -> URL:
    try:
        url = make_url(database_url)
        url.get_dialect()
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        raise BootError(f"--database-url {without_password(database_url)}: {_reason(error)}") from error
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


def _engine(url: URL, *, shared: bool) -> Engine:
    try:
        if url.get_backend_name() == "postgresql":
            return create_engine(url, pool_size=8, max_overflow=24, pool_reset_on_return=None, **_JSON)
        pool = {} if shared else {"poolclass": StaticPool}
        options = {"timeout": _BUSY_SECONDS, "check_same_thread": False, "cached_statements": 512}
        engine = create_engine(url, connect_args=options, paramstyle="named", pool_reset_on_return=None, **pool, **_JSON)
    except ImportError as error:
        raise BootError(f"--database-url needs the extra `postgres`: {error}") from error
    event.listen(engine, "connect", _configure_sqlite)
    return engine


def _leave_transactions_alone(connection: Any, _record: object = None) -> None:
    """The driver begins and ends none by itself: the store does."""
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


def _reason(error: Exception) -> str:
    cause = getattr(error, "orig", None) or error
    text = without_password(str(cause)).strip()
    return text.splitlines()[0] if text else type(cause).__name__


def without_password(text: str) -> str:
    """The text with the passwords of database URLs in it replaced by ***; also that of a URL which cannot be parsed."""
    return _PASSWORD.sub(r"\1\2***", text)
