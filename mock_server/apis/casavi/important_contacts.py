"""Whom to call in a community."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select

from mock_server.apis.casavi.access import enter_community
from mock_server.apis.casavi.tables import important_contacts
from mock_server.dispatch import Call, Reply
from mock_server.statements import Row

_LIST = (
    select(important_contacts)
    .where(important_contacts.c.session == bindparam("key"), important_contacts.c.community_id == bindparam("community_id"))
    .order_by(important_contacts.c.category, important_contacts.c.name, important_contacts.c.id)
)


def list_important_contacts(call: Call) -> Reply:
    community_id = enter_community(call, call.parameters["community_id"])
    rows = call.connection.execute(_LIST, {"key": call.session, "community_id": community_id})
    return Reply(200, [_shape(row) for row in rows])


def _shape(row: Row) -> dict[str, Any]:
    optional = {"phone": row.phone, "email": row.email, "address": row.address, "note": row.note}
    shape = {"id": row.id, "name": row.name, "category": row.category}
    return shape | {name: value for name, value in optional.items() if value is not None}
