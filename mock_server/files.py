"""The bytes of uploaded files: kept once, however many sessions and snapshots refer to them.

A session's tables refer to a file by its id, in a column of reference(). So a copy of a session copies no bytes. A file that
nobody refers to any more is dropped by sweep().
"""

from __future__ import annotations

import functools
from typing import Any

from sqlalchemy import (
    Column,
    CompoundSelect,
    Delete,
    Integer,
    LargeBinary,
    Select,
    Table,
    bindparam,
    delete,
    func,
    insert,
    select,
    union_all,
)

from mock_server.statements import Connection
from mock_server.store import metadata

# size counts what a row takes besides the content.
files = Table(
    "files",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    info={"state": False},
)

_AT_A_TIME = 2  # of files that may have 10 MB, for as long as which others wait
_ROW_BYTES = 1_000
_INSERT = insert(files).returning(files.c.id)
_DELETE = delete(files).where(files.c.id == bindparam("id"))
_TOTAL = select(func.sum(files.c.size).label("size"))


def reference(name: str) -> Column[int]:
    """A column of a session's table that refers to a file."""
    return Column(name, Integer, nullable=False, info={"refers to": "files"})


def keep(connection: Connection, content: bytes) -> int:
    """The id of a new file, greater than those of older ones."""
    file_id: int = connection.execute(_INSERT, {"size": len(content) + _ROW_BYTES, "content": content}).scalar_one()
    return file_id


def total(connection: Connection) -> int:
    """The bytes of all files."""
    return connection.execute(_TOTAL).scalar() or 0


def references(connection: Connection) -> list[tuple[str, int, int]]:
    """For each file of each session and snapshot: whose it is, its id and its bytes; oldest first, some more than once."""
    return [(key, file_id, size) for key, file_id, size in connection.execute(_withfiles())]


def drop(connection: Connection, file_ids: list[int]) -> None:
    """Drop files, and every row that refers to one."""
    _delete(connection, file_ids)
    for statement in _dangling():
        connection.execute(statement)


def sweep(connection: Connection) -> int:
    """Drop some of the files that nobody refers to; how many bytes that were, so 0 when there are none left."""
    unused = connection.execute(_unused()).all()
    _delete(connection, [row.id for row in unused])
    return sum(row.size for row in unused)


def _delete(connection: Connection, file_ids: list[int]) -> None:
    if file_ids:
        connection.execute(_DELETE, [{"id": file_id} for file_id in file_ids])


def _columns() -> list[Column[Any]]:
    return [column for table in metadata.sorted_tables for column in table.c if "refers to" in column.info]


# Made when they are first used: by then the tables of the APIs are known.
@functools.cache
def _references() -> CompoundSelect[Any]:
    return union_all(*(select(column.table.c.session, column.label("file_id")) for column in _columns()))


@functools.cache
def _withfiles() -> Select[Any]:
    used = _references().subquery()
    query = select(used.c.session, files.c.id, files.c.size).join_from(used, files, files.c.id == used.c.file_id)
    return query.order_by(files.c.id)


@functools.cache
def _unused() -> Select[Any]:
    used = _references().subquery()
    query = select(files.c.id, files.c.size).where(files.c.id.not_in(select(used.c.file_id)))
    return query.limit(_AT_A_TIME)


@functools.cache
def _dangling() -> list[Delete]:
    return [delete(column.table).where(column.not_in(select(files.c.id))) for column in _columns()]
