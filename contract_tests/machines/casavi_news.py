"""What the casavi machine reads and marks: notifications, pages, lists."""

from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st
from hypothesis.stateful import rule

from contract_tests.actors.caller import Answer
from contract_tests.actors.casavi import UNKNOWN_ID
from contract_tests.machines.casavi_ground import CasaviGround, callers, filters, homes, numbers
from contract_tests.machines.casavi_model import Person, page_of

USUAL = 20
ELSEWHERE = timezone(timedelta(hours=-3, minutes=-30))
PAGED = ("listAppointments", "listOfficialPosts", "listActivities", "listActivities")
LIMITS = (None, 1, 4, 10, 100)
moments = st.none() | numbers  # that of a notification, by its number


class NewsRules(CasaviGround):
    """Marking notifications, turning pages, reading what no operation changes."""

    @rule(
        role=callers,
        home=homes,
        number=numbers,
        owner=st.sampled_from(("oneself", "oneself", "oneself", "resident", "neighbour", "nobody")),
    )
    def mark(self, role: str, home: str, number: int, owner: str) -> None:
        role = self.role(role)
        who, place = self.who(role), self.place(role, home)
        owned = self.known(self.role(owner)) if owner not in {"oneself", "nobody"} else who
        notes = [news.id for rows in owned.notes.values() for news in rows if news.unread or number % 4 == 0] if owned else []
        id_ = UNKNOWN_ID if owner == "nobody" or not notes else notes[number % len(notes)]
        reply = self.ask(role, "markNotificationRead", community_id=place, notification_id=id_)
        self.answered(reply, self.model.marking(who, place, id_))
        if who and reply.status == 204:
            self._note_read(who, place, id_)
        for other in [home for home in who.homes if home != place] if who else []:
            elsewhere = self.ask(role, "markNotificationRead", community_id=other, notification_id=id_)
            self.answered(elsewhere, self.model.marking(who, other, id_))
            if who and elsewhere.status == 204:
                self._note_read(who, other, id_)
        self._look_at_marks(reply, role, who, place, owner)

    @rule(role=callers, home=homes)
    def mark_all(self, role: str, home: str) -> None:
        role = self.role(role)
        who, place = self.who(role), self.place(role, home)
        reply = self.ask(role, "markAllNotificationsRead", community_id=place)
        self.answered(reply, self.model.inside(who, place, 204))
        if who and reply.status == 204:
            self._note_read(who, place, None)
        self._look_at_marks(reply, role, who, place, "oneself")

    def _note_read(self, who: Person, place: int, id_: int | None) -> None:
        for news in who.notes[place]:
            if news.shown is not None and id_ in {None, news.id}:
                news.shown = news.shown | {"read": True}

    def _look_at_marks(self, reply: Answer, role: str, who: Person | None, place: int, owner: str) -> None:
        if who and place in who.homes:
            self.look_at_notes(role, who, place)
        other = self.role(owner)
        if reply.status in {403, 404} and other in self.keys and other != role:
            for home in self.known(other).homes:
                self.look_at_notes(other, self.known(other), home)
        neighbour = self._insider(place) if place in self.model.places else role
        if neighbour != role:
            self.look_at_notes(neighbour, self.known(neighbour), place)

    @rule(role=callers, home=homes)
    def count_unread(self, role: str, home: str) -> None:
        role = self.role(role)
        who, place = self.who(role), self.place(role, home)
        reply = self.ask(role, "getUnreadNotificationCount", community_id=place)
        self.answered(reply, self.model.inside(who, place))
        if who and reply.status == 200:
            self.agree(reply, "the number of unread notifications", self.unread(who, place), reply.json["count"])

    @rule(
        role=callers,
        home=homes,
        unread=st.sampled_from((None, "true", "true", "false")),
        after=moments,
        before=moments,
        away=st.booleans(),
    )
    def list_notes(self, role: str, home: str, unread: str | None, after: int | None, before: int | None, away: bool) -> None:
        role = self.role(role)
        who, place = self.who(role), self.place(role, home)
        moments = {"after": self._moment(who, place, after, away=away), "before": self._moment(who, place, before, away=False)}
        reply = self.ask(role, "listNotifications", query={"unreadOnly": unread} | moments, community_id=place)
        self.answered(reply, self.model.inside(who, place))
        if who and reply.status == 200:
            self.compare_notes(reply, who, place, unread=unread == "true", **moments)

    def _moment(self, who: Person | None, place: int, number: int | None, *, away: bool) -> str | None:
        """The time of a notification, in another time zone if `away`."""
        notes = who.notes.get(place) if who else None
        if number is None:
            return None
        shown = notes[number % len(notes)].shown if notes else None
        time = shown["createdAt"] if shown else "2024-01-12T10:15:00Z"
        return datetime.fromisoformat(time).astimezone(ELSEWHERE).isoformat() if away else str(time)

    @rule(
        role=callers,
        home=homes,
        operation=st.sampled_from(PAGED),
        page=st.none() | st.integers(0, 3),
        limit=st.sampled_from(LIMITS),
    )
    def turn_pages(self, role: str, home: str, operation: str, page: int | None, limit: int | None) -> None:
        """Reads a page, and the one after it."""
        role = self.role(role)
        who, place = self.who(role), self.place(role, home)
        size = self.model.sizes.get(operation) or limit or USUAL
        for number in (page, (page or 0) + 1):
            query = {"page": number} | ({} if operation == "listOfficialPosts" else {"limit": limit})
            reply = self.ask(role, operation, query=query, community_id=place)
            self.answered(reply, self.model.inside(who, place))
            if who is None or reply.status != 200:
                return
            if operation == "listActivities":
                self.compare_activities(reply, self.model.places[place], number or 0, size)
            else:
                self.agree(reply, "the page", page_of(self.model.places[place].fixed[operation], number or 0, size), reply.json)

    @rule(
        role=callers,
        home=homes,
        operation=st.sampled_from(("listTicketTypes", "listImportantContacts", "listFaqArticles", "getUnreadChatCount")),
    )
    def read_what_is_fixed(self, role: str, home: str, operation: str) -> None:
        role = self.role(role)
        who, place = self.who(role), self.place(role, home)
        query = {"community_id": place} if operation == "listFaqArticles" else {}
        reply = self.ask(role, operation, query=query, community_id=place)
        self.answered(reply, self.model.inside(who, place))
        if who and reply.status == 200:
            counted = operation == "getUnreadChatCount"
            self.agree(
                reply,
                "the answer",
                {"count": who.chats[place]} if counted else self.model.places[place].fixed[operation],
                reply.json,
            )

    @rule(role=callers, home=filters)
    def list_units(self, role: str, home: str) -> None:
        role = self.role(role)
        who, place = self.who(role), None if home == "all" else self.place(role, home)
        reply = self.ask(role, "listUnits", query={"community_id": place})
        self.answered(reply, self.model.inside(who, place))
        if who and reply.status == 200:
            self.agree(reply, "the units", self.model.units(who, place), reply.json)
