"""What the casavi machine stands on: its people, the state that it finds, and its looks at all that there is."""

from typing import Any

from hypothesis import strategies as st

from contract_tests.actors.caller import Answer, Caller
from contract_tests.actors.casavi import UNKNOWN_ID, Casavi
from contract_tests.actors.people import Cast
from contract_tests.contract.finding import Kind
from contract_tests.machines.casavi_model import Community, Invitation, Model, News, Person, between, moment, page_of
from contract_tests.machines.walker import Json, Walker, done
from contract_tests.profile import Profile
from contract_tests.run.walks import Walks

MOST, FEW = 100, 8
SOON = 5.0  # seconds within which a notification follows its comment
FIXED = {"listAppointments": "start", "listOfficialPosts": "createdAt"}
PLAIN = ("listTicketTypes", "listImportantContacts")


callers = st.sampled_from(
    (*["resident"] * 4, *["neighbour"] * 4, "commuter", "commuter", "newcomer", "newcomer", "stranger", "anonymous")
)
homes = st.sampled_from((*["home"] * 8, "second", "second", "other", "unknown"))
filters = st.sampled_from(("all", "all", "home", "home", "second", "other", "unknown"))
numbers = st.integers(0, 19)


class CasaviGround(Walker):
    """Callers, the model, and comparisons of the two."""

    def __init__(self, walks: Walks, cast: Cast, profile: Profile, model: Model) -> None:
        super().__init__(walks)
        self.cast, self.model = cast, model
        self.casavi = Casavi(self.wire, cast, profile=profile)
        self.callers = {role: self.casavi[role] for role in (*cast.roles, "anonymous")}
        self.keys = {role: person.user_id for role, person in cast.roles.items()}
        self.asked = 0  # since the last look at everything

    # People

    def role(self, wanted: str) -> str:
        """Who plays a role, the resident where nobody does; `newcomer` is who registered last."""
        if wanted == "newcomer":
            return max((role for role in self.callers if role.startswith(wanted)), default="resident")
        return wanted if wanted in self.callers else "resident"

    def who(self, role: str) -> Person | None:
        return self.model.people.get(self.keys.get(role, ""))

    def known(self, role: str) -> Person:
        return self.model.people[self.keys[role]]

    def roles(self) -> dict[str, Person]:
        """Everybody once, by a role that they play."""
        return {role: self.model.people[key] for key, role in {key: role for role, key in self.keys.items()}.items()}

    def place(self, role: str, wanted: str) -> int:
        """The id of a community: one of the caller's, one of others, or none."""
        who = self.who(role) or self.known("resident")
        others = [id_ for id_ in self.model.places if id_ not in who.homes]
        known = {"home": who.homes[0], "second": who.homes[-1], "other": others[0] if others else UNKNOWN_ID}
        return known.get(wanted, UNKNOWN_ID)

    def _role_of(self, who: Person) -> str:
        return next(role for role, key in self.keys.items() if key == who.key)

    def _insider(self, place: int) -> str:
        return next(role for role, person in self.roles().items() if place in person.homes)

    def ask(self, role: str, operation: str, body: Any = None, *, query: Json | None = None, **path: Any) -> Answer:
        self.asked += 1
        return self.callers[role].call(operation, body, query=query, **path)

    def read(self, role: str, operation: str, query: Json | None = None, **path: Any) -> Answer:
        return self.answered(self.ask(role, operation, query=query, **path), done())

    # The state that is found

    def find(self) -> None:
        """Reads the state at the beginning; to see some of it, something has to be made, in a state that is thrown away."""
        for role, key in self.keys.items():
            principal = self.cast.roles[role]
            homes = [int(home) for home in principal.homes]
            person = self.model.people.setdefault(key, Person(key, homes, principal.email))
            person.tickets = [row["id"] for row in self.read(role, "listTickets").json]
            person.administers = homes if principal.is_administrator else []
            person.units = self.read(role, "listUnits").json
            for id_ in person.tickets:
                self.model.tickets[id_] = self.read(role, "getTicket", ticket_id=id_).json
            for place in homes:
                person.notes[place] = [News(row) for row in self._all_notes(role, place)]
                person.chats[place] = self.read(role, "getUnreadChatCount", community_id=place).json["count"]
                if place not in self.model.places:
                    self.model.places[place] = self._place(role, place)
        for role, person in self.roles().items():
            self._introduce(role, person)
        for community in self.model.places.values():
            self._find_pending(community)
        for token in self.casavi.profile.invite_tokens:
            self._note_invitation(token)

    def _place(self, role: str, id_: int) -> Community:
        place = Community(id_, activities=[News(row) for row in self._all_rows(role, "listActivities", id_)])
        for operation, time in FIXED.items():
            place.fixed[operation] = self._all_rows(role, operation, id_)
            times = [moment(row[time]) for row in place.fixed[operation]]
            if times != sorted(times, reverse=time == "createdAt"):
                answer = self.read(role, operation, community_id=id_)
                self.broken(answer, answer.wrong(Kind.BEHAVIOUR, detail=f"is not in the order of {time}"))
        for operation in PLAIN:
            place.fixed[operation] = self.read(role, operation, community_id=id_).json
        place.fixed["listFaqArticles"] = self.read(role, "listFaqArticles", {"community_id": id_}).json
        place.types = place.fixed["listTicketTypes"]
        return place

    def _all_rows(self, role: str, operation: str, id_: int) -> list[Json]:
        limit = {} if operation == "listOfficialPosts" else {"limit": MOST}
        first = self.read(role, operation, limit, community_id=id_).json
        rest = [self.read(role, operation, limit | {"page": page}, community_id=id_) for page in range(1, first["pageCount"])]
        if operation == "listOfficialPosts":
            self.model.sizes[operation] = first["pageSize"]
        return [row for page in (first, *(reply.json for reply in rest)) for row in page["rows"]]

    def _all_notes(self, role: str, id_: int) -> list[Json]:
        answer = self.read(role, "listNotifications", community_id=id_).json
        self.model.sizes["listNotifications"] = answer["pageSize"]
        rows: list[Json] = answer["rows"]
        while len(rows) < answer["count"]:
            more = self.read(role, "listNotifications", {"before": rows[-1]["createdAt"]}, community_id=id_).json["rows"]
            if not more:
                break
            rows += more
        return rows

    def _introduce(self, role: str, person: Person) -> None:
        """How a person is called shows when they open a ticket."""
        place = self.model.places[person.homes[0]]
        if place.types:
            body = self.casavi.new_ticket(self.callers[role], place.types[0], communityId=place.id)
            person.author = self.answered(self.ask(role, "createTicket", body), done(201)).json["CreatedBy"]

    def _find_pending(self, place: Community) -> None:
        """An invitation shows who else is invited."""
        body = self.casavi.new_invitation()
        reply = self.answered(self.ask(self._insider(place.id), "createInvitation", body, community_id=place.id), done(201))
        place.pending = {id_: row for id_, row in reply.json["pendingUsers"].items() if row["email"] != body["email"]}

    def _note_invitation(self, token: str) -> None:
        shown = self.read("anonymous", "checkInviteToken", {"invite_token": token}).json
        place = self.model.places.get(shown["communities"][0]["id"])
        pending = [row for row in place.pending.values() if row["email"] == shown["contact"]["email"]] if place else []
        if place and pending:
            self.model.invitations.append(Invitation(token, place.id, pending[0], str(pending[0]["id"]), shown))

    # Looks at what there is now

    def audit(self) -> None:
        """Compares everything that may have changed."""
        for role, person in self.roles().items():
            reply = self.read(role, "listTickets")
            self.agree(reply, "the tickets", self.model.listed(person, None), reply.json)
            for place in person.homes:
                self.look_at_notes(role, person, place)
        for place, role in {place: role for role, person in self.roles().items() for place in person.homes}.items():
            self.look_at_activities(role, self.model.places[place])

    def look_at_notes(self, role: str, person: Person, place: int) -> None:
        self.compare_notes(self.read(role, "listNotifications", community_id=place), person, place, unread=False)
        count = self.read(role, "getUnreadNotificationCount", community_id=place)
        self.agree(count, "the number of unread notifications", self.unread(person, place), count.json["count"])

    def look_at_activities(self, role: str, place: Community) -> None:
        self.compare_activities(self.read(role, "listActivities", {"limit": FEW}, community_id=place.id), place, 0, FEW)

    def look_at_news(self, ticket: Json) -> None:
        """What follows from a comment, for everybody who may see it."""
        id_ = ticket["Community"]["id"]
        neighbours = {role: person for role, person in self.roles().items() if id_ in person.homes}
        for role, person in neighbours.items():
            self.compare_notes(self.read(role, "listNotifications", community_id=id_), person, id_, unread=False)
        self.look_at_activities(next(iter(neighbours)), self.model.places[id_])

    def unread(self, person: Person, place: int) -> int:
        return sum(news.unread for news in person.notes[place])

    def compare_notes(
        self, reply: Answer, person: Person, place: int, *, unread: bool, after: str | None = None, before: str | None = None
    ) -> None:
        """New notifications have to be read without a filter once, before the model can say what a filter keeps."""
        notes = person.notes[place]
        if not unread and after is None and before is None:
            self._learn(reply, notes, reply.json["rows"])
        moments = [moment(text) if text else None for text in (after, before)]
        rows = list(between(notes, *moments, unread=unread))
        size = self.model.sizes["listNotifications"]
        shown = rows[:size]
        expected = {"pageSize": size, "count": len(rows), "rowsOnPage": len(shown), "rows": shown}
        self.agree(reply, "the notifications", expected, {name: reply.json.get(name) for name in expected})

    def compare_activities(self, reply: Answer, place: Community, page: int, size: int) -> None:
        if page == 0:
            self._learn(reply, place.activities, reply.json["rows"])
        rows = [news.shown for news in place.activities if news.shown is not None]
        self.agree(reply, "the activities", page_of(rows, page, size), reply.json)

    def _learn(self, reply: Answer, news: list[News], rows: list[Json]) -> None:
        """Takes over into the model what only the answer knows of new rows, such as their ids."""
        ids = {one.id for one in news}
        for one, row in zip(news, rows, strict=False):
            if one.shown is None:
                self.hold(reply, row["id"] not in ids, "lacks a new row", expected=f"one about ticket {one.ticket}", got=row)
                self.agree(reply, "the ticket that a new row is about", one.ticket, row.get("objectId", one.ticket))
                self.hold(reply, not row.get("read"), "shows a new row as read")
                apart = 0 if not one.time else abs((moment(row["createdAt"]) - moment(one.time)).total_seconds())
                self.hold(reply, apart < SOON, "shows another time than the comment has", expected=one.time, got=row["createdAt"])
                one.shown = row
        times = [one.shown["createdAt"] for one in news if one.shown]
        self.hold(reply, times == sorted(times, key=moment, reverse=True), "is not in the order of time, newest first", got=times)

    def compare_ticket(self, role: str, id_: int) -> None:
        reply = self.read(role, "getTicket", ticket_id=id_)
        self.agree(reply, "the ticket", self.model.tickets[id_], reply.json)

    def caller_of(self, tokens: Json) -> Caller:
        return Caller("casavi", self.wire, "newcomer", {"Authorization": f"Bearer {tokens['oidcAccessToken']}"}, known=True)
