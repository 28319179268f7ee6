"""Pages of what a community has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Column, Select, Table, bindparam, func, select

from mock_server.apis.casavi.access import enter_community
from mock_server.dispatch import Call, Reply
from mock_server.statements import Row


class Pages:
    """The rows that a query has for a community, page by page; table is the one that is counted."""

    def __init__(self, query: Select[Any], table: Table, order: tuple[Any, ...], shape: Callable[[Row], dict[str, Any]]) -> None:
        here = (table.c.session == bindparam("key"), table.c.community_id == bindparam("community_id"))
        self._count = select(func.count()).select_from(table).where(*here)
        self._page = query.where(*here).order_by(*order).limit(bindparam("page_limit")).offset(bindparam("page_offset"))
        self._shape = shape

    def reply(self, call: Call, size: int) -> Reply:
        """The page that the call asks for; past the end it has no rows."""
        key = {"key": call.session, "community_id": enter_community(call, call.parameters["community_id"])}
        number = call.parameters["page"]
        count = call.connection.execute(self._count, key).scalar_one()
        rows = call.connection.execute(self._page, {**key, "page_limit": size, "page_offset": number * size})
        body = {"page": number, "pageCount": -(-count // size), "pageSize": size, "rows": [self._shape(row) for row in rows]}
        return Reply(200, body)


def newest_first(table: Table, time: Column[Any]) -> tuple[Any, ...]:
    return (time.desc(), table.c.id.desc())
