"""casavi's part of /__mock/credentials: who can log in, and with what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Table, bindparam, select

from mock_server.apis.casavi import tables
from mock_server.statements import Connection

_ROWS = {
    table: select(table).where(table.c.session == bindparam("key")).order_by(*order)
    for table, *order in (
        (tables.members, tables.members.c.community_id),
        (tables.communities, tables.communities.c.id),
        (tables.clients, tables.clients.c.client_id),
        (tables.providers, tables.providers.c.key),
        (tables.invitations, tables.invitations.c.id),
        (tables.users, tables.users.c.id),
    )
}


def credentials(connection: Connection, session: str, mint: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Communities, OpenID clients, known providers, unused invite tokens, and the users who have a password."""

    def rows(table: Table) -> list[Any]:
        return connection.execute(_ROWS[table], {"key": session})

    memberships = rows(tables.members)
    return {
        "communities": [{"id": row.id, "name": row.name} for row in rows(tables.communities)],
        "clients": [_client(row) for row in rows(tables.clients)],
        "provider_keys": [row.key for row in rows(tables.providers)],
        "invite_tokens": [row.token for row in rows(tables.invitations) if not row.used],
        "principals": [
            {
                "name": row.name,
                "user_id": row.id,
                "email": row.email,
                "password": row.password,
                **_membership([member for member in memberships if member.user_id == row.id]),
                **mint(str(row.id)),
            }
            for row in rows(tables.users)
            if row.password is not None
        ],
    }


def _membership(rows: list[Any]) -> dict[str, Any]:
    roles = ["resident", "administrator"] if any(row.administrator for row in rows) else ["resident"]
    return {"community_ids": [row.community_id for row in rows], "roles": roles}


def _client(row: Any) -> dict[str, Any]:
    shape = {"client_id": row.client_id, "redirect_uris": row.redirect_uris}
    return shape | ({"client_secret": row.secret} if row.secret else {})
