"""Logging in, and how a refusal looks."""

import pytest

from contract_tests.basis import documented, inferred
from contract_tests.client import Caller
from contract_tests.match import error_shape, expect, status
from contract_tests.specs import operations
from contract_tests.world import UNKNOWN_ID, World

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
def test_without_a_login_every_operation_is_refused(world: World, alice: Caller, operation: str, login: str) -> None:
    caller = Caller("linagora", world.wire, login, NO_LOGINS[login])
    # Should the refusal fail, a write has to hit something of our own.
    community = world.id(alice) if operations("linagora")[operation].writes else UNKNOWN_ID
    query = {"domain_id": world.domain, "mimetype": "image/png", "size": 1}
    expect(caller.call(operation, query=query, community_id=community, user_id=UNKNOWN_ID), status(401))


@inferred("the session cookie logs in as the bearer token does")
def test_a_cookie_logs_in_as_a_token_does(world: World, alice: Caller) -> None:
    with_cookie = world.with_cookie("alice")
    community = world.create(alice)
    assert expect(with_cookie.call("getCommunity", community_id=community["_id"]), status(200)).json == community


@inferred("a refusal is JSON: an error object with code, message and details; the code is the status")
@pytest.mark.parametrize("code", [400, 401, 403, 404, 409, 412])
def test_a_refusal_has_the_shape_of_an_error(world: World, alice: Caller, bob: Caller, code: int) -> None:
    community = world.create(alice)
    id_ = {"community_id": community["_id"]}
    reply = {
        400: lambda: alice.call("updateCommunity", {}, **id_),
        401: lambda: world["anonymous"].call("getCommunity", **id_),
        403: lambda: bob.call("deleteCommunity", **id_),
        404: lambda: alice.call("getCommunity", community_id=UNKNOWN_ID),
        409: lambda: world.try_to_create(alice, title=community["title"]),
        412: lambda: alice.call("uploadCommunityAvatar", data=b"x", query={"mimetype": "image/png", "size": 2}, **id_),
    }[code]()
    expect(reply, status(code), error_shape)
    assert reply.headers.get("Content-Type", "").startswith("application/json"), f"{reply.what}: an error that is not JSON"
