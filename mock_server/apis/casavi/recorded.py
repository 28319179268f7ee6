"""What recorded traffic shows of casavi, as a scenario's part: later answers count, and what is gone is gone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mock_server.apis.casavi import recorded_people, recorded_tickets
from mock_server.apis.casavi.recorded_part import part
from mock_server.apis.casavi.recorded_world import World, number, number_in, rows_of
from mock_server.recordings import Logins, Notes, Person, Seen

_EVENTS = {"listActivities": "activities", "listAppointments": "appointments", "listOfficialPosts": "posts"}


def record(calls: Sequence[Seen], notes: Notes) -> tuple[dict[str, Any] | None, dict[Any, Person]]:
    """The scenario's part, with marks, and the people in it; None where nothing was seen."""
    logins = Logins(calls, _identify, notes)
    world = World(notes, users=dict.fromkeys(logins.people), people={person: Person() for person in logins.people})
    for seen in calls:
        if 200 <= seen.status < 300:
            _take(world, seen, logins.of(seen))
        elif seen.status == 404 and seen.operation == "getTicket":
            world.tickets.pop(number(seen.path["ticket_id"]), None)
    notes.add("comments on tickets that were never seen", sum(map(len, world.early.values())))
    return part(world, notes), world.people


def _take(world: World, seen: Seen, who: Any) -> None:
    community_id = number(seen.path.get("community_id") or seen.query.get("community_id"))
    if community_id is None and "community_id" in seen.path:
        world.notes.add("answers about communities whose ids are no numbers")
        return
    if community_id is not None and seen.known:
        world.community(community_id, who)
    if seen.operation in _TELL:
        _TELL[seen.operation](world, seen, community_id, who)


def _identify(seen: Seen) -> Iterator[tuple[str, Any]]:
    """Who opens a ticket or comments on one stands in the answer; who registers is let in by it."""
    reference = seen.answer.get("contactExtRef") if seen.operation == "registerUser" and isinstance(seen.answer, dict) else None
    registered = re.fullmatch(r"c-(\d{1,10})", reference) if isinstance(reference, str) else None
    if registered and seen.gave:
        yield seen.gave, int(registered[1])
    if seen.operation in ("createTicket", "addTicketComment") and isinstance(seen.answer, dict):
        identifier = number_in(seen.answer.get("CreatedBy"))
        if identifier is not None:
            yield seen.who, identifier


def list_units(world: World, seen: Seen, community_id: int | None, who: Any) -> None:
    for identifier, community in world.communities.items():
        for residents in community.units.values() if community_id in (None, identifier) else ():
            residents.pop(who, None)
    for row in rows_of(seen.answer):
        home = number_in(row, "communityId")
        unit = world.unit(row, home)
        if unit is not None and home is not None and who is not None:
            world.community(home, who).units[unit][who] = None


def rows(world: World, seen: Seen, community_id: int, _: Any) -> None:
    """A page of activities, appointments or posts."""
    answer = seen.answer if isinstance(seen.answer, dict) else {}
    kept = getattr(world.community(community_id), _EVENTS[seen.operation])
    if answer.get("pageCount") in (0, 1) and seen.query.get("page", "0") == "0":
        kept.clear()
    if not isinstance(answer.get("rows"), list):
        world.notes.add(f"answers of {seen.operation} without rows")
    for row in rows_of(answer.get("rows")):
        kept[number_in(row)] = row
        world.person(row.get("CreatedBy"))


def list_important_contacts(world: World, seen: Seen, community_id: int, _: Any) -> None:
    if isinstance(seen.answer, list):
        world.community(community_id).contacts = {number_in(row): row for row in rows_of(seen.answer)}


def list_faq_articles(world: World, seen: Seen, community_id: int | None, who: Any) -> None:
    answer = seen.answer if isinstance(seen.answer, dict) else {}
    groups, articles = rows_of(answer.get("groups")), rows_of(answer.get("items"))
    homes = [one for one, community in world.communities.items() if who in community.members]
    if community_id is None and len(homes) != 1:
        known = {one for community in world.communities.values() for one in community.groups}
        world.notes.add(
            "FAQ groups of several communities at once; ask for one with community_id",
            sum(number_in(row) not in known for row in groups),
        )
        return
    community = world.community(homes[0] if community_id is None else community_id)
    community.groups = {number_in(row): row for row in groups}
    community.articles = {number_in(row): row for row in articles}


def get_unread_chat_count(world: World, seen: Seen, community_id: int, who: Any) -> None:
    count = number_in(seen.answer, "count")
    if who is not None and count is not None:
        world.community(community_id).chats[who] = count


def get_unread_notification_count(world: World, seen: Seen, community_id: int, who: Any) -> None:
    count = number_in(seen.answer, "count")
    if who is not None and count is not None:
        world.community(community_id).unread[who] = count


def list_notifications(world: World, seen: Seen, community_id: int, who: Any) -> None:
    if who is None or not isinstance(seen.answer, dict):
        return
    mine = world.community(community_id).notifications.setdefault(who, {})
    rows = rows_of(seen.answer.get("rows"))
    if not {"after", "before"} & seen.query.keys() and seen.answer.get("count") == len(rows):
        unread_only = seen.query.get("unreadOnly", "false") == "true"
        kept = {key: {**row, "read": True} for key, row in mine.items()} if unread_only else {}
        mine.clear()
        mine.update(kept)
    mine.update({number_in(row): row for row in rows})


def mark_notification_read(world: World, seen: Seen, community_id: int, who: Any) -> None:
    identifier = number(seen.path["notification_id"])
    _mark(world, community_id, who, lambda key: key == identifier)


def mark_all_notifications_read(world: World, _: Seen, community_id: int, who: Any) -> None:
    _mark(world, community_id, who, lambda _: True)


def _mark(world: World, community_id: int, who: Any, is_meant: Any) -> None:
    community = world.community(community_id)
    community.unread.pop(who, None)
    mine = community.notifications.get(who, {})
    mine.update({key: {**row, "read": True} for key, row in mine.items() if is_meant(key)})


def upload_file(world: World, _: Seen, __: Any, ___: Any) -> None:
    world.notes.add("uploaded files, which scenarios do not have")


# What each operation tells. Of the others nothing is to be had for a scenario.
_TELL: Mapping[str, Callable[[World, Seen, Any, Any], None]] = {
    "registerUser": recorded_people.register_user,
    "createInvitation": recorded_people.create_invitation,
    "checkInviteToken": recorded_people.check_invite_token,
    "listTickets": recorded_tickets.list_tickets,
    "createTicket": recorded_tickets.get_ticket,
    "getTicket": recorded_tickets.get_ticket,
    "addTicketComment": recorded_tickets.add_ticket_comment,
    "listTicketTypes": recorded_tickets.list_ticket_types,
    "listUnits": list_units,
    "listActivities": rows,
    "listAppointments": rows,
    "listOfficialPosts": rows,
    "listImportantContacts": list_important_contacts,
    "listFaqArticles": list_faq_articles,
    "getUnreadChatCount": get_unread_chat_count,
    "getUnreadNotificationCount": get_unread_notification_count,
    "listNotifications": list_notifications,
    "markNotificationRead": mark_notification_read,
    "markAllNotificationsRead": mark_all_notifications_read,
    "uploadFile": upload_file,
}
