"""Deleted means gone."""

import pytest

from contract_tests.actors.caller import Caller, operation_of
from contract_tests.actors.expectations import expect, need, refusal, require, status
from contract_tests.actors.linagora import Linagora
from contract_tests.actors.pictures import picture, upload
from contract_tests.contract.basis import documented, inferred

COMMUNITY = [
    "getCommunity",
    "deleteCommunity",
    "getCommunityAvatar",
    "listMembers",
    "listMembershipRequests",
    "listInvitablePeople",
]
USER = ["getMember", "addMember", "removeMember", "requestMembership", "cancelMembershipRequest"]


def _deleted(linagora: Linagora, alice: Caller, *members: Caller, seen: str = "") -> str:
    """The id of a community that was deleted; `seen` is a read that alice did before the end."""
    community = linagora.id(alice)
    for person in members:
        linagora.join(person, community)
    if seen == "getCommunityAvatar":
        need(upload(alice, community, picture("red")), status(200))
    if seen and not operation_of("linagora", seen).writes:
        alice.call(seen, community_id=community, user_id=alice.user_id)
    need(alice.call("deleteCommunity", community_id=community), status(204))
    return community


@documented("DELETE /api/communities/{community_id}: Delete a community")
def test_a_deleted_community_is_no_longer_listed(linagora: Linagora, alice: Caller) -> None:
    community = _deleted(linagora, alice)
    listed = expect(alice.call("listCommunities", query={"domain_id": linagora.domain}), status(200)).json
    require(community not in {item["_id"] for item in listed}, "listCommunities", "shows a deleted community")


@inferred("what was deleted is 404 in every operation")
@pytest.mark.parametrize("operation", COMMUNITY)
def test_a_deleted_community_is_not_found(linagora: Linagora, alice: Caller, operation: str) -> None:
    expect(alice.call(operation, community_id=_deleted(linagora, alice, seen=operation)), refusal(404))


@inferred("what was deleted is 404 in every operation")
@pytest.mark.parametrize("operation", USER)
def test_members_of_a_deleted_community_are_not_found(linagora: Linagora, alice: Caller, bob: Caller, operation: str) -> None:
    community = _deleted(linagora, alice, bob, seen=operation)
    for person in (alice, bob):
        expect(person.call(operation, community_id=community, user_id=person.user_id), refusal(404))


@inferred("what was deleted is 404 in every operation")
def test_a_deleted_community_takes_no_writes(linagora: Linagora, alice: Caller) -> None:
    community = _deleted(linagora, alice)
    expect(alice.call("updateCommunity", {"title": linagora.title()}, community_id=community), refusal(404))
    expect(upload(alice, community, picture("blue")), refusal(404))


@documented("DELETE /api/communities/{community_id}: Delete a community, that is, the one that is named")
def test_a_deletion_spares_other_communities(linagora: Linagora, alice: Caller) -> None:
    other = linagora.id(alice)
    _deleted(linagora, alice)
    expect(alice.call("getCommunity", community_id=other), status(200))


@documented("DELETE /api/communities/{community_id}: Only the community creator can delete the community")
def test_a_refused_deletion_deletes_nothing(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    expect(bob.call("deleteCommunity", community_id=community), status(403))
    expect(alice.call("getCommunity", community_id=community), status(200))
