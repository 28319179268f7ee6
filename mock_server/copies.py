"""Copies a session, and deletes one.

A snapshot is a session that nobody writes to, and so is the loaded scenario; reset, snapshot, restore and first use are all
copy_session().
"""

from __future__ import annotations

import functools
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Delete, Double, Insert, Table, Text, bindparam, delete, insert, select

from mock_server.statements import Connection
from mock_server.store import metadata, sessions


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
