"""Copies a session, and deletes one.

A snapshot is a session that nobody writes to, and so is the loaded scenario; reset, snapshot, restore and first use are all
copy_session().
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Delete,
    Double,
    Insert,
    Select,
    Table,
    Text,
    bindparam,
    cast,
    delete,
    func,
    insert,
    select,
)

from mock_server.statements import Connection
from mock_server.store import metadata, sessions


def copy_session(connection: Connection, source: str, target: str, now: datetime) -> None:
    """Make target hold exactly what source holds; what target held before is gone. It counts as used now."""
    values = {"source": source, "target": target, "now": now.timestamp()}
    tables = _tables(tuple(metadata.tables))
    if connection.execute(_FIND_SESSION, {"target": target}).first() is None:
        for table in tables:
            connection.execute(table.copy, values)
        return
    # Mostly it was copied from the same source, and few rows are others: to compare one is half the price of writing it.
    for table in reversed(tables):
        connection.execute(table.delete_others, values)
    for table in tables:
        connection.execute(table.copy_missing, values)


def delete_session(connection: Connection, session: str) -> None:
    """Remove the session's state."""
    for table in reversed(_tables(tuple(metadata.tables))):
        connection.execute(table.delete, {"target": session})


_FIND_SESSION = select(sessions.c.session).where(sessions.c.session == bindparam("target"))


@dataclass(frozen=True, slots=True)
class _Statements:
    """What is done to one table: delete_others leaves the rows that source has too, copy_missing adds what it has besides."""

    copy: Insert
    delete: Delete
    delete_others: Delete
    copy_missing: Insert


@functools.cache
def _tables(_known: tuple[str, ...]) -> list[_Statements]:
    """How to copy and how to delete a session, parents first; a table with `info={"state": False}` has no state.

    _known are all tables that there are: a process may serve one API first and the other one later.
    """
    return [_statements(table) for table in metadata.sorted_tables if table.info.get("state", True)]


def _statements(table: Table) -> _Statements:
    other = table.alias("other")
    key = [other.c[c.name] == c for c in table.primary_key if c.name != "session"]
    same = [_comparable(other.c[c.name]).is_not_distinct_from(_comparable(c)) for c in table.c if c not in set(table.primary_key)]
    all_of = delete(table).where(table.c.session == bindparam("target"))
    alike = select(other).where(other.c.session == bindparam("source"), *key, *same).correlate(table).exists()
    there = select(other).where(other.c.session == bindparam("target"), *key).correlate(table).exists()
    complete = _number(table, "source").scalar_subquery() == _number(table, "target").scalar_subquery()
    return _Statements(
        copy=_copy(table),
        delete=all_of,
        # When a session was used is its own, so of that table its row is always another.
        delete_others=all_of if table is sessions else all_of.where(~alike),
        copy_missing=_copy(table, ~complete, ~there),
    )


def _copy(table: Table, *conditions: ColumnElement[bool]) -> Insert:
    given: dict[str, ColumnElement[Any]] = {"session": bindparam("target", type_=Text).label("session")}
    if table is sessions:
        given["used_at"] = bindparam("now", type_=Double).label("used_at")
    columns = [given.get(c.name, c) for c in table.columns]
    query = select(*columns).where(table.c.session == bindparam("source"), *conditions)
    return insert(table).from_select([c.name for c in table.columns], query)


def _number(table: Table, session: str) -> Select[int]:
    counted = table.alias("counted")
    return select(func.count()).select_from(counted).where(counted.c.session == bindparam(session))


def _comparable(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """PostgreSQL compares no JSON, but its text."""
    return cast(column, Text) if isinstance(column.type, JSON) else column
