"""Registration: an invitation becomes a user, once."""

from functools import partial

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import each_once, expect, need, refusal, require, same, status
from contract_tests.actors.openid_client import OpenIdClient, audience, claims_of, object_in
from contract_tests.contract.basis import inferred
from contract_tests.laws.races import at_once, one_succeeds

RACERS = 4


@inferred("registerUser: the user has the unit of the invitation, and the tokens work at once")
def test_who_registers_has_the_unit_of_the_invitation(casavi: Casavi, resident: Caller) -> None:
    unit = casavi.own_unit(resident)
    newcomer = casavi.newcomer(casavi.register(casavi.invite(resident, unitId=unit["id"])["inviteToken"]))
    units = casavi.read(newcomer, "listUnits")
    same(units, [unit], "listUnits", "shows others than the unit that a new user was invited into")


@inferred("registerUser: without a unit in the invitation, the user has none, and is in the community all the same")
def test_who_registers_is_in_the_community(casavi: Casavi, resident: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    newcomer = casavi.newcomer(casavi.register(casavi.invite(resident)["inviteToken"]))
    same(casavi.read(newcomer, "listUnits"), [], "listUnits", "shows units to somebody who was invited without one")
    same(casavi.types(newcomer), casavi.types(resident), "listTicketTypes", "shows other types to a new user than to residents")
    require(ticket in casavi.tickets(newcomer), "listTickets", "does not show the community's tickets to a new user")


@inferred("registerUser: the user is in the community of the invitation, and in no other")
def test_who_registers_is_in_no_other_community(casavi: Casavi, resident: Caller) -> None:
    newcomer = casavi.newcomer(casavi.register(casavi.invite(resident)["inviteToken"]))
    expect(casavi.ask(newcomer, "listTicketTypes", community_id=casavi.elsewhere), refusal(403))


@inferred("registerUser: a new user acts in their own name")
def test_who_registers_is_somebody_new(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    newcomer = casavi.newcomer(casavi.register(casavi.invite(resident)["inviteToken"], firstName="Rosa", lastName="Rot"))
    authors = [casavi.open_ticket(caller)["CreatedBy"] for caller in (newcomer, resident, neighbour)]
    each_once([author["id"] for author in authors], "createTicket")
    name = [authors[0]["firstName"], authors[0]["lastName"]]
    same(name, ["Rosa", "Rot"], "createTicket", "names a new user differently than they registered")


@inferred("registerUser: a name that is absent is the one of the invitation")
def test_a_name_may_come_from_the_invitation(casavi: Casavi, resident: Caller) -> None:
    code = casavi.invite(resident, firstName="Nora", lastName="Neu")["inviteToken"]
    author = casavi.open_ticket(casavi.newcomer(casavi.register(code)))["CreatedBy"]
    name = [author["firstName"], author["lastName"]]
    same(name, ["Nora", "Neu"], "createTicket", "names a new user differently than they were invited")


@inferred("registerUser: sub is used for that user; without it, the reference id of the contact")
def test_the_sub_is_the_given_one_or_the_contacts(casavi: Casavi, resident: Caller) -> None:
    given = casavi.new_name("u")
    named = casavi.register(casavi.invite(resident)["inviteToken"], sub=given)
    unnamed = casavi.register(casavi.invite(resident)["inviteToken"])
    named_sub, unnamed_sub = (claims_of(tokens["oidcIdToken"]).get("sub") for tokens in (named, unnamed))
    same(unnamed_sub, unnamed["contactExtRef"], "registerUser", "does not take contactExtRef for sub where none is given")
    same(named_sub, given, "registerUser", "takes another sub than was given")


@inferred("clientId: the OpenID client that the first tokens are for")
def test_the_first_tokens_are_for_the_client(casavi: Casavi, resident: Caller) -> None:
    for client in casavi.profile.clients:
        claims = claims_of(casavi.register(casavi.invite(resident)["inviteToken"], clientId=client.id)["oidcIdToken"])
        meant = client.id in audience(claims)
        require(meant, "registerUser", "gives an ID token for another client", expected=client.id, got=claims["aud"])


@inferred("registerUser: the user has the e-mail address that was sent, even if the invitation was for another one")
def test_who_registers_has_the_address_that_was_sent(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    invited, sent = casavi.new_email(), casavi.new_email()
    tokens = casavi.register(casavi.invite(resident, email=invited)["inviteToken"], email=sent)
    told = OpenIdClient(casavi).claims(tokens["oidcAccessToken"]).get("email", sent)
    same(told, sent, "userinfo_endpoint", "tells another address than a new user registered with")
    expect(casavi.ask(resident, "createInvitation", {"email": sent}), refusal(409))
    code = need(casavi.ask(resident, "createInvitation", {"email": invited}), status(201)).json["inviteToken"]
    expect(anonymous.call("registerUser", casavi.new_registration(code, email=sent)), refusal(409))


@inferred("409 for a person with this sub at this provider; at another provider it is another person")
def test_a_sub_is_taken_at_one_provider(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    if len(casavi.profile.provider_keys) < 2:
        pytest.skip("the profile has no second key in casavi.provider_keys")
    sub = casavi.new_name("u")
    for key in casavi.profile.provider_keys[:2]:
        body = casavi.new_registration(casavi.invite(resident)["inviteToken"], sub=sub, providerKey=key)
        expect(anonymous.call("registerUser", body), status(201))


@inferred("a used invite code: 404 to look at, 409 to register with")
def test_a_code_can_be_used_once(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    code = casavi.invite(resident)["inviteToken"]
    casavi.register(code)
    expect(anonymous.call("checkInviteToken", query={"invite_token": code}), refusal(404))
    expect(anonymous.call("registerUser", casavi.new_registration(code)), refusal(409))


@inferred("pendingUsers: who has not registered yet")
def test_who_has_registered_is_not_pending(casavi: Casavi, resident: Caller) -> None:
    email = casavi.new_email()
    casavi.register(casavi.invite(resident, email=email)["inviteToken"], email=email)
    pending = {user["email"] for user in casavi.invite(resident)["pendingUsers"].values()}
    require(email not in pending, "createInvitation", "shows a registered user as pending")
    expect(casavi.ask(resident, "createInvitation", {"email": email}), refusal(409))


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"clientId": "unknown"}, 404),
        ({"providerKey": "unknown"}, 404),
        ({"email": "nobody"}, 400),
        ({"role": "admin"}, 400),
        ({"sub": ""}, 400),
    ],
    ids=str,
)
@inferred("404 for an unknown client or provider, 400 for what is malformed; a refused request spends nothing")
def test_a_refused_registration_spends_nothing(
    casavi: Casavi, resident: Caller, anonymous: Caller, fault: Json, code: int
) -> None:
    invite = casavi.invite(resident)["inviteToken"]
    body = casavi.new_registration(invite)
    expect(anonymous.call("registerUser", body | fault), refusal(code))
    expect(anonymous.call("registerUser", body), status(201))


@inferred("404 for an unknown invite code")
def test_an_unknown_code_is_not_found(casavi: Casavi, anonymous: Caller) -> None:
    expect(anonymous.call("registerUser", casavi.new_registration("unknown-code")), refusal(404))


@pytest.mark.parametrize("what", ["email", "sub"])
@inferred("409 for a person who is a user already: with this e-mail address, or with this sub at this provider")
def test_nobody_registers_twice(casavi: Casavi, resident: Caller, anonymous: Caller, what: str) -> None:
    first, second = (casavi.invite(resident)["inviteToken"] for _ in range(2))
    taken = {what: casavi.new_email()}
    casavi.register(first, **taken)
    expect(anonymous.call("registerUser", casavi.new_registration(second, **taken)), refusal(409))
    expect(anonymous.call("registerUser", casavi.new_registration(second)), status(201))


@inferred("a code can be used once, also at the same moment")
def test_of_simultaneous_registrations_with_one_code_one_succeeds(casavi: Casavi, resident: Caller) -> None:
    code = casavi.invite(resident)["inviteToken"]
    _one_registers(casavi, [casavi.new_registration(code) for _ in range(RACERS)])


def _one_registers(casavi: Casavi, bodies: list[Json]) -> None:
    one_succeeds(at_once(*(partial(casavi["anonymous"].call, "registerUser", body) for body in bodies)), 201, 409)


@inferred("409 for a person who is a user already, also at the same moment")
def test_of_simultaneous_registrations_of_one_person_one_succeeds(casavi: Casavi, resident: Caller) -> None:
    email = casavi.new_email()
    codes = [casavi.invite(resident)["inviteToken"] for _ in range(RACERS)]
    _one_registers(casavi, [casavi.new_registration(code, email=email) for code in codes])


@inferred("the refresh token of a registration refreshes at the token endpoint")
def test_the_first_refresh_token_refreshes(casavi: Casavi, resident: Caller) -> None:
    newcomer = casavi.register(casavi.invite(resident)["inviteToken"])
    ticket = casavi.open_ticket(resident)["id"]
    answer = OpenIdClient(casavi).refresh(newcomer["oidcRefreshToken"])
    same(answer.status_code, 200, "registerUser", "gives a refresh token that the token endpoint refuses")
    again = casavi.newcomer({"oidcAccessToken": object_in(answer, "token_endpoint")["access_token"]})
    require(ticket in casavi.tickets(again), "listTickets", "lacks a ticket, with a refreshed token")
