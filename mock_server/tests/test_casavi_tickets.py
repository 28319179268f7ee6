"""Tickets: who sees them, what their fields take, and that a refused one leaves nothing behind."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.tests.client import Mock, problem
from mock_server.tests.conftest import on_each_sql
from mock_server.tests.residents import (
    ERIKA,
    HANS,
    INSURANCE,
    KEY,
    LINDENHOF,
    MAX,
    PAULA,
    QUESTION,
    SEEBLICK,
    TICKETS,
    UNIT,
    comment,
    inside,
    made,
    new_ticket,
    opened,
    read,
    upload,
)

UNKNOWN = 999
GOOD: dict[str, Any] = {"17": "It drips"}


def test_residents_see_the_tickets_of_their_communities_newest_first(any_mock: Mock) -> None:
    ticket = opened(any_mock, ERIKA)
    for person, ids in ((MAX, [ticket["id"], 7003, 7002, 7001]), (HANS, [7101]), (PAULA, [ticket["id"], 7101, 7003, 7002, 7001])):
        assert [found["id"] for found in read(any_mock, TICKETS, person)] == ids
    assert [found["id"] for found in read(any_mock, TICKETS, PAULA, community_id="2")] == [7101]
    for person, community, status in ((HANS, "1", 403), (MAX, "2", 403), (MAX, "999", 404), (MAX, "9999999999", 404)):
        assert problem(any_mock.get(TICKETS, person, query_string={"community_id": community}))[0] == status
    assert problem(any_mock.get(f"{TICKETS}/7101", MAX))[0] == 403
    assert problem(any_mock.get(f"{TICKETS}/{UNKNOWN}", MAX))[0] == 404


def test_a_new_ticket_can_be_read_as_it_was_answered(any_mock: Mock) -> None:
    response = new_ticket(any_mock, unitId=UNIT)
    ticket = made(response)
    assert response.headers["Location"] == f"{TICKETS}/{ticket['id']}"
    assert read(any_mock, response.headers["Location"], ERIKA) == ticket
    summary = read(any_mock, TICKETS)[0]
    assert summary == {name: ticket[name] for name in summary}
    person = {"id": 101, "firstName": "Max", "lastName": "Mustermann"}
    assert (ticket["CreatedBy"], ticket["Contact"], ticket["AssignedTo"]) == (person, person, None)
    assert (ticket["status"], ticket["statusText"], ticket["TicketComments"]) == ("OPEN", "Open", [])
    assert ticket["Unit"] == {"id": UNIT, "communityId": LINDENHOF, "name": "House A, 2nd floor left"}
    assert ticket["Community"] == {"id": LINDENHOF, "name": "Lindenhof"}


def test_fields_of_every_kind_come_back_as_they_were_entered(any_mock: Mock) -> None:
    file = made(upload(any_mock))
    values = {"22": 2.5, "21": False, "20": "2024-02-29", "19": "Cellar", "18": [file], "17": "  Öl & <b>Rost</b>\n"}
    ticket = opened(any_mock, fields=values)
    assert [(field["id"], field["value"]) for field in ticket["customFields"]] == [(int(k), values[k]) for k in sorted(values)]
    assert [field["type"] for field in ticket["customFields"]] == ["text", "file", "select", "date", "boolean", "number"]
    assert ticket["Attachments"] == [file]
    assert opened(any_mock, fields={"17": "x", "22": -(2**53) + 1})["customFields"][1]["value"] == -(2**53) + 1


@pytest.mark.parametrize(
    ("text", "title", "rendered"),
    [
        ("One line", "One line", "<p>One line</p>"),
        ("\n First \nsecond\r\n\r\nthird", "First", "<p>First <br>second</p><p>third</p>"),
        ("<b>&\"'</b>", "<b>&\"'</b>", "<p>&lt;b&gt;&amp;&quot;&#x27;&lt;/b&gt;</p>"),
        ("x" * 100, "x" * 100, f"<p>{'x' * 100}</p>"),
        ("x" * 101, "x" * 99 + "…", f"<p>{'x' * 101}</p>"),
    ],
    ids=["plain", "lines", "markup", "long", "too-long"],
)
def test_the_title_is_the_first_line_and_the_description_is_harmless_html(
    mock: Mock, text: str, title: str, rendered: str
) -> None:
    ticket = opened(mock, fields={"17": text})
    assert (ticket["title"], ticket["descriptionRendered"]) == (title, rendered)


def test_the_title_comes_from_the_first_text_of_the_form_whatever_the_order_sent(mock: Mock) -> None:
    fields = {"25": "The reason", "24": "The door"}
    assert opened(mock, fields=fields, ticketTypeId=KEY)["title"] == "The door"


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "17"),
        ({"17": ""}, "17"),
        ({"17": " \n\t"}, "17"),
        ({**GOOD, "23": "of another type"}, "23"),
        ({**GOOD, "017": "x"}, "017"),
        ({"17": 1}, "a text"),
        ({"17": []}, "a text"),
        ({**GOOD, "18": "photo.jpg"}, "a list of uploads"),
        ({**GOOD, "18": True}, "a list of uploads"),
        ({**GOOD, "19": "Roof"}, "Kitchen, Bathroom, Stairwell, Cellar"),
        ({**GOOD, "19": 0}, "one of"),
        ({**GOOD, "20": "2023-02-29"}, "a date"),
        ({**GOOD, "20": "20240502"}, "a date"),
        ({**GOOD, "20": 20240502}, "a date"),
        ({**GOOD, "21": "true"}, "true or false"),
        ({**GOOD, "21": 1}, "true or false"),
        ({**GOOD, "22": "2"}, "a number"),
        ({**GOOD, "22": True}, "a number"),
    ],
    ids=str,
)
def test_a_value_that_does_not_suit_its_field_is_409_and_opens_nothing(mock: Mock, fields: dict[str, Any], words: str) -> None:
    before = mock.state()
    status, details = problem(new_ticket(mock, fields=fields))
    assert (status, words in details) == (409, True), details
    assert mock.state() == before


REFUSED: dict[str, tuple[str, dict[str, Any], int]] = {
    "an unknown community": (MAX, {"communityId": UNKNOWN}, 404),
    "a community of others": (MAX, {"communityId": SEEBLICK}, 403),
    "an unknown type": (MAX, {"ticketTypeId": UNKNOWN}, 404),
    "a type of another community": (PAULA, {"ticketTypeId": 2351}, 404),
    "an unknown unit": (MAX, {"unitId": UNKNOWN}, 404),
    "a unit of somebody else": (MAX, {"unitId": 434}, 403),
    "a unit of nobody": (MAX, {"unitId": 435}, 403),
    "a unit of another community": (PAULA, {"unitId": 502}, 409),
    "an unknown property": (MAX, {"title": "Mine"}, 400),
    "an id that is none": (MAX, {"communityId": "1"}, 400),
    "a key that is no id": (MAX, {"fields": {"title": "x"}}, 400),
    "a value that is null": (MAX, {"fields": {**GOOD, "19": None}}, 400),
    "a number beyond what JavaScript can count": (MAX, {"fields": {**GOOD, "22": 2**53}}, 400),
}


@on_each_sql
@pytest.mark.parametrize("name", REFUSED)
def test_a_ticket_that_names_what_it_may_not_is_refused_and_not_opened(any_mock: Mock, name: str) -> None:
    person, changes, status = REFUSED[name]
    before = any_mock.state()
    assert problem(new_ticket(any_mock, person, **changes))[0] == status
    assert any_mock.state() == before


def test_an_attachment_is_the_stored_upload_whatever_is_sent_beside_its_path(any_mock: Mock) -> None:
    file, other = (
        made(upload(any_mock, b"12345", "bill.pdf", "application/pdf")),
        made(upload(any_mock, b"x", "other.txt", "text/plain")),
    )
    forged = {**file, "name": "safe.exe", "fileType": "text/html", "fileSize": 1, "thumbs": {"small": "x"}, "more": [1]}
    ticket = opened(any_mock, fields={"17": "See", "18": [other, forged]})
    assert ticket["Attachments"] == ticket["customFields"][1]["value"] == [other, file]
    answer = made(comment(any_mock, ticket["id"], attachments=[forged, forged, other]))
    assert answer["Attachments"] == [file, file, other]
    assert read(any_mock, f"{TICKETS}/{ticket['id']}", ERIKA)["TicketComments"] == [answer]


def test_an_attachment_that_is_not_there_is_404_and_nothing_is_written(any_mock: Mock, png: bytes) -> None:
    file = made(upload(any_mock, png, "a.png", "image/png"))
    before = any_mock.state()
    elsewhere = made(upload(any_mock.beside("other"), b"x"))
    for path in ("nosuch.png", file["thumbs"]["small"], f"../{file['path']}", elsewhere["path"].upper()):
        sent = [file, {**file, "path": path}]
        assert problem(new_ticket(any_mock, fields={"17": "See", "18": sent}))[0] == 404
        assert problem(comment(any_mock, 7001, attachments=sent))[0] == 404
    assert any_mock.state() == before


@pytest.mark.parametrize(
    ("person", "ticket", "body", "status"),
    [
        (MAX, 7001, {}, 400),
        (MAX, 7001, {"text": ""}, 400),
        (MAX, 7001, {"text": "x" * 10_001}, 400),
        (MAX, 7001, {"text": "x", "attachments": [{"path": "x"}]}, 400),
        (MAX, 7101, {"text": "x"}, 403),
        (MAX, UNKNOWN, {"text": "x"}, 404),
        (MAX, 2**31, {"text": "x"}, 400),
    ],
)
def test_a_refused_comment_is_not_written(mock: Mock, person: str, ticket: int, body: dict[str, Any], status: int) -> None:
    before = mock.state()
    assert problem(mock.post(f"{TICKETS}/{ticket}/comments", person, json=body))[0] == status
    assert mock.state() == before


def test_comments_are_shown_oldest_first_with_those_who_wrote_them(any_mock: Mock) -> None:
    for person, text in ((ERIKA, "Here too"), (PAULA, "And here"), (MAX, "<i>Thanks</i>")):
        made(comment(any_mock, 7001, person, text))
    comments = read(any_mock, f"{TICKETS}/7001")["TicketComments"]
    assert [c["text"] for c in comments] == [
        "The plumber comes on Tuesday.",
        "Thank you",
        "Here too",
        "And here",
        "<i>Thanks</i>",
    ]
    assert [c["CreatedBy"]["firstName"] for c in comments] == ["Petra", "Max", "Erika", "Paula", "Max"]


def test_the_types_of_a_community_are_its_own_and_the_samples_of_the_document_hold(mock: Mock) -> None:
    types = read(mock, inside("ticket-types"))
    assert [kind["id"] for kind in types] == [2341, QUESTION, KEY, INSURANCE]
    assert [kind["id"] for kind in read(mock, inside("ticket-types", SEEBLICK), HANS)] == [2351]
    assert {field["type"] for kind in types for field in kind["fields"]} == {
        "text",
        "number",
        "boolean",
        "date",
        "select",
        "file",
    }
    for person, community, status in ((HANS, LINDENHOF, 403), (MAX, UNKNOWN, 404), (MAX, 2**31, 400)):
        assert problem(mock.get(inside("ticket-types", community), person))[0] == status
