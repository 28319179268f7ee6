"""Notifications: what is listed, counted and filtered, and what marking them as read does."""

from datetime import datetime, timedelta, timezone
from functools import partial

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import UNKNOWN_ID, Casavi, Json
from contract_tests.actors.expectations import each_once, expect, json_is, need, refusal, same, status
from contract_tests.contract.basis import inferred
from contract_tests.laws.races import at_once

RACERS = 6
MOST = 40  # rows of an answer that are worth a test
MORE = "there are more notifications than an answer has"
ELSEWHERE = timezone(timedelta(hours=5, minutes=30))


def _time(row: Json) -> datetime:
    return datetime.fromisoformat(row["createdAt"])


def _mark(casavi: Casavi, caller: Caller, id_: int) -> None:
    need(casavi.ask(caller, "markNotificationRead", notification_id=id_), status(204))


def _mark_all(casavi: Casavi, caller: Caller) -> None:
    need(casavi.ask(caller, "markAllNotificationsRead"), status(204))


def _elsewhere(casavi: Casavi) -> int:
    """Another community of the commuter's."""
    return next(int(home) for home in casavi.person("commuter").homes if int(home) != casavi.community)


def _ids(rows: list[Json]) -> list[int]:
    return [row["id"] for row in rows]


@inferred("the count is of unread notifications")
def test_the_count_is_that_of_the_unread_ones(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.unread(resident, neighbour, 2)
    page, count = casavi.notifications(resident), casavi.unread_count(resident)
    if page["count"] > page["rowsOnPage"]:
        pytest.skip(MORE)
    wanted = sum(not row["read"] for row in page["rows"])
    same(count, wanted, "getUnreadNotificationCount", "counts other notifications than listNotifications shows as unread")


@inferred("unreadOnly: only unread notifications are returned, and all of them; false is the default")
def test_unread_only_keeps_the_unread_ones(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    _mark(casavi, resident, casavi.unread(resident, neighbour, 2)[0]["id"])
    whole, unread = casavi.notifications(resident), casavi.notifications(resident, unreadOnly="true")
    if whole["count"] > whole["rowsOnPage"]:
        pytest.skip(MORE)
    wanted = _ids([row for row in whole["rows"] if not row["read"]])
    same(_ids(unread["rows"]), wanted, "listNotifications", "with unreadOnly=true shows others than the unread ones")
    same(unread["count"], len(wanted), "listNotifications", "with unreadOnly=true counts others than the unread ones")
    same(casavi.notifications(resident, unreadOnly="false"), whole, "listNotifications", "with unreadOnly=false leaves some out")


@pytest.mark.parametrize("query", [{}, {"unreadOnly": "true"}], ids=["all", "unread"])
@inferred("count: how many pass the filters; rowsOnPage: how many rows this answer has, pageSize at most")
def test_the_numbers_of_an_answer_are_right(casavi: Casavi, resident: Caller, neighbour: Caller, query: Json) -> None:
    casavi.unread(resident, neighbour, 2)
    page = casavi.notifications(resident, **query)
    same(page["rowsOnPage"], len(page["rows"]), "listNotifications", "says another number in rowsOnPage than it has rows")
    most = min(page["count"], page["pageSize"])
    same(len(page["rows"]), most, "listNotifications", "has another number of rows than count and pageSize make")


@inferred("to see older ones, ask for those before the last row's createdAt; rows are pageSize at most, and count tells them all")
def test_what_one_answer_cannot_hold_is_found_before_it(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    page = casavi.notifications(resident)
    if page["pageSize"] > MOST:
        pytest.skip(f"it takes more than {page['pageSize']} comments to fill an answer")
    ticket = casavi.open_ticket(resident)["id"]
    made = page["pageSize"] + 1
    for _ in range(made):
        casavi.comment(neighbour, ticket)
    rows: list[Json] = []
    wanted = page["count"] + made
    while left := wanted - len(rows):
        page = casavi.notifications(resident, **({"before": rows[-1]["createdAt"]} if rows else {}))
        shown = {"count": page["count"], "rowsOnPage": page["rowsOnPage"], "rows": len(page["rows"])}
        most = min(left, page["pageSize"])
        sizes = {"count": left, "rowsOnPage": most, "rows": most}
        same(shown, sizes, "listNotifications", "before a row does not count those that are left")
        rows += page["rows"]
    each_once(_ids(rows), "listNotifications")
    told = [row.get("objectId") for row in rows[:made]]
    same(told, [ticket] * made, "listNotifications", "does not begin with the newest notifications")


@inferred("notifications are listed newest first, each once")
def test_notifications_stand_newest_first(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    _mark(casavi, resident, casavi.unread(resident, neighbour, 3)[0]["id"])  # be it read or not
    rows = casavi.notifications(resident)["rows"]
    newest = [row["createdAt"] for row in sorted(rows, key=_time, reverse=True)]
    same([row["createdAt"] for row in rows], newest, "listNotifications", "is not in the order of time, newest first")
    each_once(_ids(rows), "listNotifications")


@inferred("after and before: created after and before this timestamp; they leave out the moment itself")
def test_a_moment_divides_the_notifications(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.unread(resident, neighbour, 3)
    whole = casavi.notifications(resident)
    for row in whole["rows"]:
        later, earlier = (casavi.notifications(resident, **{side: row["createdAt"]}) for side in ("after", "before"))
        wrong = _ids([one for one in later["rows"] if _time(one) <= _time(row)])
        wrong += _ids([one for one in earlier["rows"] if _time(one) >= _time(row)])
        same(wrong, [], "listNotifications", "with after or before shows rows of the other side")
        at = sum(_time(one) == _time(row) for one in whole["rows"])
        counted = later["count"] + at + earlier["count"]
        same(counted, whole["count"], "listNotifications", "does not count all, after, at and before a moment")


@inferred("after and before together mean the time between")
def test_two_moments_enclose_notifications(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.unread(resident, neighbour, 3)
    rows = casavi.notifications(resident)["rows"]
    newest, oldest = rows[0], rows[-1]
    between = casavi.notifications(resident, after=oldest["createdAt"], before=newest["createdAt"])["rows"]
    wanted = _ids([row for row in rows if _time(oldest) < _time(row) < _time(newest)])
    same(_ids(between), wanted, "listNotifications", "with after and before shows others than those between")


@inferred("a timestamp is a moment, in whatever time zone it is written (RFC 3339)")
def test_a_moment_is_the_same_in_any_time_zone(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.unread(resident, neighbour, 2)
    row = casavi.notifications(resident)["rows"][0]
    for side in ("after", "before"):
        here = casavi.notifications(resident, **{side: row["createdAt"]})
        away = _time(row).astimezone(ELSEWHERE).isoformat()
        for spelling in (away, away.lower(), row["createdAt"].lower(), row["createdAt"].replace("Z", "000-00:00")):
            there = casavi.notifications(resident, **{side: spelling})
            same(there, here, "listNotifications", f"with {side} shows others for {spelling}, which is the same moment")


@inferred("Mark this notification as read by the user")
def test_a_marked_notification_is_read_and_no_other(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    marked = casavi.unread(resident, neighbour, 2)[-1]["id"]
    whole, count = casavi.notifications(resident)["rows"], casavi.unread_count(resident)
    expect(casavi.ask(resident, "markNotificationRead", notification_id=marked), status(204))
    wanted = [row | {"read": True} if row["id"] == marked else row for row in whole]
    shown = casavi.notifications(resident)["rows"]
    same(shown, wanted, "listNotifications", "shows more or less changed than that one was marked")
    same(casavi.unread_count(resident), count - 1, "getUnreadNotificationCount", "does not fall by one with a mark")


@inferred("marking again changes nothing")
def test_marking_is_idempotent(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    marked = casavi.unread(resident, neighbour, 2)[0]["id"]
    _mark(casavi, resident, marked)
    once = casavi.notifications(resident)
    _mark(casavi, resident, marked)
    same(casavi.notifications(resident), once, "listNotifications", "changes with a second mark of the same notification")


@inferred("Mark all notifications for this user as read")
def test_all_notifications_can_be_marked(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.unread(resident, neighbour, 2)
    wanted = [row | {"read": True} for row in casavi.notifications(resident)["rows"]]
    for _ in range(2):
        expect(casavi.ask(resident, "markAllNotificationsRead"), status(204))
        same(casavi.unread_count(resident), 0, "getUnreadNotificationCount", "is not 0 once all are marked")
        same(
            casavi.notifications(resident)["rows"], wanted, "listNotifications", "does not show all as read once they are marked"
        )


@inferred("notifications are the user's own: marking them leaves those of others alone")
def test_a_neighbours_notifications_stay_as_they_are(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    marked = casavi.unread(resident, neighbour, 1)[0]["id"]
    casavi.unread(neighbour, resident, 2)
    before = casavi.notifications(neighbour)
    _mark(casavi, resident, marked)
    _mark_all(casavi, resident)
    same(casavi.notifications(neighbour), before, "listNotifications", "changes for a neighbour of who marks")


@inferred("a notification of another user is 404")
def test_nobody_marks_the_notification_of_a_neighbour(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    theirs = casavi.unread(neighbour, resident, 1)[0]["id"]
    before = casavi.notifications(neighbour)
    expect(casavi.ask(resident, "markNotificationRead", notification_id=theirs), refusal(404))
    same(casavi.notifications(neighbour), before, "listNotifications", "changes with a mark that was refused")


@inferred("a notification that is unknown is 404")
def test_an_unknown_notification_is_not_found(casavi: Casavi, resident: Caller) -> None:
    expect(casavi.ask(resident, "markNotificationRead", notification_id=UNKNOWN_ID), refusal(404))


@inferred("a notification of another community is 404")
def test_a_notification_belongs_to_one_community(casavi: Casavi, resident: Caller, commuter: Caller) -> None:
    row = casavi.unread(commuter, resident, 1)[0]
    about = {"community_id": _elsewhere(casavi), "notification_id": row["id"]}
    expect(commuter.call("markNotificationRead", **about), refusal(404))
    kept = [one for one in casavi.notifications(commuter)["rows"] if one["id"] == row["id"]]
    same(kept, [row], "listNotifications", "changes with a mark that was refused")


@inferred("only this community's notifications are marked")
def test_marking_all_spares_other_communities(casavi: Casavi, resident: Caller, commuter: Caller) -> None:
    casavi.unread(commuter, resident, 1)
    before = casavi.unread_count(commuter)
    need(commuter.call("markAllNotificationsRead", community_id=_elsewhere(casavi)), status(204))
    same(casavi.unread_count(commuter), before, "getUnreadNotificationCount", "changes with marks in another community")


@inferred("marking at the same moment loses nothing")
def test_simultaneous_marks_all_count(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    unread = _ids(casavi.unread(resident, neighbour, 5))
    count = casavi.unread_count(resident)
    _mark_at_once(casavi, resident, unread)
    left = casavi.unread_count(resident)
    same(left, count - len(unread), "getUnreadNotificationCount", "does not fall by one with each of several marks at once")


def _mark_at_once(casavi: Casavi, caller: Caller, ids: list[int]) -> None:
    for answer in at_once(*(partial(casavi.ask, caller.twin(), "markNotificationRead", notification_id=id_) for id_ in ids)):
        expect(answer, status(204))


@inferred("marking again changes nothing, also at the same moment")
def test_simultaneous_marks_of_one_count_once(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    marked = casavi.unread(resident, neighbour, 2)[0]["id"]
    count = casavi.unread_count(resident)
    _mark_at_once(casavi, resident, [marked] * RACERS)
    left = casavi.unread_count(resident)
    same(left, count - 1, "getUnreadNotificationCount", "does not fall by one with several marks of one notification at once")


@inferred("reading changes nothing")
def test_listing_marks_nothing(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.comment(neighbour, casavi.open_ticket(resident)["id"])
    count = casavi.unread_count(resident)
    first = casavi.notifications(resident)
    expect(casavi.ask(resident, "listNotifications"), status(200), json_is(first))
    left = casavi.unread_count(resident)
    same(left, count, "getUnreadNotificationCount", "changes with listNotifications")


@pytest.mark.parametrize("name", ["after", "before"])
@pytest.mark.parametrize("moment", ["yesterday", "2024-02-30T00:00:00Z", "2024-05-02", "1714638600", ""])
@inferred("after and before are date-times")
def test_a_bad_moment_is_refused(casavi: Casavi, resident: Caller, name: str, moment: str) -> None:
    expect(casavi.ask(resident, "listNotifications", query={name: moment}), refusal(400))
