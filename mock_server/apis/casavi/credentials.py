"""casavi's part of /__mock/credentials: who can log in, and with what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Table, select

from mock_server.apis.casavi import tables


def credentials(connection: Connection, session: str, mint: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Communities, OpenID clients, known providers, unused invite tokens, and the users who have a password."""

    def rows(table: Table, *order: Any) -> list[Any]:
        return list(connection.execute(select(table).where(table.c.session == session).order_by(*order)))

    memberships = rows(tables.members, tables.members.c.community_id)
    return {
        "communities": [{"id": row.id, "name": row.name} for row in rows(tables.communities, tables.communities.c.id)],
        "clients": [_client(row) for row in rows(tables.clients, tables.clients.c.client_id)],
        "provider_keys": [row.key for row in rows(tables.providers, tables.providers.c.key)],
        "invite_tokens": [row.token for row in rows(tables.invitations, tables.invitations.c.id) if not row.used],
        "principals": [
            {
                "name": row.name,
                "user_id": row.id,
                "email": row.email,
                "password": row.password,
                **_membership([member for member in memberships if member.user_id == row.id]),
                **mint(str(row.id)),
            }
            for row in rows(tables.users, tables.users.c.id)
            if row.password is not None
        ],
    }


def _membership(rows: list[Any]) -> dict[str, Any]:
    roles = ["resident", "administrator"] if any(row.administrator for row in rows) else ["resident"]
    return {"community_ids": [row.community_id for row in rows], "roles": roles}


def _client(row: Any) -> dict[str, Any]:
    shape = {"client_id": row.client_id, "redirect_uris": row.redirect_uris}
    return shape | ({"client_secret": row.secret} if row.secret else {})
