"""Tickets: what was opened can be read and is listed, and a refused request leaves nothing behind."""

from functools import partial
from urllib.parse import urljoin

import pytest
from hypothesis import given

from contract_tests.actors.caller import Caller, operation_of
from contract_tests.actors.casavi import UNKNOWN_ID, Casavi, Json
from contract_tests.actors.expectations import each_once, expect, has, json_is, refusal, require, same, status
from contract_tests.contract.basis import inferred
from contract_tests.laws.races import at_once
from contract_tests.laws.strategies import descriptions

RACERS = 8
# What the source shows of a ticket.
KEYS = (
    "AssignedTo Community Contact CreatedBy Sharings Attachments TicketComments TicketRating TicketType Unit status statusText "
    "customFields descriptionRendered id identifier referenceId title"
)


@inferred("getTicket: the 18 properties of the source's sample")
def test_a_ticket_has_all_that_the_source_shows(casavi: Casavi, resident: Caller) -> None:
    ticket = casavi.ticket(resident, casavi.open_ticket(resident)["id"])
    missing = [key for key in KEYS.split() if key not in ticket]
    same(missing, [], "getTicket", "lacks properties that the source shows")


@inferred("createTicket answers the ticket, and getTicket reads it")
def test_an_opened_ticket_reads_back_as_it_was_answered(casavi: Casavi, resident: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    expect(resident.call("getTicket", ticket_id=ticket["id"]), status(200), json_is(ticket))


@pytest.mark.parametrize("what", ["type", "unit"])
@inferred("createTicket: communityId, ticketTypeId and unitId are those of the request")
def test_a_ticket_is_about_what_was_sent(casavi: Casavi, resident: Caller, what: str) -> None:
    type_ = casavi.types(resident)[-1] if what == "type" else casavi.plain_type(resident)
    unit = casavi.own_unit(resident) if what == "unit" else None
    ticket = casavi.open_ticket(resident, type_, **({"unitId": unit["id"]} if unit else {}))
    shown = {"community": ticket["Community"]["id"], "type": ticket["TicketType"]["id"], "unit": ticket["Unit"]}
    wanted = {"community": casavi.community, "type": type_["id"], "unit": unit}
    same(shown, wanted, "createTicket", "answers a ticket about something else than was sent")


@inferred("communityId: the ticket belongs to the community that it names, whichever others the caller is in")
def test_a_ticket_lands_where_it_was_sent(casavi: Casavi, commuter: Caller) -> None:
    for home in map(int, casavi.person("commuter").homes):
        ticket = casavi.open_ticket(commuter, communityId=home)
        same(ticket["Community"]["id"], home, "createTicket", "answers a ticket of another community")
        listed = casavi.tickets(commuter, community_id=home)
        require(ticket["id"] in listed, "listTickets", "with community_id lacks a ticket of that community")


@inferred("a new ticket has no comments, no rating, and no unit if none was named")
def test_a_new_ticket_has_no_past(casavi: Casavi, resident: Caller) -> None:
    reply = resident.call("createTicket", casavi.new_ticket(resident))
    expect(reply, status(201), has(TicketComments=[], TicketRating=None, Unit=None))


@inferred("createTicket: Location is where the ticket can be read")
def test_the_location_leads_to_the_ticket(casavi: Casavi, resident: Caller) -> None:
    reply = expect(resident.call("createTicket", casavi.new_ticket(resident)), status(201))
    path = urljoin(reply.response.url, reply.headers.get("Location", "nowhere"))
    wanted = casavi.wire.bases["casavi"] + operation_of("casavi", "getTicket").url_path({"ticket_id": reply.json["id"]})
    same(path, wanted, "createTicket", "names another place in Location than that of the ticket")


@inferred("listTickets: the tickets that the caller may see, with their names as getTicket shows them")
def test_an_opened_ticket_is_listed_once(casavi: Casavi, resident: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    keys = ("id", "identifier", "referenceId", "title", "status", "statusText", "Community", "TicketType")
    listed = [one for one in casavi.read(resident, "listTickets") if one["id"] == ticket["id"]]
    shown, wanted = [{key: one.get(key) for key in keys} for one in listed], [{key: ticket[key] for key in keys}]
    same(shown, wanted, "listTickets", "does not show a new ticket once, as createTicket answered it")


@inferred("community_id is a filter: only what belongs to this community, and all of that")
def test_the_filter_keeps_the_tickets_of_a_community(casavi: Casavi, resident: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    kept = casavi.read(resident, "listTickets", {"community_id": casavi.community})
    require(ticket["id"] in {one["id"] for one in kept}, "listTickets", "with community_id lacks a ticket of that community")
    foreign = [one["id"] for one in kept if one["Community"]["id"] != casavi.community]
    same(foreign, [], "listTickets", "with community_id shows tickets of other communities")


@inferred("community_id is a filter: only what belongs to this community")
def test_the_filter_leaves_out_the_tickets_of_other_communities(casavi: Casavi, resident: Caller, commuter: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    other = next(int(home) for home in casavi.person("commuter").homes if int(home) != casavi.community)
    require(ticket in casavi.tickets(commuter), "listTickets", "lacks a ticket of one of the caller's communities")
    filtered = casavi.tickets(commuter, community_id=other)
    require(ticket not in filtered, "listTickets", "with community_id shows a ticket of another community")


@inferred("identifier is the number that people use for the ticket, referenceId its name in other systems: each has its own")
def test_tickets_have_names_of_their_own(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    for caller in (resident, neighbour, resident):
        casavi.open_ticket(caller)
    listed = casavi.read(resident, "listTickets")
    for name in ("id", "identifier", "referenceId"):
        each_once([ticket[name] for ticket in listed], "listTickets")


@inferred("statusText: the status in words, so tickets of one status have one text, and those of another status another")
def test_each_status_has_its_words(casavi: Casavi, resident: Caller) -> None:
    casavi.open_ticket(resident)
    pairs = {(ticket["status"], ticket["statusText"]) for ticket in casavi.read(resident, "listTickets")}
    statuses, texts = ({pair[side] for pair in pairs} for side in (0, 1))
    one_each = len(statuses) == len(texts) == len(pairs)
    require(one_each, "listTickets", "shows one status with several texts, or one text with several statuses", got=sorted(pairs))


@inferred("listTickets: newest first")
def test_tickets_stand_newest_first(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    opened = [casavi.open_ticket(caller)["id"] for caller in (resident, neighbour, resident)]
    listed = [id_ for id_ in casavi.tickets(resident) if id_ in opened]
    same(listed, opened[::-1], "listTickets", "does not show the newest tickets first")


@inferred("the residents of a community see its tickets")
def test_neighbours_see_a_ticket(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    require(ticket["id"] in casavi.tickets(neighbour), "listTickets", "lacks a ticket of a neighbour")
    expect(neighbour.call("getTicket", ticket_id=ticket["id"]), status(200), json_is(ticket))


@inferred("the residents of a community see its tickets, and others do not")
def test_strangers_do_not_see_a_ticket(casavi: Casavi, resident: Caller, stranger: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    for query in ({}, {"community_id": casavi.elsewhere}):
        require(ticket not in casavi.tickets(stranger, **query), "listTickets", "shows a ticket to somebody of another community")


@inferred("CreatedBy is who opened the ticket")
def test_a_ticket_says_who_opened_it(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    first, second, other = (casavi.open_ticket(caller)["CreatedBy"] for caller in (resident, resident, neighbour))
    same(first, second, "createTicket", "names one person differently in two tickets")
    require(first["id"] != other["id"], "createTicket", "names one person for two", got=first)


@inferred("the title is the first line of the first text")
def test_the_title_is_the_first_line(casavi: Casavi, resident: Caller) -> None:
    type_, text = casavi.type_with(resident, "text")
    fields = {key: value for key, value in casavi.required(resident, type_).items() if not _is_text(type_, key)}
    texts = {str(one["id"]): "later" for one in type_["fields"] if one["type"] == "text" and one["required"]}
    line = casavi.new_name("the tap drips")
    ticket = casavi.open_ticket(resident, type_, fields=fields | texts | {str(text["id"]): f"{line}\nAll night."})
    same(ticket["title"], line, "createTicket", "makes another title than the first line of the first text")


def _is_text(type_: Json, key: str) -> bool:
    return any(str(one["id"]) == key and one["type"] == "text" for one in type_["fields"])


@inferred("without a text, the title is the name of the type")
def test_a_ticket_without_text_is_called_like_its_type(casavi: Casavi, resident: Caller) -> None:
    silent = [t for t in casavi.types(resident) if not any(one["required"] and one["type"] == "text" for one in t["fields"])]
    if not silent:
        pytest.skip("each ticket type of the community asks for a text")
    ticket = casavi.open_ticket(resident, silent[0])
    same(
        ticket["title"], silent[0]["name"], "createTicket", "makes another title than the name of the type where there is no text"
    )


@inferred("descriptionRendered is the description, ready for display: each line of what the user entered is in it")
def test_the_description_is_what_was_entered(casavi: Casavi, resident: Caller) -> None:
    type_, text = casavi.type_with(resident, "text")
    lines = [casavi.new_name("the tap drips"), casavi.new_name("all night")]
    ticket = casavi.open_ticket(resident, type_, fields=casavi.required(resident, type_) | {str(text["id"]): "\n".join(lines)})
    missing = [line for line in lines if line not in ticket["descriptionRendered"]]
    rendered = ticket["descriptionRendered"]
    require(not missing, "createTicket", "leaves lines out of descriptionRendered", expected=lines, got=rendered)


@inferred("Attachments: the files that were sent with the ticket; file uploads are added to the fields")
def test_the_files_of_a_ticket_are_its_attachments(casavi: Casavi, resident: Caller) -> None:
    type_, field = casavi.type_with(resident, "file")
    files = [casavi.upload(resident, data) for data in (b"first", b"second")]
    ticket = casavi.open_ticket(resident, type_, fields=casavi.required(resident, type_) | {str(field["id"]): files})
    same(ticket["Attachments"], files, "createTicket", "shows other attachments than were sent")


@inferred("Attachments: the files that were sent with the ticket, none if there were none")
def test_a_ticket_without_files_has_no_attachments(casavi: Casavi, resident: Caller) -> None:
    expect(resident.call("createTicket", casavi.new_ticket(resident)), status(201), has(Attachments=[]))


@inferred("Contact is whom the ticket is about: who opened it")
def test_a_ticket_is_about_who_opened_it(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    for caller in (resident, neighbour):
        ticket = casavi.open_ticket(caller)
        same(ticket["Contact"], ticket["CreatedBy"], "createTicket", "names another contact than who opened the ticket")


@given(text=descriptions)
@inferred("descriptionRendered is ready for display: what a user entered is no markup in it")
def test_what_a_user_enters_is_no_markup(casavi: Casavi, resident: Caller, text: str) -> None:
    type_, field = casavi.type_with(resident, "text")
    fields = casavi.required(resident, type_) | {str(field["id"]): f"x{text}<script>alert(1)</script>"}
    rendered = casavi.open_ticket(resident, type_, fields=fields)["descriptionRendered"]
    require("<script" not in rendered, "createTicket", "renders what a user entered as markup", got=rendered)


@inferred("tickets have ids of their own, also if they are opened at the same moment, and none is lost")
def test_of_simultaneous_tickets_each_is_kept_once(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    body, before = casavi.new_ticket(resident), set(casavi.tickets(resident))
    people = [(resident, neighbour)[number % 2].twin() for number in range(RACERS)]
    answers = at_once(*(partial(person.call, "createTicket", body) for person in people))
    made = [expect(answer, status(201)).json["id"] for answer in answers]
    each_once(made, "createTicket")
    added = sorted(id_ for id_ in casavi.tickets(resident) if id_ not in before)
    same(added, sorted(made), "listTickets", f"does not show each of {RACERS} tickets that were opened at once")


def _bad_tickets(casavi: Casavi, resident: Caller) -> dict[str, tuple[Json, int]]:
    """What is wrong with a ticket, and its status; what needs more people is asked elsewhere."""
    good = casavi.new_ticket(resident)
    return {
        "unknown community": (good | {"communityId": UNKNOWN_ID}, 404),
        "unknown type": (good | {"ticketTypeId": UNKNOWN_ID}, 404),
        "unknown unit": (good | {"unitId": UNKNOWN_ID}, 404),
        "foreign field": (good | {"fields": good["fields"] | {str(UNKNOWN_ID): "x"}}, 409),
        "impossible community": (good | {"communityId": UNKNOWN_ID + 1}, 400),
        "no community": ({key: value for key, value in good.items() if key != "communityId"}, 400),
        "unknown property": (good | {"status": "CLOSED"}, 400),
    }


@pytest.mark.parametrize(
    "fault",
    [
        "unknown community",
        "unknown type",
        "unknown unit",
        "foreign field",
        "impossible community",
        "no community",
        "unknown property",
    ],
)
@inferred("createTicket: 400 for an id above 2147483647, 404 for what is unknown, 409 for what does not suit; no ticket is left")
def test_a_refused_ticket_is_not_opened(casavi: Casavi, resident: Caller, fault: str) -> None:
    _is_refused(casavi, resident, *_bad_tickets(casavi, resident)[fault])


def _is_refused(casavi: Casavi, caller: Caller, body: Json, code: int) -> None:
    before = casavi.tickets(caller)
    expect(caller.call("createTicket", body), refusal(code))
    same(casavi.tickets(caller), before, "listTickets", "shows a ticket that was refused")


@inferred("createTicket: 403 for somebody else's unit")
def test_a_ticket_is_not_about_the_unit_of_a_neighbour(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    own, theirs = {unit["id"] for unit in casavi.read(resident, "listUnits")}, casavi.own_unit(neighbour)
    if theirs["id"] in own:
        pytest.skip("the resident and the neighbour share their unit")
    _is_refused(casavi, resident, casavi.new_ticket(resident, unitId=theirs["id"]), 403)


@inferred("createTicket: 409 for a unit of another community")
def test_a_ticket_is_not_about_a_unit_of_another_community(casavi: Casavi, commuter: Caller) -> None:
    units = [unit for unit in casavi.read(commuter, "listUnits") if unit["communityId"] != casavi.community]
    if not units:
        pytest.skip("the commuter has no unit in another community")
    expect(commuter.call("createTicket", casavi.new_ticket(commuter, unitId=units[0]["id"])), refusal(409))


@inferred("createTicket: 404 for a ticket type that the community does not have")
def test_a_ticket_has_a_type_of_its_community(casavi: Casavi, resident: Caller, stranger: Caller) -> None:
    own = {type_["id"] for type_ in casavi.types(resident)}
    foreign = [type_ for type_ in casavi.types(stranger, community_id=casavi.elsewhere) if type_["id"] not in own]
    if not foreign:
        pytest.skip("the communities have the same ticket types")
    body = casavi.new_ticket(resident, foreign[0], fields=casavi.required(stranger, foreign[0]))
    expect(resident.call("createTicket", body), refusal(404))


@inferred("getTicket: 404 for an unknown ticket")
def test_an_unknown_ticket_is_not_found(casavi: Casavi, resident: Caller) -> None:
    expect(resident.call("getTicket", ticket_id=UNKNOWN_ID), refusal(404))
    expect(resident.call("addTicketComment", {"text": "hello"}, ticket_id=UNKNOWN_ID), refusal(404))
