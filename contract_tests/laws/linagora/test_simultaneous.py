"""What happens at once ends as if it had happened one after the other, in some order."""

from functools import partial
from typing import Any

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import body_is, expect, header, json_is, refusal, require, same, status
from contract_tests.actors.linagora import Linagora
from contract_tests.actors.pictures import picture, upload
from contract_tests.contract.basis import documented, inferred
from contract_tests.laws.linagora.races import Call, at_once

RACERS = 6


def _joining(person: Caller, community: str) -> Call:
    return partial(person.twin().call, "addMember", community_id=community, user_id=person.user_id)


def _updating(manager: Caller, community: str, **changes: Any) -> Call:
    return partial(manager.twin().call, "updateCommunity", changes, community_id=community)


def _asking(person: Caller, community: str) -> Call:
    return partial(person.twin().call, "requestMembership", community_id=community, user_id=person.user_id)


@documented("PUT /api/communities/{community_id}/members/{user_id}: no effect if the user is already in the community")
def test_joining_many_times_at_once_is_joining_once(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    for reply in at_once(*(_joining(bob, community) for _ in range(RACERS))):
        expect(reply, status(204))
    reply = expect(alice.call("listMembers", community_id=community), status(200), header("X-ESN-Items-Count", 2))
    same(sorted(row["user"]["_id"] for row in reply.json), sorted([alice.user_id, bob.user_id]), "listMembers", "after the race")


@documented("PUT /api/communities/{community_id}/members/{user_id}: 204, user is now a member of the community")
def test_all_who_join_at_once_are_members(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller, dave: Caller) -> None:
    community, people = linagora.id(alice), (bob, carol, dave)
    for reply in at_once(*(_joining(person, community) for person in people)):
        expect(reply, status(204))
    wanted = sorted(person.user_id for person in (alice, *people))
    same(sorted(linagora.members(alice, community)), wanted, "listMembers", "after three joined at once")


@inferred("an update changes only what its body names, so that two with different names both last")
def test_updates_of_different_properties_at_once_both_last(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    before = linagora.create(alice, description="as it was")
    image = expect(upload(alice, before["_id"], picture("red")), status(200)).json["_id"]
    expect(upload(alice, before["_id"], picture("blue")), status(200))
    changes = {"title": linagora.title("raced"), "description": "raced", "avatar": image}
    singly = [_updating(alice, before["_id"], **{name: value}) for name, value in changes.items()]
    for reply in at_once(*singly, _updating(alice, before["_id"], newMembers=[bob.user_id])):
        expect(reply, status(200))
    expect(alice.call("getCommunity", community_id=before["_id"]), status(200), json_is(before | changes))
    same(linagora.members(alice, before["_id"]), [alice.user_id, bob.user_id], "listMembers", "after the race")


@inferred("a rename is checked as a creation is (409)")
def test_of_simultaneous_renames_to_one_title_exactly_one_succeeds(linagora: Linagora, alice: Caller) -> None:
    title, communities = linagora.title("raced"), [linagora.id(alice) for _ in range(RACERS)]
    statuses = sorted(reply.status for reply in at_once(*(_updating(alice, id_, title=title) for id_ in communities)))
    same(statuses, [200] + [409] * (RACERS - 1), "updateCommunity", f"{RACERS} at once to one title, answered {statuses}")
    listed = expect(alice.call("listCommunities", query={"domain_id": linagora.domain, "title": title}), status(200)).json
    same(len(listed), 1, "listCommunities", f"after the race shows {listed}")


@inferred("asking again answers the first request")
def test_asking_many_times_at_once_is_asking_once(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice, type="private")
    replies = at_once(*(_asking(bob, community) for _ in range(RACERS)))
    times = {expect(reply, status(200)).json["membershipRequest"] for reply in replies}
    requests = expect(alice.call("listMembershipRequests", community_id=community), status(200)).json
    listed = [(row["user"]["_id"], row["timestamps"]["creation"]) for row in requests]
    same([(bob.user_id, time) for time in times], listed, "listMembershipRequests", f"{listed}; the answers were {times}")


@inferred("the requests are those of all who asked")
def test_all_who_ask_at_once_are_listed(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller, dave: Caller) -> None:
    community, people = linagora.id(alice, type="private"), (bob, carol, dave)
    for reply in at_once(*(_asking(person, community) for person in people)):
        expect(reply, status(200))
    requests = expect(alice.call("listMembershipRequests", community_id=community), status(200)).json
    wanted = sorted(person.user_id for person in people)
    same(sorted(row["user"]["_id"] for row in requests), wanted, "listMembershipRequests", "after three asked at once")


@inferred("admitting somebody settles his request, and a member cannot ask")
def test_nobody_is_a_member_and_asks_to_be_one(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice, type="private")
    admitting = partial(alice.twin().call, "addMember", community_id=community, user_id=bob.user_id)
    asked, admitted = at_once(_asking(bob, community), admitting)
    expect(asked, status(200, 400))
    expect(admitted, status(204))
    same(linagora.members(alice, community), [alice.user_id, bob.user_id], "listMembers", "after the race")
    expect(alice.call("listMembershipRequests", community_id=community), status(200), json_is([]))


@inferred("what was deleted is 404 in every operation")
def test_a_community_is_deleted_once_and_nobody_joins_it_later(
    linagora: Linagora, alice: Caller, bob: Caller, carol: Caller
) -> None:
    community = linagora.id(alice)
    deleting = [partial(alice.twin().call, "deleteCommunity", community_id=community) for _ in range(2)]
    *deleted, joined, also_joined = at_once(*deleting, _joining(bob, community), _joining(carol, community))
    same(sorted(reply.status for reply in deleted), [204, 404], "deleteCommunity", f"twice at once: {deleted}")
    for reply in (joined, also_joined):
        expect(reply, status(204, 404))
    for person in (alice, bob):
        expect(person.call("getCommunity", community_id=community), refusal(404))
        expect(person.call("listMembers", community_id=community), refusal(404))


@inferred("a new avatar takes the place of the old one, and the community names it")
def test_of_avatars_uploaded_at_once_the_one_that_is_named_is_shown(linagora: Linagora, alice: Caller) -> None:
    community, pictures = linagora.id(alice), [picture(colour) for colour in ("red", "blue", "green", "white")]
    replies = at_once(*(partial(upload, alice.twin(), community, data) for data in pictures))
    uploaded = {expect(reply, status(200)).json["_id"]: data for reply, data in zip(replies, pictures, strict=True)}
    same(len(uploaded), len(pictures), "uploadCommunityAvatar", f"answers the ids {list(uploaded)} to {len(pictures)} uploads")
    named = expect(alice.call("getCommunity", community_id=community), status(200)).json.get("avatar")
    require(named in uploaded, "getCommunity", f"names the avatar {named}, which none of the uploads answered")
    shown = alice.call("getCommunityAvatar", community_id=community, query={"format": "original"})
    expect(shown, status(200), body_is(uploaded[named]))
