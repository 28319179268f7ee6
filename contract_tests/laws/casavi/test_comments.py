"""Comments: each is kept in its ticket, in the order in which they were written."""

from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi
from contract_tests.actors.expectations import expect, has, json_is, refusal, same, status
from contract_tests.contract.basis import inferred
from contract_tests.laws.casavi.test_ticket_fields import UNKNOWN_FILE
from contract_tests.laws.races import at_once
from contract_tests.laws.strategies import characters

RACERS = 8


def _texts(casavi: Casavi, caller: Caller, ticket: int) -> list[str]:
    return [comment["text"] for comment in casavi.ticket(caller, ticket)["TicketComments"]]


@inferred("addTicketComment: the comment stands in the ticket as it was answered")
def test_a_comment_stands_in_its_ticket(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    casavi.comment(resident, ticket)
    body = {"text": "see there"}
    comment = expect(neighbour.call("addTicketComment", body, ticket_id=ticket), status(201), has(**body)).json
    last = casavi.ticket(resident, ticket)["TicketComments"][-1]
    same(last, comment, "getTicket", "shows the last comment differently than addTicketComment answered it")


@inferred("addTicketComment: attachments are a list of Upload, and shown in that order")
def test_a_comment_has_its_attachments(casavi: Casavi, resident: Caller) -> None:
    ticket, files = casavi.open_ticket(resident)["id"], [casavi.upload(resident, data) for data in (b"first", b"second")]
    body = {"text": "see there", "attachments": files}
    expect(resident.call("addTicketComment", body, ticket_id=ticket), status(201), has(Attachments=files))
    last = casavi.ticket(resident, ticket)["TicketComments"][-1]
    same(last["Attachments"], files, "getTicket", "shows other attachments of a comment than were sent")


@inferred("CreatedBy is who wrote the comment")
def test_a_comment_says_who_wrote_it(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    own, other = (casavi.comment(caller, ticket["id"])["CreatedBy"] for caller in (resident, neighbour))
    same(own, ticket["CreatedBy"], "addTicketComment", "names another person than createTicket does for the same caller")
    same(other, casavi.open_ticket(neighbour)["CreatedBy"], "addTicketComment", "names another person than wrote the comment")


@inferred("TicketComments: the comments, oldest first")
def test_comments_stand_in_the_order_of_writing(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket, texts = casavi.open_ticket(resident)["id"], ["b", "a", "d", "c"]
    for number, text in enumerate(texts):
        casavi.comment((resident, neighbour)[number % 2], ticket, text)
    comments = casavi.ticket(resident, ticket)["TicketComments"]
    same([comment["text"] for comment in comments], texts, "getTicket", "shows comments in another order than that of writing")
    times = [comment["createdAt"] for comment in comments]
    same(times, sorted(times), "getTicket", "shows comments whose times do not rise")


@given(text=st.text(characters, min_size=1, max_size=100))
@example(text=" with blanks around \n")
@inferred("a text comes back as it was entered")
def test_any_text_comes_back(casavi: Casavi, resident: Caller, text: str) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    casavi.comment(resident, ticket, text)
    same(_texts(casavi, resident, ticket), [text], "getTicket", "shows another text than addTicketComment was sent")


@inferred("a comment changes nothing but the comments, and those of its own ticket alone")
def test_a_comment_concerns_one_ticket(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket, other = casavi.open_ticket(resident), casavi.open_ticket(resident)
    comment = casavi.comment(neighbour, ticket["id"])
    wanted = ticket | {"TicketComments": [comment]}
    expect(resident.call("getTicket", ticket_id=ticket["id"]), status(200), json_is(wanted))
    expect(resident.call("getTicket", ticket_id=other["id"]), status(200), json_is(other))


@inferred("404 for an unknown upload; a refused request leaves nothing behind")
def test_a_comment_with_an_unknown_file_is_not_kept(casavi: Casavi, resident: Caller) -> None:
    ticket, known = casavi.open_ticket(resident)["id"], casavi.upload(resident)
    body = {"text": "see there", "attachments": [known, UNKNOWN_FILE]}
    expect(resident.call("addTicketComment", body, ticket_id=ticket), refusal(404))
    same(_texts(casavi, resident, ticket), [], "getTicket", "shows a comment that was refused")


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 1}, {"text": "x", "author": 1}, {"text": "x" * 10001}])
@inferred("text is mandatory, with 1 to 10000 characters, and a request has no other properties")
def test_a_malformed_comment_is_not_kept(casavi: Casavi, resident: Caller, body: dict[str, object]) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    expect(resident.call("addTicketComment", body, ticket_id=ticket), refusal(400))
    same(_texts(casavi, resident, ticket), [], "getTicket", "shows a comment that was refused")


@inferred("of comments written at the same moment none is lost, and none stands twice")
def test_of_simultaneous_comments_each_is_kept_once(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    texts = [f"comment {number}" for number in range(RACERS)]
    people = [(resident, neighbour)[number % 2].twin() for number in range(RACERS)]
    calls = [
        partial(person.call, "addTicketComment", {"text": text}, ticket_id=ticket)
        for person, text in zip(people, texts, strict=True)
    ]
    ids = [expect(answer, status(201)).json["id"] for answer in at_once(*calls)]
    comments = casavi.ticket(resident, ticket)["TicketComments"]
    shown = sorted(comment["text"] for comment in comments)
    same(shown, texts, "getTicket", f"does not show each of {RACERS} comments at once")
    shown = sorted(comment["id"] for comment in comments)
    same(shown, sorted(set(ids)), "getTicket", f"shows other ids of {RACERS} comments at once than were answered")
