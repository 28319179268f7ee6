"""The state of a session as it lies in the database: tables and rows, with passwords and secrets masked."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import ColumnElement, LargeBinary, Select, Table, bindparam, func, select

from mock_server.errors import not_found
from mock_server.journal import masked
from mock_server.statements import Connection
from mock_server.store import metadata

ROWS = 50
# With the code of a login by OpenID, its tokens can be had. As a key of JSON it is harmless, so the journal does not mask it.
_SECRET_COLUMNS = ("code",)


def counts(connection: Connection, session: str, apis: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """The tables of each API with their numbers of rows."""
    return {
        api: [
            {"table": name, "rows": connection.execute(_count(table), {"of": session}).scalar()} for name, table in _tables(api)
        ]
        for api in apis
    }


def rows(connection: Connection, session: str, api: str, name: str, offset: int) -> dict[str, Any]:
    """ROWS rows of a table, and where those after them begin, if there are any. Raises Problem 404 for an unknown table."""
    table = dict(_tables(api)).get(name)
    if table is None:
        raise not_found("table", f"{api}/{name}")
    found = connection.execute(_select(table), {"of": session, "offset": offset})
    shown = [masked({key: "***" if key in _SECRET_COLUMNS else value for key, value in row._asdict().items()}) for row in found]
    return {"rows": shown[:ROWS], "next": offset + ROWS if len(shown) > ROWS else None}


def _tables(api: str) -> Iterator[tuple[str, Table]]:
    """By their names without the prefix, which is how the API's name begins: `cas_tickets`."""
    for table in metadata.sorted_tables:
        prefix, _, name = table.name.partition("_")
        if api.startswith(prefix) and "session" in table.primary_key:
            yield name, table


@functools.cache
def _count(table: Table) -> Select[Any]:
    return select(func.count()).select_from(table).where(table.c.session == bindparam("of"))


@functools.cache
def _select(table: Table) -> Select[Any]:
    """Of files the number of bytes alone."""
    shown: list[ColumnElement[Any]] = [
        func.length(column).label(f"{column.name}_bytes") if isinstance(column.type, LargeBinary) else column
        for column in table.columns
        if column.name != "session"
    ]
    return (
        select(*shown)
        .where(table.c.session == bindparam("of"))
        .order_by(*table.primary_key)
        .limit(ROWS + 1)
        .offset(bindparam("offset"))
    )
