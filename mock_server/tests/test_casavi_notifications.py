"""Notifications and activities: the filters, who marks what, and who hears of what happens."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.scenarios import scenario_names
from mock_server.tests.client import Mock, problem
from mock_server.tests.residents import (
    ANSWERS,
    ERIKA,
    HANS,
    LINDENHOF,
    MAX,
    PAULA,
    POSTS,
    SEEBLICK,
    TICKETS,
    comment,
    inside,
    made,
    new_ticket,
    notifications,
    opened,
    read,
    unread,
)

EVERYBODY = ((MAX, LINDENHOF), (ERIKA, LINDENHOF), (PAULA, LINDENHOF), (HANS, SEEBLICK), (PAULA, SEEBLICK))


def _counts(mock: Mock) -> list[int]:
    return [read(mock, inside("notifications", community), person)["count"] for person, community in EVERYBODY]


def _activities(mock: Mock, person: str = MAX, community: int = LINDENHOF) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(mock, inside("activities", community), person, limit=100)["rows"]
    return rows


def test_the_filters_combine_and_the_rows_are_the_newest_first(any_mock: Mock) -> None:
    rows = notifications(any_mock)
    assert [row["createdAt"] for row in rows] == sorted((row["createdAt"] for row in rows), reverse=True)
    between = {"after": rows[4]["createdAt"], "before": rows[0]["createdAt"]}
    assert notifications(any_mock, **between) == rows[1:4]
    assert notifications(any_mock, **between, unreadOnly="true") == [row for row in rows[1:4] if not row["read"]] != []
    assert notifications(any_mock, unreadOnly="false") == rows
    assert notifications(any_mock, after=rows[0]["createdAt"], before=rows[4]["createdAt"]) == []
    for query in ({"unreadOnly": "1"}, {"after": "yesterday"}, {"before": "2024-01-14"}, {"after": "2024-01-14T08:00:00"}):
        assert problem(any_mock.get(inside("notifications"), MAX, query_string=query))[0] == 400


@pytest.mark.parametrize("scenario", scenario_names())
def test_asking_for_those_before_the_last_row_finds_every_notification_once(mock: Mock, scenario: str) -> None:
    mock.put("/__mock/scenario", json={"name": scenario})
    for person in (MAX, ERIKA):
        page = read(mock, inside("notifications"), person)
        found, count = page["rows"], page["count"]
        while rows := notifications(mock, person, before=found[-1]["createdAt"]) if found else []:
            found += rows
        assert len({row["id"] for row in found}) == len(found) == count


def test_marking_one_read_is_for_its_owner_alone_and_twice_is_once(any_mock: Mock) -> None:
    mine = notifications(any_mock, unreadOnly="true")
    path = inside(f"notifications/{mine[0]['id']}/read")
    before = any_mock.state()
    for person, place, status in (
        (ERIKA, path, 404),
        (HANS, path, 403),
        (MAX, inside("notifications/999/read"), 404),
        (MAX, inside(f"notifications/{mine[0]['id']}/read", 999), 404),
        (MAX, inside("notifications/x/read"), 400),
    ):
        assert problem(any_mock.put(place, person))[0] == status
    paulas = notifications(any_mock, PAULA, SEEBLICK)[0]["id"]
    assert problem(any_mock.put(inside(f"notifications/{paulas}/read"), PAULA))[0] == 404
    assert any_mock.state() == before
    for _ in range(2):
        assert any_mock.put(path, MAX).status_code == 204
        assert notifications(any_mock, unreadOnly="true") == mine[1:]
        assert unread(any_mock) == len(mine) - 1
    assert unread(any_mock, ERIKA) == 3


def test_marking_all_read_is_for_the_caller_in_that_community(any_mock: Mock) -> None:
    before = [unread(any_mock, person, community) for person, community in EVERYBODY]
    assert before == [2, 3, 1, 1, 1]
    for _ in range(2):
        assert any_mock.put(inside("notifications/read"), PAULA).status_code == 204
        assert [unread(any_mock, person, community) for person, community in EVERYBODY] == [2, 3, 0, 1, 1]
    assert problem(any_mock.put(inside("notifications/read"), HANS))[0] == 403
    assert problem(any_mock.put(inside("notifications/read", 999), MAX))[0] == 404
    assert [row["read"] for row in notifications(any_mock, PAULA)] == [True]


def test_a_comment_is_told_to_those_who_wrote_before_and_live_there_still(any_mock: Mock) -> None:
    before = _counts(any_mock)
    ticket = opened(any_mock, ERIKA, {"17": "It smells"})
    assert _counts(any_mock) == before
    made(comment(any_mock, ticket["id"], MAX, "Here too\nand more"))
    assert _counts(any_mock) == [before[0], before[1] + 1, *before[2:]]
    told = notifications(any_mock, ERIKA)[0]
    assert (told["type"], told["objectId"], told["read"]) == ("ticket", ticket["id"], False)
    assert (told["title"], told["text"]) == ("New comment on It smells", "Here too")
    made(comment(any_mock, ticket["id"], PAULA))
    assert _counts(any_mock) == [before[0] + 1, before[1] + 2, *before[2:]]
    assert [row["title"] for row in _activities(any_mock)[:3]] == ["New comment on It smells"] * 2 + ["It smells"]
    assert _activities(any_mock)[0]["text"] == "Paula Pendler commented."
    assert len(_activities(any_mock, HANS, SEEBLICK)) == 0


def test_a_post_of_the_manager_is_told_to_all_residents_and_to_nobody_else(any_mock: Mock) -> None:
    before, stored = _counts(any_mock), len(any_mock.state()["cas_notifications"])
    body = {"communityId": LINDENHOF, "title": "New <bins>", "text": "Blue ones.\n\nFor paper."}
    post = made(any_mock.post(POSTS, json=body))
    assert read(any_mock, inside("official-posts"))["rows"][0] == post
    assert (post["title"], post["text"], post["CreatedBy"]["firstName"]) == ("New <bins>", body["text"], "Petra")
    assert _counts(any_mock) == [count + 1 for count in before[:3]] + before[3:]
    assert len(any_mock.state()["cas_notifications"]) == stored + 3
    for row in (notifications(any_mock, ERIKA)[0], _activities(any_mock, PAULA)[0]):
        assert (row["type"], row["title"], row["text"]) == ("official-post", "New <bins>", "Blue ones.")
        assert row["objectId"] == post["id"]
    assert any_mock.beside("other").get(inside("official-posts"), MAX).get_json()["rows"][0]["title"] != "New <bins>"


def test_an_answer_of_the_manager_takes_the_ticket_on_and_is_told_to_those_who_wrote(any_mock: Mock) -> None:
    before = _counts(any_mock)
    answer = made(any_mock.post(ANSWERS, json={"ticketId": 7002, "text": "In May", "status": "IN_PROGRESS"}))
    ticket = read(any_mock, f"{TICKETS}/7002")
    assert (ticket["status"], ticket["statusText"]) == ("IN_PROGRESS", "In progress")
    assert (ticket["AssignedTo"]["firstName"], ticket["TicketComments"]) == ("Petra", [answer])
    assert _counts(any_mock) == [before[0], before[1] + 1, *before[2:]]
    made(any_mock.post(ANSWERS, json={"ticketId": 7002, "text": "Or June"}))
    assert read(any_mock, f"{TICKETS}/7002")["status"] == "IN_PROGRESS"


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (POSTS, {"communityId": 999, "title": "x", "text": "x"}, 404),
        (POSTS, {"communityId": 1, "title": "", "text": "x"}, 400),
        (POSTS, {"communityId": 1, "title": "x"}, 400),
        (POSTS, {"communityId": 1, "title": "x", "text": "a\0b"}, 400),
        (POSTS, {"communityId": 1, "title": "x", "text": "x", "by": "max"}, 400),
        (POSTS, [], 400),
        (ANSWERS, {"ticketId": 999, "text": "x"}, 404),
        (ANSWERS, {"ticketId": 7001, "text": "x", "status": "DONE"}, 400),
        (ANSWERS, {"ticketId": "7001", "text": "x"}, 400),
        (ANSWERS, {"ticketId": 2**31, "text": "x"}, 400),
    ],
)
def test_a_malformed_deed_of_the_manager_is_refused_and_not_done(mock: Mock, path: str, body: object, status: int) -> None:
    before = mock.state()
    assert problem(mock.post(path, json=body))[0] == status
    assert mock.state() == before


def test_no_two_notifications_of_a_user_have_one_time(any_mock: Mock) -> None:
    any_mock.freeze()
    ticket = made(new_ticket(any_mock, ERIKA))["id"]
    for number in range(25):
        made(comment(any_mock, ticket, MAX, f"Comment {number}"))
    page = read(any_mock, inside("notifications"), ERIKA)
    assert (page["pageSize"], page["rowsOnPage"], page["count"]) == (20, 20, 30)
    older = notifications(any_mock, ERIKA, before=page["rows"][-1]["createdAt"])
    times = [row["createdAt"] for row in page["rows"] + older]
    assert len(times) == len(set(times)) == 30
    assert [row["text"] for row in page["rows"]] == [f"Comment {number}" for number in range(24, 4, -1)]
