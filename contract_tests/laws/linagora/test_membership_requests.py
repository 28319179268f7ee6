"""The life of a membership request."""

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import expect, has, need, refusal, require, same, status
from contract_tests.actors.linagora import Linagora
from contract_tests.contract.basis import documented, inferred

TAKES_REQUESTS = pytest.mark.parametrize("type_", ["restricted", "private"])


def _ask(person: Caller, community: str) -> str:
    """The time of the request, as answered."""
    reply = need(person.call("requestMembership", community_id=community, user_id=person.user_id), status(200))
    return str(reply.json["membershipRequest"])


def _asking(manager: Caller, community: str) -> list[str]:
    reply = need(manager.call("listMembershipRequests", community_id=community), status(200))
    return [request["user"]["_id"] for request in reply.json]


@TAKES_REQUESTS
@inferred("a request shows in the list of its community")
def test_a_request_is_listed_for_the_creator(linagora: Linagora, alice: Caller, bob: Caller, type_: str) -> None:
    community = linagora.id(alice, type=type_)
    time = _ask(bob, community)
    requests = expect(alice.call("listMembershipRequests", community_id=community), status(200)).json
    shown = [{"user": one["user"]["_id"], "time": one["timestamps"]["creation"], "workflow": one["workflow"]} for one in requests]
    wanted = {"user": bob.user_id, "time": time, "workflow": "request"}
    same(shown, [wanted], "listMembershipRequests", "shows other requests than the one that was made")


@TAKES_REQUESTS
@inferred("asking does not make a member")
def test_asking_does_not_make_a_member(linagora: Linagora, alice: Caller, bob: Caller, type_: str) -> None:
    community = linagora.id(alice, type=type_)
    _ask(bob, community)
    same(linagora.members(alice, community), [alice.user_id], "listMembers", "shows who has only asked to be a member")


@inferred("asking again answers the first request")
def test_asking_twice_is_asking_once(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice, type="restricted")
    first, again = _ask(bob, community), _ask(bob, community)
    same(again, first, "requestMembership", "answers another time than that of the first request")
    same(_asking(alice, community), [bob.user_id], "listMembershipRequests", "shows other requests after asking twice")


@inferred("those who asked see the time of their request in the community, nobody else does")
def test_an_open_request_shows_in_the_community_for_who_asked(
    linagora: Linagora, alice: Caller, bob: Caller, carol: Caller
) -> None:
    community = linagora.id(alice, type="restricted")
    time = _ask(bob, community)
    expect(bob.call("getCommunity", community_id=community), status(200), has(membershipRequest=time))
    seen = expect(carol.call("getCommunity", community_id=community), status(200)).json
    require("membershipRequest" not in seen, "getCommunity", "shows somebody else's membership request")


@inferred("a cancelled request is gone")
def test_a_cancelled_request_is_gone(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller) -> None:
    community = linagora.id(alice, type="restricted")
    _ask(bob, community)
    _ask(carol, community)
    for _ in range(2):  # the second time there is none, which is 204 too
        expect(bob.call("cancelMembershipRequest", community_id=community, user_id=bob.user_id), status(204))
    same(_asking(alice, community), [carol.user_id], "listMembershipRequests", "shows other requests after one was cancelled")


@inferred("managers may turn a request down: that of the user whom they name")
def test_a_request_that_is_turned_down_is_gone(
    linagora: Linagora, alice: Caller, bob: Caller, carol: Caller, admin: Caller
) -> None:
    community = linagora.id(alice, type="restricted")
    for person in (bob, carol, admin):
        _ask(person, community)
    expect(alice.call("cancelMembershipRequest", community_id=community, user_id=bob.user_id), status(204))
    expect(admin.call("cancelMembershipRequest", community_id=community, user_id=carol.user_id), status(204))
    same(_asking(alice, community), [admin.user_id], "listMembershipRequests", "shows other requests after two were turned down")
    _ask(bob, community)
    wanted = [admin.user_id, bob.user_id]
    same(_asking(alice, community), wanted, "listMembershipRequests", "shows other requests after one was made anew")


@TAKES_REQUESTS
@inferred("admitting a user settles their request")
def test_admitting_settles_the_request(linagora: Linagora, alice: Caller, bob: Caller, type_: str) -> None:
    community = linagora.id(alice, type=type_)
    _ask(bob, community)
    linagora.admit(alice, community, bob)
    same(_asking(alice, community), [], "listMembershipRequests", "shows the request of somebody who was admitted")
    wanted = [alice.user_id, bob.user_id]
    same(linagora.members(alice, community), wanted, "listMembers", "shows other members after a request was granted")


@inferred("admitting a user by an update settles their request too")
def test_admitting_by_an_update_settles_the_request(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice, type="restricted")
    _ask(bob, community)
    need(alice.call("updateCommunity", {"newMembers": [bob.user_id]}, community_id=community), status(200))
    same(_asking(alice, community), [], "listMembershipRequests", "shows the request of somebody who was admitted")


@documented("PUT /api/communities/{community_id}/membership/{user_id}: a user cannot ask for a community he is already member of")
def test_a_member_cannot_ask(linagora: Linagora, alice: Caller) -> None:
    for operation in ("requestMembership", "cancelMembershipRequest"):
        expect(alice.call(operation, community_id=linagora.id(alice), user_id=alice.user_id), status(400))


@documented("PUT /api/communities/{community_id}/membership/{user_id}: Only private and restricted communities support requests")
def test_an_open_community_takes_no_requests(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    for operation in ("requestMembership", "cancelMembershipRequest"):
        expect(bob.call(operation, community_id=community, user_id=bob.user_id), status(400))


@inferred("users ask for themselves alone")
def test_nobody_asks_for_somebody_else(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller, admin: Caller) -> None:
    community = linagora.id(alice, type="restricted")
    for caller in (alice, bob, admin):
        expect(caller.call("requestMembership", community_id=community, user_id=carol.user_id), refusal(403))
    same(_asking(alice, community), [], "listMembershipRequests", "shows a request that was refused")


@inferred("a request of one community is no request of another")
def test_a_request_concerns_one_community(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    asked, other = linagora.id(alice, type="restricted"), linagora.id(alice, type="restricted")
    _ask(bob, asked)
    same(_asking(alice, other), [], "listMembershipRequests", "shows a request to another community")
