"""The people of the casavi tests, and what they make for a test: tickets, comments, files, invitations."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from contract_tests.actors.caller import Answer, Caller
from contract_tests.actors.expectations import need, status
from contract_tests.actors.people import Cast, People, largest_home
from contract_tests.contract.basis import NotAsked
from contract_tests.profile import Client, Principal, Profile

Json = dict[str, Any]

UNKNOWN_ID = 2**31 - 1  # the largest id there can be
WATCHER = "watcher"  # is invited only to see who else is


def choose_residents(principals: Sequence[Principal]) -> Cast | str:
    """Fills the roles from the people of a profile, whatever their names; a text says why it cannot be done.

    `resident` and `neighbour` share a community, `commuter` is in that and another one, `stranger` in none of the resident's.
    """
    community = largest_home(principals)
    if community is None:
        return "the profile names nobody of the casavi API"
    insiders = sorted((p for p in principals if community in p.homes), key=lambda person: len(person.homes) > 1)
    roles = dict(zip(("resident", "neighbour"), insiders, strict=False))
    commuters = [p for p in insiders if len(p.homes) > 1]
    strangers = [p for p in principals if not set(p.homes) & set(roles["resident"].homes)]
    roles |= {"commuter": commuters[0]} if commuters else {}
    return Cast(community, roles | ({"stranger": strangers[0]} if strangers else {}))


@dataclass
class Casavi(People):
    """Callers by role, and makers of what tests need; a maker raises ContractError if the target refuses.

    What a test does not ask for is plain: the least that a request needs, and no filter.
    """

    api: ClassVar[str] = "casavi"
    profile: Profile = field(default_factory=lambda: Profile(()))

    @property
    def community(self) -> int:
        """The community of the resident and the neighbour."""
        return int(self.cast.home)

    @property
    def elsewhere(self) -> int:
        """A community that the resident is not in; the test is skipped if the profile has none."""
        return int(self.person("stranger").homes[0])

    @property
    def administrator(self) -> Caller:
        """An administrator of the community; the test is skipped if the profile has none."""
        people = (one for one in self.profile.of(self.api) if one.is_administrator and self.cast.home in one.homes)
        if (person := next(people, None)) is None:
            raise NotAsked("the profile has no administrator of the community", f"an administrator of {self.api}")
        return self.caller(person)

    @property
    def client(self) -> Client:
        """An OpenID client; the test is skipped if the profile has none."""
        if not self.profile.clients:
            pytest.skip("the profile has no casavi.clients")
        return self.profile.clients[0]

    @property
    def provider_key(self) -> str:
        """The key of an OpenID provider; the test is skipped if the profile has none."""
        keys = self.profile.provider_keys
        return keys[0] if keys else pytest.skip("the profile has no casavi.provider_keys")

    def read(self, caller: Caller, operation: str, query: Json | None = None, **path: Any) -> Any:
        """What an operation answers; an operation on a community is about that of the residents if none is named."""
        return need(self.ask(caller, operation, query=query, **path), status(200)).json

    def ask(self, caller: Caller, operation: str, body: Any = None, *, query: Json | None = None, **path: Any) -> Answer:
        """The same, whatever the answer."""
        about: Json = {"community_id": self.community} | path
        return caller.call(operation, body, query=query, **about)

    # Tickets

    def types(self, caller: Caller, **path: Any) -> list[Json]:
        """The ticket types of the community; the test is skipped if it has none."""
        types: list[Json] = self.read(caller, "listTicketTypes", **path)
        return types or pytest.skip("the community has no ticket types")

    def plain_type(self, caller: Caller, **path: Any) -> Json:
        """The ticket type that asks for the least, and rather for texts; the test is skipped if there is none."""

        def asked(type_: Json) -> tuple[int, int]:
            kinds = [one["type"] for one in type_["fields"] if one["required"]]
            return len(kinds) - kinds.count("text"), len(kinds)

        return min(self.types(caller, **path), key=asked)

    def some_ticket(self, caller: Caller) -> int | None:
        """The id of a ticket that the caller sees: a new one, or where none can be opened one that is there."""
        if self.read(caller, "listTicketTypes"):
            return int(self.open_ticket(caller)["id"])
        return next(iter(self.tickets(caller)), None)

    def type_with(self, caller: Caller, kind: str, *, required: bool = False) -> tuple[Json, Json]:
        """A ticket type, and one of its fields that is of a kind; the test is skipped if there is none."""
        for type_ in self.types(caller):
            for one in type_["fields"]:
                if one["type"] == kind and (one["required"] or not required):
                    return type_, one
        what = f"required {kind}" if required else kind
        pytest.skip(f"no ticket type of the community has a {what} field")

    def values(self, caller: Caller, fields: Sequence[Json]) -> Json:
        """Something for each of these fields of a ticket type."""
        return {str(one["id"]): self.value(caller, one) for one in fields}

    def value(self, caller: Caller, one: Json) -> Any:
        """Something that a field takes."""
        if one["type"] == "file":
            return [self.upload(caller)]
        options = [option for option in one.get("options", []) if option]
        texts = {"text": self.new_name("something broken"), "date": "2024-05-02", "select": options[-1] if options else None}
        return (texts | {"number": 3, "boolean": True})[one["type"]]

    def required(self, caller: Caller, type_: Json) -> Json:
        """Something for each field of a ticket type that has to be filled in."""
        return self.values(caller, [one for one in type_["fields"] if one["required"]])

    def new_ticket(self, caller: Caller, type_: Json | None = None, **properties: Any) -> Json:
        """The body of a creation: the least that the type asks for, unless said otherwise."""
        chosen = type_ or self.plain_type(caller, community_id=properties.get("communityId", self.community))
        least = {"communityId": self.community, "ticketTypeId": chosen["id"], "fields": self.required(caller, chosen)}
        return least | properties

    def open_ticket(self, caller: Caller, type_: Json | None = None, **properties: Any) -> Json:
        ticket: Json = need(caller.call("createTicket", self.new_ticket(caller, type_, **properties)), status(201)).json
        return ticket

    def ticket(self, caller: Caller, id_: int) -> Json:
        ticket: Json = self.read(caller, "getTicket", ticket_id=id_)
        return ticket

    def tickets(self, caller: Caller, **query: Any) -> list[int]:
        """The ids of the tickets that somebody sees."""
        return [ticket["id"] for ticket in self.read(caller, "listTickets", query)]

    def comment(self, caller: Caller, ticket_id: int, text: str = "", attachments: Sequence[Json] = ()) -> Json:
        body: Json = {"text": text or self.new_name("a comment")} | ({"attachments": list(attachments)} if attachments else {})
        comment: Json = need(caller.call("addTicketComment", body, ticket_id=ticket_id), status(201)).json
        return comment

    def try_to_upload(self, caller: Caller, data: bytes, name: str = "note.txt", media_type: str = "text/plain") -> Answer:
        return caller.call("uploadFile", data=data, headers={"X-Filename": name, "Content-Type": media_type})

    def upload(self, caller: Caller, data: bytes = b"a file", **more: str) -> Json:
        upload: Json = need(self.try_to_upload(caller, data, **more), status(201)).json
        return upload

    # Notifications

    def unread_count(self, caller: Caller) -> int:
        return int(self.read(caller, "getUnreadNotificationCount")["count"])

    def notifications(self, caller: Caller, **query: Any) -> Json:
        page: Json = self.read(caller, "listNotifications", query)
        return page

    def unread(self, caller: Caller, by: Caller, least: int) -> list[Json]:
        """Unread notifications of the caller's, so many at least: where there are fewer, `by` comments on their tickets."""
        for _ in range(least - len(self._unread(caller))):
            self.comment(by, self.open_ticket(caller)["id"])
        return self._unread(caller)

    def _unread(self, caller: Caller) -> list[Json]:
        return [row for row in self.notifications(caller)["rows"] if not row["read"]]

    # Invitations

    def new_email(self, name: str = "contract-tests") -> str:
        """An address that nobody has."""
        return f"{self.new_name(name).replace(' ', '-')}@people.example"

    def new_invitation(self, **properties: Any) -> Json:
        """The body of an invitation."""
        return {"email": self.new_email()} | properties

    def invite(self, caller: Caller, **properties: Any) -> Json:
        """What the invitation of somebody new answers: `pendingUsers` and `inviteToken`."""
        made: Json = need(self.ask(caller, "createInvitation", self.new_invitation(**properties)), status(201)).json
        return made

    def new_registration(self, code: str, **properties: Any) -> Json:
        """The body of a registration."""
        least = {"email": self.new_email(), "clientId": self.client.id, "providerKey": self.provider_key}
        return least | {"inviteCode": code} | properties

    def register(self, code: str, **properties: Any) -> Json:
        """The tokens of somebody who registers with an invite code."""
        reply = self["anonymous"].call("registerUser", self.new_registration(code, **properties))
        tokens: Json = need(reply, status(201)).json
        return tokens

    def newcomer(self, tokens: Json) -> Caller:
        """Who has just registered, as a caller."""
        return Caller(self.api, self.wire, "newcomer", {"Authorization": f"Bearer {tokens['oidcAccessToken']}"}, known=True)

    def own_unit(self, caller: Caller) -> Json:
        """A unit of the caller's in the community; the test is skipped if there is none."""
        units: list[Json] = [unit for unit in self.read(caller, "listUnits") if unit["communityId"] == self.community]
        return units[0] if units else pytest.skip(f"{caller.name} has no unit in the community")

    # All of it

    def snapshot(self) -> Json:
        """All that the people of the tests see and that a request may change, by name: to be compared with a later one.

        Who is invited is seen only by who invites, so somebody is; who was invited for that is left out.
        """
        people = {role: self[role] for role in self.cast.roles}
        homes = {role: [int(home) for home in self.person(role).homes] for role in people}
        seen: Json = {}
        for home, caller in {home: people[role] for role in people for home in homes[role]}.items():
            seen[f"listTickets {home}"] = tickets = self.read(caller, "listTickets")
            seen |= {f"getTicket {one['id']}": self.ticket(caller, one["id"]) for one in tickets}
            seen[f"listActivities {home}"] = self.read(caller, "listActivities", community_id=home)
            seen[f"pendingUsers {home}"] = self._pending(caller, home)
        for operation in ("listNotifications", "getUnreadNotificationCount"):
            for role, caller in people.items():
                seen |= {f"{operation} {home} of {role}": self.read(caller, operation, community_id=home) for home in homes[role]}
        return seen

    def _pending(self, caller: Caller, community: int) -> list[Json]:
        body = self.new_invitation(email=self.new_email(WATCHER))
        made = need(self.ask(caller, "createInvitation", body, community_id=community), status(201)).json
        return [user for user in made["pendingUsers"].values() if WATCHER not in user["email"]]
