"""Registration: an invitation becomes a user, once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import expect, refusal, require, same, status
from contract_tests.actors.openid_client import OpenIdClient, claims_of
from contract_tests.contract.basis import inferred

RACERS = 4


def _ids(rows: list[Json]) -> list[int]:
    return [row["id"] for row in rows]


@inferred("registerUser: the user has the unit of the invitation, and the tokens work at once")
def test_who_registers_has_the_unit_of_the_invitation(casavi: Casavi, resident: Caller) -> None:
    unit = casavi.own_unit(resident)
    newcomer = casavi.newcomer(casavi.register(casavi.invite(resident, unitId=unit["id"])["inviteToken"]))
    units = casavi.read(newcomer, "listUnits")
    same(units, [unit], "listUnits", f"shows {units} to who was invited into {unit}")


@inferred("registerUser: without a unit in the invitation, the user has none, and is in the community all the same")
def test_who_registers_is_in_the_community(casavi: Casavi, resident: Caller) -> None:
    ticket = casavi.open_ticket(resident)["id"]
    newcomer = casavi.newcomer(casavi.register(casavi.invite(resident)["inviteToken"]))
    same(casavi.read(newcomer, "listUnits"), [], "listUnits", "shows units to who was invited without one")
    same(casavi.types(newcomer), casavi.types(resident), "listTicketTypes", "differs for who has registered")
    require(ticket in casavi.tickets(newcomer), "listTickets", "of who has registered lacks a ticket of the community")
    expect(casavi.ask(newcomer, "listTicketTypes", community_id=casavi.elsewhere), refusal(403))


@inferred("who has registered acts as a user of his own")
def test_who_registers_is_somebody_new(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    newcomer = casavi.newcomer(casavi.register(casavi.invite(resident)["inviteToken"], firstName="Rosa", lastName="Rot"))
    authors = [casavi.open_ticket(caller)["CreatedBy"] for caller in (newcomer, resident, neighbour)]
    same(
        len({author["id"] for author in authors}),
        3,
        "createTicket",
        f"names {authors} for three people, one of them from registerUser",
    )
    name = (authors[0]["firstName"], authors[0]["lastName"])
    same(name, ("Rosa", "Rot"), "registerUser", f"was sent Rosa Rot, createTicket names {name}")


@inferred("registerUser: a name that is absent is the one of the invitation")
def test_a_name_may_come_from_the_invitation(casavi: Casavi, resident: Caller) -> None:
    code = casavi.invite(resident, firstName="Nora", lastName="Neu")["inviteToken"]
    author = casavi.open_ticket(casavi.newcomer(casavi.register(code)))["CreatedBy"]
    name = (author["firstName"], author["lastName"])
    same(name, ("Nora", "Neu"), "registerUser", f"was sent no name, and createTicket names {name} where Nora Neu was invited")


@inferred("registerUser: sub is used for that user; without it, the reference id of the contact")
def test_the_sub_is_the_given_one_or_the_contacts(casavi: Casavi, resident: Caller) -> None:
    given = casavi.new_name("u")
    named = casavi.register(casavi.invite(resident)["inviteToken"], sub=given)
    unnamed = casavi.register(casavi.invite(resident)["inviteToken"])
    subs = claims_of(named["oidcIdToken"]).get("sub"), claims_of(unnamed["oidcIdToken"]).get("sub")
    same(subs[1], unnamed["contactExtRef"], "registerUser", f"sub is {subs[1]}, contactExtRef {unnamed['contactExtRef']}")
    same(subs[0], given, "registerUser", f"sub is {subs[0]} where {given} was given")


@inferred("clientId: the OpenID client that the first tokens are for")
def test_the_first_tokens_are_for_the_client(casavi: Casavi, resident: Caller) -> None:
    for client in casavi.profile.clients:
        claims = claims_of(casavi.register(casavi.invite(resident)["inviteToken"], clientId=client.id)["oidcIdToken"])
        audience = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        require(client.id in audience, "registerUser", f"the ID token is for {audience} where {client.id} asked for it")


@inferred("registerUser: the user has the e-mail address that was sent, be the invitation for another one")
def test_who_registers_has_the_address_that_was_sent(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    invited, sent = casavi.new_email(), casavi.new_email()
    tokens = casavi.register(casavi.invite(resident, email=invited)["inviteToken"], email=sent)
    told = OpenIdClient(casavi).about(tokens["oidcAccessToken"]).json().get("email", sent)
    same(told, sent, "registerUser", f"was sent {sent}, and the userinfo endpoint tells {told}")
    expect(casavi.ask(resident, "createInvitation", {"email": sent}), refusal(409))
    code = expect(casavi.ask(resident, "createInvitation", {"email": invited}), status(201)).json["inviteToken"]
    expect(anonymous.call("registerUser", casavi.new_registration(code, email=sent)), refusal(409))


@inferred("409 for a person with this sub at this provider; at another one it is somebody else")
def test_a_sub_is_taken_at_one_provider(casavi: Casavi, resident: Caller) -> None:
    if len(casavi.profile.provider_keys) < 2:
        pytest.skip("the profile has no second key in casavi.provider_keys")
    sub = casavi.new_name("u")
    for key in casavi.profile.provider_keys[:2]:
        casavi.register(casavi.invite(resident)["inviteToken"], sub=sub, providerKey=key)


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
    pending = casavi.invite(resident)["pendingUsers"].values()
    require(email not in {user["email"] for user in pending}, "createInvitation", "shows a registered user as pending")
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
@inferred("404 for an unknown client or provider, 400 for what is malformed; what is refused spends nothing")
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
    bodies = [casavi.new_registration(code) for _ in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        racing = [pool.submit(casavi["anonymous"].call, "registerUser", body) for body in bodies]
        statuses = sorted(racer.result().status for racer in racing)
    same(statuses, [201] + [409] * (RACERS - 1), "registerUser", f"{RACERS} at once with one code, answered {statuses}")


@inferred("409 for a person who is a user already, also at the same moment")
def test_of_simultaneous_registrations_of_one_person_one_succeeds(casavi: Casavi, resident: Caller) -> None:
    email = casavi.new_email()
    bodies = [casavi.new_registration(casavi.invite(resident)["inviteToken"], email=email) for _ in range(RACERS)]
    with ThreadPoolExecutor(RACERS) as pool:
        racing = [pool.submit(casavi["anonymous"].call, "registerUser", body) for body in bodies]
        statuses = sorted(racer.result().status for racer in racing)
    same(statuses, [201] + [409] * (RACERS - 1), "registerUser", f"{RACERS} at once for one person, answered {statuses}")


@inferred("the refresh token of a registration refreshes at the token endpoint")
def test_the_first_refresh_token_refreshes(casavi: Casavi, resident: Caller) -> None:
    unit = casavi.own_unit(resident)
    tokens = casavi.register(casavi.invite(resident, unitId=unit["id"])["inviteToken"])
    fresh = OpenIdClient(casavi).refresh(tokens["oidcRefreshToken"])
    same(fresh.status_code, 200, "registerUser", f"its refresh token is refused: {fresh.status_code} {fresh.content[:200]!r}")
    again = casavi.newcomer({"oidcAccessToken": fresh.json()["access_token"]})
    same(_ids(casavi.read(again, "listUnits")), [unit["id"]], "listUnits", "with a refreshed token")
