"""Statements of SQLAlchemy, compiled once for a database and run by its driver.

SQLAlchemy writes the SQL and the schema. What else it does at each execution costs ten times as much as SQLite itself.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

from sqlalchemy import ARRAY, JSON, Boolean, ColumnElement, Dialect, Insert, bindparam
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.base import Executable
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine

Row: TypeAlias = Any  # a named tuple of the columns; which ones, only the statement knows
Values: TypeAlias = dict[str, Any]


class Rows(list[Any]):
    """What a statement answered; rowcount is how many rows it changed."""

    rowcount = -1

    def all(self) -> Rows:
        return self

    def first(self) -> Row | None:
        return self[0] if self else None

    def one(self) -> Row:
        """The only row. Raises ValueError if there are none or several."""
        (row,) = self
        return row

    def scalars(self) -> Rows:
        """The first column."""
        return Rows(row[0] for row in self)

    def scalar(self) -> Any:
        """The first column of the first row; None if there is no row."""
        return self[0][0] if self else None

    def scalar_one(self) -> Any:
        return self.one()[0]


class Connection:
    """A connection of the driver in whose transaction statements run; driver is its one cursor."""

    __slots__ = ("_statements", "driver")

    def __init__(self, driver: Any, statements: Statements) -> None:
        self.driver = driver
        self._statements = statements

    def on(self, driver: Any) -> Connection:
        """The same statements on another cursor."""
        return Connection(driver, self._statements)

    def execute(self, statement: Executable, values: Values | Sequence[Values] = {}) -> Rows:  # noqa: B006 - nobody changes it
        """Run a statement with its bound values; an INSERT with a list of them adds a row for each.

        A statement is compiled when it is first run, and kept: it has to be a constant of a module. Raises
        sqlalchemy.exc.DBAPIError.
        """
        compiled = self._statements.get(statement) or self._statements.add(statement, values)
        try:
            return compiled.run(self.driver, values)
        except self._statements.error as error:
            raise self._statements.translated(error) from error


# By kind of database: for a second one of a kind, nothing is compiled again.
_COMPILED: dict[str, dict[Executable, _Compiled]] = {}


class Statements:
    """The compiled statements of one database."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self.error: type[Exception] = dialect.loaded_dbapi.Error
        self._compiled = _COMPILED.setdefault(dialect.name, {})
        self.get = self._compiled.get

    def translated(self, error: Exception) -> Exception:
        """SQLAlchemy's kind of an error of the driver: its kinds have the same names for all databases."""
        found: Exception = DBAPIError.instance("statement", None, error, self.error)
        return found

    def add(self, statement: Executable, values: Values | Sequence[Values]) -> _Compiled:
        compiled = self._compiled[statement] = _Compiled(statement, values, self._dialect)
        return compiled


class _Compiled:
    """One statement for one database; an INSERT always has the columns of the first values that it was run with."""

    def __init__(self, statement: Any, values: Values | Sequence[Values], dialect: Dialect) -> None:
        first = values if isinstance(values, dict) else values[0]
        columns = list(first) if isinstance(statement, Insert) and first else None
        compiled = statement.compile(dialect=dialect, column_keys=columns)
        self.sql: str = compiled.string
        self._dialect = dialect
        self._given = columns and frozenset(columns)
        binds = {name: bind for bind, name in compiled.bind_names.items()}
        self._defaults = {name: bind.effective_value for name, bind in binds.items() if not bind.required}
        encoders = ((name, bind.type.dialect_impl(dialect).bind_processor(dialect)) for name, bind in binds.items())
        self._encoders = [(name, encode) for name, encode in encoders if encode]
        self._types: list[TypeEngine[Any]] = [column.type for column in getattr(statement, "exported_columns", ())]
        self._make: Callable[[Sequence[Any]], Row] | None = None

    def run(self, driver: Any, values: Values | Sequence[Values]) -> Rows:
        if not isinstance(values, dict) and len(values) == 1:
            values = values[0]  # psycopg makes much of many
        if isinstance(values, dict):
            cursor = driver.execute(self.sql, self._bound(values))
        else:
            cursor = driver
            driver.executemany(self.sql, [self._bound(row) for row in values])
        if cursor.description is None:
            rows = Rows()
            rows.rowcount = cursor.rowcount
            return rows
        return Rows(map(self._make or self._maker(cursor.description), cursor.fetchall()))

    def _bound(self, values: Values) -> Values:
        if self._given and self._given != values.keys():
            raise ValueError(f"{self.sql} has other columns than {', '.join(values)}")
        if not self._defaults and not self._encoders:
            return values
        bound = {**self._defaults, **values}
        for name, encode in self._encoders:
            bound[name] = encode(bound[name])
        return bound

    def _maker(self, description: Sequence[Any]) -> Callable[[Sequence[Any]], Row]:
        names = [column[0] for column in description]
        # What its own _make() does, but for looking at the number of values.
        make = partial(tuple.__new__, namedtuple("Row", names))  # noqa: PYI024 - known only now
        found = (
            kind.dialect_impl(self._dialect).result_processor(self._dialect, column[1])
            for kind, column in zip(self._types, description, strict=False)  # a text has no types
        )
        decoders = [(place, decode) for place, decode in enumerate(found) if decode]

        def decoded(raw: Sequence[Any]) -> Row:
            row = list(raw)
            for place, decode in decoders:
                row[place] = decode(row[place])
            return make(row)

        self._make = decoded if decoders else make
        return self._make


class _Items(TypeDecorator[Any]):
    """A list as one bound value: JSON in SQLite, an array in PostgreSQL."""

    impl = JSON
    cache_ok = True

    def __init__(self, kind: TypeEngine[Any]) -> None:
        super().__init__()
        self._kind = kind

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(ARRAY(self._kind) if dialect.name == "postgresql" else JSON())


class _Among(FunctionElement[bool]):
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: object = None) -> _Among:  # noqa: ARG002 - the signature is SQLAlchemy's
        """As it is: with the `= 1` that SQLAlchemy would add, SQLite finds no index for it."""
        return self


class _HasAll(_Among):
    inherit_cache = True


def among(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether the column is one of a list, which is bound as one value: in_() would be another statement for each length."""
    return _Among(column, bindparam(name, type_=_Items(column.type)))


def has_all(column: ColumnElement[str], name: str) -> ColumnElement[bool]:
    """Whether the text has all words of a bound list in it."""
    return _HasAll(column, bindparam(name, type_=_Items(column.type)))


@compiles(_Among, "sqlite")
def _among_sqlite(element: _Among, compiler: Any, **options: Any) -> str:
    column, items = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({items}))"  # noqa: S608 - no values


@compiles(_Among, "postgresql")
def _among_postgresql(element: _Among, compiler: Any, **options: Any) -> str:
    column, items = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY ({items})"


@compiles(_HasAll, "sqlite")
def _has_all_sqlite(element: _HasAll, compiler: Any, **options: Any) -> str:
    column, items = (compiler.process(clause, **options) for clause in element.clauses)
    return f"NOT EXISTS (SELECT 1 FROM json_each({items}) WHERE instr({column}, value) = 0)"  # noqa: S608 - no values


@compiles(_HasAll, "postgresql")
def _has_all_postgresql(element: _HasAll, compiler: Any, **options: Any) -> str:
    column, items = (compiler.process(clause, **options) for clause in element.clauses)
    return f"NOT EXISTS (SELECT 1 FROM unnest({items}) AS word WHERE strpos({column}, word) = 0)"  # noqa: S608 - no values
