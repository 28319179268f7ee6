"""What follows from a comment: who is notified, and what happens in the community."""

from datetime import datetime
from functools import partial

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import need, require, same, status
from contract_tests.contract.basis import inferred
from contract_tests.laws.casavi.test_ticket_fields import UNKNOWN_FILE
from contract_tests.laws.races import at_once

RACERS = 6
SOON = 5  # seconds


def _news(casavi: Casavi, caller: Caller, known: Json) -> list[Json]:
    """The notifications that are not among those known before, newest first."""
    ids = {row["id"] for row in known["rows"]}
    return [row for row in casavi.notifications(caller)["rows"] if row["id"] not in ids]


@inferred("addTicketComment: who opened the ticket gets a notification")
def test_who_opened_a_ticket_is_told_of_a_comment(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    before, count = casavi.notifications(resident), casavi.unread_count(resident)
    casavi.comment(neighbour, ticket["id"])
    told = [[row["type"], row.get("objectId"), row["read"]] for row in _news(casavi, resident, before)]
    same(told, [["ticket", ticket["id"], False]], "listNotifications", "does not show one unread notification of a comment")
    same(casavi.unread_count(resident), count + 1, "getUnreadNotificationCount", "does not rise by one with a comment")


@inferred("who wrote the comment gets no notification of it")
def test_nobody_is_told_of_his_own_comment(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    casavi.comment(resident, ticket)
    casavi.comment(neighbour, ticket)
    before = casavi.notifications(neighbour)
    casavi.comment(neighbour, ticket)
    same(casavi.notifications(neighbour), before, "listNotifications", "tells the author of a comment of it")


@inferred("addTicketComment: who commented before gets a notification, and once, however often they did")
def test_who_commented_before_is_told_once(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    for _ in range(2):
        casavi.comment(neighbour, ticket)
    before = casavi.notifications(neighbour)
    casavi.comment(resident, ticket)
    told = [[row["type"], row.get("objectId")] for row in _news(casavi, neighbour, before)]
    same(told, [["ticket", ticket]], "listNotifications", "does not tell once who commented before of a new comment")


@inferred("a comment concerns who opened the ticket and who commented before, and nobody else")
def test_who_has_no_part_in_a_ticket_is_not_told(casavi: Casavi, resident: Caller, neighbour: Caller, stranger: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    casavi.comment(neighbour, casavi.open_ticket(resident)["id"])  # another one
    before = casavi.notifications(neighbour)
    theirs = casavi.read(stranger, "listNotifications", community_id=casavi.elsewhere)
    casavi.comment(resident, ticket)
    same(casavi.notifications(neighbour), before, "listNotifications", "tells a neighbour of a ticket that they have no part in")
    after = casavi.read(stranger, "listNotifications", community_id=casavi.elsewhere)
    same(after, theirs, "listNotifications", "tells somebody of another community of a comment")


@inferred("nobody is told of a refused comment")
def test_nobody_is_told_of_a_refused_comment(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    before, activities = casavi.notifications(resident), casavi.read(resident, "listActivities")
    body = {"text": "see there", "attachments": [UNKNOWN_FILE]}
    need(neighbour.call("addTicketComment", body, ticket_id=ticket), status(400, 404))
    same(casavi.notifications(resident), before, "listNotifications", "tells of a comment that was refused")
    same(casavi.read(resident, "listActivities"), activities, "listActivities", "shows a comment that was refused")


@inferred("addTicketComment: the community gets an activity; activities stand newest first")
def test_a_comment_is_an_activity_of_the_community(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    before = casavi.read(resident, "listActivities")["rows"]
    comment = casavi.comment(neighbour, ticket)
    newest = _new_activity(casavi, resident, before, ticket)
    _is_of_that_moment("listActivities", newest, comment)


def _new_activity(casavi: Casavi, caller: Caller, before: list[Json], ticket: int) -> Json:
    """The only activity that is not among those before; it stands first. Raises ContractError."""
    after = casavi.read(caller, "listActivities")["rows"]
    ids = {row["id"] for row in before}
    news: list[Json] = [row for row in after if row["id"] not in ids]
    same(news, after[:1], "listActivities", "does not begin with one new row")
    same(news[0].get("objectId", ticket), ticket, "listActivities", "has a new row about another ticket")
    return news[0]


def _is_of_that_moment(operation: str, row: Json, comment: Json) -> None:
    apart = datetime.fromisoformat(row["createdAt"]) - datetime.fromisoformat(comment["createdAt"])
    near = abs(apart.total_seconds()) < SOON
    require(near, operation, "shows another time than the comment has", expected=comment["createdAt"], got=row["createdAt"])


@inferred("createTicket: the community gets an activity")
def test_a_new_ticket_is_an_activity_of_the_community(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    before = casavi.read(neighbour, "listActivities")["rows"]
    _new_activity(casavi, neighbour, before, casavi.open_ticket(resident)["id"])


@inferred("the newest notification is made at the moment of the comment, and stands first")
def test_the_newest_notification_stands_first(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    tickets = [casavi.open_ticket(resident)["id"] for _ in range(2)]
    for ticket in tickets:
        comment = casavi.comment(neighbour, ticket)
        newest = casavi.notifications(resident)["rows"][0]
        same(newest.get("objectId"), ticket, "listNotifications", "does not begin with the ticket that was commented on last")
        _is_of_that_moment("listNotifications", newest, comment)


@inferred("a stranger sees neither the notification nor the activity")
def test_a_comment_is_no_activity_elsewhere(casavi: Casavi, resident: Caller, neighbour: Caller, stranger: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    before = casavi.read(stranger, "listActivities", community_id=casavi.elsewhere)
    casavi.comment(neighbour, ticket)
    after = casavi.read(stranger, "listActivities", community_id=casavi.elsewhere)
    same(after, before, "listActivities", "shows a comment in another community")


@inferred("who asks for those before the last row they have misses none: comments at the same moment have different times")
def test_of_simultaneous_comments_each_is_told_once(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    before, count = casavi.notifications(resident), casavi.unread_count(resident)
    body = {"text": "at once"}
    for answer in at_once(*(partial(neighbour.twin().call, "addTicketComment", body, ticket_id=ticket) for _ in range(RACERS))):
        need(answer, status(201))
    news = _news(casavi, resident, before)
    told = [row.get("objectId") for row in news]
    same(told, [ticket] * RACERS, "listNotifications", f"does not tell once of each of {RACERS} comments at once")
    wanted = count + RACERS
    same(casavi.unread_count(resident), wanted, "getUnreadNotificationCount", f"does not count {RACERS} comments at once")
    ids = [row["id"] for row in news]
    for place, row in enumerate(news):
        older = [one["id"] for one in casavi.notifications(resident, before=row["createdAt"])["rows"]]
        wanted_ids = ids[place + 1 :]
        same(older[: len(wanted_ids)], wanted_ids, "listNotifications", "before a row lacks some that stand behind it")
