"""A scenario's part for casavi: from YAML into the tables, and who can log in."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert, select

from mock_server.apis.casavi.tables import clients, communities, invite_tokens, units, users
from mock_server.dispatch import Ids
from mock_server.errors import BootError


def load_scenario(connection: Connection, session: str, data: Mapping[str, Any], ids: Ids) -> None:
    """Fill an empty session from the `casavi` part of a scenario (fixtures/README.md has its shape)."""

    def add(table: Table, **row: object) -> None:
        connection.execute(insert(table), {"session": session, **row})

    community_ids = {community["name"]: community["id"] for community in data["communities"]}
    for name, community_id in community_ids.items():
        add(communities, id=community_id, name=name)
    for user in data["users"]:
        names = {key: user[key] for key in ("id", "name", "email", "password", "firstname", "lastname")}
        add(users, **names)
        for unit in user["units"]:
            community_id = community_ids.get(unit["community"])
            if community_id is None:
                raise BootError(f"no community is named {unit['community']}")
            add(units, id=unit["id"], name=unit["name"], community_id=community_id, user_id=user["id"])
    for client in data["clients"]:
        for uri in client["redirect_uris"]:
            add(clients, client_id=client["client_id"], redirect_uri=uri)
    for _ in range(data["invite_tokens"]):
        add(invite_tokens, token=ids.next_hex(8))


def load_caller(connection: Connection, session: str, user_id: str) -> int | None:
    """The user's id if he exists."""
    if not user_id.isdecimal():
        return None
    return connection.execute(select(users.c.id).where(users.c.session == session, users.c.id == int(user_id))).scalar()


def credentials(connection: Connection, session: str, mint: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Communities, OpenID clients, unused invite tokens, and the users."""

    def rows(table: Table, *order: Any) -> list[Any]:
        return list(connection.execute(select(table).where(table.c.session == session).order_by(*order)))

    all_units = rows(units, units.c.community_id)
    client_rows = itertools.groupby(rows(clients, clients.c.client_id, clients.c.redirect_uri), key=lambda row: row.client_id)
    return {
        "communities": [{"id": row.id, "name": row.name} for row in rows(communities, communities.c.id)],
        "clients": [{"client_id": name, "redirect_uris": [row.redirect_uri for row in group]} for name, group in client_rows],
        "invite_tokens": [row.token for row in rows(invite_tokens, invite_tokens.c.token)],
        "principals": [
            {
                "name": row.name,
                "user_id": row.id,
                "email": row.email,
                "password": row.password,
                "community_ids": sorted({unit.community_id for unit in all_units if unit.user_id == row.id}),
                "roles": ["resident"],
                **mint(str(row.id)),
            }
            for row in rows(users, users.c.id)
        ],
    }
