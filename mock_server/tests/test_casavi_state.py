"""casavi's state as a whole: many at once, snapshots, resets, and where the server thinks it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from mock_server.tests.client import Mock, problem
from mock_server.tests.residents import (
    ERIKA,
    MAX,
    PAULA,
    POSTS,
    TICKETS,
    UPLOADS,
    check,
    comment,
    count_failures,
    inside,
    invite,
    made,
    new_ticket,
    notifications,
    opened,
    read,
    register,
    unread,
    upload,
)
from mock_server.tests.test_simultaneous import at_once, statuses

CONFIGURATION = "/.well-known/openid-configuration"


def test_of_many_registrations_with_one_code_exactly_one_is_201(any_mock: Mock) -> None:
    any_mock.credentials()
    calls = [partial(register, any_mock, "fb7asb64", f"person-{number}@x.example") for number in range(8)]
    assert Counter(statuses(calls)) == {201: 1, 409: 7}
    token = made(invite(any_mock))["inviteToken"]
    calls = [partial(register, any_mock, code, "same@x.example") for code in (token, "9ug2ef6")] * 4
    assert Counter(statuses(calls)) == {201: 1, 409: 7}


def test_of_many_invitations_of_one_person_exactly_one_is_201(any_mock: Mock) -> None:
    any_mock.credentials()
    calls = [
        partial(invite, any_mock, "New@x.example" if number % 2 else "new@X.example", (MAX, ERIKA)[number % 2])
        for number in range(8)
    ]
    assert Counter(statuses(calls)) == {201: 1, 409: 7}


def test_tickets_comments_and_uploads_made_at_once_are_all_there(any_mock: Mock) -> None:
    any_mock.credentials()
    people = (MAX, ERIKA, PAULA)
    calls = [partial(new_ticket, any_mock, people[number % 3], {"17": f"Ticket {number}"}) for number in range(6)]
    calls += [partial(comment, any_mock, 7001, people[number % 3], f"Comment {number}") for number in range(6)]
    calls += [partial(upload, any_mock, b"x" * number) for number in range(4)]
    assert statuses(calls) == [201] * 16
    assert {f"Ticket {number}" for number in range(6)} <= {ticket["title"] for ticket in read(any_mock, TICKETS)}
    comments = read(any_mock, f"{TICKETS}/7001")["TicketComments"]
    assert len(comments) == 8
    assert [c["createdAt"] for c in comments] == sorted(c["createdAt"] for c in comments)
    times = [row["createdAt"] for row in notifications(any_mock)]
    assert len(times) == len(set(times)) == 9


def test_two_who_mark_at_once_while_news_come_mark_what_is_theirs(any_mock: Mock) -> None:
    mine = [row["id"] for row in notifications(any_mock)]
    calls = [partial(any_mock.put, inside(f"notifications/{number}/read"), MAX) for number in mine]
    calls += [partial(any_mock.put, inside("notifications/read"), ERIKA)] * 3
    post = {"communityId": 1, "title": "News", "text": "News"}
    assert statuses([*calls, partial(any_mock.post, POSTS, json=post)]) == [204] * (len(mine) + 3) + [201]
    assert unread(any_mock) == 1
    assert unread(any_mock, ERIKA) <= 1
    assert unread(any_mock, PAULA) == 2


def test_guesses_at_once_are_all_counted(any_mock: Mock) -> None:
    any_mock.freeze()
    any_mock.credentials()
    assert Counter(answer.status_code for answer in at_once([partial(check, any_mock, "guess")] * 8)) == {404: 3, 429: 5}
    assert count_failures(any_mock) == 3


def _residents(mock: Mock) -> dict[str, list[Any]]:
    """All but the session's own row, of which a reset leaves the ids that were drawn and not the clock."""
    return {name: rows for name, rows in mock.state().items() if name != "sessions"}


def test_a_snapshot_keeps_all_and_a_reset_forgets_all_that_residents_did(any_mock: Mock, png: bytes) -> None:
    any_mock.freeze()
    scenario = _residents(any_mock)
    file = made(upload(any_mock, png, "a.png", "image/png"))
    ticket = opened(any_mock, fields={"17": "Kept", "18": [file]})
    token = made(invite(any_mock))["inviteToken"]
    registered = made(register(any_mock, "fb7asb64", "jonas@x.example"))
    any_mock.put(inside("notifications/read"), MAX)
    for _ in range(3):
        check(any_mock, "guess")
    kept = _residents(any_mock)
    any_mock.put("/__mock/snapshots/all")
    assert any_mock.post("/__mock/reset").status_code == 204
    assert _residents(any_mock) == scenario
    assert problem(any_mock.get(f"{UPLOADS}/{file['thumbs']['small']}"))[0] == 404
    assert check(any_mock, "fb7asb64").status_code == 200
    headers = {"Authorization": f"Bearer {registered['oidcAccessToken']}"}
    assert problem(any_mock.get("/api/v1/units", headers=headers))[0] == 401
    any_mock.post("/__mock/snapshots/all/restore")
    assert _residents(any_mock) == kept
    assert check(any_mock, token).status_code == 429
    assert check(any_mock, token, "127.0.0.2").status_code == 200
    assert any_mock.get(f"{UPLOADS}/{file['path']}").get_data() == png
    assert read(any_mock, f"{TICKETS}/{ticket['id']}") == ticket
    assert any_mock.get("/api/v1/units", headers=headers).status_code == 200
    assert unread(any_mock) == 0
    assert unread(any_mock, ERIKA) == 3


def test_after_a_reset_the_same_ids_are_drawn_again(any_mock: Mock) -> None:
    def ids() -> tuple[int, str, str]:
        return opened(any_mock)["id"], made(upload(any_mock))["path"], made(invite(any_mock))["inviteToken"]

    first = ids()
    any_mock.post("/__mock/reset")
    assert ids() == first


def test_state_outlives_the_application(shared_database_url: str, start: Callable[..., Mock]) -> None:
    first = start(database_url=shared_database_url, apis=("casavi",))
    file = made(upload(first, b"kept"))
    ticket = opened(first, fields={"17": "Kept", "18": [file]})
    for _ in range(3):
        check(first, "guess")
    token = made(register(first, "9ug2ef6"))["oidcAccessToken"]
    before = first.state()
    first.app.close()
    second = start(database_url=shared_database_url, apis=("casavi",))
    assert second.state() == before
    assert read(second, f"{TICKETS}/{ticket['id']}", ERIKA) == ticket
    assert second.get(f"{UPLOADS}/{file['path']}").get_data() == b"kept"
    assert count_failures(second) == 3
    new = second.get("/api/v1/units", headers={"Authorization": f"Bearer {token}"})
    assert [unit["id"] for unit in new.get_json()] == [435]
    assert opened(second)["id"] > ticket["id"]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "mock", "mock.example:443", "[::1]:8000", "xn--mller-kva.example"])
def test_the_openid_provider_is_where_it_was_asked(mock: Mock, host: str) -> None:
    answer = mock.get(CONFIGURATION, environ_overrides={"HTTP_HOST": host})
    assert answer.get_json()["issuer"] == f"http://{host}"
    prefixed = mock.get(f"/_s/{mock.session}{CONFIGURATION}", environ_overrides={"HTTP_HOST": host}).get_json()
    assert prefixed["issuer"] == f"http://{host}/_s/{mock.session}"
    assert prefixed["jwks_uri"] == f"http://{host}/_s/{mock.session}/api/v1/openid/jwks"


@pytest.mark.parametrize(
    "host",
    [
        "",
        " ",
        "a b",
        "a/b",
        "a?b",
        "a#b",
        "<script>",
        "a:b",
        "a:99999",
        "user@host",
        "[::1",
        "\xff",
        "%00",
        "a\\b",
        ":",
        "..",
        "*",
    ],
)
def test_a_host_that_is_none_is_400_and_nothing_is_done(mock: Mock, host: str) -> None:
    before = mock.state()
    body = {"email": "new@x.example", "clientId": "casavi-web", "inviteCode": "fb7asb64", "providerKey": "somekey"}
    for answer in (
        mock.get(CONFIGURATION, environ_overrides={"HTTP_HOST": host}),
        mock.post("/api/v1/openid/users", json=body, environ_overrides={"HTTP_HOST": host}),
    ):
        assert problem(answer)[0] == 400
    assert mock.state() == before
