"""A connection to PostgreSQL on which a statement is one call of libpq: what psycopg's cursor does besides costs twice that."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import psycopg
from psycopg import generators, waiting
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import Escaping, ExecStatus, Format
from psycopg.pq.abc import PGresult

Values: TypeAlias = dict[str, Any]
_Dumped: TypeAlias = tuple[Sequence[Any], Sequence[Format] | None]

# PostgreSQL's default shows a reader what others commit between two of its statements.
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
_LOCK = "PREPARE lock(text) AS SELECT pg_advisory_xact_lock(hashtext($1))"
_DOUBLE = psycopg.postgres.types["float8"].oid
_AT_ONCE = 500  # rows: what is answered to them has room on its way until it is read
_WAIT_SECONDS = 0.1  # without any, psycopg looks again and again
_PARAMETER = re.compile(r"%\((\w+)\)s")


@dataclass(slots=True)
class _Prepared:
    """A statement that the server knows by that name; parameters are in the order of its numbers. What its rows have is known
    once it has been run: None then means that it has none."""

    name: bytes
    parameters: Sequence[str]
    description: list[tuple[str, int]] | None = None


class PostgresLink:
    """A connection that reads and one that writes, each made when it is first needed; cursor is the one of the transaction."""

    cursor: Cursor

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]]) -> None:
        self._connect = connect
        self._cursors: dict[bool, Cursor] = {}

    def begin(self, session: str | None, *, write: bool) -> None:
        """To write, a session waits for the others that write in it. Raises psycopg.Error."""
        if write not in self._cursors:
            self._cursors[write] = Cursor(self._connect, write=write)
        self.cursor = self._cursors[write]
        self.cursor.begin(session)

    def end(self, how: str) -> None:
        """how is COMMIT or ROLLBACK. Raises psycopg.Error."""
        self.cursor.end(how)

    def close(self) -> None:
        for cursor in self._cursors.values():
            cursor.close()


class Cursor:
    """What statements use of a cursor, with the transactions of its connection, in all of which it reads or in all writes.

    One that reads stands in a transaction that has seen nothing yet. So it needs no BEGIN, and does not wait for what ends it.
    A connection that was lost in the meantime is replaced when the next transaction's first statement finds out.
    """

    def __init__(self, connect: Callable[[], psycopg.Connection[Any]], *, write: bool) -> None:
        """Raises psycopg.Error, as all methods do but close()."""
        self._connect = connect
        self._write = write
        self.description: list[tuple[str, int]] | None = None
        self.rowcount = -1
        self._open()

    def _open(self) -> None:
        self._connection = self._connect()
        self._libpq = self._connection.pgconn
        self._transformer = Transformer.from_context(self._connection)
        self._prepared: dict[str, _Prepared] = {}
        self._command(_LOCK if self._write else _READ)

    def begin(self, session: str | None) -> None:
        self._untouched = True
        if self._write:
            self._first(self._begin, session)

    def _begin(self, session: str | None) -> None:
        lock = f"; EXECUTE lock({Escaping(self._libpq).escape_literal(session.encode()).decode()})" if session else ""
        self._command(f"BEGIN{lock}")

    def end(self, how: str) -> None:
        if self._write:
            self._command(how)
        else:
            with contextlib.suppress(psycopg.OperationalError):  # it is lost, but all has been read
                self._libpq.send_query(b"ROLLBACK AND CHAIN")

    def close(self) -> None:
        self._connection.close()

    def execute(self, sql: str, values: Values = {}) -> Cursor:  # noqa: B006 - nobody changes it
        """sql is as for psycopg, with parameters by name, and is prepared when it is run first."""
        self._first(self._execute, sql, values)
        return self

    def executemany(self, sql: str, rows: Sequence[Values]) -> None:
        """The same for each of the rows, of which none waits for the one before; what they answer is thrown away."""
        prepared = self._prepared.get(sql) or self._prepare(sql, rows[0])
        for start in range(0, len(rows), _AT_ONCE):
            self._pipeline(prepared.name, [self._dumped(prepared, row) for row in rows[start : start + _AT_ONCE]])
        self.description, self.rowcount = None, len(rows)

    def _pipeline(self, name: bytes, rows: Sequence[_Dumped]) -> None:
        self._libpq.enter_pipeline_mode()
        for row in rows:
            self._libpq.send_query_prepared(name, *row)
        self._libpq.pipeline_sync()
        results = [self._fetched() for _ in (*rows, "sync")]
        self._libpq.exit_pipeline_mode()
        for result in results[:-1]:
            self._checked(result)

    def _fetched(self) -> PGresult:
        found: list[PGresult] = waiting.wait(generators.fetch_many(self._libpq), self._libpq.socket, _WAIT_SECONDS)
        return found[0]

    def fetchall(self) -> list[Any]:
        self._transformer.set_pgresult(self._result)
        return self._transformer.load_rows(0, self._result.ntuples, tuple)

    def _first(self, do: Callable[..., None], *arguments: Any) -> None:
        try:
            do(*arguments)
        except psycopg.OperationalError:
            if not (self._untouched and self._connection.closed):
                raise
            self._open()
            do(*arguments)
        self._untouched = False

    def _execute(self, sql: str, values: Values) -> None:
        prepared = self._prepared.get(sql) or self._prepare(sql, values)
        result = self._libpq.exec_prepared(prepared.name, *self._dumped(prepared, values), Format.BINARY)
        self._result = self._checked(result)
        if self._result.nfields and prepared.description is None:
            columns = range(self._result.nfields)
            prepared.description = [((self._result.fname(c) or b"").decode(), self._result.ftype(c)) for c in columns]
        self.description, self.rowcount = prepared.description, self._result.command_tuples or 0

    def _dumped(self, prepared: _Prepared, values: Values) -> _Dumped:
        given = [values[name] for name in prepared.parameters]
        # Not as psycopg chooses: each size of a number would be another statement. Bytes come wrapped from SQLAlchemy.
        kinds = [PyFormat.BINARY if isinstance(value, psycopg.Binary) else PyFormat.TEXT for value in given]
        dumped = self._transformer.dump_sequence(given, kinds)
        return dumped, self._transformer.formats

    def _prepare(self, sql: str, values: Values) -> _Prepared:
        names = list(dict.fromkeys(_PARAMETER.findall(sql)))
        numbered = _PARAMETER.sub(lambda found: f"${names.index(found[1]) + 1}", sql).replace("%%", "%")
        prepared = _Prepared(b"s%d" % len(self._prepared), names)
        # All but these follow from the SQL, which has casts.
        kinds = [_DOUBLE if isinstance(values[name], float) else 0 for name in names]
        self._checked(self._libpq.prepare(prepared.name, numbered.encode(), kinds))
        self._prepared[sql] = prepared
        return prepared

    def _command(self, sql: str) -> None:
        self._checked(self._libpq.exec_(sql.encode()))

    def _checked(self, result: PGresult) -> PGresult:
        if result.status in (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK):
            return result
        if self._connection.closed:
            raise psycopg.OperationalError(self._libpq.get_error_message())
        raise error_from_result(result)
