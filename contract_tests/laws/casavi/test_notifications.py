"""Notifications: what is listed, counted and filtered, and what marking them as read does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import UNKNOWN_ID, Casavi, Json
from contract_tests.actors.expectations import expect, json_is, refusal, require, same, status
from contract_tests.contract.basis import inferred

RACERS = 6
MOST = 40  # rows of an answer that are worth a test
ELSEWHERE = timezone(timedelta(hours=5, minutes=30))


def _time(row: Json) -> datetime:
    return datetime.fromisoformat(row["createdAt"])


def _mark(casavi: Casavi, caller: Caller, id_: int) -> None:
    expect(casavi.ask(caller, "markNotificationRead", notification_id=id_), status(204))


def _mark_all(casavi: Casavi, caller: Caller) -> None:
    expect(casavi.ask(caller, "markAllNotificationsRead"), status(204))


@inferred("the count is of unread notifications")
def test_the_count_is_that_of_the_unread_ones(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.unread(resident, neighbour, 2)
    page, count = casavi.notifications(resident, unreadOnly="true"), casavi.unread_count(resident)
    same(page["count"], count, "getUnreadNotificationCount", f"is {count}, listNotifications counts {page['count']} unread")
    require(not [row for row in page["rows"] if row["read"]], "listNotifications", "shows read ones with unreadOnly")


@inferred("unreadOnly: only unread notifications are returned, and all of them; false is the default")
def test_unread_only_keeps_the_unread_ones(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    _mark(casavi, resident, casavi.unread(resident, neighbour, 2)[0]["id"])
    whole, unread = casavi.notifications(resident), casavi.notifications(resident, unreadOnly="true")
    if whole["count"] > whole["rowsOnPage"]:
        pytest.skip("there are more notifications than an answer has")
    wanted = [row["id"] for row in whole["rows"] if not row["read"]]
    same([row["id"] for row in unread["rows"]], wanted, "listNotifications", f"shows {unread} where {wanted} are unread")
    same(casavi.notifications(resident, unreadOnly="false"), whole, "listNotifications", "with unreadOnly=false")


@inferred("count: how many pass the filters; rowsOnPage: how many rows this answer has, pageSize at most")
def test_the_numbers_of_an_answer_are_right(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.unread(resident, neighbour, 2)
    for query in ({}, {"unreadOnly": "true"}):
        page = casavi.notifications(resident, **query)
        rows, shown = len(page["rows"]), page["rowsOnPage"]
        require(
            rows == shown == min(page["count"], page["pageSize"]), "listNotifications", f"answers {rows} rows and says {page}"
        )


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
        shown = (page["count"], page["rowsOnPage"], len(page["rows"]))
        most = min(left, page["pageSize"])
        same(shown, (left, most, most), "listNotifications", f"has {shown} as count, rowsOnPage and rows where {left} are left")
        rows += page["rows"]
    ids = {row["id"] for row in rows}
    same(len(ids), wanted, "listNotifications", f"asked for the rows before the last one, shows {len(ids)} of {wanted}")
    same([row.get("objectId") for row in rows[:made]], [ticket] * made, "listNotifications", f"begins with {rows[:made]}")


@inferred("notifications are listed newest first, each once")
def test_notifications_stand_newest_first(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    _mark(casavi, resident, casavi.unread(resident, neighbour, 3)[0]["id"])  # be it read or not
    rows = casavi.notifications(resident)["rows"]
    times, ids = [_time(row) for row in rows], [row["id"] for row in rows]
    same(times, sorted(times, reverse=True), "listNotifications", f"shows the times {times}")
    same(len(set(ids)), len(ids), "listNotifications", f"shows rows twice: {ids}")


@inferred("after and before: created after and before this timestamp; they leave out the moment itself")
def test_a_moment_divides_the_notifications(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.unread(resident, neighbour, 3)
    whole = casavi.notifications(resident)
    for row in whole["rows"]:
        later, earlier = (casavi.notifications(resident, **{side: row["createdAt"]}) for side in ("after", "before"))
        wrong = [one["id"] for one in later["rows"] if _time(one) <= _time(row)]
        wrong += [one["id"] for one in earlier["rows"] if _time(one) >= _time(row)]
        require(not wrong, "listNotifications", f"shows {wrong} on the wrong side of {row['createdAt']}")
        at = sum(_time(one) == _time(row) for one in whole["rows"])
        counts = (later["count"], at, earlier["count"])
        same(
            sum(counts), whole["count"], "listNotifications", f"after, at and before {row['createdAt']}: {counts}, in all {whole}"
        )


@inferred("after and before together mean the time between")
def test_two_moments_enclose_notifications(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.unread(resident, neighbour, 3)
    rows = casavi.notifications(resident)["rows"]
    newest, oldest = rows[0], rows[-1]
    between = casavi.notifications(resident, after=oldest["createdAt"], before=newest["createdAt"])["rows"]
    wanted = [row["id"] for row in rows if _time(oldest) < _time(row) < _time(newest)]
    same([row["id"] for row in between], wanted, "listNotifications", f"between {oldest} and {newest} shows {between}")


@inferred("a timestamp is a moment, in whatever time zone it is written (RFC 3339)")
def test_a_moment_is_the_same_in_any_time_zone(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.unread(resident, neighbour, 2)
    row = casavi.notifications(resident)["rows"][0]
    for side in ("after", "before"):
        here = casavi.notifications(resident, **{side: row["createdAt"]})
        away = _time(row).astimezone(ELSEWHERE).isoformat()
        for spelling in (away, away.lower(), row["createdAt"].lower(), row["createdAt"].replace("Z", "000-00:00")):
            there = casavi.notifications(resident, **{side: spelling})
            same(here, there, "listNotifications", f"{side} {row['createdAt']} differs from {side} {spelling}")


@inferred("Mark this notification as read by the user")
def test_a_marked_notification_is_read_and_no_other(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    unread = casavi.unread(resident, neighbour, 2)
    whole, count = casavi.notifications(resident)["rows"], casavi.unread_count(resident)
    marked = unread[-1]["id"]
    _mark(casavi, resident, marked)
    wanted = [row | {"read": True} if row["id"] == marked else row for row in whole]
    shown = casavi.notifications(resident)["rows"]
    same(shown, wanted, "listNotifications", f"after markNotificationRead of {marked}: {shown}")
    left = casavi.unread_count(resident)
    same(left, count - 1, "getUnreadNotificationCount", f"is {left} after markNotificationRead where {count - 1} are left")


@inferred("marking again changes nothing")
def test_marking_is_idempotent(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    marked = casavi.unread(resident, neighbour, 2)[0]["id"]
    _mark(casavi, resident, marked)
    once = casavi.notifications(resident)
    _mark(casavi, resident, marked)
    same(casavi.notifications(resident), once, "listNotifications", "after a second markNotificationRead")


@inferred("Mark all notifications for this user as read")
def test_all_notifications_can_be_marked(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.unread(resident, neighbour, 2)
    before = casavi.notifications(resident)["rows"]
    for _ in range(2):
        _mark_all(casavi, resident)
        left = casavi.unread_count(resident)
        same(left, 0, "getUnreadNotificationCount", f"is {left} after markAllNotificationsRead")
        rows = casavi.notifications(resident)["rows"]
        same(rows, [row | {"read": True} for row in before], "listNotifications", f"after markAllNotificationsRead: {rows}")


@inferred("notifications are the user's own: marking them leaves those of others alone")
def test_a_neighbours_notifications_stay_as_they_are(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    marked = casavi.unread(resident, neighbour, 1)[0]["id"]
    casavi.unread(neighbour, resident, 2)
    before = casavi.notifications(neighbour)
    _mark(casavi, resident, marked)
    _mark_all(casavi, resident)
    same(casavi.notifications(neighbour), before, "listNotifications", "of a neighbour after markAllNotificationsRead")


@inferred("a notification of another user is 404")
def test_nobody_marks_the_notification_of_a_neighbour(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    theirs = casavi.unread(neighbour, resident, 1)[0]["id"]
    before = casavi.notifications(neighbour)
    expect(casavi.ask(resident, "markNotificationRead", notification_id=theirs), refusal(404))
    same(casavi.notifications(neighbour), before, "listNotifications", "of a neighbour after a refused markNotificationRead")


@inferred("a notification that is unknown is 404")
def test_an_unknown_notification_is_not_found(casavi: Casavi, resident: Caller) -> None:
    expect(casavi.ask(resident, "markNotificationRead", notification_id=UNKNOWN_ID), refusal(404))


@inferred("a notification of another community is 404")
def test_a_notification_belongs_to_one_community(casavi: Casavi, resident: Caller, commuter: Caller) -> None:
    row = casavi.unread(commuter, resident, 1)[0]
    other = next(int(home) for home in casavi.person("commuter").homes if int(home) != casavi.community)
    about = {"community_id": other, "notification_id": row["id"]}
    expect(commuter.call("markNotificationRead", **about), refusal(404))
    kept = [one for one in casavi.notifications(commuter)["rows"] if one["id"] == row["id"]]
    same(kept, [row], "listNotifications", f"after a refused markNotificationRead shows {kept}")


@inferred("only this community's notifications are marked")
def test_marking_all_spares_other_communities(casavi: Casavi, resident: Caller, commuter: Caller) -> None:
    other = next(int(home) for home in casavi.person("commuter").homes if int(home) != casavi.community)
    casavi.unread(commuter, resident, 1)
    before = casavi.unread_count(commuter)
    expect(commuter.call("markAllNotificationsRead", community_id=other), status(204))
    same(casavi.unread_count(commuter), before, "getUnreadNotificationCount", "after markAllNotificationsRead elsewhere")


@inferred("marking at the same moment loses nothing")
def test_simultaneous_marks_all_count(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    unread = casavi.unread(resident, neighbour, 5)
    count = casavi.unread_count(resident)
    with ThreadPoolExecutor(len(unread)) as pool:
        list(pool.map(lambda row: _mark(casavi, resident.twin(), row["id"]), unread))
    left = casavi.unread_count(resident)
    same(
        left, count - len(unread), "getUnreadNotificationCount", f"is {left} after {len(unread)} markNotificationRead of {count}"
    )


@inferred("marking again changes nothing, also at the same moment")
def test_simultaneous_marks_of_one_count_once(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    marked = casavi.unread(resident, neighbour, 2)[0]["id"]
    count = casavi.unread_count(resident)
    with ThreadPoolExecutor(RACERS) as pool:
        list(pool.map(lambda _: _mark(casavi, resident.twin(), marked), range(RACERS)))
    left = casavi.unread_count(resident)
    same(
        left,
        count - 1,
        "getUnreadNotificationCount",
        f"is {left} after {RACERS} markNotificationRead of one at once, {count} before",
    )


@inferred("reading changes nothing")
def test_listing_marks_nothing(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    casavi.comment(neighbour, casavi.open_ticket(resident)["id"])
    count = casavi.unread_count(resident)
    first = casavi.notifications(resident)
    expect(casavi.ask(resident, "listNotifications"), status(200), json_is(first))
    left = casavi.unread_count(resident)
    same(left, count, "getUnreadNotificationCount", f"is {left} after listNotifications, {count} before")


@pytest.mark.parametrize("name", ["after", "before"])
@pytest.mark.parametrize("moment", ["yesterday", "2024-02-30T00:00:00Z", "2024-05-02", "1714638600", ""])
@inferred("after and before are date-times")
def test_a_bad_moment_is_refused(casavi: Casavi, resident: Caller, name: str, moment: str) -> None:
    expect(casavi.ask(resident, "listNotifications", query={name: moment}), refusal(400))
