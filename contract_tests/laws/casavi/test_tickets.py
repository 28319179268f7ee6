"""Tickets: what was opened can be read and is listed, and what is refused leaves nothing."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import pytest
from hypothesis import given

from contract_tests.actors.caller import Caller, operation_of
from contract_tests.actors.casavi import UNKNOWN_ID, Casavi, Json
from contract_tests.actors.expectations import expect, has, json_is, refusal, require, same, status
from contract_tests.contract.basis import inferred
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
    missing = {key for key in KEYS.split() if key not in ticket}
    require(not missing, "getTicket", f"shows no {missing}")


@inferred("createTicket answers the ticket, and getTicket reads it")
def test_an_opened_ticket_reads_back_as_it_was_answered(casavi: Casavi, resident: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    expect(resident.call("getTicket", ticket_id=ticket["id"]), status(200), json_is(ticket))


@inferred("createTicket: communityId, ticketTypeId and unitId are those of the request")
def test_a_ticket_is_about_what_was_sent(casavi: Casavi, resident: Caller) -> None:
    type_, unit = casavi.types(resident)[-1], casavi.own_unit(resident)
    ticket = casavi.open_ticket(resident, type_, unitId=unit["id"])
    shown = {"community": ticket["Community"]["id"], "type": ticket["TicketType"]["id"], "unit": ticket["Unit"]}
    same(shown, {"community": casavi.community, "type": type_["id"], "unit": unit}, "createTicket", f"shows {shown}")


@inferred("communityId: the ticket lands in the community that it names, whichever the caller is in besides")
def test_a_ticket_lands_where_it_was_sent(casavi: Casavi, commuter: Caller) -> None:
    for home in map(int, casavi.person("commuter").homes):
        ticket = casavi.open_ticket(commuter, communityId=home)
        same(ticket["Community"]["id"], home, "createTicket", f"shows the community {ticket['Community']} where {home} was sent")
        require(
            ticket["id"] in casavi.tickets(commuter, community_id=home),
            "listTickets",
            f"of {home} lacks the ticket {ticket['id']}",
        )


@inferred("a new ticket has no comments, no rating, and no unit if none was named")
def test_a_new_ticket_has_no_past(casavi: Casavi, resident: Caller) -> None:
    reply = resident.call("createTicket", casavi.new_ticket(resident))
    expect(reply, status(201), has(TicketComments=[], TicketRating=None, Unit=None))


@inferred("createTicket: Location is where the ticket can be read")
def test_the_location_leads_to_the_ticket(casavi: Casavi, resident: Caller) -> None:
    reply = expect(resident.call("createTicket", casavi.new_ticket(resident)), status(201))
    path = urljoin(reply.response.url, reply.headers.get("Location", "nowhere"))
    wanted = casavi.wire.bases["casavi"] + operation_of("casavi", "getTicket").url_path({"ticket_id": reply.json["id"]})
    same(path, wanted, "createTicket", f"Location is {path} where {wanted} is the ticket")


@inferred("listTickets: the tickets that the caller may see, with their names as getTicket shows them")
def test_an_opened_ticket_is_listed_once(casavi: Casavi, resident: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    listed = [one for one in casavi.read(resident, "listTickets") if one["id"] == ticket["id"]]
    keys = ("id", "identifier", "referenceId", "title", "status", "statusText", "Community", "TicketType")
    same(
        [{key: one.get(key) for key in keys} for one in listed],
        [{key: ticket[key] for key in keys}],
        "listTickets",
        f"shows {listed} for {ticket}",
    )


@inferred("community_id is a filter: only what belongs to this community, and all of that")
def test_the_filter_keeps_the_tickets_of_a_community(casavi: Casavi, resident: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    kept = casavi.read(resident, "listTickets", {"community_id": casavi.community})
    require(ticket["id"] in {one["id"] for one in kept}, "listTickets", "with the ticket's community_id lacks the ticket")
    same({one["Community"]["id"] for one in kept}, {casavi.community}, "listTickets", "shows tickets of other communities")


@inferred("community_id is a filter: only what belongs to this community")
def test_the_filter_leaves_out_the_tickets_of_other_communities(casavi: Casavi, resident: Caller, commuter: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    other = next(int(home) for home in casavi.person("commuter").homes if int(home) != casavi.community)
    require(ticket["id"] in casavi.tickets(commuter), "listTickets", "without a filter lacks a ticket")
    require(ticket["id"] not in casavi.tickets(commuter, community_id=other), "listTickets", "ignores community_id")


@inferred("identifier is the number that people use for the ticket, referenceId its name in other systems: each has its own")
def test_tickets_have_names_of_their_own(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    for caller in (resident, neighbour, resident):
        casavi.open_ticket(caller)
    listed = casavi.read(resident, "listTickets")
    for name in ("id", "identifier", "referenceId"):
        values = [ticket[name] for ticket in listed]
        same(len(set(values)), len(values), "listTickets", f"shows an {name} twice: {values}")


@inferred("statusText: the status in words, so tickets of one status have one text, and those of another status another")
def test_each_status_has_its_words(casavi: Casavi, resident: Caller) -> None:
    casavi.open_ticket(resident)
    pairs = {(ticket["status"], ticket["statusText"]) for ticket in casavi.read(resident, "listTickets")}
    statuses, texts = ({pair[side] for pair in pairs} for side in (0, 1))
    require(len(statuses) == len(texts) == len(pairs), "listTickets", f"shows the statuses and their texts {sorted(pairs)}")


@inferred("listTickets: newest first")
def test_tickets_stand_newest_first(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    opened = [casavi.open_ticket(caller)["id"] for caller in (resident, neighbour, resident)]
    listed = [id_ for id_ in casavi.tickets(resident) if id_ in opened]
    same(listed, opened[::-1], "listTickets", f"shows {listed} after {opened} were opened")


@inferred("the residents of a community see its tickets")
def test_neighbours_see_a_ticket(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    require(ticket["id"] in casavi.tickets(neighbour), "listTickets", "of a neighbour lacks the ticket")
    expect(neighbour.call("getTicket", ticket_id=ticket["id"]), status(200), json_is(ticket))


@inferred("the residents of a community see its tickets, and others do not")
def test_strangers_do_not_see_a_ticket(casavi: Casavi, resident: Caller, stranger: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    for query in ({}, {"community_id": casavi.elsewhere}):
        require(
            ticket["id"] not in casavi.tickets(stranger, **query), "listTickets", f"of a stranger shows the ticket, by {query}"
        )


@inferred("CreatedBy is who opened the ticket")
def test_a_ticket_says_who_opened_it(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    first, second, other = (casavi.open_ticket(caller)["CreatedBy"] for caller in (resident, resident, neighbour))
    same(first, second, "createTicket", f"names {first} and {second} for one person")
    require(first["id"] != other["id"], "createTicket", f"names {first} and {other} for two persons")


@inferred("the title is the first line of the first text")
def test_the_title_is_the_first_line(casavi: Casavi, resident: Caller) -> None:
    type_, text = casavi.type_with(resident, "text")
    fields = {key: value for key, value in casavi.required(resident, type_).items() if not _is_text(type_, key)}
    texts = {str(one["id"]): "later" for one in type_["fields"] if one["type"] == "text" and one["required"]}
    line = casavi.new_name("the tap drips")
    ticket = casavi.open_ticket(resident, type_, fields=fields | texts | {str(text["id"]): f"{line}\nAll night."})
    same(ticket["title"], line, "createTicket", f"makes the title {ticket['title']!r} of {line!r} and a second line")


def _is_text(type_: Json, key: str) -> bool:
    return any(str(one["id"]) == key and one["type"] == "text" for one in type_["fields"])


@inferred("without a text, the title is the name of the type")
def test_a_ticket_without_text_is_called_like_its_type(casavi: Casavi, resident: Caller) -> None:
    silent = [t for t in casavi.types(resident) if not any(one["required"] and one["type"] == "text" for one in t["fields"])]
    if not silent:
        pytest.skip("each ticket type of the community asks for a text")
    ticket = casavi.open_ticket(resident, silent[0])
    same(ticket["title"], silent[0]["name"], "createTicket", f"without a text makes the title {ticket['title']!r}")


@inferred("descriptionRendered is the description, ready for display: each line of what the user entered is in it")
def test_the_description_is_what_was_entered(casavi: Casavi, resident: Caller) -> None:
    type_, text = casavi.type_with(resident, "text")
    lines = [casavi.new_name("the tap drips"), casavi.new_name("all night")]
    ticket = casavi.open_ticket(resident, type_, fields=casavi.required(resident, type_) | {str(text["id"]): "\n".join(lines)})
    missing = [line for line in lines if line not in ticket["descriptionRendered"]]
    require(not missing, "createTicket", f"renders {ticket['descriptionRendered']!r} without {missing}")


@inferred("Attachments: the files that were sent with the ticket; file uploads are added to the fields")
def test_the_files_of_a_ticket_are_its_attachments(casavi: Casavi, resident: Caller) -> None:
    type_, field = casavi.type_with(resident, "file")
    files = [casavi.upload(resident, data) for data in (b"first", b"second")]
    ticket = casavi.open_ticket(resident, type_, fields=casavi.required(resident, type_) | {str(field["id"]): files})
    same(ticket["Attachments"], files, "createTicket", f"shows the attachments {ticket['Attachments']} where {files} were sent")
    same(casavi.open_ticket(resident)["Attachments"], [], "createTicket", "shows attachments where no file was sent")


@inferred("Contact is whom the ticket is about: who opened it")
def test_a_ticket_is_about_who_opened_it(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    for caller in (resident, neighbour):
        ticket = casavi.open_ticket(caller)
        same(ticket["Contact"], ticket["CreatedBy"], "createTicket", f"names the contact {ticket['Contact']} in {ticket}")


@given(text=descriptions)
@inferred("descriptionRendered is ready for display: what a user entered is no markup in it")
def test_what_a_user_enters_is_no_markup(casavi: Casavi, resident: Caller, text: str) -> None:
    type_, field = casavi.type_with(resident, "text")
    fields = casavi.required(resident, type_) | {str(field["id"]): f"x{text}<script>alert(1)</script>"}
    rendered = casavi.open_ticket(resident, type_, fields=fields)["descriptionRendered"]
    require("<script" not in rendered, "createTicket", f"renders markup of the user: {rendered!r}")


@inferred("tickets have ids of their own, also if they are opened at the same moment, and none is lost")
def test_of_simultaneous_tickets_each_is_kept_once(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    body, before = casavi.new_ticket(resident), set(casavi.tickets(resident))
    with ThreadPoolExecutor(RACERS) as pool:
        people = [(resident, neighbour)[number % 2].twin() for number in range(RACERS)]
        replies = list(pool.map(lambda person: person.call("createTicket", body), people))
    made = [expect(reply, status(201)).json["id"] for reply in replies]
    same(len(set(made)), RACERS, "createTicket", f"{RACERS} at once, answered the ids {made}")
    added = [id_ for id_ in casavi.tickets(resident) if id_ not in before]
    same(sorted(added), sorted(made), "listTickets", f"shows {added} after createTicket of {made}")


def _bad_tickets(casavi: Casavi, resident: Caller) -> dict[str, tuple[Json, int]]:
    """What is wrong with a ticket, and its status; what needs more people is asked elsewhere."""
    good = casavi.new_ticket(resident)
    return {
        "unknown community": (good | {"communityId": UNKNOWN_ID}, 404),
        "unknown type": (good | {"ticketTypeId": UNKNOWN_ID}, 404),
        "unknown unit": (good | {"unitId": UNKNOWN_ID}, 404),
        "foreign field": (good | {"fields": good["fields"] | {str(UNKNOWN_ID): "x"}}, 409),
        "no community": ({key: value for key, value in good.items() if key != "communityId"}, 400),
        "unknown property": (good | {"status": "CLOSED"}, 400),
    }


@pytest.mark.parametrize(
    "fault", ["unknown community", "unknown type", "unknown unit", "foreign field", "no community", "unknown property"]
)
@inferred("createTicket: 404 for what is unknown, 409 for fields that do not suit; what is refused leaves nothing")
def test_a_refused_ticket_is_not_opened(casavi: Casavi, resident: Caller, fault: str) -> None:
    body, code = _bad_tickets(casavi, resident)[fault]
    before = casavi.tickets(resident)
    expect(resident.call("createTicket", body), refusal(code))
    same(casavi.tickets(resident), before, "listTickets", "after a refused createTicket")


@inferred("createTicket: 403 for a unit of others")
def test_a_ticket_is_not_about_the_unit_of_a_neighbour(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    own = {unit["id"] for unit in casavi.read(resident, "listUnits")}
    theirs = casavi.own_unit(neighbour)
    if theirs["id"] in own:
        pytest.skip("the resident and the neighbour share their unit")
    before = casavi.tickets(resident)
    expect(resident.call("createTicket", casavi.new_ticket(resident, unitId=theirs["id"])), refusal(403))
    same(casavi.tickets(resident), before, "listTickets", "after a refused createTicket")


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
