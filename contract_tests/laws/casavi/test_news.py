"""What follows from a comment: who is notified, and what happens in the community."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import expect, refusal, require, same
from contract_tests.contract.basis import inferred
from contract_tests.laws.casavi.test_ticket_fields import UNKNOWN_FILE

RACERS = 6


def _news(casavi: Casavi, caller: Caller, known: Json) -> list[Json]:
    """The notifications that are not among those known before, newest first."""
    ids = {row["id"] for row in known["rows"]}
    return [row for row in casavi.notifications(caller)["rows"] if row["id"] not in ids]


@inferred("addTicketComment: who opened the ticket gets a notification")
def test_who_opened_a_ticket_is_told_of_a_comment(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    before, count = casavi.notifications(resident), casavi.unread_count(resident)
    casavi.comment(neighbour, ticket["id"])
    news = _news(casavi, resident, before)
    told = [(row["type"], row.get("objectId"), row["read"]) for row in news]
    same(told, [("ticket", ticket["id"], False)], "listNotifications", f"after addTicketComment to {ticket['id']}: {news}")
    after = casavi.unread_count(resident)
    same(after, count + 1, "getUnreadNotificationCount", f"is {after} after one addTicketComment, {count} before")


@inferred("who wrote the comment gets no notification of it")
def test_nobody_is_told_of_his_own_comment(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    casavi.comment(resident, ticket)
    casavi.comment(neighbour, ticket)
    before = casavi.notifications(neighbour)
    casavi.comment(neighbour, ticket)
    same(casavi.notifications(neighbour), before, "listNotifications", "of the author after addTicketComment")


@inferred("addTicketComment: who commented before gets a notification, and once, however often he did")
def test_who_commented_before_is_told_once(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    for _ in range(2):
        casavi.comment(neighbour, ticket)
    before = casavi.notifications(neighbour)
    casavi.comment(resident, ticket)
    news = [(row["type"], row.get("objectId")) for row in _news(casavi, neighbour, before)]
    same(news, [("ticket", ticket)], "listNotifications", f"of who commented before, after addTicketComment to {ticket}: {news}")


@inferred("a comment concerns who opened the ticket and who commented before, and nobody else")
def test_who_has_no_part_in_a_ticket_is_not_told(casavi: Casavi, resident: Caller, neighbour: Caller, stranger: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    casavi.comment(neighbour, casavi.open_ticket(resident)["id"])  # another one
    before = casavi.notifications(neighbour)
    theirs = casavi.read(stranger, "listNotifications", community_id=casavi.elsewhere)
    casavi.comment(resident, ticket)
    same(casavi.notifications(neighbour), before, "listNotifications", "of a neighbour with no part in the ticket")
    after = casavi.read(stranger, "listNotifications", community_id=casavi.elsewhere)
    same(after, theirs, "listNotifications", "of a stranger after addTicketComment")


@inferred("a refused comment is no news")
def test_nobody_is_told_of_a_refused_comment(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    before, activities = casavi.notifications(resident), casavi.read(resident, "listActivities")
    body = {"text": "see there", "attachments": [UNKNOWN_FILE]}
    expect(neighbour.call("addTicketComment", body, ticket_id=ticket), refusal(404))
    same(casavi.notifications(resident), before, "listNotifications", "after a refused addTicketComment")
    same(casavi.read(resident, "listActivities"), activities, "listActivities", "after a refused addTicketComment")


@inferred("addTicketComment: the community gets an activity; activities stand newest first")
def test_a_comment_is_an_activity_of_the_community(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    before = casavi.read(resident, "listActivities", {"limit": 100})["rows"]
    comment = casavi.comment(neighbour, ticket)
    after = casavi.read(resident, "listActivities", {"limit": 100})["rows"]
    known = {row["id"] for row in before}
    same(
        [row["id"] for row in after if row["id"] not in known],
        [after[0]["id"]],
        "listActivities",
        f"after addTicketComment begins with {after[:2]}",
    )
    same(after[0].get("objectId", ticket), ticket, "listActivities", f"after addTicketComment to {ticket}: {after[0]}")
    apart = abs(datetime.fromisoformat(after[0]["createdAt"]) - datetime.fromisoformat(comment["createdAt"]))
    require(apart.total_seconds() < 5, "listActivities", f"says {after[0]['createdAt']}, the comment {comment['createdAt']}")


@inferred("createTicket: the community gets an activity")
def test_a_new_ticket_is_an_activity_of_the_community(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    before = casavi.read(neighbour, "listActivities", {"limit": 100})["rows"]
    ticket = casavi.open_ticket(resident)["id"]
    after = casavi.read(neighbour, "listActivities", {"limit": 100})["rows"]
    known = {row["id"] for row in before}
    news = [row for row in after if row["id"] not in known]
    same(news, after[:1], "listActivities", f"after createTicket begins with {after[:2]}, new are {news}")
    same(news[0].get("objectId", ticket), ticket, "listActivities", f"after createTicket of {ticket}: {news}")


@inferred("the newest notification is made at the moment of the comment, and stands first")
def test_the_newest_notification_stands_first(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    tickets = [casavi.open_ticket(resident)["id"] for _ in range(2)]
    for ticket in tickets:
        comment = casavi.comment(neighbour, ticket)
        newest = casavi.notifications(resident)["rows"][0]
        same(newest.get("objectId"), ticket, "listNotifications", f"begins with {newest} after addTicketComment to {ticket}")
        apart = abs(datetime.fromisoformat(newest["createdAt"]) - datetime.fromisoformat(comment["createdAt"]))
        require(apart.total_seconds() < 5, "listNotifications", f"says {newest['createdAt']}, the comment {comment['createdAt']}")


@inferred("a stranger sees neither the notification nor the activity")
def test_a_comment_is_no_activity_elsewhere(casavi: Casavi, resident: Caller, neighbour: Caller, stranger: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    before = casavi.read(stranger, "listActivities", community_id=casavi.elsewhere)
    casavi.comment(neighbour, ticket)
    after = casavi.read(stranger, "listActivities", community_id=casavi.elsewhere)
    same(after, before, "listActivities", "of another community after addTicketComment")


@inferred("who asks for those before the last row he has misses none: of comments at the same moment each has a time of its own")
def test_of_simultaneous_comments_each_is_told_once(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    before, count = casavi.notifications(resident), casavi.unread_count(resident)
    with ThreadPoolExecutor(RACERS) as pool:
        list(pool.map(lambda _: casavi.comment(neighbour.twin(), ticket), range(RACERS)))
    news = _news(casavi, resident, before)
    same(
        [row.get("objectId") for row in news], [ticket] * RACERS, "listNotifications", f"after {RACERS} addTicketComment: {news}"
    )
    after = casavi.unread_count(resident)
    same(
        after, count + RACERS, "getUnreadNotificationCount", f"is {after} after {RACERS} addTicketComment at once, {count} before"
    )
    for row in news:
        older = [one["id"] for one in casavi.notifications(resident, before=row["createdAt"])["rows"]]
        wanted = [one["id"] for one in news[news.index(row) + 1 :]]
        same(older[: len(wanted)], wanted, "listNotifications", f"before {row['createdAt']} shows {older}, older are {wanted}")
