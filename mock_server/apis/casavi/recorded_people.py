"""What recorded answers tell of people: who was invited, and who registered."""

from __future__ import annotations

from typing import Any

from mock_server.apis.casavi.people import fold_address
from mock_server.apis.casavi.recorded_world import Community, Invitation, World, number, number_in, rows_of
from mock_server.recordings import Seen, Unknown, is_masked


def register_user(world: World, seen: Seen, _: Any, __: Any) -> None:
    sent = seen.sent if isinstance(seen.sent, dict) else {}
    found = _invited(world, sent.get("inviteCode"), sent.get("email"))
    if found is None:
        world.notes.add("people who registered with an invitation that was never seen")
        return
    community, key = found
    invitation = community.invitations.pop(key)
    world.users[invitation.contact] = None
    world.see(invitation.contact, sent)
    community.members[invitation.contact] = None
    if invitation.administrator:
        community.administrators[invitation.contact] = None
    if invitation.unit is not None:
        community.units[invitation.unit][invitation.contact] = None
    for name, known in (("clientId", world.clients), ("providerKey", world.providers)):
        known.update({sent[name]: None} if isinstance(sent.get(name), str) else {})


def create_invitation(world: World, seen: Seen, community_id: int, who: Any) -> None:
    community, answer = world.community(community_id), seen.answer if isinstance(seen.answer, dict) else {}
    sent = seen.sent if isinstance(seen.sent, dict) else {}
    if sent.get("isAdmin") is True and who is not None:
        community.administrators[who] = None
    pending = answer.get("pendingUsers")
    before, community.invitations = community.invitations, {}
    for row in rows_of(list(pending.values()) if isinstance(pending, dict) else None):
        identifier, email = number_in(row), row.get("email")
        if identifier is None or not isinstance(email, str):
            continue
        contact = number_in(row, "contactId")
        one = Invitation(Unknown("invited", identifier) if contact is None else contact, fold_address(email))
        one.administrator, one.unit = row.get("isAdmin") is True, world.unit(row.get("unitId"), community_id)
        old = before.get(identifier)
        is_new = isinstance(sent.get("email"), str) and fold_address(sent["email"]) == one.email
        one.token = answer.get("inviteToken") if is_new else old.token if old else None
        community.invitations[identifier] = one
        world.see(one.contact, row)


def check_invite_token(world: World, seen: Seen, _: Any, __: Any) -> None:
    answer = seen.answer if isinstance(seen.answer, dict) else {}
    contact, homes = answer.get("contact"), rows_of(answer.get("communities"))
    identifier = world.person(contact)
    home = number(homes[0].get("id")) if homes else None
    if identifier is None or home is None or not isinstance(contact, dict):
        return
    community = world.named(home, homes[0])
    tenant = answer.get("tenant")
    if isinstance(tenant, dict) and isinstance(tenant.get("name"), str):
        community.tenant = tenant["name"]
    known = next((one for one in community.invitations.values() if one.contact == identifier), None)
    one = known or community.invitations.setdefault(f"contact {identifier}", Invitation(identifier))
    one.token = answer.get("tokenString") or one.token
    one.email = fold_address(str(contact.get("email", "")))
    one.administrator = isinstance(answer.get("roles"), list) and "administrator" in answer["roles"]


def _invited(world: World, token: Any, email: Any) -> tuple[Community, Any] | None:
    address = fold_address(email) if isinstance(email, str) else ""
    for community in world.communities.values():
        for key, one in community.invitations.items():
            if (not is_masked(token) and one.token == token) or (address and one.email == address):
                return community, key
    return None
