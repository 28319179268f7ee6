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
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from mock_server.databases import Link, leave_transactions_alone, links, make_engine, parse, reason, without_password
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
_MOST_IDLE = 8


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
        self._idle: list[Link] = []
        if self.shared:
            self._make_link = links(self._engine)
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
        return self._linked(session, write=write)

    def lock(self, connection: Connection, session: str) -> None:
        """Keep other writers of the session waiting until the end of the transaction. SQLite has one writer at a time anyway."""
        if not self._sqlite:
            connection.execute(_LOCK_SESSION, {"session": session})

    @contextlib.contextmanager
    def _linked(self, session: str | None, *, write: bool) -> Iterator[Connection]:
        try:
            link = self._begun(session, write=write)
            try:
                yield Connection(link.cursor, self._statements)
            except BaseException:
                self._end(link, "ROLLBACK")
                raise
            if error := self._end(link, "COMMIT"):
                raise error
        except OperationalError as error:
            # One that is locked is only waited for too long.
            self._write_refused = write and "locked" not in str(error.orig)
            raise _database_refused(error) from error

    def _begun(self, session: str | None, *, write: bool) -> Link:
        link = None
        try:
            link = self._unused()
            link.begin(session, write=write)
        except self._statements.error as error:
            if link:
                link.close()
            raise self._statements.translated(error) from error
        return link

    def _unused(self) -> Link:
        with contextlib.suppress(IndexError):
            return self._idle.pop()
        return self._make_link()

    def _end(self, link: Link, how: str) -> Exception | None:
        """Why the transaction could not end so; the link is given up then, which rolls it back."""
        try:
            link.end(how)
        except self._statements.error as error:
            link.close()
            return self._statements.translated(error)
        if len(self._idle) < _MOST_IDLE:
            self._idle.append(link)
        else:
            link.close()
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
        """Close the connections that nobody uses; the store opens new ones when it is used again."""
        while self._idle:
            self._idle.pop().close()


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


_ANY_SESSION = select(sessions.c.session).limit(1)
_TOUCH = update(revision).values(version_num=revision.c.version_num)

_LOCK_SESSION = text("SELECT pg_advisory_xact_lock(hashtext(:session))")
