"""Comments: each is kept in its ticket, in the order in which they were written."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi
from contract_tests.actors.expectations import expect, json_is, refusal, same, status
from contract_tests.contract.basis import inferred
from contract_tests.laws.casavi.test_ticket_fields import UNKNOWN_FILE
from contract_tests.laws.strategies import characters

RACERS = 8


def _texts(casavi: Casavi, caller: Caller, ticket: int) -> list[str]:
    return [comment["text"] for comment in casavi.ticket(caller, ticket)["TicketComments"]]


@inferred("addTicketComment: text and attachments (list of Upload); the comment stands in the ticket as it was answered")
def test_a_comment_stands_in_its_ticket(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket, file = casavi.open_ticket(resident)["id"], casavi.upload(neighbour)
    casavi.comment(resident, ticket)
    comment = casavi.comment(neighbour, ticket, text="see there", attachments=[file])
    same((comment["text"], comment["Attachments"]), ("see there", [file]), "addTicketComment", f"answers {comment}")
    last = casavi.ticket(resident, ticket)["TicketComments"][-1]
    same(last, comment, "getTicket", f"shows {last} last where addTicketComment answered {comment}")


@inferred("CreatedBy is who wrote the comment")
def test_a_comment_says_who_wrote_it(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    own, other = (casavi.comment(caller, ticket["id"])["CreatedBy"] for caller in (resident, neighbour))
    same(own, ticket["CreatedBy"], "addTicketComment", f"names {own}, createTicket names {ticket['CreatedBy']} for one person")
    same(other, casavi.open_ticket(neighbour)["CreatedBy"], "addTicketComment", f"names {other} for another person")


@inferred("TicketComments: the comments, oldest first")
def test_comments_stand_in_the_order_of_writing(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket, texts = casavi.open_ticket(resident)["id"], ["b", "a", "d", "c"]
    for number, text in enumerate(texts):
        casavi.comment((resident, neighbour)[number % 2], ticket, text)
    comments = casavi.ticket(resident, ticket)["TicketComments"]
    same([comment["text"] for comment in comments], texts, "getTicket", f"shows {comments} where {texts} is the order")
    times = [comment["createdAt"] for comment in comments]
    same(times, sorted(times), "getTicket", f"shows comments with the times {times}")


@given(text=st.text(characters, min_size=1, max_size=100))
@example(text=" with blanks around \n")
@inferred("a text comes back as it was entered")
def test_any_text_comes_back(casavi: Casavi, resident: Caller, text: str) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    casavi.comment(resident, ticket, text)
    same(_texts(casavi, resident, ticket), [text], "getTicket", f"shows another text than addTicketComment was sent: {text!r}")


@inferred("a comment changes nothing but the comments, and those of its own ticket alone")
def test_a_comment_concerns_one_ticket(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket, other = casavi.open_ticket(resident), casavi.open_ticket(resident)
    comment = casavi.comment(neighbour, ticket["id"])
    wanted = ticket | {"TicketComments": [comment]}
    expect(resident.call("getTicket", ticket_id=ticket["id"]), status(200), json_is(wanted))
    expect(resident.call("getTicket", ticket_id=other["id"]), status(200), json_is(other))


@inferred("404 for an unknown upload; what is refused leaves nothing")
def test_a_comment_with_an_unknown_file_is_not_kept(casavi: Casavi, resident: Caller) -> None:
    ticket, known = casavi.open_ticket(resident)["id"], casavi.upload(resident)
    body = {"text": "see there", "attachments": [known, UNKNOWN_FILE]}
    expect(resident.call("addTicketComment", body, ticket_id=ticket), refusal(404))
    same(_texts(casavi, resident, ticket), [], "getTicket", "after a refused addTicketComment")


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 1}, {"text": "x", "author": 1}, {"text": "x" * 10001}])
@inferred("text is mandatory, with 1 to 10000 characters, and a request has no other properties")
def test_a_malformed_comment_is_not_kept(casavi: Casavi, resident: Caller, body: dict[str, object]) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    expect(resident.call("addTicketComment", body, ticket_id=ticket), refusal(400))
    same(_texts(casavi, resident, ticket), [], "getTicket", "after a refused addTicketComment")


@inferred("of comments written at the same moment none is lost, and none stands twice")
def test_of_simultaneous_comments_each_is_kept_once(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    texts = [f"comment {number}" for number in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        racing = [
            pool.submit(casavi.comment, (resident, neighbour)[number % 2].twin(), ticket, text)
            for number, text in enumerate(texts)
        ]
        ids = [racer.result()["id"] for racer in racing]
    comments = casavi.ticket(resident, ticket)["TicketComments"]
    same(sorted(comment["text"] for comment in comments), texts, "getTicket", f"shows {comments} after {texts}")
    same(sorted(comment["id"] for comment in comments), sorted(ids), "getTicket", f"shows {comments} after the ids {ids}")
    same(len(set(ids)), RACERS, "addTicketComment", f"{RACERS} at once, answered the ids {ids}")
