"""From what was recorded of casavi to the shape of a scenario, with marks for ids, people and texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.apis.casavi.recorded_rows import (
    TITLE,
    age,
    faq_group,
    important_contact,
    in_order,
    is_name,
    person_of,
    rating_of,
    text_of,
    ticket_text,
    time_of,
    times_in,
)
from mock_server.apis.casavi.recorded_world import Community, Invitation, Row, Ticket, World, number_in, rows_of
from mock_server.recordings import Kept, Label, Notes, Number, OfPerson, Text, Unknown, moment_of

_LONG_AGO = "2000-01-01T00:00:00.000Z"
_STATUSES, _KINDS = ("OPEN", "IN_PROGRESS", "CLOSED"), ("text", "number", "boolean", "date", "select", "file")
_MOST_UNREAD = 100_000
_CALLBACK = "http://localhost:3000/callback"


def part(world: World, notes: Notes) -> dict[str, Any] | None:
    """The scenario's part, None where there is nothing in it."""
    if not world.communities:
        notes.add("people of casavi, of whom no community was seen", len(world.users))
        return None
    return _Part(world, notes).made()


class _Part:
    def __init__(self, world: World, notes: Notes) -> None:
        self._world = world
        self._notes = notes
        self._times = [time for time in map(moment_of, times_in(world)) if time]
        self._contacts: dict[Any, None] = {}
        self._invited: dict[Any, None] = {}

    def made(self) -> dict[str, Any]:
        world = self._world
        tenants = dict.fromkeys(one.tenant or "" for one in world.communities.values())
        # First, since it tells which people there have to be.
        communities = [self._community(identifier, world.communities[identifier]) for identifier in sorted(world.communities)]
        # Last, since whoever is among the people already cannot be there twice.
        for identifier, made in zip(sorted(world.communities), communities, strict=True):
            invitations = list(self._invitations(identifier, world.communities[identifier].invitations))
            made.update({"invitations": invitations} if invitations else {})
        clients = [name for name in ("casavi-web", *world.clients) if is_name(name)]
        return {
            "time": min(self._times, default=_LONG_AGO),
            "tenants": [{"name": Text("tenant", name, TITLE)} for name in tenants],
            "providers": [name for name in dict.fromkeys(("casavi", *world.providers)) if is_name(name)],
            "clients": [
                {"client_id": name, "native": True, "redirect_uris": [_CALLBACK], "post_logout_redirect_uris": [_CALLBACK]}
                for name in dict.fromkeys(clients)
            ],
            "contacts": [person_of(one) for one in self._contacts if one not in world.users],
            "users": [{**person_of(one), "password": OfPerson("password", "casavi", one)} for one in world.users],
            "communities": communities,
        }

    def _name(self, identifier: Any) -> OfPerson:
        """How somebody is referred to, who has to be among the people then."""
        self._contacts[identifier] = None
        return OfPerson("name", "casavi", identifier)

    def _community(self, identifier: int, one: Community) -> dict[str, Any]:
        manager = self._manager(identifier, one)
        everything = {
            "id": Number("community", identifier),
            "name": Text("community", one.name or f"\0{identifier}", TITLE),
            "tenant": Text("tenant", one.tenant or "", TITLE),
            "manager": self._name(manager),
            "administrators": [self._name(who) for who in one.administrators],
            "members": [self._name(who) for who in one.members],
            "units": [self._unit(unit, one.units[unit], identifier) for unit in sorted(one.units)],
            "ticket_types": [self._type(kind, identifier) for kind in sorted(one.types)],
            "tickets": [
                self._ticket(key, ticket, manager)
                for key, ticket in sorted(self._world.tickets.items())
                if ticket.community == identifier
            ],
            "appointments": [found for row in in_order(one.appointments) for found in self._appointment(row)],
            "official_posts": [self._post(row, manager) for row in in_order(one.posts)],
            "important_contacts": [important_contact(row) for row in in_order(one.contacts)],
            "faq_groups": self._faq(one, identifier),
            "activities": [self._event(row) for row in in_order(one.activities)],
            "notifications": list(self._notifications(one)),
            "unread_chats": [{"of": self._name(who), "count": min(count, _MOST_UNREAD)} for who, count in one.chats.items()],
        }
        return {key: value for key, value in everything.items() if value != []}

    def _manager(self, identifier: int, one: Community) -> Any:
        """Whoever writes its posts, or takes care of its tickets; made up where nobody was seen to."""
        posts = (row.get("CreatedBy") for row in in_order(one.posts))
        tickets = (ticket.row.get("AssignedTo") for ticket in self._world.tickets.values() if ticket.community == identifier)
        known = (number_in(row) for row in (*posts, *tickets))
        return next((who for who in known if who is not None), Unknown("manager", identifier))

    def _unit(self, unit: int, residents: Mapping[Any, None], community_id: int) -> dict[str, Any]:
        name = self._world.unit_names.get(unit, "")
        return {
            "id": Number("unit", (unit, community_id)),
            "name": Text("unit", name or f"\0{unit}", TITLE),
            "residents": [self._name(who) for who in residents],
        }

    def _type(self, kind: int, community_id: int) -> dict[str, Any]:
        row = self._world.types[kind]
        if not isinstance(row.get("fields"), list):
            self._notes.add("ticket types that were named and never listed, so they have no fields")
        fields = {
            number_in(one): one for one in rows_of(row.get("fields")) if one.get("type") in _KINDS and number_in(one) is not None
        }
        optional = {"description": Text("text", row["description"])} if isinstance(row.get("description"), str) else {}
        return {
            "id": Number("ticket type", (kind, community_id)),
            "name": self._type_name(kind, community_id),
            **optional,
            "fields": [self._field(key, kind, fields[key]) for key in fields],
        }

    def _type_name(self, kind: int, community_id: int) -> Kept:
        """Its own, unless one with a lower id has the same."""
        name = text_of(self._world.types[kind].get("name"))
        lower = (one for one in self._world.communities[community_id].types if one < kind)
        same = any(text_of(self._world.types[one].get("name")).strip() == name.strip() for one in lower)
        return Kept("ticket type", f"{name[:200]} ({kind})" if same or not name.strip() else name[:200])

    def _field(self, key: Any, kind: int, row: Row) -> dict[str, Any]:
        given = row.get("options")
        options = [Kept("option", one) for one in given if isinstance(one, str)] if isinstance(given, list) else []
        is_select = row["type"] == "select"
        return {
            "id": Number("field", (key, kind)),
            "label": Kept("label", text_of(row.get("label"))),
            "type": "text" if is_select and not options else row["type"],
            "required": row.get("required") is True,
            **({"options": options} if options else {}),
        }

    def _ticket(self, key: int, ticket: Ticket, manager: Any) -> dict[str, Any]:
        row, creator = ticket.row, number_in(ticket.row.get("CreatedBy"))
        if creator is None:
            self._notes.add("tickets that were only seen in a list; they have no text, and are the manager's")
        self._tell_left_out(row)
        status, unit, assigned = row.get("status"), number_in(row.get("Unit")), number_in(row.get("AssignedTo"))
        known_unit = unit in self._world.communities[ticket.community].units
        rating = rating_of(row.get("TicketRating"))
        return {
            "id": Number("ticket", key),
            "type": self._type_name(ticket.type, ticket.community),
            "by": self._name(manager if creator is None else creator),
            "title": Text("ticket", text_of(row.get("title")), TITLE),
            "text": Text("text", ticket_text(row)),
            **({"unit": Number("unit", (unit, ticket.community))} if known_unit else {}),
            "status": status if status in _STATUSES else "OPEN",
            **({"assigned_to": self._name(assigned)} if assigned is not None else {}),
            **({"rating": rating} if rating else {}),
            "comments": [self._comment(one) for one in sorted(ticket.comments.values(), key=age)],
        }

    def _tell_left_out(self, row: Row) -> None:
        fields = rows_of(row.get("customFields"))
        more = len(fields) - any(one.get("type") == "text" for one in fields)
        self._notes.add("fields of tickets beyond their first text, which scenarios do not have", more)
        attached = rows_of(row.get("TicketComments"))
        files = sum(len(rows_of(one.get("Attachments"))) for one in (row, *attached))
        self._notes.add("attachments, which scenarios do not have", files)
        if row.get("status") not in _STATUSES:
            self._notes.add("tickets with a status that scenarios do not have; they are open")

    def _comment(self, row: Row) -> dict[str, Any]:
        return {"by": self._name(number_in(row["CreatedBy"])), "text": Text("text", row["text"]), **time_of(row.get("createdAt"))}

    def _invitations(self, community_id: int, invitations: Mapping[Any, Invitation]) -> Iterator[dict[str, Any]]:
        for key in sorted(invitations, key=str):
            one = invitations[key]
            known = one.contact in self._contacts or one.contact in self._world.users or one.contact in self._invited
            self._invited[one.contact] = None
            yield {
                "contact": {
                    **({} if known else {"id": Number("person", one.contact)}),
                    **{what: OfPerson(what, "casavi", one.contact) for what in ("firstname", "lastname", "email")},
                },
                "token": Label("invite", (community_id, str(key))),
                **({"unit": Number("unit", (one.unit, community_id))} if one.unit is not None else {}),
                **({"administrator": True} if one.administrator else {}),
            }

    def _appointment(self, row: Row) -> Iterator[dict[str, Any]]:
        start, end = moment_of(row.get("start")), moment_of(row.get("end"))
        if start is None or end is None:
            self._notes.add("appointments without a time")
            return
        optional = {key: Text("text", row[key]) for key in ("description", "location") if isinstance(row.get(key), str)}
        title = Text("appointment", text_of(row.get("title")), TITLE)
        yield {"title": title, **optional, "start": start, "end": end, "all_day": row.get("allDay") is True}

    def _post(self, row: Row, manager: Any) -> dict[str, Any]:
        author = number_in(row.get("CreatedBy"))
        self._notes.add("attachments, which scenarios do not have", len(rows_of(row.get("Attachments"))))
        return {
            "by": self._name(manager if author is None else author),
            "title": Text("post", text_of(row.get("title")), TITLE),
            "text": Text("text", text_of(row.get("text"))),
            **time_of(row.get("createdAt")),
        }

    def _faq(self, one: Community, community_id: int) -> list[dict[str, Any]]:
        groups = {number_in(row): faq_group(row) for row in in_order(one.groups)}
        for row in in_order(one.articles):
            group, kind = groups.get(number_in(row, "groupId")), number_in(row, "ticketTypeId")
            if group is None:
                self._notes.add("FAQ articles without a group, which scenarios do not have")
                continue
            texts = {key: Text(key, text_of(row.get(key))) for key in ("question", "answer")}
            spares = {"ticket_type": self._type_name(kind, community_id)} if kind is not None and kind in one.types else {}
            group["articles"].append({**texts, **spares})
        return list(groups.values())

    def _event(self, row: Row) -> dict[str, Any]:
        kind, thing = text_of(row.get("type")), row.get("objectId")
        is_ticket = "ticket" in kind and isinstance(thing, int) and thing in self._world.tickets
        if thing is not None and not is_ticket:
            self._notes.add("what activities and notifications are about, if it is no ticket that was seen")
        return {
            "type": Kept("type", kind or "-"),
            "title": Text("event", text_of(row.get("title")), TITLE),
            "text": Text("text", text_of(row.get("text"))),
            **time_of(row.get("createdAt")),
            **({"object": Number("ticket", thing)} if is_ticket else {}),
        }

    def _notifications(self, one: Community) -> Iterator[dict[str, Any]]:
        rows = [(key, who, row) for who, mine in one.notifications.items() for key, row in mine.items()]
        for _, who, row in sorted(rows, key=lambda found: found[0] or 0):
            yield {"to": [self._name(who)], **self._event(row), "read": row.get("read") is True}
        for who, count in one.unread.items():
            listed = sum(row.get("read") is not True for row in one.notifications.get(who, {}).values())
            self._notes.add("unread notifications that were counted and never listed", max(count - listed, 0))
