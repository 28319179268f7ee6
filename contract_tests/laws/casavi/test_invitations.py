"""Invitations: who is invited is pending, and the token says for whom and for what it is."""

from functools import partial

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import UNKNOWN_ID, Casavi, Json
from contract_tests.actors.expectations import expect, has, json_is, need, refusal, require, same, status
from contract_tests.contract.basis import inferred
from contract_tests.laws.races import at_once, one_succeeds

RACERS = 6


def _pending(made: Json, email: str) -> list[Json]:
    return [user for user in made["pendingUsers"].values() if user["email"] == email]


def _look(caller: Caller, token: str) -> Json:
    found: Json = expect(caller.call("checkInviteToken", query={"invite_token": token}), status(200)).json
    return found


def _details(casavi: Casavi, caller: Caller, what: str) -> Json:
    """What an invitation says besides the address."""
    if what == "a unit":
        return {"unitId": casavi.own_unit(caller)["id"]}
    name = {"firstName": "Nora", "lastName": "Neu"}
    details: dict[str, Json] = {"an address": {}, "a name": name, "isAdmin": {"isAdmin": True}}
    return details[what]


@pytest.mark.parametrize("what", ["an address", "a name", "a unit", "isAdmin"])
@inferred("pendingUsers: who is invited and has not registered yet, by id; the new one is among them")
def test_who_is_invited_is_pending(casavi: Casavi, resident: Caller, what: str) -> None:
    inviting = casavi.administrator if what == "isAdmin" else resident
    body = casavi.new_invitation() | _details(casavi, inviting, what)
    made = expect(casavi.ask(inviting, "createInvitation", body), status(201)).json
    shown = [{key: user.get(key) for key in body} for user in _pending(made, body["email"])]
    same(shown, [body], "createInvitation", "does not show the invited user once, as the invitation names them")
    keys = [key for key, user in made["pendingUsers"].items() if key != str(user["id"])]
    same(keys, [], "createInvitation", "shows pending users under other ids than theirs")


@inferred("isAdmin: false by default")
def test_who_is_invited_is_no_administrator(casavi: Casavi, resident: Caller) -> None:
    body = casavi.new_invitation()
    made = expect(casavi.ask(resident, "createInvitation", body), status(201)).json
    shown = [user["isAdmin"] for user in _pending(made, body["email"])]
    same(shown, [False], "createInvitation", "takes isAdmin for true where the invitation does not say so")


@inferred("isAdmin: false is the same as leaving it out")
def test_anybody_may_say_that_nobody_shall_administer(casavi: Casavi, neighbour: Caller) -> None:
    expect(casavi.ask(neighbour, "createInvitation", casavi.new_invitation(isAdmin=False)), status(201))


@inferred("isAdmin: true from anybody but an administrator of the community is 403; a refused request leaves nothing behind")
def test_only_an_administrator_invites_administrators(casavi: Casavi) -> None:
    homes = str(casavi.community)
    plain = [role for role, one in casavi.cast.roles.items() if homes in one.homes and not one.is_administrator]
    if not plain:
        pytest.skip("the profile has only administrators in the community")
    caller, body = casavi[plain[0]], casavi.new_invitation()
    expect(casavi.ask(caller, "createInvitation", body | {"isAdmin": True}), refusal(403))
    expect(casavi.ask(caller, "createInvitation", body), status(201))


@inferred("pendingUsers: the pending users of the community, all of them and of no other")
def test_pending_users_are_those_of_the_community(casavi: Casavi, resident: Caller, neighbour: Caller, stranger: Caller) -> None:
    first, second, foreign = (casavi.new_email() for _ in range(3))
    casavi.invite(resident, email=first)
    elsewhere = need(
        casavi.ask(stranger, "createInvitation", {"email": foreign}, community_id=casavi.elsewhere), status(201)
    ).json
    made = casavi.invite(neighbour, email=second)
    shown = [email for email in (first, second, foreign) if _pending(made, email)]
    same(shown, [first, second], "createInvitation", "shows others than the pending users of the community")
    require(not _pending(elsewhere, first), "createInvitation", "shows the pending users of another community")


@inferred("each invitation has a token of its own")
def test_tokens_differ(casavi: Casavi, resident: Caller) -> None:
    tokens = {casavi.invite(resident)["inviteToken"] for _ in range(3)}
    same(len(tokens), 3, "createInvitation", "answers one token to several invitations")


@pytest.mark.parametrize("what", ["an address", "a name"])
@inferred("checkInviteToken: tokenString, contact and communities are those of the invitation")
def test_a_token_says_for_whom_it_is(casavi: Casavi, resident: Caller, anonymous: Caller, what: str) -> None:
    person = casavi.new_invitation() | _details(casavi, resident, what)
    token = casavi.invite(resident, **person)["inviteToken"]
    found = _look(anonymous, token)
    contact = {key: found["contact"].get(key) for key in person}
    same(contact, person, "checkInviteToken", "shows another contact than was invited")
    communities = [one["id"] for one in found["communities"]]
    same(communities, [casavi.community], "checkInviteToken", "shows other communities than that of the invitation")
    same(found["tokenString"], token, "checkInviteToken", "shows another token than it was asked for")


@inferred("checkInviteToken looks at a token, and leaves it as it is")
def test_looking_spends_nothing(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    token = casavi.invite(resident)["inviteToken"]
    first = _look(anonymous, token)
    expect(anonymous.call("checkInviteToken", query={"invite_token": token}), status(200), json_is(first))
    casavi.register(token)


@inferred("checkInviteToken answers the same with and without a login")
def test_anybody_may_look_at_a_token(casavi: Casavi, resident: Caller, stranger: Caller, anonymous: Caller) -> None:
    token = casavi.invite(resident)["inviteToken"]
    same(_look(stranger, token), _look(anonymous, token), "checkInviteToken", "answers differently to who is logged in")


@inferred("a token that somebody was sent is good until it is used")
def test_the_tokens_that_are_known_are_good(casavi: Casavi, anonymous: Caller) -> None:
    if not casavi.profile.invite_tokens:
        pytest.skip("the profile has no casavi.invite_tokens")
    for token in casavi.profile.invite_tokens:
        expect(anonymous.call("checkInviteToken", query={"invite_token": token}), status(200), has(tokenString=token))


@inferred("404 for an unknown token")
def test_an_unknown_token_is_not_found(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    good = casavi.invite(resident)["inviteToken"]
    for token in ("unknown", good + "x"):
        expect(anonymous.call("checkInviteToken", query={"invite_token": token}), refusal(404))
    _look(anonymous, good)  # a good token ends the wait, which at a real deployment would hit the next test


@inferred("409 for a person whose invitation is pending already")
def test_nobody_is_invited_twice(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    body = casavi.new_invitation()
    need(casavi.ask(resident, "createInvitation", body), status(201))
    expect(casavi.ask(neighbour, "createInvitation", body), refusal(409))
    _is_pending_once(casavi, resident, body["email"])


def _is_pending_once(casavi: Casavi, caller: Caller, email: str) -> None:
    found = _pending(casavi.invite(caller), email)
    same(len(found), 1, "createInvitation", "does not show a pending user exactly once after a refused invitation")


@inferred("409 for a person who is a user")
def test_no_user_is_invited(casavi: Casavi, resident: Caller, stranger: Caller) -> None:
    emails = [casavi.person(role).email for role in ("resident", "stranger")]
    if None in emails:
        pytest.skip("the profile has no email for the resident or the stranger")
    for email in emails:
        expect(casavi.ask(resident, "createInvitation", {"email": email}), refusal(409))


@inferred("roles: the roles that the person will have; isAdmin: whether the person shall administer")
def test_an_administrator_has_other_roles(casavi: Casavi, anonymous: Caller) -> None:
    inviting = casavi.administrator
    plain, admin = (_look(anonymous, casavi.invite(inviting, isAdmin=is_)["inviteToken"])["roles"] for is_ in (False, True))
    more = set(plain) < set(admin)
    require(more, "checkInviteToken", "shows no more roles for an administrator than for others", expected=plain, got=admin)


@inferred("contactId: the contact that the person is known as; 409 if they are invited already, or a user")
def test_a_contact_is_invited_once(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    token = casavi.invite(resident)["inviteToken"]
    known = {"contactId": _look(anonymous, token)["contact"]["id"]}
    expect(casavi.ask(resident, "createInvitation", casavi.new_invitation(**known)), refusal(409))
    casavi.register(token)
    expect(casavi.ask(resident, "createInvitation", casavi.new_invitation(**known)), refusal(409))


@pytest.mark.parametrize("what", ["contactId", "unitId"])
@inferred("404 for an unknown contact or unit; a refused request leaves nothing behind")
def test_an_invitation_names_what_there_is(casavi: Casavi, resident: Caller, what: str) -> None:
    body = casavi.new_invitation()
    expect(casavi.ask(resident, "createInvitation", body | {what: UNKNOWN_ID}), refusal(404))
    made = expect(casavi.ask(resident, "createInvitation", body), status(201)).json
    same(len(_pending(made, body["email"])), 1, "createInvitation", "shows somebody whose invitation was refused")


@inferred("403 for somebody else's unit")
def test_nobody_is_invited_into_the_unit_of_a_neighbour(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    own, theirs = {unit["id"] for unit in casavi.read(resident, "listUnits")}, casavi.own_unit(neighbour)
    if theirs["id"] in own:
        pytest.skip("the resident and the neighbour share their unit")
    expect(casavi.ask(resident, "createInvitation", casavi.new_invitation(unitId=theirs["id"])), refusal(403))


@inferred("409 for a unit of another community")
def test_nobody_is_invited_into_a_unit_of_another_community(casavi: Casavi, commuter: Caller) -> None:
    units = [unit for unit in casavi.read(commuter, "listUnits") if unit["communityId"] != casavi.community]
    if not units:
        pytest.skip("the commuter has no unit in another community")
    expect(casavi.ask(commuter, "createInvitation", casavi.new_invitation(unitId=units[0]["id"])), refusal(409))


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "nobody"},
        {"email": 1},
        {"email": "a@b.example", "role": "admin"},
        {"email": "a@b.example", "contactId": UNKNOWN_ID + 1},
    ],
    ids=str,
)
@inferred("email is mandatory, no id is above 2147483647, and a request has no other properties")
def test_a_malformed_invitation_is_refused(casavi: Casavi, resident: Caller, body: Json) -> None:
    expect(casavi.ask(resident, "createInvitation", body), refusal(400))


@inferred("409 for a person whose invitation is pending already, also at the same moment")
def test_of_simultaneous_invitations_of_one_person_one_succeeds(casavi: Casavi, resident: Caller) -> None:
    body = casavi.new_invitation()
    one_succeeds(at_once(*(partial(casavi.ask, resident.twin(), "createInvitation", body) for _ in range(RACERS))), 201, 409)
