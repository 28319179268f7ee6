"""Joining and leaving."""

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import expect, has, need, refusal, same, status
from contract_tests.actors.linagora import Linagora
from contract_tests.contract.basis import documented, inferred

REFUSED = "shows other members after a refused request"


def _leave(person: Caller, community: str) -> None:
    expect(person.call("removeMember", community_id=community, user_id=person.user_id), status(204))


@documented("PUT /api/communities/{community_id}/members/{user_id}: 204, user is now a member of the community")
def test_who_joined_is_seen_among_the_members(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    linagora.join(bob, community)
    shown = sorted(linagora.members(alice, community))
    same(shown, sorted([alice.user_id, bob.user_id]), "listMembers", "shows other members after addMember")


@documented("GET /api/communities/{community_id}/members/{user_id}: 200, current user is a community member and user is a member")
def test_a_member_can_be_asked_for(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    linagora.join(bob, community)
    expect(alice.call("getMember", community_id=community, user_id=bob.user_id), status(200), has(_id=bob.user_id))


@documented(
    "GET /api/communities/{community_id}/members/{user_id}: 404, current user is a community member and user is not a member"
)
def test_a_user_who_is_no_member_is_not_found(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    expect(alice.call("getMember", community_id=linagora.id(alice), user_id=bob.user_id), status(404))


@documented(
    "GET /api/communities/{community_id}/members/{user_id}: 200 and 404 are for members, 403 for those without the rights"
)
def test_who_is_no_member_cannot_ask_for_members(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    expect(bob.call("getMember", community_id=linagora.id(alice), user_id=alice.user_id), status(403))


@documented("PUT /api/communities/{community_id}/members/{user_id}: no effect if the user is already in the community")
def test_joining_twice_is_joining_once(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    linagora.join(bob, community)
    first = need(alice.call("listMembers", community_id=community), status(200)).json
    expect(bob.call("addMember", community_id=community, user_id=bob.user_id), status(204))
    again = expect(alice.call("listMembers", community_id=community), status(200)).json
    same(again, first, "listMembers", "shows something else after a member joins again")


@documented("DELETE /api/communities/{community_id}/members/{user_id}: 204, user is no longer a community member")
def test_who_left_is_no_longer_a_member(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    linagora.join(bob, community)
    need(alice.call("getMember", community_id=community, user_id=bob.user_id), status(200))
    _leave(bob, community)
    same(linagora.members(alice, community), [alice.user_id], "listMembers", "shows who left")
    expect(alice.call("getMember", community_id=community, user_id=bob.user_id), status(404))


@documented("DELETE /api/communities/{community_id}/members/{user_id}: no effect if the user is not in the community")
def test_leaving_without_being_a_member_changes_nothing(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    for _ in range(2):
        _leave(bob, community)
    same(linagora.members(alice, community), [alice.user_id], "listMembers", "shows other members after one left who was none")


@documented("DELETE /api/communities/{community_id}/members/{user_id}: The community creator can not leave the community")
def test_the_creator_cannot_leave(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    expect(alice.call("removeMember", community_id=community, user_id=alice.user_id), status(403))
    same(linagora.members(alice, community), [alice.user_id], "listMembers", REFUSED)


@inferred("nobody can remove the creator")
def test_an_administrator_cannot_remove_the_creator(linagora: Linagora, alice: Caller, admin: Caller) -> None:
    community = linagora.id(alice)
    expect(admin.call("removeMember", community_id=community, user_id=alice.user_id), refusal(403))
    same(linagora.members(alice, community), [alice.user_id], "listMembers", REFUSED)


@inferred("a user outside the domains of a community is 403, whoever adds them")
def test_nobody_from_outside_is_admitted(linagora: Linagora, alice: Caller, outsider: Caller) -> None:
    community = linagora.id(alice)
    for caller in (alice, outsider):
        expect(caller.call("addMember", community_id=community, user_id=outsider.user_id), refusal(403))
    same(linagora.members(alice, community), [alice.user_id], "listMembers", REFUSED)


@inferred("a refused join has no effect")
@pytest.mark.parametrize("type_", ["restricted", "private", "confidential"])
def test_a_refused_join_makes_no_member(linagora: Linagora, alice: Caller, bob: Caller, type_: str) -> None:
    community = linagora.id(alice, type=type_)
    expect(bob.call("addMember", community_id=community, user_id=bob.user_id), refusal(403))
    same(linagora.members(alice, community), [alice.user_id], "listMembers", REFUSED)


@inferred("a member of one community is a member of that one alone")
def test_joining_one_community_is_not_joining_another(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    joined, other = linagora.id(alice), linagora.id(alice)
    linagora.join(bob, joined)
    same(linagora.members(alice, other), [alice.user_id], "listMembers", "shows a member who joined another community")


@inferred("a user is the same one in every list; avatar of getMember is currentAvatar of the lists")
def test_a_user_is_shown_the_same_everywhere(linagora: Linagora, alice: Caller, carol: Caller) -> None:
    one, other = linagora.id(alice), linagora.id(alice)
    shown = []
    for community in (one, other):
        linagora.join(carol, community)
        shown.append(expect(alice.call("listMembers", community_id=community), status(200)).json[-1]["user"])
    same(shown[1], shown[0], "listMembers", "shows a user differently in two communities")
    member = expect(alice.call("getMember", community_id=one, user_id=carol.user_id), status(200)).json
    known = {name: shown[0].get(name) for name in ("_id", "firstname", "lastname", "currentAvatar")}
    found = {name: member.get(name) for name in ("_id", "firstname", "lastname")} | {"currentAvatar": member.get("avatar")}
    same(found, known, "getMember", "shows a user differently than listMembers")


@inferred("a user is the same one in every list")
def test_a_user_who_asks_is_shown_as_members_are(linagora: Linagora, alice: Caller, carol: Caller) -> None:
    joined, asked = linagora.id(alice), linagora.id(alice, type="restricted")
    linagora.join(carol, joined)
    need(carol.call("requestMembership", community_id=asked, user_id=carol.user_id), status(200))
    lists = {"listMembers": joined, "listMembershipRequests": asked}
    member, asking = (expect(alice.call(name, community_id=id_), status(200)).json[-1]["user"] for name, id_ in lists.items())
    same(asking, member, "listMembershipRequests", "shows a user differently than listMembers")
