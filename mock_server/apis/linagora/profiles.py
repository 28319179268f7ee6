"""The shapes in which the API shows users, and the pages of them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, Select, Table, and_, bindparam, select

from mock_server.apis.linagora.tables import user_domains, users
from mock_server.statements import Connection, Row


def select_users(table: Table, time: Column[Any]) -> Select[Any]:
    """A page of the users that table (members, membership_requests) links to a community, in the order of its rank.

    One row for each domain of a user; bound values: key, community_id, page_limit, page_offset.
    """
    page = (
        select(table.c.user_id, table.c.rank, time.label("time"))
        .where(table.c.session == bindparam("key"), table.c.community_id == bindparam("community_id"))
        .order_by(table.c.rank)
        .limit(bindparam("page_limit"))
        .offset(bindparam("page_offset"))
        .subquery()
    )
    return (
        select(users, user_domains.c.domain_id, user_domains.c.joined_at.label("domain_joined_at"), page.c.time)
        .select_from(page)
        .join(users, and_(users.c.session == bindparam("key"), users.c.id == page.c.user_id))
        .outerjoin(user_domains, and_(user_domains.c.session == users.c.session, user_domains.c.user_id == users.c.id))
        .order_by(page.c.rank, user_domains.c.joined_at, user_domains.c.domain_id)
    )


def user_shapes(
    connection: Connection, query: Select[Any], key: Mapping[str, object], parameters: Mapping[str, Any]
) -> Iterator[tuple[dict[str, Any], str]]:
    """Run a select_users; pairs of a user object of the document and the time of its link."""
    values = {**key, "page_limit": parameters["limit"], "page_offset": parameters["offset"]}
    for _, group in itertools.groupby(connection.execute(query, values), key=lambda row: row.id):
        rows = list(group)
        yield _user(rows), rows[0].time


def profile(row: Row) -> dict[str, Any]:
    """A user as GET …/members/{user_id} shows them."""
    shape = {"_id": row.id, "firstname": row.firstname, "lastname": row.lastname}
    return shape | ({"avatar": row.avatar} if row.avatar else {})


def _user(rows: list[Row]) -> dict[str, Any]:
    row = rows[0]
    optional = {"currentAvatar": row.avatar, "job_title": row.job_title}
    return {
        "_id": row.id,
        "firstname": row.firstname,
        "lastname": row.lastname,
        "domains": [{"domain_id": r.domain_id, "joined_at": r.domain_joined_at} for r in rows if r.domain_id],
        "timestamps": {"creation": row.created_at},
        "emails": [row.email],
        **{name: value for name, value in optional.items() if value},
    }
