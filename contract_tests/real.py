"""Real values for generated requests, so that they get beyond a 404: what has to be there for an operation to succeed."""

from dataclasses import replace

from contract_tests.cases import Known
from contract_tests.client import Caller
from contract_tests.images import MEDIA_TYPES, picture, upload
from contract_tests.match import expect, status
from contract_tests.people import People
from contract_tests.safety import CREATIONS
from contract_tests.specs import Operation
from contract_tests.town import Json, Town
from contract_tests.world import World

IMAGES = {media_type: picture("red", kind) for kind, media_type in MEDIA_TYPES.items()}

# What a success uses up, so that the next request needs something new.
SPENDING = frozenset({"deleteCommunity", "createInvitation", "registerUser", "markNotificationRead"})


def real_values(people: People, operation: Operation, caller: Caller, safety: str) -> Known:
    """Values with which a valid request succeeds, if the caller is who may send it."""
    if isinstance(people, Town):
        return _of_casavi(people, operation, caller, safety)
    assert isinstance(people, World)
    return _of_linagora(people, operation, caller, safety)


def _of_linagora(world: World, operation: Operation, caller: Caller, safety: str) -> Known:
    """Values with which a valid request of alice's succeeds: her own community, or bob's where one asks to enter."""
    asks = operation.id in {"requestMembership", "cancelMembershipRequest"}
    properties = {"domain_ids": [world.domain], "newMembers": [world.user_id("bob")], "deleteMembers": [world.user_id("carol")]}
    user = caller.user_id if asks else world.user_id("alice" if operation.id == "getMember" else "bob")
    parameters = {"domain_id": world.domain, "user_id": user}
    if "community_id" in operation.parameters and safety == "read-only":
        parameters |= {"community_id": world.existing(world["alice"])}
    elif "community_id" in operation.parameters:
        takes_requests = {"type": "private"} if asks or operation.id == "listMembershipRequests" else {}
        community = parameters["community_id"] = world.id(world["bob" if asks else "alice"], **takes_requests)
        if operation.id in {"updateCommunity", "getCommunityAvatar"}:
            avatar = expect(upload(world["alice"], community, IMAGES["image/png"]), status(200))
            properties["avatar"] = avatar.json["_id"]
    prefix = world.prefix if operation.id in CREATIONS else ""
    return Known({name: value for name, value in parameters.items() if value}, properties, IMAGES, prefix=prefix)


def _of_casavi(town: Town, operation: Operation, caller: Caller, safety: str) -> Known:
    """Values with which a valid request of the resident's succeeds, and of whoever else may do the same.

    Of what the deployment does not have, the document's invented values stay.
    """
    if operation.writes and safety != "full":
        return Known()  # it is not sent at all
    if not operation.writes:
        return _known(town, operation, caller)
    values = walk_values(town, operation, caller)
    if operation.id == "registerUser":
        code = town.invite(town["resident"])["inviteToken"]
        new = {"inviteCode": code, "email": town.new_email(), "sub": town.new_name("sub")}
        return replace(values, properties=values.properties | new)
    return replace(values, parameters=_known(town, operation, caller).parameters)


def walk_values(people: People, operation: Operation, caller: Caller) -> Known:
    """What a request needs beside the things that an answer before it has named."""
    if isinstance(people, World):
        prefix = people.prefix if operation.id in CREATIONS else ""
        return Known({"domain_id": people.domain}, {"domain_ids": [people.domain]}, IMAGES, prefix=prefix)
    assert isinstance(people, Town)
    known = Known({"community_id": people.community})
    if operation.id == "createTicket" and people.read(people["resident"], "listTicketTypes"):
        new = people.new_ticket(people["resident"])
        return replace(known, properties=new | _unit(people, caller), always={"fields": new["fields"]})
    if operation.id == "createInvitation":
        # Whom the document invents may be a person with a mailbox. Contacts are shown nowhere.
        always = {"email": people.new_email()}
        return replace(known, properties=_unit(people, caller), always=always, never=frozenset({"contactId"}))
    if operation.id == "addTicketComment":
        return replace(known, properties={"attachments": [people.upload(caller)]})
    if operation.id == "registerUser" and people.profile.clients and people.profile.provider_keys:
        return replace(known, properties={"clientId": people.client.id, "providerKey": people.provider_key})
    return known


def _known(town: Town, operation: Operation, caller: Caller) -> Known:
    """The parameters of an operation that name things that are there."""
    resident = town["resident"]
    about: Json = {"community_id": town.community}
    if operation.id == "getTicket":
        about["ticket_id"] = town.known.get("ticket_id") or next(iter(town.tickets(resident)), None)
    elif operation.id == "addTicketComment":
        about["ticket_id"] = town.some_ticket(resident)
    elif operation.id == "markNotificationRead":
        about["notification_id"] = _unread(town, caller)
    elif operation.id == "checkInviteToken":
        about["invite_token"] = town.invite(resident)["inviteToken"]
    return Known({name: value for name, value in about.items() if value is not None})


def _owner(town: Town, caller: Caller) -> str:
    """The role of the caller, or the resident where the caller has nothing in the community."""
    return "neighbour" if caller.user_id == town["neighbour"].user_id else "resident"


def _unread(town: Town, caller: Caller) -> int | None:
    """An unread notification, or where none can be made any that is there."""
    owner = _owner(town, caller)
    other = {"resident": "neighbour", "neighbour": "resident"}[owner]
    can_be_made = town.read(town[owner], "listTicketTypes")
    rows = town.unread(town[owner], town[other], 1) if can_be_made else town.notifications(town[owner])["rows"]
    return rows[0]["id"] if rows else None


def _unit(town: Town, caller: Caller) -> Json:
    """The unit of who asks, as a property of a request; no property if there is none."""
    units = town.read(town[_owner(town, caller)], "listUnits", {"community_id": town.community})
    return {"unitId": units[0]["id"]} if units else {}
