"""The life of a membership request."""

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import expect, has, refusal, require, same, status
from contract_tests.actors.linagora import Linagora
from contract_tests.contract.basis import documented, inferred

TAKES_REQUESTS = pytest.mark.parametrize("type_", ["restricted", "private"])


def _ask(person: Caller, community: str) -> str:
    """The time of the request, as answered."""
    reply = expect(person.call("requestMembership", community_id=community, user_id=person.user_id), status(200))
    return str(reply.json["membershipRequest"])


def _asking(manager: Caller, community: str) -> list[str]:
    reply = expect(manager.call("listMembershipRequests", community_id=community), status(200))
    return [request["user"]["_id"] for request in reply.json]


@TAKES_REQUESTS
@inferred("a request shows in the list of its community")
def test_a_request_is_listed_for_the_creator(linagora: Linagora, alice: Caller, bob: Caller, type_: str) -> None:
    community = linagora.id(alice, type=type_)
    time = _ask(bob, community)
    requests = expect(alice.call("listMembershipRequests", community_id=community), status(200)).json
    same([(r["user"]["_id"], r["timestamps"]["creation"]) for r in requests], [(bob.user_id, time)], "listMembershipRequests", "")
    same(requests[0]["workflow"], "request", "listMembershipRequests", "workflow, of which the document shows one value")


@TAKES_REQUESTS
@inferred("asking does not make a member")
def test_asking_does_not_make_a_member(linagora: Linagora, alice: Caller, bob: Caller, type_: str) -> None:
    community = linagora.id(alice, type=type_)
    _ask(bob, community)
    same(linagora.members(alice, community), [alice.user_id], "listMembers", "after requestMembership")


@inferred("asking again answers the first request")
def test_asking_twice_is_asking_once(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice, type="private")
    first, again = _ask(bob, community), _ask(bob, community)
    same(again, first, "requestMembership", f"answers {again}, the first request was at {first}")
    same(_asking(alice, community), [bob.user_id], "listMembershipRequests", "after asking twice")


@inferred("who asked sees the time of his request in the community, nobody else does")
def test_an_open_request_shows_in_the_community_for_who_asked(
    linagora: Linagora, alice: Caller, bob: Caller, carol: Caller
) -> None:
    community = linagora.id(alice, type="private")
    time = _ask(bob, community)
    expect(bob.call("getCommunity", community_id=community), status(200), has(membershipRequest=time))
    seen = expect(carol.call("getCommunity", community_id=community), status(200)).json
    require("membershipRequest" not in seen, "getCommunity", f"shows {carol.name} the request of {bob.name}")


@inferred("a cancelled request is gone")
def test_a_cancelled_request_is_gone(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller) -> None:
    community = linagora.id(alice, type="restricted")
    _ask(bob, community)
    _ask(carol, community)
    for _ in range(2):  # the second time there is none, which is 204 too
        expect(bob.call("cancelMembershipRequest", community_id=community, user_id=bob.user_id), status(204))
    same(_asking(alice, community), [carol.user_id], "listMembershipRequests", "after cancelMembershipRequest")


@inferred("managers may turn a request down: that of the user whom they name")
def test_a_request_that_is_turned_down_is_gone(
    linagora: Linagora, alice: Caller, bob: Caller, carol: Caller, admin: Caller
) -> None:
    community = linagora.id(alice, type="private")
    for person in (bob, carol, admin):
        _ask(person, community)
    expect(alice.call("cancelMembershipRequest", community_id=community, user_id=bob.user_id), status(204))
    expect(admin.call("cancelMembershipRequest", community_id=community, user_id=carol.user_id), status(204))
    same(_asking(alice, community), [admin.user_id], "listMembershipRequests", "after cancelMembershipRequest by managers")
    _ask(bob, community)
    same(_asking(alice, community), [admin.user_id, bob.user_id], "listMembershipRequests", "after asking anew")


@TAKES_REQUESTS
@inferred("admitting somebody settles his request")
def test_admitting_settles_the_request(linagora: Linagora, alice: Caller, bob: Caller, type_: str) -> None:
    community = linagora.id(alice, type=type_)
    _ask(bob, community)
    linagora.admit(alice, community, bob)
    same(_asking(alice, community), [], "listMembershipRequests", "after addMember")
    same(linagora.members(alice, community), [alice.user_id, bob.user_id], "listMembers", "after addMember")


@inferred("admitting somebody by an update settles his request too")
def test_admitting_by_an_update_settles_the_request(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice, type="private")
    _ask(bob, community)
    expect(alice.call("updateCommunity", {"newMembers": [bob.user_id]}, community_id=community), status(200))
    same(_asking(alice, community), [], "listMembershipRequests", "after updateCommunity")


@documented("PUT /api/communities/{community_id}/membership/{user_id}: a user cannot ask for a community he is already member of")
def test_a_member_cannot_ask(linagora: Linagora, alice: Caller) -> None:
    for operation in ("requestMembership", "cancelMembershipRequest"):
        expect(alice.call(operation, community_id=linagora.id(alice), user_id=alice.user_id), status(400))


@documented("PUT /api/communities/{community_id}/membership/{user_id}: Only private and restricted communities support requests")
def test_an_open_community_takes_no_requests(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    for operation in ("requestMembership", "cancelMembershipRequest"):
        expect(bob.call(operation, community_id=community, user_id=bob.user_id), status(400))


@inferred("a user asks for himself alone")
def test_nobody_asks_for_somebody_else(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller, admin: Caller) -> None:
    community = linagora.id(alice, type="private")
    for caller in (alice, bob, admin):
        expect(caller.call("requestMembership", community_id=community, user_id=carol.user_id), refusal(403))
    same(_asking(alice, community), [], "listMembershipRequests", "after refused requests")


@inferred("a request of one community is no request of another")
def test_a_request_concerns_one_community(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    asked, other = linagora.id(alice, type="private"), linagora.id(alice, type="private")
    _ask(bob, asked)
    same(_asking(alice, other), [], "listMembershipRequests", "of another community")
