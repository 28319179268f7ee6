"""Scenarios of casavi: one that contradicts itself is refused and the place named, whatever the database."""

from __future__ import annotations

import contextlib
import copy
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server import BootError, Config, create_app
from mock_server.tests.client import Mock, problem
from mock_server.tests.residents import TICKETS, UNITS, inside, notifications, opened, read

Start = Callable[..., Mock]
_seconds = itertools.count(1)

WHOLE: dict[str, Any] = {
    "time": "2024-01-15T09:00:00.000Z",
    "tenants": [{"name": "T"}],
    "providers": ["casavi"],
    "clients": [{"client_id": "app", "redirect_uris": ["http://localhost:3000/callback"]}],
    "contacts": [{"id": 3, "name": "petra", "firstname": "P", "lastname": "S", "email": "p@x.example"}],
    "users": [
        {"id": 101, "name": "max", "firstname": "M", "lastname": "M", "email": "m@x.example", "password": "p"},
        {"id": 201, "name": "hans", "firstname": "H", "lastname": "S", "email": "h@x.example"},
    ],
    "communities": [
        {
            "id": 1,
            "name": "One",
            "tenant": "T",
            "manager": "petra",
            "units": [{"id": 11, "name": "Flat", "residents": ["max"]}],
            "ticket_types": [
                {
                    "id": 21,
                    "name": "Damage",
                    "fields": [
                        {"id": 31, "label": "How many?", "type": "number", "required": False},
                        {"id": 32, "label": "Where?", "type": "select", "required": False, "options": ["Here"]},
                        {"id": 33, "label": "What?", "type": "text", "required": True},
                    ],
                }
            ],
            "tickets": [{"id": 41, "type": "Damage", "by": "max", "title": "T", "text": "X", "unit": 11}],
            "invitations": [
                {"token": "t1", "unit": 11, "contact": {"id": 5, "firstname": "", "lastname": "", "email": "n@x.example"}}
            ],
            "notifications": [{"to": ["max"], "type": "ticket", "title": "T", "text": "X"}],
            "faq_groups": [{"name": "G", "articles": [{"question": "Q", "answer": "A", "ticket_type": "Damage"}]}],
            "unread_chats": [{"of": "max", "count": 1}],
        },
        {"id": 2, "name": "Two", "tenant": "T", "manager": "petra", "units": [{"id": 12, "name": "F", "residents": ["hans"]}]},
    ],
}
DELETE = object()
ALONE = {"id": 9, "name": "Alone", "tenant": "T", "manager": "petra", "ticket_types": WHOLE["communities"][0]["ticket_types"]}
INVITED = {"firstname": "", "lastname": "", "email": "o@x.example"}
FIRST = ("communities", 0)
FIELD = (*FIRST, "ticket_types", 0, "fields", 0)


def _with(*changes: tuple[tuple[Any, ...], Any]) -> dict[str, Any]:
    """The whole scenario with other values at those places; a list's place behind its end is a new entry."""
    data = copy.deepcopy(WHOLE)
    for place, value in changes:
        target: Any = data
        for key in place[:-1]:
            target = target[key]
        if value is DELETE:
            del target[place[-1]]
        elif isinstance(target, list) and place[-1] == len(target):
            target.append(value)
        else:
            target[place[-1]] = value
    return {"casavi": data}


def _file(folder: Path, data: dict[str, Any]) -> str:
    file = folder / "mine.yaml"
    file.write_text(yaml.safe_dump(data), encoding="utf-8")
    # A file system's clock may tick more slowly than these tests write, and the server looks at it for changes.
    os.utime(file, (0, next(_seconds)))
    return str(file)


BROKEN: dict[str, tuple[tuple[Any, ...], Any, list[str]]] = {
    "an unknown tenant": ((*FIRST, "tenant"), "Nobody", ["communities/0", "tenant", "Nobody"]),
    "an unknown manager": ((*FIRST, "manager"), "eve", ["communities/0", "eve"]),
    "an unknown resident": ((*FIRST, "units", 0, "residents"), ["eve"], ["communities/0/units/0", "eve"]),
    "a resident who cannot log in": ((*FIRST, "units", 0, "residents"), ["petra"], ["communities/0/units/0", "user", "petra"]),
    "an unknown administrator": ((*FIRST, "administrators"), ["eve"], ["communities/0", "eve"]),
    "a member who cannot log in": ((*FIRST, "members"), ["petra"], ["communities/0", "petra"]),
    "a ticket of an unknown type": ((*FIRST, "tickets", 0, "type"), "Wish", ["communities/0/tickets/0", "Wish"]),
    "a ticket by an unknown person": ((*FIRST, "tickets", 0, "by"), "eve", ["communities/0/tickets/0", "eve"]),
    "a ticket for an unknown unit": ((*FIRST, "tickets", 0, "unit"), 99, ["communities/0/tickets/0", "99"]),
    "a ticket for a unit elsewhere": ((*FIRST, "tickets", 0, "unit"), 12, ["communities/0/tickets/0", "12"]),
    "a ticket given to nobody": ((*FIRST, "tickets", 0, "assigned_to"), "eve", ["communities/0/tickets/0", "eve"]),
    "an article of an unknown type": (
        (*FIRST, "faq_groups", 0, "articles", 0, "ticket_type"),
        "Wish",
        ["communities/0/faq_groups/0", "Wish"],
    ),
    "an invitation into an unknown unit": ((*FIRST, "invitations", 0, "unit"), 99, ["communities/0/invitations/0", "99"]),
    "an invitation into a unit elsewhere": ((*FIRST, "invitations", 0, "unit"), 12, ["communities/0/invitations/0", "12"]),
    "a notification to an unknown person": (
        (*FIRST, "notifications", 0, "to"),
        ["eve"],
        ["communities/0/notifications/0", "eve"],
    ),
    "a notification to a non-resident": ((*FIRST, "notifications", 0, "to"), ["hans"], ["communities/0/notifications/0", "hans"]),
    "chats of a non-resident": ((*FIRST, "unread_chats", 0, "of"), "hans", ["communities/0/unread_chats/0", "hans"]),
    "chats told twice": ((*FIRST, "unread_chats", 1), {"of": "max", "count": 2}, ["communities/0/unread_chats/1", "two"]),
    "a field without an id": ((*FIELD, "id"), DELETE, ["ticket_types/0/fields/0", "id"]),
    "two fields with one id": ((*FIELD, "id"), 32, ["communities/0/ticket_types/0", "32"]),
    "a choice without options": ((*FIRST, "ticket_types", 0, "fields", 1, "options"), DELETE, ["ticket_types/0", "options"]),
    "two types with one name": (
        (*FIRST, "ticket_types", 1),
        {"name": "Damage", "fields": []},
        ["communities/0/ticket_types/1", "Damage"],
    ),
    "two tenants with one name": (("tenants", 1), {"name": "T"}, ["tenants", "T"]),
    "two users with one name": (("users", 1, "name"), "max", ["users/1", "max"]),
    "a user and a contact with one name": (("users", 1, "name"), "petra", ["users/1", "petra"]),
    "two users with one id": (("users", 1, "id"), 101, ["users/1", "101"]),
    "a user and a contact with one id": (("users", 1, "id"), 3, ["users/1", "3"]),
    "two users with one address": (("users", 1, "email"), "M@X.example", ["users/1", "m@x.example"]),
    "two users with one sub": (("users", 1, "sub"), "c-101", ["users/1", "c-101"]),
    "an invited person with the id of a user": ((*FIRST, "invitations", 0, "contact", "id"), 101, ["invitations/0", "101"]),
    "two invitations with one token": (
        (*FIRST, "invitations", 1),
        {"token": "t1", "contact": INVITED},
        ["communities/0/invitations/1", "t1"],
    ),
    "two communities with one id": (("communities", 1, "id"), 1, ["communities/1", "1"]),
    "two units with one id": (("communities", 1, "units", 0, "id"), 11, ["communities/1/units/0", "11"]),
    "two clients with one id": (("clients", 1), WHOLE["clients"][0], ["clients/1", "app"]),
    "an id beyond 999999": (("users", 0, "id"), 1_000_000, ["users/0/id", "1000000"]),
    "a negative id": ((*FIRST, "id"), -1, ["communities/0/id", "-1"]),
    "a leap second": (("time",), "2016-12-31T23:59:60.000Z", ["time", "23:59:60"]),
    "the year 0": (
        (*FIRST, "notifications", 0, "time"),
        "0000-01-01T00:00:00.000Z",
        ["communities/0/notifications/0", "0000-01"],
    ),
    "an appointment at a leap second": (
        (*FIRST, "appointments"),
        [{"title": "T", "start": "2024-01-01T00:00:00.000Z", "end": "2016-12-31T23:59:60.000Z"}],
        ["communities/0/appointments/0", "23:59:60"],
    ),
    "a crowd of tickets without types": (("communities", 1, "crowd"), {"tickets": 1}, ["communities/1/crowd", "ticket types"]),
    "a crowd of tickets without people": (FIRST, {**ALONE, "crowd": {"tickets": 1}}, ["communities/0/crowd", "residents"]),
    "a text that no database keeps": ((*FIRST, "name"), "a\0b", ["communities/0"]),
}


@pytest.fixture(scope="module")
def reloading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[dict[str, Any]], str]]:
    """Tells how a running server refuses a scenario at a reset, with the words that a start, ten times as slow, has."""
    folder = tmp_path_factory.mktemp("scenario")
    with contextlib.closing(create_app(Config(scenario=_file(folder, _with()), apis=("casavi",)))) as app:
        mock = Mock(app)
        read(mock, TICKETS)

        def reload(data: dict[str, Any]) -> str:
            _file(folder, data)
            status, details = problem(mock.post("/__mock/reset"))
            assert status == 409
            assert read(mock, TICKETS)[0]["id"] == 41
            return details

        yield reload


@pytest.mark.parametrize("name", BROKEN)
def test_a_scenario_that_contradicts_itself_is_refused_and_the_place_named(
    reloading: Callable[[dict[str, Any]], str], name: str
) -> None:
    place, value, words = BROKEN[name]
    message = reloading(_with((place, value)))
    assert any(all(word in line for word in ("mine.yaml:", "casavi", *words)) for line in message.splitlines()), message


def test_a_crowd_that_reaches_beyond_all_time_is_refused(reloading: Callable[[dict[str, Any]], str]) -> None:
    message = reloading(_with((("time",), "0001-01-01T00:00:00.000Z"), ((*FIRST, "crowd"), {"official_posts": 1})))
    assert "communities/0/crowd: its times leave the years 1 to 9999" in message


def test_on_every_database_the_fault_is_told_in_one_line_and_nothing_is_kept(
    start: Start, database_url: str | None, tmp_path: Path
) -> None:
    file = _file(tmp_path, _with((("users", 1, "id"), 101)))
    mock = start(database_url=database_url, apis=("casavi",), scenario=_file(tmp_path, _with()))
    assert read(mock, TICKETS)[0]["id"] == 41
    _file(tmp_path, _with((("users", 1, "id"), 101)))
    with pytest.raises(BootError, match=r"mine\.yaml:\d+: casavi/users/1/id: two contacts or users have the id 101$"):
        start(database_url=database_url, apis=("casavi",), scenario=file)
    status, details = problem(mock.post("/__mock/reset"))
    assert (status, "users/1" in details) == (409, True)
    assert read(mock, TICKETS)[0]["id"] == 41
    _file(tmp_path, _with(((*FIRST, "tickets", 0, "id"), 42)))
    assert mock.post("/__mock/reset").status_code == 204
    assert read(mock, TICKETS)[0]["id"] == 42


def test_a_whole_scenario_is_served_and_what_has_no_id_gets_one_of_its_own(start: Start, tmp_path: Path) -> None:
    mock = start(
        scenario=_file(
            tmp_path,
            _with(
                ((*FIRST, "units", 0, "id"), 13),
                ((*FIRST, "tickets", 0, "id"), DELETE),
                ((*FIRST, "tickets", 0, "unit"), 13),
                ((*FIRST, "invitations", 0, "unit"), 13),
            ),
        ),
        apis=("casavi",),
    )
    assert [unit["id"] for unit in read(mock, UNITS)] == [13]
    ticket = read(mock, TICKETS)[0]
    assert ticket["id"] > 1_000_000
    # The text goes into the first field that takes a text.
    fields = read(mock, f"{TICKETS}/{ticket['id']}")["customFields"]
    assert fields == [{"id": 33, "label": "What?", "type": "text", "value": "X"}]
    assert notifications(mock)[0]["createdAt"] == WHOLE["time"]


def test_at_the_end_of_time_there_is_news_still(start: Start, tmp_path: Path) -> None:
    last = "9999-12-31T23:59:59.999Z"
    mock = start(scenario=_file(tmp_path, _with(((*FIRST, "notifications", 0, "time"), last))), apis=("casavi",))
    for number in range(2):
        mock.post("/__mock/casavi/official-posts", json={"communityId": 1, "title": f"Post {number}", "text": "x"})
    assert [row["title"] for row in notifications(mock)] == ["Post 1", "Post 0", "T"]
    assert read(mock, inside("official-posts"))["pageCount"] == 1


def test_a_member_is_in_without_a_unit(start: Start, tmp_path: Path) -> None:
    mock = start(scenario=_file(tmp_path, _with((("communities", 1, "members"), ["max"]))), apis=("casavi",))
    assert mock.principal("casavi:max")["community_ids"] == [1, 2]
    assert read(mock, inside("ticket-types", 2)) == []
    assert [unit["communityId"] for unit in read(mock, UNITS)] == [1]
    assert opened(mock, fields={"33": "x"}, ticketTypeId=21)["title"] == "x"
