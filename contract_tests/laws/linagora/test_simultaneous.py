"""What happens at once ends as if it had happened one after the other, in some order."""

from functools import partial
from typing import Any

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import body_is, expect, header, json_is, refusal, require, same, status
from contract_tests.actors.linagora import Linagora
from contract_tests.actors.pictures import picture, upload
from contract_tests.contract.basis import documented, inferred
from contract_tests.laws.races import Call, at_once, one_succeeds

RACERS = 6


def _joining(person: Caller, community: str) -> Call:
    return partial(person.twin().call, "addMember", community_id=community, user_id=person.user_id)


def _updating(manager: Caller, community: str, **changes: Any) -> Call:
    return partial(manager.twin().call, "updateCommunity", changes, community_id=community)


def _asking(person: Caller, community: str) -> Call:
    return partial(person.twin().call, "requestMembership", community_id=community, user_id=person.user_id)


def _requests(manager: Caller, community: str) -> list[dict[str, str]]:
    rows = expect(manager.call("listMembershipRequests", community_id=community), status(200)).json
    return [{"user": row["user"]["_id"], "time": row["timestamps"]["creation"]} for row in rows]


@documented("PUT /api/communities/{community_id}/members/{user_id}: no effect if the user is already in the community")
def test_joining_many_times_at_once_is_joining_once(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    for reply in at_once(*(_joining(bob, community) for _ in range(RACERS))):
        expect(reply, status(204))
    reply = expect(alice.call("listMembers", community_id=community), status(200), header("X-ESN-Items-Count", 2))
    shown = sorted(row["user"]["_id"] for row in reply.json)
    same(
        shown, sorted([alice.user_id, bob.user_id]), "listMembers", "shows other members after somebody joined many times at once"
    )


@documented("PUT /api/communities/{community_id}/members/{user_id}: 204, user is now a member of the community")
def test_all_who_join_at_once_are_members(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller, dave: Caller) -> None:
    community, people = linagora.id(alice), (bob, carol, dave)
    for reply in at_once(*(_joining(person, community) for person in people)):
        expect(reply, status(204))
    wanted = sorted(person.user_id for person in (alice, *people))
    same(sorted(linagora.members(alice, community)), wanted, "listMembers", "lacks somebody of three who joined at once")


@inferred("an update changes only what its body names, so two that name different properties both last")
def test_updates_of_different_properties_at_once_both_last(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    before = linagora.create(alice)
    changes = {"title": linagora.title("raced"), "description": "raced"}
    singly = [_updating(alice, before["_id"], **{name: value}) for name, value in changes.items()]
    for reply in at_once(*singly, _updating(alice, before["_id"], newMembers=[bob.user_id])):
        expect(reply, status(200))
    expect(alice.call("getCommunity", community_id=before["_id"]), status(200), json_is(before | changes))
    wanted = [alice.user_id, bob.user_id]
    same(linagora.members(alice, before["_id"]), wanted, "listMembers", "shows other members after updates at once")


@inferred("a rename is checked as a creation is (409)")
def test_of_simultaneous_renames_to_one_title_exactly_one_succeeds(linagora: Linagora, alice: Caller) -> None:
    title, communities = linagora.title("raced"), [linagora.id(alice) for _ in range(RACERS)]
    one_succeeds(at_once(*(_updating(alice, id_, title=title) for id_ in communities)), 200, 409)
    query = {"domain_id": linagora.domain, "title": title}
    listed = expect(alice.call("listCommunities", query=query), status(200)).json
    same(len(listed), 1, "listCommunities", "shows several communities that were renamed to one title at once")


@inferred("asking again answers the first request")
def test_asking_many_times_at_once_is_asking_once(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice, type="restricted")
    replies = at_once(*(_asking(bob, community) for _ in range(RACERS)))
    times = {expect(reply, status(200)).json["membershipRequest"] for reply in replies}
    wanted = [{"user": bob.user_id, "time": time} for time in sorted(times)]
    same(
        _requests(alice, community), wanted, "listMembershipRequests", "does not show one request with the time that was answered"
    )


@inferred("the requests are those of all who asked")
def test_all_who_ask_at_once_are_listed(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller, dave: Caller) -> None:
    community, people = linagora.id(alice, type="restricted"), (bob, carol, dave)
    for reply in at_once(*(_asking(person, community) for person in people)):
        expect(reply, status(200))
    shown, wanted = sorted(one["user"] for one in _requests(alice, community)), sorted(person.user_id for person in people)
    same(shown, wanted, "listMembershipRequests", "lacks somebody of three who asked at once")


@inferred("admitting a user settles their request, and a member cannot ask")
def test_nobody_is_a_member_and_asks_to_be_one(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice, type="restricted")
    admitting = partial(alice.twin().call, "addMember", community_id=community, user_id=bob.user_id)
    asked, admitted = at_once(_asking(bob, community), admitting)
    expect(asked, status(200, 400))
    expect(admitted, status(204))
    wanted = [alice.user_id, bob.user_id]
    same(linagora.members(alice, community), wanted, "listMembers", "shows other members after somebody asked and was admitted")
    same(_requests(alice, community), [], "listMembershipRequests", "shows the request of a member")


@inferred("what was deleted is 404 in every operation")
def test_a_community_is_deleted_once_and_nobody_joins_it_later(
    linagora: Linagora, alice: Caller, bob: Caller, carol: Caller
) -> None:
    community = linagora.id(alice)
    deleting = [partial(alice.twin().call, "deleteCommunity", community_id=community) for _ in range(2)]
    *deleted, joined, also_joined = at_once(*deleting, _joining(bob, community), _joining(carol, community))
    one_succeeds(deleted, 204, 404)
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
    same(len(uploaded), len(pictures), "uploadCommunityAvatar", "answers one id to several uploads at once")
    named = expect(alice.call("getCommunity", community_id=community), status(200)).json.get("avatar")
    require(named in uploaded, "getCommunity", "names an avatar that no upload answered", expected=list(uploaded), got=named)
    shown = alice.call("getCommunityAvatar", community_id=community, query={"format": "original"})
    expect(shown, status(200), body_is(uploaded[named]))
