"""What casavi has to hold and to answer, in dictionaries and lists: written from the source page and the spec alone."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from contract_tests.machines.walker import Expected, Json, done

WRITTEN = 201
EMPTY = 204


@dataclass
class News:
    """A row of notifications or activities; `shown` is None until it was read, `ticket` and `time` are those of the comment."""

    shown: Json | None
    ticket: int | None = None
    time: str = ""

    @property
    def id(self) -> int:
        return -1 if self.shown is None else int(self.shown["id"])

    @property
    def unread(self) -> bool:
        return self.shown is None or not self.shown["read"]


@dataclass
class Person:
    """Somebody who can log in: `author` is how tickets show them, None until they wrote something; lists have the newest first.

    `administers` is the communities into which they may invite administrators."""

    key: str
    homes: list[int]
    email: str | None = None
    author: Json | None = None
    units: list[Json] = field(default_factory=list)
    tickets: list[int] = field(default_factory=list)
    notes: dict[int, list[News]] = field(default_factory=dict)
    chats: dict[int, int] = field(default_factory=dict)
    administers: list[int] = field(default_factory=list)


@dataclass
class Community:
    """A community: `fixed` holds the rows and lists that no operation changes, by operation."""

    id: int
    types: list[Json] = field(default_factory=list)
    activities: list[News] = field(default_factory=list)
    pending: dict[str, Json] = field(default_factory=dict)
    fixed: dict[str, Any] = field(default_factory=dict)
    name: str | None = None


@dataclass
class Invitation:
    """A token that was handed out, and what it said when it was looked at."""

    token: str
    place: int
    body: Json
    pending: str = ""
    shown: Json | None = None
    used: bool = False


@dataclass
class Model:
    """People by key, communities and tickets by id."""

    people: dict[str, Person] = field(default_factory=dict)
    places: dict[int, Community] = field(default_factory=dict)
    tickets: dict[int, Json] = field(default_factory=dict)
    invitations: list[Invitation] = field(default_factory=list)
    subs: set[tuple[str, str]] = field(default_factory=set)
    sizes: dict[str, int] = field(default_factory=dict)  # of pages, where the target alone knows them

    # What is to be answered. `who` is None for somebody without a login.

    def inside(self, who: Person | None, place: int | None, code: int = 200) -> Expected:
        """What is about a community, or about all of the caller's if none is named."""
        return self._closed(who, place) or done(code)

    def ticket(self, who: Person | None, id_: int, code: int = 200) -> Expected:
        if who is None or id_ in self.tickets:
            return self._closed(who, self.tickets[id_]["Community"]["id"] if id_ in self.tickets else None) or done(code)
        return Expected(404, "there is no such ticket")

    def marking(self, who: Person | None, place: int, id_: int) -> Expected:
        closed = self._closed(who, place)
        if closed or who is None:
            return closed or done()
        known = id_ in {news.id for news in who.notes[place]}
        return done(EMPTY) if known else Expected(404, "the caller has no such notification there")

    def opening(self, who: Person | None, body: Json, fault: str) -> Expected:
        """`fault` is what is wrong with the fields of the body on purpose."""
        closed = self._closed(who, body["communityId"])
        if closed or who is None:
            return closed or done()
        if body["ticketTypeId"] not in {type_["id"] for type_ in self.places[body["communityId"]].types}:
            return Expected(404, "the community has no such ticket type")
        unit = self._unit(who, body["communityId"], body.get("unitId"))
        return unit or FIELD_FAULTS.get(fault) or done(WRITTEN)

    def inviting(self, who: Person | None, place: int, body: Json) -> Expected:
        closed = self._closed(who, place)
        if closed or who is None:
            return closed or done()
        if body.get("isAdmin") and place not in who.administers:
            return Expected(403, "only an administrator of the community invites administrators")
        if "contactId" in body:
            return Expected(404, "there is no such contact")
        return self._unit(who, place, body.get("unitId")) or self._known(place, body["email"]) or done(WRITTEN)

    def registering(self, invitation: Invitation | None, body: Json, *, known: bool) -> Expected:
        """`known` is whether client and provider are."""
        if invitation is None or not known:
            return Expected(404, "the code, the client or the provider is unknown")
        if invitation.used:
            return Expected(409, "the invitation was used")
        if body["email"] in self.emails() or (body["providerKey"], body.get("sub", "")) in self.subs:
            return Expected(409, "the person is a user already")
        return done(WRITTEN)

    # What the answers hold.

    def emails(self) -> set[str]:
        return {person.email for person in self.people.values() if person.email}

    def listed(self, who: Person, place: int | None) -> list[Json]:
        tickets = [self.tickets[id_] for id_ in who.tickets]
        return [summary(ticket) for ticket in tickets if place in {None, ticket["Community"]["id"]}]

    def units(self, who: Person, place: int | None) -> list[Json]:
        return [unit for unit in who.units if place in {None, unit["communityId"]}]

    # What writing does.

    def opened(self, ticket: Json) -> None:
        """The community gets an activity, and nobody a notification."""
        self.tickets[ticket["id"]] = ticket
        self.places[ticket["Community"]["id"]].activities.insert(0, News(None, ticket["id"]))
        for person in self.people.values():
            if ticket["Community"]["id"] in person.homes:
                person.tickets.insert(0, ticket["id"])

    def commented(self, id_: int, comment: Json) -> None:
        """Who opened the ticket and who commented before gets a notification, and the community an activity."""
        ticket = self.tickets[id_]
        place = ticket["Community"]["id"]
        concerned = {one["CreatedBy"]["id"] for one in (ticket, *ticket["TicketComments"])} - {comment["CreatedBy"]["id"]}
        self.tickets[id_] = ticket | {"TicketComments": [*ticket["TicketComments"], comment]}
        self.places[place].activities.insert(0, News(None, id_, comment["createdAt"]))
        for person in self.people.values():
            if place in person.homes and person.author and person.author["id"] in concerned:
                person.notes[place].insert(0, News(None, id_, comment["createdAt"]))

    def registered(self, invitation: Invitation, key: str, email: str) -> Person:
        place = invitation.place
        neighbour = next(person for person in self.people.values() if place in person.homes)
        seen = [id_ for id_ in neighbour.tickets if self.tickets[id_]["Community"]["id"] == place]
        person = Person(key, [place], email, tickets=seen, notes={place: []}, chats={place: 0})
        person.administers = [place] if invitation.body.get("isAdmin") else []
        self.people[key] = person
        invitation.used = True
        self.places[place].pending.pop(invitation.pending, None)
        return person

    # Refusals.

    def _closed(self, who: Person | None, place: int | None) -> Expected | None:
        if who is None:
            return Expected(401, "nobody is logged in")
        if place is not None and place not in self.places:
            return Expected(404, "there is no such community")
        return None if place is None or place in who.homes else Expected(403, "the community is of others")

    def _unit(self, who: Person, place: int, unit: int | None) -> Expected | None:
        if unit is None:
            return None
        known = {one["id"]: one for person in self.people.values() for one in person.units}
        if unit not in known:
            return Expected(404, "there is no such unit")
        if unit not in {one["id"] for one in who.units}:
            return Expected(403, "the unit is of others")
        return None if known[unit]["communityId"] == place else Expected(409, "the unit is of another community")

    def _known(self, place: int, email: str) -> Expected | None:
        if email in self.emails():
            return Expected(409, "the person is a user")
        pending = email in {row["email"] for row in self.places[place].pending.values()}
        return Expected(409, "the person is invited already") if pending else None


FIELD_FAULTS = {
    "a mandatory field is absent": Expected(409, "a mandatory field is absent"),
    "a field is foreign to the type": Expected(409, "a field is foreign to the type"),
    "a value is of another kind": Expected(409, "a value is not of the field's kind"),
    "an upload is unknown": Expected(404, "there is no such upload"),
}
SUMMARY = ("id", "identifier", "referenceId", "title", "status", "statusText", "Community", "TicketType")


def summary(ticket: Json) -> Json:
    return {name: ticket[name] for name in SUMMARY}


def title_of(type_: Json, fields: Json) -> str:
    """The first line of the first text, or else the name of the type."""
    texts = (str(fields[str(one["id"])]) for one in type_["fields"] if one["type"] == "text" and str(one["id"]) in fields)
    return next(texts, str(type_["name"])).split("\n")[0]


def shown_fields(type_: Json, fields: Json) -> dict[int, Json]:
    """What a ticket shows of its fields, by id."""
    names = {one["id"]: one for one in type_["fields"]}
    return {
        id_: {"id": id_, "label": one["label"], "type": one["type"], "value": fields[str(id_)]}
        for id_, one in names.items()
        if str(id_) in fields
    }


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def between(news: Iterable[News], after: datetime | None, before: datetime | None, *, unread: bool) -> Iterator[Json]:
    """The rows, all of which were read, that pass the filters."""
    for one in news:
        if one.shown is None or (unread and one.shown["read"]):
            continue
        time = moment(one.shown["createdAt"])
        if (after is None or time > after) and (before is None or time < before):
            yield one.shown


def page_of(rows: Sequence[Json], page: int, size: int) -> Json:
    return {
        "page": page,
        "pageCount": -(-len(rows) // size),
        "pageSize": size,
        "rows": list(rows[page * size : (page + 1) * size]),
    }
