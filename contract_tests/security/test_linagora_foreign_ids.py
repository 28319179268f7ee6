"""Ids of another domain in paths, queries and bodies: they open nothing, and change nothing on either side."""

from dataclasses import dataclass

import pytest

from contract_tests.basis import documented, inferred
from contract_tests.client import Caller
from contract_tests.images import picture, upload
from contract_tests.match import expect, refusal, status
from contract_tests.specs import operations
from contract_tests.world import World

IN_A_COMMUNITY = [
    op.id for op in operations("linagora").values() if "community_id" in op.parameters and op.id != "uploadCommunityAvatar"
]


@dataclass(frozen=True)
class Sides:
    """A restricted community of alice's domain and one of the outsider's; both have an avatar."""

    ours: str
    theirs: str
    image: str  # theirs


@pytest.fixture
def sides(world: World, alice: Caller, outsider: Caller) -> Sides:
    ours = world.id(alice, type="restricted")
    theirs = world.id(outsider, type="restricted", domain_ids=[world.elsewhere])
    expect(upload(alice, ours, picture("red")), status(200))
    return Sides(ours, theirs, expect(upload(outsider, theirs, picture("blue")), status(200)).json["_id"])


@inferred("an administrator is one in his own domains alone, and a community of another domain is 403")
def test_an_administrator_has_no_rights_in_another_domain(world: World, admin: Caller, outsider: Caller, sides: Sides) -> None:
    with world.unchanged(outsider, sides.theirs):
        expect(upload(admin, sides.theirs, picture("white")), refusal(403))
        for operation in IN_A_COMMUNITY:
            body = {"title": world.title()} if operation == "updateCommunity" else None
            for person in (outsider, admin):
                reply = admin.call(operation, body, community_id=sides.theirs, user_id=person.user_id)
                expect(reply, refusal(403))


@inferred("an update admits nobody from outside, and takes no picture of another community; all of it or nothing")
def test_an_update_takes_no_ids_of_another_domain(
    world: World, alice: Caller, dave: Caller, outsider: Caller, sides: Sides
) -> None:
    title = world.title("must not stick")
    with world.unchanged(alice, sides.ours), world.unchanged(outsider, sides.theirs):
        for people in ([outsider.user_id], [dave.user_id, outsider.user_id]):
            changes = {"title": title, "newMembers": people}
            expect(alice.call("updateCommunity", changes, community_id=sides.ours), refusal(403))
        changes = {"newMembers": [dave.user_id], "title": title, "avatar": sides.image}
        expect(alice.call("updateCommunity", changes, community_id=sides.ours), refusal(404))
        for person in (alice, dave):
            changes = {"newMembers": [person.user_id], "deleteMembers": [outsider.user_id]}
            expect(person.call("updateCommunity", changes, community_id=sides.theirs), refusal(403))


@inferred("a user outside the domains of a community is 403, whoever names him")
def test_a_user_of_another_domain_can_be_named_to_no_effect(
    world: World, alice: Caller, admin: Caller, outsider: Caller, sides: Sides
) -> None:
    named = {"addMember": 403, "requestMembership": 403, "getMember": 404}
    with world.unchanged(alice, sides.ours), world.unchanged(outsider, sides.theirs):
        for manager in (alice, admin):
            for operation, code in named.items():
                expect(manager.call(operation, community_id=sides.ours, user_id=outsider.user_id), refusal(code))


@inferred("a community is created in domains of one's own; a foreign one is 403, wherever it stands among others")
def test_a_creation_names_domains_of_ones_own_alone(world: World, alice: Caller, outsider: Caller, sides: Sides) -> None:
    with world.unchanged(alice, sides.ours), world.unchanged(outsider, sides.theirs):
        for caller, foreign in ((alice, world.elsewhere), (outsider, world.domain)):
            for domains in ([foreign], [world.domain, world.elsewhere], [world.elsewhere, world.domain]):
                for query in ({}, {"noTitleCheck": "true"}):
                    expect(world.try_to_create(caller, query, domain_ids=domains), refusal(403))


@documented("GET /api/communities: domain_id and creator, communities of that domain that the user created")
def test_a_creator_of_another_domain_created_nothing_here(world: World, alice: Caller, outsider: Caller) -> None:
    world.id(outsider, domain_ids=[world.elsewhere])
    query = {"domain_id": world.domain, "creator": outsider.user_id}
    listed = expect(alice.call("listCommunities", query=query), status(200)).json
    assert listed == [], f"listCommunities of one domain shows {listed}, created by a user of another"


@inferred("a title that somebody has in another domain is no reason to refuse it, and no way to find it")
def test_a_title_of_another_domain_is_neither_found_nor_taken(world: World, alice: Caller, outsider: Caller) -> None:
    title = world.create(outsider, domain_ids=[world.elsewhere])["title"]
    query = {"domain_id": world.domain, "title": title}
    assert expect(alice.call("listCommunities", query=query), status(200)).json == [], "listCommunities by a foreign title"
    renamed = world.id(alice)
    expect(alice.call("updateCommunity", {"title": title}, community_id=renamed), status(200))
