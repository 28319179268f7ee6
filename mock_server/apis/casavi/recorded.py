"""What recorded traffic shows of casavi, as a scenario's part: later answers count, and what is gone is gone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from mock_server.apis.casavi.people import fold_address
from mock_server.apis.casavi.recorded_part import part
from mock_server.apis.casavi.recorded_world import Community, Invitation, Ticket, World, number, number_in, rows_of
from mock_server.recordings import Logins, Notes, Person, Seen, Unknown, is_masked

_EVENTS = {"listActivities": "activities", "listAppointments": "appointments", "listOfficialPosts": "posts"}


class _Reader:
    """Takes one call after the other into the world."""

    def __init__(self, calls: Sequence[Seen], notes: Notes) -> None:
        self.notes = notes
        self.logins = Logins(calls, _identify, notes)
        self.world = World(users=dict.fromkeys(self.logins.people))
        for person in self.logins.people:
            self.world.people.setdefault(person, Person())
        for seen in calls:
            if 200 <= seen.status < 300:
                self._take(seen, self.logins.of(seen))
            elif seen.status == 404 and seen.operation == "getTicket":
                self.world.tickets.pop(number(seen.path["ticket_id"]), None)

    def _take(self, seen: Seen, who: Any) -> None:
        community_id = number(seen.path.get("community_id") or seen.query.get("community_id"))
        if community_id is not None and seen.known:
            self._community(community_id, who)
        take = getattr(self, f"_{_snake(seen.operation)}", None)
        if take:
            take(seen, community_id, who)

    def _community(self, identifier: int, who: Any = None) -> Community:
        """The one of that id, of which whoever was let in there is a member."""
        community = self.world.communities.setdefault(identifier, Community())
        if who is not None:
            community.members[who] = None
        return community

    # One for each operation that tells of something.

    def _register_user(self, seen: Seen, _: Any, __: Any) -> None:
        sent = seen.sent if isinstance(seen.sent, dict) else {}
        found = self._invited(sent.get("inviteCode"), sent.get("email"))
        if found is None:
            self.notes.add("people who registered with an invitation that was never seen")
            return
        community, key = found
        invitation = community.invitations.pop(key)
        self.world.users[invitation.contact] = None
        self._see(invitation.contact, sent)
        community.members[invitation.contact] = None
        if invitation.administrator:
            community.administrators[invitation.contact] = None
        if invitation.unit is not None:
            community.units[invitation.unit][invitation.contact] = None
        for name, key_ in (("clientId", "clients"), ("providerKey", "providers")):
            if isinstance(sent.get(name), str):
                getattr(self.world, key_)[sent[name]] = None

    def _invited(self, token: Any, email: Any) -> tuple[Community, Any] | None:
        address = fold_address(email) if isinstance(email, str) else ""
        for community in self.world.communities.values():
            for key, one in community.invitations.items():
                if (not is_masked(token) and one.token == token) or (address and one.email == address):
                    return community, key
        return None

    def _create_invitation(self, seen: Seen, community_id: int, who: Any) -> None:
        community, answer = self._community(community_id), seen.answer if isinstance(seen.answer, dict) else {}
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
            one.administrator, one.unit = row.get("isAdmin") is True, self._unit(row.get("unitId"), community_id)
            old = before.get(identifier)
            is_new = isinstance(sent.get("email"), str) and fold_address(sent["email"]) == one.email
            one.token = answer.get("inviteToken") if is_new else old.token if old else None
            community.invitations[identifier] = one
            self._see(one.contact, row)

    def _check_invite_token(self, seen: Seen, _: Any, __: Any) -> None:
        answer = seen.answer if isinstance(seen.answer, dict) else {}
        contact, homes = answer.get("contact"), rows_of(answer.get("communities"))
        identifier = self._person(contact)
        home = number(homes[0].get("id")) if homes else None
        if identifier is None or home is None or not isinstance(contact, dict):
            return
        community = self._named(home, homes[0])
        tenant = answer.get("tenant")
        if isinstance(tenant, dict) and isinstance(tenant.get("name"), str):
            community.tenant = tenant["name"]
        known = next((one for one in community.invitations.values() if one.contact == identifier), None)
        one = known or community.invitations.setdefault(f"contact {identifier}", Invitation(identifier))
        one.token = answer.get("tokenString") or one.token
        one.email = fold_address(str(contact.get("email", "")))
        one.administrator = isinstance(answer.get("roles"), list) and "administrator" in answer["roles"]

    def _list_units(self, seen: Seen, community_id: int | None, who: Any) -> None:
        for identifier, community in self.world.communities.items():
            for residents in community.units.values() if community_id in (None, identifier) else ():
                residents.pop(who, None)
        for row in rows_of(seen.answer):
            home = number_in(row, "communityId")
            unit = self._unit(row, home)
            if unit is not None and home is not None and who is not None:
                self._community(home, who).units[unit][who] = None

    def _unit(self, told: Any, home: int | None) -> int | None:
        """The id of a unit that a row or its id tells of."""
        identifier = number(told.get("id") if isinstance(told, dict) else told)
        if identifier is None or home is None:
            return None
        self._community(home).units.setdefault(identifier, {})
        if isinstance(told, dict) and isinstance(told.get("name"), str):
            self.world.unit_names[identifier] = told["name"]
        return identifier

    def _list_ticket_types(self, seen: Seen, community_id: int, _: Any) -> None:
        for row in rows_of(seen.answer):
            identifier = number_in(row)
            if identifier is not None:
                self._community(community_id).types[identifier] = None
                self.world.types[identifier] = row

    def _list_tickets(self, seen: Seen, _: Any, who: Any) -> None:
        for row in rows_of(seen.answer):
            self._ticket(row, who)

    def _get_ticket(self, seen: Seen, _: Any, who: Any) -> None:
        self._ticket(seen.answer, who)

    _create_ticket = _get_ticket

    def _ticket(self, row: Any, who: Any) -> None:
        identifier = number_in(row)
        home, kind = (row.get("Community"), row.get("TicketType")) if isinstance(row, dict) else (None, None)
        place, type_id = (number_in(one) for one in (home, kind))
        if identifier is None or place is None or type_id is None or not isinstance(kind, dict):
            return
        self._named(place, home)
        self._community(place, who).types[type_id] = None
        self.world.types.setdefault(type_id, kind)
        ticket = self.world.tickets.setdefault(identifier, Ticket(place, type_id))
        ticket.community, ticket.type = place, type_id
        ticket.row = {**ticket.row, **row}
        self._unit(row.get("Unit"), place)
        for key in ("AssignedTo", "CreatedBy"):
            self._person(row.get(key))
        if isinstance(row.get("TicketComments"), list):
            ticket.comments.clear()
        for comment in rows_of(row.get("TicketComments")):
            self._comment(ticket, comment)

    def _comment(self, ticket: Ticket, comment: Any) -> None:
        if (
            isinstance(comment, dict)
            and isinstance(comment.get("text"), str)
            and self._person(comment.get("CreatedBy")) is not None
        ):
            ticket.comments[number_in(comment)] = comment

    def _add_ticket_comment(self, seen: Seen, _: Any, __: Any) -> None:
        ticket = self.world.tickets.get(number(seen.path["ticket_id"]))
        if ticket is None:
            self.notes.add("comments on tickets that were never seen")
        else:
            self._comment(ticket, seen.answer)

    def _rows(self, seen: Seen, community_id: int, _: Any) -> None:
        """A page of activities, appointments or posts."""
        answer = seen.answer if isinstance(seen.answer, dict) else {}
        kept = getattr(self._community(community_id), _EVENTS[seen.operation])
        if answer.get("pageCount") in (0, 1) and seen.query.get("page", "0") == "0":
            kept.clear()
        for row in rows_of(answer.get("rows")):
            kept[number_in(row)] = row
            self._person(row.get("CreatedBy"))

    _list_activities = _list_appointments = _list_official_posts = _rows

    def _list_important_contacts(self, seen: Seen, community_id: int, _: Any) -> None:
        if isinstance(seen.answer, list):
            self._community(community_id).contacts = {number_in(row): row for row in rows_of(seen.answer)}

    def _list_faq_articles(self, seen: Seen, community_id: int | None, who: Any) -> None:
        answer = seen.answer if isinstance(seen.answer, dict) else {}
        groups, articles = rows_of(answer.get("groups")), rows_of(answer.get("items"))
        homes = [one for one, community in self.world.communities.items() if who in community.members]
        if community_id is None and len(homes) != 1:
            known = {one for community in self.world.communities.values() for one in community.groups}
            self.notes.add(
                "FAQ groups of several communities at once; ask for one with community_id",
                sum(number_in(row) not in known for row in groups),
            )
            return
        community = self._community(homes[0] if community_id is None else community_id)
        community.groups = {number_in(row): row for row in groups}
        community.articles = {number_in(row): row for row in articles}

    def _get_unread_chat_count(self, seen: Seen, community_id: int, who: Any) -> None:
        count = seen.answer.get("count") if isinstance(seen.answer, dict) else None
        if who is not None and isinstance(count, int):
            self._community(community_id).chats[who] = count

    def _get_unread_notification_count(self, seen: Seen, community_id: int, who: Any) -> None:
        count = seen.answer.get("count") if isinstance(seen.answer, dict) else None
        if who is not None and isinstance(count, int):
            self._community(community_id).unread[who] = count

    def _list_notifications(self, seen: Seen, community_id: int, who: Any) -> None:
        if who is None or not isinstance(seen.answer, dict):
            return
        mine = self._community(community_id).notifications.setdefault(who, {})
        rows = rows_of(seen.answer.get("rows"))
        if not {"after", "before"} & seen.query.keys() and seen.answer.get("count") == len(rows):
            unread_only = seen.query.get("unreadOnly", "false") == "true"
            kept = {key: {**row, "read": True} for key, row in mine.items()} if unread_only else {}
            mine.clear()
            mine.update(kept)
        mine.update({number_in(row): row for row in rows})

    def _mark_notification_read(self, seen: Seen, community_id: int, who: Any) -> None:
        identifier = number(seen.path["notification_id"])
        self._mark(community_id, who, lambda key: key == identifier)

    def _mark_all_notifications_read(self, _: Seen, community_id: int, who: Any) -> None:
        self._mark(community_id, who, lambda _: True)

    def _mark(self, community_id: int, who: Any, is_meant: Any) -> None:
        community = self._community(community_id)
        community.unread.pop(who, None)
        mine = community.notifications.get(who, {})
        mine.update({key: {**row, "read": True} for key, row in mine.items() if is_meant(key)})

    def _upload_file(self, _: Seen, __: Any, ___: Any) -> None:
        self.notes.add("uploaded files, which scenarios do not have")

    # What objects in answers tell.

    def _named(self, identifier: int, row: Any) -> Community:
        community = self._community(identifier)
        if isinstance(row.get("name"), str):
            community.name = row["name"]
        return community

    def _person(self, row: Any) -> int | None:
        """The id of a person whom an answer tells of."""
        identifier = number_in(row)
        if identifier is not None:
            self._see(identifier, row)
        return identifier

    def _see(self, identifier: Any, row: Any) -> None:
        person = self.world.people.setdefault(identifier, Person())
        for key, name in (("firstName", "firstname"), ("lastName", "lastname")):
            if isinstance(row.get(key), str):
                setattr(person, name, row[key])


def record(calls: Sequence[Seen], notes: Notes) -> tuple[dict[str, Any] | None, dict[Any, Person]]:
    """The scenario's part, with marks, and the people in it; None where nothing was seen."""
    world = _Reader(calls, notes).world
    return part(world, notes), world.people


def _identify(seen: Seen) -> Iterator[tuple[str, Any]]:
    """Who opens a ticket or comments on one stands in the answer; who registers is let in by it."""
    reference = seen.answer.get("contactExtRef") if seen.operation == "registerUser" and isinstance(seen.answer, dict) else None
    registered = re.fullmatch(r"c-(\d{1,10})", reference) if isinstance(reference, str) else None
    if registered and seen.gave:
        yield seen.gave, int(registered[1])
    if seen.operation in ("createTicket", "addTicketComment") and isinstance(seen.answer, dict):
        author = seen.answer.get("CreatedBy")
        identifier = number_in(author)
        if identifier is not None:
            yield seen.who, identifier


def _snake(name: str) -> str:
    return re.sub(r"(?=[A-Z])", "_", name).lower()
