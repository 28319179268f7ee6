"""Inviting people, and looking at the tokens that they were sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, insert, select

from mock_server.apis.casavi.access import enter_community
from mock_server.apis.casavi.people import fold_address
from mock_server.apis.casavi.tables import communities, contacts, failures, invitations, tenants, users
from mock_server.apis.casavi.units import check_unit
from mock_server.dispatch import Call, Reply, refused
from mock_server.errors import Problem, conflict, not_found

FREE_FAILURES = 2
_MAX_DOUBLINGS = 12  # an hour and a bit

_INVITATIONS = (
    select(
        invitations,
        communities.c.name.label("community_name"),
        tenants.c.id.label("tenant_id"),
        tenants.c.name.label("tenant_name"),
    )
    .join(communities, and_(communities.c.session == invitations.c.session, communities.c.id == invitations.c.community_id))
    .join(tenants, and_(tenants.c.session == communities.c.session, tenants.c.id == communities.c.tenant_id))
    .where(invitations.c.session == bindparam("key"))
)
_BY_TOKEN = _INVITATIONS.where(invitations.c.token == bindparam("token"))
_PENDING = _INVITATIONS.where(invitations.c.community_id == bindparam("community_id"), invitations.c.used.is_(False)).order_by(
    invitations.c.id
)
_CONTACT = select(contacts).where(contacts.c.session == bindparam("key"), contacts.c.id == bindparam("contact_id"))
_USER = select(users.c.id).where(
    users.c.session == bindparam("key"),
    (users.c.id == bindparam("contact_id")) | (users.c.email_folded == bindparam("email")),
)
_FAILURES = select(failures).where(failures.c.session == bindparam("key"), failures.c.client == bindparam("address"))
_FORGIVE = delete(failures).where(failures.c.session == bindparam("key"), failures.c.client == bindparam("address"))


def create_invitation(call: Call) -> Reply:
    """casavi document, Invitation: the answer's `pendingUsers` are all who are invited into the community and not here yet."""
    community_id = enter_community(call, call.parameters["community_id"])
    body = call.body
    check_unit(call, community_id, body.get("unitId"))
    _check_person(call, _pending(call, community_id))
    contact = _contact(call, body["contactId"]) if "contactId" in body else _add_contact(call)
    token = call.ids.next_hex(8)
    row = {
        "session": call.session,
        "id": call.ids.next_number(),
        "token": token,
        "community_id": community_id,
        "contact_id": contact["id"],
        "unit_id": body.get("unitId"),
        "firstname": body.get("firstName", contact["firstname"]),
        "lastname": body.get("lastName", contact["lastname"]),
        "email": body["email"],
        "administrator": body.get("isAdmin", False),
        "used": False,
    }
    call.connection.execute(insert(invitations), row)
    shapes = {str(row.id): _pending_user(row) for row in _pending(call, community_id)}
    return Reply(201, {"pendingUsers": shapes, "inviteToken": token})


def check_invite_token(call: Call) -> Reply:
    """casavi document, Invitation: failing requests lead to increasing wait times; when and how long is inferred."""
    key = {"key": call.session, "address": call.client}
    failed = call.connection.execute(_FAILURES, key).first()
    seconds = call.now.timestamp()
    if failed and failed.blocked_until > seconds:
        wait = math.ceil(failed.blocked_until - seconds)
        raise Problem(429, f"too many failures: try again in {wait} s", {"Retry-After": str(wait)})
    invitation = find_invitation(call, call.parameters["invite_token"])
    if failed:
        call.connection.execute(_FORGIVE, key)
    if invitation is None or invitation.used:
        _remember_failure(call, failed.tries + 1 if failed else 1)
        # Returned, not raised: an exception would undo what is to be remembered.
        return refused(Problem(404, "this invite token is unknown or used"))
    return Reply(200, _token_shape(invitation))


def find_invitation(call: Call, token: str) -> Row[Any] | None:
    """The invitation of a token, used or not."""
    return call.connection.execute(_BY_TOKEN, {"key": call.session, "token": token}).first()


def _remember_failure(call: Call, tries: int) -> None:
    doublings = tries - FREE_FAILURES - 1
    wait = 2 ** min(doublings, _MAX_DOUBLINGS) if doublings >= 0 else 0
    row = {"session": call.session, "client": call.client, "tries": tries}
    call.connection.execute(insert(failures), {**row, "blocked_until": call.now.timestamp() + wait})


def _pending(call: Call, community_id: int) -> list[Row[Any]]:
    return list(call.connection.execute(_PENDING, {"key": call.session, "community_id": community_id}))


def _check_person(call: Call, pending: list[Row[Any]]) -> None:
    contact_id, email = call.body.get("contactId"), fold_address(call.body["email"])
    if call.connection.execute(_USER, {"key": call.session, "contact_id": contact_id, "email": email}).first():
        raise conflict("this person is a user already")
    if any(row.contact_id == contact_id or fold_address(row.email) == email for row in pending):
        raise conflict("this person is invited already")


def _contact(call: Call, contact_id: int) -> Mapping[str, Any]:
    row = call.connection.execute(_CONTACT, {"key": call.session, "contact_id": contact_id}).mappings().first()
    if row is None:
        raise not_found("contact", contact_id)
    return dict(row)


def _add_contact(call: Call) -> Mapping[str, Any]:
    contact_id = call.ids.next_number()
    row = {
        "session": call.session,
        "id": contact_id,
        "reference": f"c-{contact_id}",
        "firstname": call.body.get("firstName", ""),
        "lastname": call.body.get("lastName", ""),
        "email": call.body["email"],
    }
    call.connection.execute(insert(contacts), row)
    return row


def _pending_user(row: Row[Any]) -> dict[str, Any]:
    shape = {
        "id": row.id,
        "contactId": row.contact_id,
        "firstName": row.firstname,
        "lastName": row.lastname,
        "email": row.email,
        "isAdmin": row.administrator,
    }
    return shape | ({} if row.unit_id is None else {"unitId": row.unit_id})


def _token_shape(row: Row[Any]) -> dict[str, Any]:
    return {
        "tokenString": row.token,
        "type": "invite",
        "contact": {"id": row.contact_id, "firstName": row.firstname, "lastName": row.lastname, "email": row.email},
        "communities": [{"id": row.community_id, "name": row.community_name}],
        "tenant": {"id": row.tenant_id, "name": row.tenant_name},
        "roles": ["resident", "administrator"] if row.administrator else ["resident"],
    }
