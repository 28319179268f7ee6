"""Logging in, whose community it is, and how a refusal looks."""

import base64
import json
from typing import Any

import pytest

from contract_tests.actors.caller import Answer, Caller
from contract_tests.actors.casavi import UNKNOWN_ID, Casavi
from contract_tests.actors.expectations import error_shape, expect, json_is, need, refusal, same, status
from contract_tests.contract.basis import inferred
from contract_tests.contract.operations import operations, wrong_logins

PROTECTED = [op for op in operations("casavi").values() if op.needs_login]
UNDER_A_COMMUNITY = [op.id for op in PROTECTED if "community_id" in op.parameters]
FILTERED = ["listTickets", "listFaqArticles", "listUnits"]
READS = [op.id for op in PROTECTED if not op.writes]


def _unsigned(caller: Caller) -> str:
    """A token that claims to be the caller's and that nobody signed."""
    _, _, token = caller.login.get("Authorization", "").partition(" ")
    payload = token.split(".")[1] if token.count(".") == 2 else _encoded({"sub": caller.user_id})
    return f"{_encoded({'alg': 'none', 'typ': 'JWT'})}.{payload}."


def _encoded(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def _tampered(caller: Caller) -> dict[str, str]:
    """The caller's login with one letter changed, in the middle: the last letter of a signature may mean nothing."""
    ((name, value),) = caller.login.items()
    start = len(value) - len(value.split(" ")[-1].split("=")[-1])
    middle = (start + len(value)) // 2
    other = "A" if value[middle] != "A" else "B"
    return {name: value[:middle] + other + value[middle + 1 :]}


def _tokens(caller: Caller) -> dict[str, dict[str, str]]:
    """Headers that look like the caller's login and log nobody in."""
    return {
        "a tampered token": _tampered(caller),
        "an unsigned token": {"Authorization": f"Bearer {_unsigned(caller)}"},
        "a token without its scheme": {"Authorization": caller.login.get("Authorization", "").partition(" ")[2]},
    }


LOGINS = wrong_logins("casavi")
TOKENS = ["a tampered token", "an unsigned token", "a token without its scheme"]


def _about(casavi: Casavi, resident: Caller, operation: str) -> dict[str, Any]:
    """What a request of the resident's needs to succeed: ids for the path, and a body."""
    path: dict[str, Any] = {"community_id": casavi.community}
    if operation in {"getTicket", "addTicketComment"}:
        path["ticket_id"] = casavi.open_ticket(resident)["id"]
    if operation == "markNotificationRead":
        path["notification_id"] = casavi.unread(resident, casavi["neighbour"], 1)[0]["id"]
    if operation == "createTicket":
        path["body"] = casavi.new_ticket(resident)
    bodies: dict[str, Any] = {"addTicketComment": {"text": "hello"}, "createInvitation": casavi.new_invitation()}
    return path | ({"body": bodies[operation]} if operation in bodies else {})


@pytest.mark.parametrize("login", [*LOGINS, *TOKENS])
@pytest.mark.parametrize("operation", [op.id for op in PROTECTED])
@inferred("every operation with Authorizations: 401 without valid credentials")
def test_without_a_login_every_operation_is_refused(casavi: Casavi, resident: Caller, operation: str, login: str) -> None:
    about = _about(casavi, resident, operation)
    caller = Caller("casavi", casavi.wire, login, (LOGINS | _tokens(resident))[login])
    expect(caller.call(operation, **about), status(401))


def _foreign(casavi: Casavi, kind: str) -> str:
    """A token that is good for nothing here, though it was made by the same people."""
    linagora = [person.bearer for person in casavi.profile.of("linagora")]
    found = {"expired": casavi.person("resident").expired_bearer, "of the other API": next(iter(linagora), None)}[kind]
    return found or pytest.skip(f"the profile has no token that is {kind}")


@pytest.mark.parametrize("kind", ["expired", "of the other API"])
@inferred("every operation with Authorizations: 401 without valid credentials, and a token is good for a time and for one API")
def test_a_token_is_good_for_a_time_and_for_one_api(casavi: Casavi, resident: Caller, kind: str) -> None:
    caller = Caller("casavi", casavi.wire, f"a token that is {kind}", {"Authorization": f"Bearer {_foreign(casavi, kind)}"})
    for operation in PROTECTED:
        expect(caller.call(operation.id, **_about(casavi, resident, operation.id)), refusal(401))


@pytest.mark.parametrize("operation", READS)
@inferred("Authentication: via cookie and open id connect; both open the same")
def test_a_cookie_opens_what_a_token_opens(casavi: Casavi, resident: Caller, operation: str) -> None:
    with_cookie = casavi.with_cookie("resident")
    about = _about(casavi, resident, operation)
    wanted = need(resident.call(operation, **about), status(200)).json
    expect(with_cookie.call(operation, **about), status(200), json_is(wanted))


@inferred("Authentication: via cookie; a cookie writes as its owner")
def test_a_cookie_writes_as_its_owner(casavi: Casavi, resident: Caller) -> None:
    ticket = casavi.open_ticket(casavi.with_cookie("resident"))
    same(
        ticket["CreatedBy"],
        casavi.open_ticket(resident)["CreatedBy"],
        "createTicket",
        "names another author for a cookie than for a token",
    )


@pytest.mark.parametrize("operation", UNDER_A_COMMUNITY)
@inferred("403 for a community that the caller is not in")
def test_a_community_is_closed_to_strangers(casavi: Casavi, resident: Caller, stranger: Caller, operation: str) -> None:
    about = _about(casavi, resident, operation)
    expect(stranger.call(operation, **about), refusal(403))


@pytest.mark.parametrize("operation", UNDER_A_COMMUNITY)
@inferred("404 for an unknown community")
def test_an_unknown_community_is_not_found(casavi: Casavi, resident: Caller, operation: str) -> None:
    about = {"notification_id": 0} | _about(casavi, resident, operation) | {"community_id": UNKNOWN_ID}
    expect(resident.call(operation, **about), refusal(404))


@pytest.mark.parametrize("operation", FILTERED)
@inferred("community_id as a filter: 403 for a community that the caller is not in, 404 for an unknown one")
def test_a_filter_asks_for_communities_of_ones_own(casavi: Casavi, resident: Caller, operation: str) -> None:
    expect(resident.call(operation, query={"community_id": casavi.elsewhere}), refusal(403))
    expect(resident.call(operation, query={"community_id": UNKNOWN_ID}), refusal(404))


@inferred("403 for a ticket of a community that the caller is not in")
def test_a_ticket_is_closed_to_strangers(casavi: Casavi, resident: Caller, stranger: Caller) -> None:
    ticket = casavi.open_ticket(resident)
    expect(stranger.call("getTicket", ticket_id=ticket["id"]), refusal(403))
    expect(stranger.call("addTicketComment", {"text": "let me in"}, ticket_id=ticket["id"]), refusal(403))
    same(casavi.ticket(resident, ticket["id"]), ticket, "getTicket", "shows what a refused comment changed")


@inferred("403 for a community that the caller is not in; a refused request changes nothing")
def test_a_stranger_opens_no_ticket(casavi: Casavi, resident: Caller, stranger: Caller) -> None:
    body, before = casavi.new_ticket(resident), casavi.tickets(resident)
    expect(stranger.call("createTicket", body), refusal(403))
    same(casavi.tickets(resident), before, "listTickets", "shows a ticket that was refused")


@inferred("403 for a community that the caller is not in; a refused request changes nothing")
def test_a_stranger_marks_no_notifications(casavi: Casavi, resident: Caller, neighbour: Caller, stranger: Caller) -> None:
    unread = casavi.unread(resident, neighbour, 2)
    count = casavi.unread_count(resident)
    expect(casavi.ask(stranger, "markAllNotificationsRead"), refusal(403))
    expect(casavi.ask(stranger, "markNotificationRead", notification_id=unread[0]["id"]), refusal(403))
    same(casavi.unread_count(resident), count, "getUnreadNotificationCount", "changes with marks that were refused")


@inferred("403 for a community that the caller is not in; a refused request changes nothing")
def test_a_stranger_invites_nobody(casavi: Casavi, resident: Caller, stranger: Caller) -> None:
    body = casavi.new_invitation()
    expect(casavi.ask(stranger, "createInvitation", body), refusal(403))
    expect(casavi.ask(resident, "createInvitation", body), status(201))


def _refused(casavi: Casavi, resident: Caller, stranger: Caller, code: int) -> Answer:
    if code == 400:
        return casavi.ask(resident, "createInvitation", {})
    if code == 401:
        return casavi.ask(casavi["anonymous"], "listTicketTypes")
    if code == 403:
        return casavi.ask(stranger, "listTicketTypes")
    if code == 404:
        return resident.call("getTicket", ticket_id=UNKNOWN_ID)
    return resident.call("createTicket", casavi.new_ticket(resident, fields={str(UNKNOWN_ID): "foreign"}))


@pytest.mark.parametrize("code", [400, 401, 403, 404, 409])
@inferred("a refusal is JSON: an error object with code, message and details; the code is the status")
def test_a_refusal_has_the_shape_of_an_error(casavi: Casavi, resident: Caller, stranger: Caller, code: int) -> None:
    reply = _refused(casavi, resident, stranger, code)
    expect(reply, status(code), error_shape)
