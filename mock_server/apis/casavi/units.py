"""The flats and other units that a user has."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, bindparam, select

from mock_server.apis.casavi.access import asked_communities
from mock_server.apis.casavi.tables import residents, units
from mock_server.dispatch import Call, Reply
from mock_server.errors import conflict, forbidden, not_found
from mock_server.statements import Row, among

_LIST = (
    select(units)
    .join(residents, and_(residents.c.session == units.c.session, residents.c.unit_id == units.c.id))
    .where(
        residents.c.session == bindparam("key"),
        residents.c.user_id == bindparam("user_id"),
        among(units.c.community_id, "community_ids"),
    )
    .order_by(units.c.id)
)
_UNIT = (
    select(units.c.community_id, residents.c.user_id)
    .outerjoin(
        residents,
        and_(
            residents.c.session == units.c.session,
            residents.c.unit_id == units.c.id,
            residents.c.user_id == bindparam("user_id"),
        ),
    )
    .where(units.c.session == bindparam("key"), units.c.id == bindparam("unit_id"))
)


def list_units(call: Call) -> Reply:
    key = {"key": call.session, "user_id": call.caller.id, "community_ids": asked_communities(call)}
    return Reply(200, [unit_shape(row) for row in call.connection.execute(_LIST, key)])


def unit_shape(row: Row, prefix: str = "") -> dict[str, Any]:
    """A unit, from the columns id, community_id, name, each after a prefix."""
    return {
        "id": getattr(row, f"{prefix}id"),
        "communityId": getattr(row, f"{prefix}community_id"),
        "name": getattr(row, f"{prefix}name"),
    }


def check_unit(call: Call, community_id: int, unit_id: int | None) -> None:
    """Raises Problem 404 for an unknown unit, 403 for one of others, 409 for one of another community."""
    if unit_id is None:
        return
    row = call.connection.execute(_UNIT, {"key": call.session, "unit_id": unit_id, "user_id": call.caller.id}).first()
    if row is None:
        raise not_found("unit", unit_id)
    if row.user_id is None:
        raise forbidden(f"unit {unit_id} is not one of yours")
    if row.community_id != community_id:
        raise conflict(f"unit {unit_id} is not in community {community_id}")
