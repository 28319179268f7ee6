"""Real values for generated requests, so that they get beyond a 404: what has to be there for an operation to succeed."""

from dataclasses import dataclass, field, replace
from typing import Any

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import need, status
from contract_tests.actors.linagora import Linagora
from contract_tests.actors.people import People
from contract_tests.actors.pictures import MEDIA_TYPES, picture, upload
from contract_tests.contract.operations import Operation, creations


@dataclass(frozen=True)
class RealValues:
    """Real values for generated requests: parameters by name, body properties by name, and a raw body by media type.

    `always` are properties that go into a body that lacks them too, `never` those that are left out of it. `prefix` is what a
    title has to begin with.
    """

    parameters: dict[str, Any] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    images: dict[str, bytes] = field(default_factory=dict)
    always: dict[str, Any] = field(default_factory=dict)
    never: frozenset[str] = frozenset()
    prefix: str = ""


IMAGES = {media_type: picture("red", kind) for kind, media_type in MEDIA_TYPES.items()}

# What a success uses up, so that the next request needs something new.
SPENDING = frozenset({"deleteCommunity", "createInvitation", "registerUser", "markNotificationRead"})


def real_values(people: People, operation: Operation, caller: Caller, safety: str) -> RealValues:
    """Values with which a valid request succeeds, if the caller is who may send it."""
    if isinstance(people, Casavi):
        return _of_casavi(people, operation, caller, safety)
    assert isinstance(people, Linagora)
    return _of_linagora(people, operation, caller, safety)


def _of_linagora(linagora: Linagora, operation: Operation, caller: Caller, safety: str) -> RealValues:
    """Values with which a valid request of alice's succeeds: her own community, or bob's where one asks to enter."""
    asks = operation.id in {"requestMembership", "cancelMembershipRequest"}
    properties = {
        "domain_ids": [linagora.domain],
        "newMembers": [linagora.user_id("bob")],
        "deleteMembers": [linagora.user_id("carol")],
    }
    user = caller.user_id if asks else linagora.user_id("alice" if operation.id == "getMember" else "bob")
    parameters = {"domain_id": linagora.domain, "user_id": user}
    if "community_id" in operation.parameters and safety == "read-only":
        parameters |= {"community_id": linagora.existing(linagora["alice"])}
    elif "community_id" in operation.parameters:
        takes_requests = {"type": "private"} if asks or operation.id == "listMembershipRequests" else {}
        community = parameters["community_id"] = linagora.id(linagora["bob" if asks else "alice"], **takes_requests)
        if operation.id in {"updateCommunity", "getCommunityAvatar"}:
            avatar = need(upload(linagora["alice"], community, IMAGES["image/png"]), status(200))
            properties["avatar"] = avatar.json["_id"]
    prefix = linagora.prefix if operation.id in creations() else ""
    return RealValues({name: value for name, value in parameters.items() if value}, properties, IMAGES, prefix=prefix)


def _of_casavi(casavi: Casavi, operation: Operation, caller: Caller, safety: str) -> RealValues:
    """Values with which a valid request of the resident's succeeds, and of whoever else may do the same.

    Of what the deployment does not have, the document's invented values stay.
    """
    if operation.writes and safety != "full":
        return RealValues()  # it is not sent at all
    if not operation.writes:
        return _known(casavi, operation, caller)
    values = walk_values(casavi, operation, caller)
    if operation.id == "registerUser":
        code = casavi.invite(casavi["resident"])["inviteToken"]
        new = {"inviteCode": code, "email": casavi.new_email(), "sub": casavi.new_name("sub")}
        return replace(values, properties=values.properties | new)
    return replace(values, parameters=_known(casavi, operation, caller).parameters)


def walk_values(people: People, operation: Operation, caller: Caller) -> RealValues:
    """What a request needs beside the things that an answer before it has named."""
    if isinstance(people, Linagora):
        prefix = people.prefix if operation.id in creations() else ""
        return RealValues({"domain_id": people.domain}, {"domain_ids": [people.domain]}, IMAGES, prefix=prefix)
    assert isinstance(people, Casavi)
    known = RealValues({"community_id": people.community})
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


def _known(casavi: Casavi, operation: Operation, caller: Caller) -> RealValues:
    """The parameters of an operation that name things that are there."""
    resident = casavi["resident"]
    about: Json = {"community_id": casavi.community}
    if operation.id == "getTicket":
        about["ticket_id"] = casavi.known.get("ticket_id") or next(iter(casavi.tickets(resident)), None)
    elif operation.id == "addTicketComment":
        about["ticket_id"] = casavi.some_ticket(resident)
    elif operation.id == "markNotificationRead":
        about["notification_id"] = _unread(casavi, caller)
    elif operation.id == "checkInviteToken":
        about["invite_token"] = casavi.invite(resident)["inviteToken"]
    return RealValues({name: value for name, value in about.items() if value is not None})


def _owner(casavi: Casavi, caller: Caller) -> str:
    """The role of the caller, or the resident where the caller has nothing in the community."""
    return "neighbour" if caller.user_id == casavi["neighbour"].user_id else "resident"


def _unread(casavi: Casavi, caller: Caller) -> int | None:
    """An unread notification, or where none can be made any that is there."""
    owner = _owner(casavi, caller)
    other = {"resident": "neighbour", "neighbour": "resident"}[owner]
    can_be_made = casavi.read(casavi[owner], "listTicketTypes")
    rows = casavi.unread(casavi[owner], casavi[other], 1) if can_be_made else casavi.notifications(casavi[owner])["rows"]
    return rows[0]["id"] if rows else None


def _unit(casavi: Casavi, caller: Caller) -> Json:
    """The unit of who asks, as a property of a request; no property if there is none."""
    units = casavi.read(casavi[_owner(casavi, caller)], "listUnits", {"community_id": casavi.community})
    return {"unitId": units[0]["id"]} if units else {}
