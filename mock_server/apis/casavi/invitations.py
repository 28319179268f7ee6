"""Inviting people, and looking at the tokens that they were sent."""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from sqlalchemy import and_, bindparam, delete, insert, select, union_all

from mock_server.apis.casavi.access import enter_community
from mock_server.apis.casavi.people import fold_address
from mock_server.apis.casavi.tables import communities, contacts, failures, invitations, members, tenants, users
from mock_server.apis.casavi.units import check_unit
from mock_server.dispatch import Call, Reply, refused
from mock_server.errors import Problem, conflict, forbidden, not_found
from mock_server.statements import Row

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
_PENDING = (
    select(invitations)
    .where(
        invitations.c.session == bindparam("key"),
        invitations.c.community_id == bindparam("community_id"),
        invitations.c.used.is_(False),
    )
    .order_by(invitations.c.id)
)
# The communities that a contact is in: as a user, as somebody invited, or as the manager.
_HOMES = union_all(
    select(members.c.community_id).where(members.c.session == bindparam("key"), members.c.user_id == bindparam("contact_id")),
    select(invitations.c.community_id).where(
        invitations.c.session == bindparam("key"), invitations.c.contact_id == bindparam("contact_id")
    ),
    select(communities.c.id).where(
        communities.c.session == bindparam("key"), communities.c.manager_id == bindparam("contact_id")
    ),
)
_TENANTS_CONTACT = (
    select(contacts)
    .join(communities, and_(communities.c.session == contacts.c.session, communities.c.tenant_id == contacts.c.tenant_id))
    .where(
        contacts.c.session == bindparam("key"),
        contacts.c.id == bindparam("contact_id"),
        communities.c.id == bindparam("community_id"),
    )
)
# Across all tenants: an address is a name to log in with, and names one user.
_USER = select(users.c.id).where(users.c.session == bindparam("key"), users.c.email_folded == bindparam("email"))
_FAILURES = select(failures).where(failures.c.session == bindparam("key"), failures.c.client == bindparam("address"))
_INSERT, _INSERT_CONTACT, _INSERT_FAILURE = insert(invitations), insert(contacts), insert(failures)
_FORGIVE = delete(failures).where(failures.c.session == bindparam("key"), failures.c.client == bindparam("address"))


def create_invitation(call: Call) -> Reply:
    """casavi document, Invitation: the answer's `pendingUsers` are all who are invited into the community and not here yet."""
    community_id = enter_community(call, call.parameters["community_id"])
    body = call.body
    if body.get("isAdmin") and community_id not in call.caller.administered:
        raise forbidden("only an administrator of the community may invite administrators")
    check_unit(call, community_id, body.get("unitId"))
    known = _known_contact(call, community_id, body["contactId"]) if "contactId" in body else None
    pending = _pending(call, community_id)
    _check_address(call, pending)
    contact = known or _add_contact(call)
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
    call.connection.execute(_INSERT, row)
    shapes = {str(one.id): _pending_user(one) for one in (*pending, SimpleNamespace(**row))}
    return Reply(201, {"pendingUsers": shapes, "inviteToken": token})


def check_invite_token(call: Call) -> Reply:
    """casavi document, Invitation: failing requests lead to increasing wait times; when and how long is inferred."""
    key = {"key": call.session, "address": call.client}
    failed = call.connection.execute(_FAILURES, key).first()
    seconds = call.now.timestamp()
    if failed and failed.blocked_until > seconds:
        wait = math.ceil(failed.blocked_until - seconds)
        raise Problem(429, f"too many failures; try again in {wait} s", {"Retry-After": str(wait)})
    invitation = _find_invitation(call, call.parameters["invite_token"])
    if failed:
        call.connection.execute(_FORGIVE, key)
    if invitation is None or invitation.used:
        _remember_failure(call, failed.tries + 1 if failed else 1)
        # Returned, not raised: an exception would undo what is to be remembered.
        return refused(Problem(404, "this invite token is unknown, or has been used"))
    return Reply(200, _token_shape(invitation))


def _find_invitation(call: Call, token: str) -> Row | None:
    """The invitation of a token, used or not."""
    return call.connection.execute(_BY_TOKEN, {"key": call.session, "token": token}).first()


def _remember_failure(call: Call, tries: int) -> None:
    doublings = tries - FREE_FAILURES - 1
    wait = 2 ** min(doublings, _MAX_DOUBLINGS) if doublings >= 0 else 0
    row = {"session": call.session, "client": call.client, "tries": tries}
    call.connection.execute(_INSERT_FAILURE, {**row, "blocked_until": call.now.timestamp() + wait})


def _pending(call: Call, community_id: int) -> list[Row]:
    return call.connection.execute(_PENDING, {"key": call.session, "community_id": community_id})


def _known_contact(call: Call, community_id: int, contact_id: int) -> Mapping[str, Any]:
    """Somebody in the tenant's address book. Raises Problem 409 for one who is in the community already, and 404 for one of
    another community or tenant, of whom the caller shall learn nothing (inferred)."""
    key = {"key": call.session, "contact_id": contact_id}
    homes = call.connection.execute(_HOMES, key).scalars().all()
    if community_id in homes:
        raise conflict("this contact is already in the community, or invited into it")
    row = call.connection.execute(_TENANTS_CONTACT, {**key, "community_id": community_id}).first()
    if homes or row is None:
        raise not_found("contact", contact_id)
    found: Mapping[str, Any] = row._asdict()
    return found


def _check_address(call: Call, pending: list[Row]) -> None:
    email = fold_address(call.body["email"])
    if call.connection.execute(_USER, {"key": call.session, "email": email}).first():
        raise conflict("this person is already a user")
    if any(fold_address(row.email) == email for row in pending):
        raise conflict("this person is already invited")


def _add_contact(call: Call) -> Mapping[str, Any]:
    contact_id = call.ids.next_number()
    row = {
        "session": call.session,
        "id": contact_id,
        "reference": f"c-{contact_id}",
        "firstname": call.body.get("firstName", ""),
        "lastname": call.body.get("lastName", ""),
        "email": call.body["email"],
        "tenant_id": None,
    }
    call.connection.execute(_INSERT_CONTACT, row)
    return row


def _pending_user(row: Row) -> dict[str, Any]:
    shape = {
        "id": row.id,
        "contactId": row.contact_id,
        "firstName": row.firstname,
        "lastName": row.lastname,
        "email": row.email,
        "isAdmin": row.administrator,
    }
    return shape | ({} if row.unit_id is None else {"unitId": row.unit_id})


def _token_shape(row: Row) -> dict[str, Any]:
    return {
        "tokenString": row.token,
        "type": "invite",
        "contact": {"id": row.contact_id, "firstName": row.firstname, "lastName": row.lastname, "email": row.email},
        "communities": [{"id": row.community_id, "name": row.community_name}],
        "tenant": {"id": row.tenant_id, "name": row.tenant_name},
        "roles": ["resident", "administrator"] if row.administrator else ["resident"],
    }
