"""The database: one engine, one way into a transaction, one schema. Every table's primary key starts with `session`."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Double,
    Integer,
    MetaData,
    Table,
    Text,
    event,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import PoolProxiedConnection

from mock_server.databases import leave_transactions_alone, make_engine, parse, reason, without_password
from mock_server.errors import BootError, Problem
from mock_server.migrations import prepare, revision
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

MEMORY = "sqlite://"


class Store:
    """One database, in memory, in an SQLite file or in PostgreSQL; the code above it is the same for all."""

    def __init__(self, database_url: str | None) -> None:
        """Connects, and makes the tables or brings them up to date. Raises BootError where that fails."""
        url = parse(database_url or MEMORY)
        self.shared = not (url.get_backend_name() == "sqlite" and url.database in (None, "", ":memory:"))
        try:
            self._engine = make_engine(url, shared=self.shared)
            with self._engine.connect() as connection:
                prepare(connection, metadata)
        except DBAPIError as error:
            raise BootError(f"database {without_password(database_url or MEMORY)}: {reason(error)}") from error
        self._dialect = self._engine.dialect
        self._sqlite = self._dialect.name == "sqlite"
        self._statements = Statements(self._dialect)
        self._write_refused = False
        # In memory there is one connection, so transactions take turns; elsewhere the database arranges that.
        self._turn = threading.RLock()
        self._memory = None
        if self.shared:
            self._engine.dispose()  # those to come are the ones that are listened for
            event.listen(self._engine, "connect", leave_transactions_alone)
        else:
            driver: Any = self._engine.raw_connection().driver_connection
            leave_transactions_alone(driver)
            self._memory = Connection(driver.cursor(), self._statements)

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
            connection = Connection(_cursor(pooled), self._statements)
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
            cursor = _cursor(pooled)
        except self._statements.error as error:
            raise self._statements.translated(error) from error
        try:
            cursor.execute(begin)
        except self._statements.error as error:
            gone = self._dialect.is_disconnect(error, cursor.connection, None)  # type: ignore[arg-type]  # it is what is asked for
            pooled.invalidate()
            if not (gone and again):
                raise self._statements.translated(error) from error
            self._engine.dispose()
            return self._begun(begin, again=False)
        return pooled

    def _end(self, pooled: PoolProxiedConnection, how: str) -> Exception | None:
        """Why the transaction could not end so; the connection is given up then, which rolls it back."""
        try:
            _cursor(pooled).execute(how)
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
            return f"the database cannot be used: {reason(error)}"
        return None

    def close(self) -> None:
        """Give the connections back; the store opens new ones when it is used again."""
        self._engine.dispose()


def _cursor(pooled: PoolProxiedConnection) -> Any:
    """The one cursor of a connection: psycopg takes as long to make one as for half a statement."""
    known = pooled.info.get("cursor")
    if known is None:
        known = pooled.info["cursor"] = pooled.cursor()
    return known


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
    return Problem(503, f"the database cannot be used: {reason(error)}")


# PostgreSQL's default shows a reader what others commit between two of its statements.
_BEGIN = {
    ("sqlite", False): "BEGIN",
    ("sqlite", True): "BEGIN IMMEDIATE",
    ("postgresql", False): "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    ("postgresql", True): "BEGIN",
}
_ANY_SESSION = select(sessions.c.session).limit(1)
_TOUCH = update(revision).values(version_num=revision.c.version_num)

_LOCK_SESSION = text("SELECT pg_advisory_xact_lock(hashtext(:session))")
