"""Ids of another domain in paths, queries and bodies: they open nothing, tell nothing, and change nothing on either side.

Rows: an operation, an id that it can name, and what is answered where that is an id of the outsider's: their domain, their
community, its picture or themselves. Where nothing is refused, they are treated as any user who is no member.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from contract_tests.actors.caller import Answer, Caller
from contract_tests.actors.expectations import expect, json_is, need, refusal, same, status
from contract_tests.actors.linagora import Linagora
from contract_tests.actors.pictures import picture, upload
from contract_tests.contract.basis import documented, inferred
from contract_tests.laws.security.ids import tells_nothing_of, texts_in

TABLE = """
listCommunities          domain_id      403
listCommunities          creator        200
createCommunity          domain_ids     403
getCommunity             community_id   403
updateCommunity          community_id   403
updateCommunity          avatar         404
updateCommunity          newMembers     403
updateCommunity          deleteMembers  200
deleteCommunity          community_id   403
getCommunityAvatar       community_id   403
uploadCommunityAvatar    community_id   403
listMembers              community_id   403
getMember                community_id   403
getMember                user_id        404
addMember                community_id   403
addMember                user_id        403
removeMember             community_id   403
removeMember             user_id        204
listMembershipRequests   community_id   403
requestMembership        community_id   403
requestMembership        user_id        403
cancelMembershipRequest  community_id   403
cancelMembershipRequest  user_id        204
listInvitablePeople      community_id   403
"""
ROWS = [(operation, name, int(code)) for operation, name, code in (line.split() for line in TABLE.strip().splitlines())]
TAKES_REQUESTS = {"listMembershipRequests", "requestMembership", "cancelMembershipRequest"}
WITH_AVATAR = {("updateCommunity", "avatar"), ("getCommunityAvatar", "community_id")}
ERRORS = 400


@dataclass(frozen=True)
class Sides:
    """A community of alice's domain, one of the outsider's, and the id of the avatar of that, if it has one."""

    ours: str
    theirs: str
    image: str


def _sides(linagora: Linagora, operation: str = "", name: str = "") -> Sides:
    alice, outsider = linagora["alice"], linagora["outsider"]
    type_ = {"type": "restricted"} if operation in TAKES_REQUESTS else {}
    ours = linagora.id(alice, **type_)
    theirs = linagora.id(outsider, domain_ids=[linagora.elsewhere], **type_)
    needed = (operation, name) in WITH_AVATAR
    image = need(upload(outsider, theirs, picture("blue")), status(200)).json["_id"] if needed else ""
    return Sides(ours, theirs, image)


@pytest.mark.parametrize(("operation", "name", "code"), ROWS, ids=[f"{operation}-{name}" for operation, name, _ in ROWS])
@inferred("403 for what belongs to another domain, 404 for a picture of another community; nothing is told, nothing changes")
def test_a_foreign_id_opens_nothing(linagora: Linagora, operation: str, name: str, code: int) -> None:
    sides = _sides(linagora, operation, name)
    secrets = _secrets(linagora, sides)
    for caller in _managers(linagora):
        with linagora.unchanged(linagora["alice"], sides.ours), linagora.unchanged(linagora["outsider"], sides.theirs):
            answer = _ask(linagora, caller, sides, operation, name)
            expect(answer, refusal(code) if code >= ERRORS else status(code), tells_nothing_of(secrets))
            if name == "creator":
                expect(answer, json_is([]))


def _managers(linagora: Linagora) -> Iterator[Caller]:
    """Those who may do most in our community."""
    yield linagora["alice"]
    if "admin" in linagora.cast.roles:
        yield linagora["admin"]


def _secrets(linagora: Linagora, sides: Sides) -> list[str]:
    """The title of their community, and how its creator is called."""
    outsider = linagora["outsider"]
    community = need(outsider.call("getCommunity", community_id=sides.theirs), status(200)).json
    user = need(outsider.call("listMembers", community_id=sides.theirs), status(200)).json[0]["user"]
    named = [user.get(key) for key in ("firstname", "lastname", "emails")]
    return [community["title"], *texts_in(named)]


def _ask(linagora: Linagora, caller: Caller, sides: Sides, operation: str, name: str) -> Answer:
    """A request that names something of theirs under one name, and something of ours under all others."""
    outsider = linagora["outsider"].user_id
    community = sides.theirs if name == "community_id" else sides.ours
    if operation == "uploadCommunityAvatar":
        return upload(caller, community, picture("white"))
    values: dict[str, Any] = {"avatar": sides.image, "newMembers": [outsider], "deleteMembers": [outsider]}
    bodies = {
        "createCommunity": linagora.new(domain_ids=[linagora.elsewhere]),
        "updateCommunity": {"title": linagora.title()} if name == "community_id" else {name: values.get(name)},
    }
    domain = linagora.elsewhere if name == "domain_id" else linagora.domain
    queries = {"listCommunities": {"domain_id": domain} | ({"creator": outsider} if name == "creator" else {})}
    user = outsider if name == "user_id" else caller.user_id
    return caller.call(operation, bodies.get(operation), query=queries.get(operation), community_id=community, user_id=user)


@inferred("an update admits nobody from outside, and takes no picture of another community; all of it or nothing")
def test_an_update_takes_no_ids_of_another_domain(linagora: Linagora, alice: Caller, dave: Caller, outsider: Caller) -> None:
    sides, title = _sides(linagora, "updateCommunity", "avatar"), linagora.title("must not stick")
    with linagora.unchanged(alice, sides.ours), linagora.unchanged(outsider, sides.theirs):
        changes = {"title": title, "newMembers": [dave.user_id, outsider.user_id]}
        expect(alice.call("updateCommunity", changes, community_id=sides.ours), refusal(403))
        changes = {"title": title, "newMembers": [dave.user_id], "avatar": sides.image}
        expect(alice.call("updateCommunity", changes, community_id=sides.ours), refusal(404))


@inferred("a community is created in domains of one's own; a foreign one is 403, wherever it stands among others")
def test_a_creation_names_domains_of_ones_own_alone(linagora: Linagora, alice: Caller, outsider: Caller) -> None:
    sides, both = _sides(linagora), [linagora.domain, linagora.elsewhere]
    with linagora.unchanged(alice, sides.ours), linagora.unchanged(outsider, sides.theirs):
        for caller in (alice, outsider):
            for domains in (both, both[::-1]):
                expect(linagora.try_to_create(caller, domain_ids=domains), refusal(403))


@inferred("noTitleCheck skips the check of the title, and no other")
def test_a_foreign_domain_is_refused_without_a_title_check_too(linagora: Linagora, alice: Caller) -> None:
    expect(linagora.try_to_create(alice, {"noTitleCheck": "true"}, domain_ids=[linagora.elsewhere]), refusal(403))


@documented("GET /api/communities: domain_id and creator, communities of that domain that the user created")
def test_a_creator_of_another_domain_created_nothing_here(linagora: Linagora, alice: Caller, outsider: Caller) -> None:
    linagora.id(outsider, domain_ids=[linagora.elsewhere])
    query = {"domain_id": linagora.domain, "creator": outsider.user_id}
    listed = [item["_id"] for item in expect(alice.call("listCommunities", query=query), status(200)).json]
    same(listed, [], "listCommunities", "shows communities that a user of another domain created")


@inferred("a title of another domain is neither taken nor found in this one")
def test_a_title_of_another_domain_is_neither_found_nor_taken(linagora: Linagora, alice: Caller, outsider: Caller) -> None:
    title = linagora.create(outsider, domain_ids=[linagora.elsewhere])["title"]
    query = {"domain_id": linagora.domain, "title": title}
    listed = [item["_id"] for item in expect(alice.call("listCommunities", query=query), status(200)).json]
    same(listed, [], "listCommunities", "finds a title of another domain")
    expect(alice.call("updateCommunity", {"title": title}, community_id=linagora.id(alice)), status(200))
