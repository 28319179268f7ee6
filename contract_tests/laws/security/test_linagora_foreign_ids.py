"""Ids of another domain in paths, queries and bodies: they open nothing, and change nothing on either side."""

from dataclasses import dataclass

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import expect, refusal, same, status
from contract_tests.actors.linagora import Linagora
from contract_tests.actors.pictures import picture, upload
from contract_tests.contract.basis import documented, inferred
from contract_tests.contract.operations import operations

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
def sides(linagora: Linagora, alice: Caller, outsider: Caller) -> Sides:
    ours = linagora.id(alice, type="restricted")
    theirs = linagora.id(outsider, type="restricted", domain_ids=[linagora.elsewhere])
    expect(upload(alice, ours, picture("red")), status(200))
    return Sides(ours, theirs, expect(upload(outsider, theirs, picture("blue")), status(200)).json["_id"])


@inferred("an administrator is one in his own domains alone, and a community of another domain is 403")
def test_an_administrator_has_no_rights_in_another_domain(
    linagora: Linagora, admin: Caller, outsider: Caller, sides: Sides
) -> None:
    with linagora.unchanged(outsider, sides.theirs):
        expect(upload(admin, sides.theirs, picture("white")), refusal(403))
        for operation in IN_A_COMMUNITY:
            body = {"title": linagora.title()} if operation == "updateCommunity" else None
            for person in (outsider, admin):
                reply = admin.call(operation, body, community_id=sides.theirs, user_id=person.user_id)
                expect(reply, refusal(403))


@inferred("an update admits nobody from outside, and takes no picture of another community; all of it or nothing")
def test_an_update_takes_no_ids_of_another_domain(
    linagora: Linagora, alice: Caller, dave: Caller, outsider: Caller, sides: Sides
) -> None:
    title = linagora.title("must not stick")
    with linagora.unchanged(alice, sides.ours), linagora.unchanged(outsider, sides.theirs):
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
    linagora: Linagora, alice: Caller, admin: Caller, outsider: Caller, sides: Sides
) -> None:
    named = {"addMember": 403, "requestMembership": 403, "getMember": 404}
    with linagora.unchanged(alice, sides.ours), linagora.unchanged(outsider, sides.theirs):
        for manager in (alice, admin):
            for operation, code in named.items():
                expect(manager.call(operation, community_id=sides.ours, user_id=outsider.user_id), refusal(code))


@inferred("a community is created in domains of one's own; a foreign one is 403, wherever it stands among others")
def test_a_creation_names_domains_of_ones_own_alone(linagora: Linagora, alice: Caller, outsider: Caller, sides: Sides) -> None:
    with linagora.unchanged(alice, sides.ours), linagora.unchanged(outsider, sides.theirs):
        for caller, foreign in ((alice, linagora.elsewhere), (outsider, linagora.domain)):
            for domains in ([foreign], [linagora.domain, linagora.elsewhere], [linagora.elsewhere, linagora.domain]):
                for query in ({}, {"noTitleCheck": "true"}):
                    expect(linagora.try_to_create(caller, query, domain_ids=domains), refusal(403))


@documented("GET /api/communities: domain_id and creator, communities of that domain that the user created")
def test_a_creator_of_another_domain_created_nothing_here(linagora: Linagora, alice: Caller, outsider: Caller) -> None:
    linagora.id(outsider, domain_ids=[linagora.elsewhere])
    query = {"domain_id": linagora.domain, "creator": outsider.user_id}
    listed = expect(alice.call("listCommunities", query=query), status(200)).json
    same(listed, [], "listCommunities", f"of one domain shows {listed}, created by a user of another")


@inferred("a title that somebody has in another domain is no reason to refuse it, and no way to find it")
def test_a_title_of_another_domain_is_neither_found_nor_taken(linagora: Linagora, alice: Caller, outsider: Caller) -> None:
    title = linagora.create(outsider, domain_ids=[linagora.elsewhere])["title"]
    query = {"domain_id": linagora.domain, "title": title}
    same(expect(alice.call("listCommunities", query=query), status(200)).json, [], "listCommunities", "by a foreign title")
    renamed = linagora.id(alice)
    expect(alice.call("updateCommunity", {"title": title}, community_id=renamed), status(200))
