"""Logging in, and how a refusal looks."""

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import error_shape, expect, json_is, status
from contract_tests.actors.linagora import UNKNOWN_ID, Linagora
from contract_tests.contract.basis import documented, inferred
from contract_tests.contract.operations import operations
from contract_tests.profile import Principal

EVERY_OPERATION = pytest.mark.parametrize("operation", list(operations("linagora")))
NO_LOGINS = {
    "no credentials": {},
    "an unknown token": {"Authorization": "Bearer unknown"},
    "no token": {"Authorization": "Bearer "},
    "another scheme": {"Authorization": "Basic YWxpY2U6c2VjcmV0"},
    "an unknown cookie": {"Cookie": "connect.sid=unknown"},
}


@EVERY_OPERATION
@pytest.mark.parametrize("login", NO_LOGINS)
@documented("every operation: 401, the user is not authenticated on the platform")
def test_without_a_login_every_operation_is_refused(linagora: Linagora, alice: Caller, operation: str, login: str) -> None:
    caller = Caller("linagora", linagora.wire, login, NO_LOGINS[login])
    # Should the refusal fail, a write has to hit something of our own.
    community = linagora.id(alice) if operations("linagora")[operation].writes else UNKNOWN_ID
    query = {"domain_id": linagora.domain, "mimetype": "image/png", "size": 1}
    expect(caller.call(operation, query=query, community_id=community, user_id=UNKNOWN_ID), status(401))


def _spoiled(person: Principal) -> dict[str, dict[str, str]]:
    """Headers that look like somebody's login and log nobody in; the last letter of a signature may mean nothing."""
    ((name, value),) = person.headers.items()
    places = {"in the middle": len(value) - 1 - len(value.rpartition(".")[2]) // 2, "near the end": len(value) - 2}
    changed = {where: value[:at] + ("A" if value[at] != "A" else "B") + value[at + 1 :] for where, at in places.items()}
    cut = {"with its end cut off": value[:-8], "with more behind it": value + "A0A0"}
    return {f"a login {how}": {name: text} for how, text in (changed | cut).items()}


def _out_of_place(person: Principal) -> dict[str, dict[str, str]]:
    """A cookie's value where a token belongs, a token's where a cookie does, and a token without its scheme."""
    found: dict[str, dict[str, str]] = {}
    if person.cookie is not None:
        found["a cookie as a token"] = {"Authorization": f"Bearer {person.cookie[1]}"}
    if person.bearer is not None:
        found["a token as a cookie"] = {"Cookie": f"connect.sid={person.bearer}"}
        found["a token without its scheme"] = {"Authorization": person.bearer}
        found["a token of another scheme"] = {"Authorization": f"Basic {person.bearer}"}
    return found


def _none_is_let_in(linagora: Linagora, alice: Caller, logins: dict[str, dict[str, str]]) -> None:
    """Tries every operation with each login. Raises ContractError."""
    community = linagora.id(alice)
    bodies = {"createCommunity": linagora.new(), "updateCommunity": {"title": linagora.title()}}
    with linagora.unchanged(alice, community):
        for name, login in logins.items():
            caller = Caller("linagora", linagora.wire, name, login)
            for operation in operations("linagora"):
                query = {"domain_id": linagora.domain, "mimetype": "image/png", "size": 1}
                body = bodies.get(operation)
                reply = caller.call(operation, body, query=query, community_id=community, user_id=alice.user_id)
                expect(reply, status(401))


@documented("every operation: 401, the user is not authenticated on the platform")
def test_a_spoiled_login_is_refused(linagora: Linagora, alice: Caller) -> None:
    _none_is_let_in(linagora, alice, _spoiled(linagora.person("alice")))


@documented("every operation: 401, the user is not authenticated on the platform")
def test_a_token_that_has_expired_is_refused(linagora: Linagora, alice: Caller) -> None:
    token = linagora.person("alice").expired_bearer
    if token is None:
        pytest.skip(f"the profile has no expired_bearer for {alice.name}")
    _none_is_let_in(linagora, alice, {"an expired token": {"Authorization": f"Bearer {token}"}})


@inferred("a bearer token or the cookie connect.sid, each in its place")
def test_a_secret_is_good_in_its_own_place_alone(linagora: Linagora, alice: Caller) -> None:
    _none_is_let_in(linagora, alice, _out_of_place(linagora.person("alice")))


@inferred("RFC 9110 11.1: the name of an authentication scheme ignores case")
def test_the_name_of_the_scheme_ignores_case(linagora: Linagora, alice: Caller) -> None:
    token = linagora.person("alice").bearer
    if token is None:
        pytest.skip(f"the profile has no bearer token for {alice.name}")
    caller = Caller("linagora", linagora.wire, "bearer in small letters", {"Authorization": f"bearer {token}"})
    expect(caller.call("listCommunities", query={"domain_id": linagora.domain}), status(200))


@inferred("the session cookie logs in as the bearer token does")
def test_a_cookie_logs_in_as_a_token_does(linagora: Linagora, alice: Caller) -> None:
    with_cookie = linagora.with_cookie("alice")
    community = linagora.create(alice)
    expect(with_cookie.call("getCommunity", community_id=community["_id"]), status(200), json_is(community))


@inferred("a refusal is JSON: an error object with code, message and details; the code is the status")
@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 412])
def test_a_refusal_has_the_shape_of_an_error(linagora: Linagora, alice: Caller, bob: Caller, code: int) -> None:
    community = linagora.create(alice)
    id_ = {"community_id": community["_id"]}
    reply = {
        400: lambda: alice.call("updateCommunity", {}, **id_),
        401: lambda: linagora["anonymous"].call("getCommunity", **id_),
        403: lambda: bob.call("deleteCommunity", **id_),
        404: lambda: alice.call("getCommunity", community_id=UNKNOWN_ID),
        409: lambda: linagora.try_to_create(alice, title=community["title"]),
        412: lambda: alice.call("uploadCommunityAvatar", data=b"x", query={"mimetype": "image/png", "size": 2}, **id_),
    }[code]()
    expect(reply, status(code), error_shape)
