"""A title is unique in its domain."""

from functools import partial

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import expect, has, json_is, need, refusal, same, status
from contract_tests.actors.linagora import Linagora
from contract_tests.contract.basis import documented, inferred
from contract_tests.laws.races import at_once, one_succeeds

RACERS = 8
LONGEST = 255


def _ids(linagora: Linagora, caller: Caller, title: str) -> list[str]:
    query = {"domain_id": linagora.domain, "title": title}
    return sorted(item["_id"] for item in expect(caller.call("listCommunities", query=query), status(200)).json)


@documented("POST /api/communities: 409, a community already exists with this title in the domain")
def test_a_title_is_taken_once_in_a_domain(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    first = linagora.create(alice)
    expect(linagora.try_to_create(bob, title=first["title"]), status(409))
    same(_ids(linagora, alice, first["title"]), [first["_id"]], "listCommunities", "shows what a refused createCommunity made")


@documented("POST /api/communities: noTitleCheck, option to skip the title check")
def test_the_title_check_can_be_waived(linagora: Linagora, alice: Caller) -> None:
    first = linagora.create(alice)
    second = linagora.create(alice, query={"noTitleCheck": "true"}, title=first["title"])
    same(
        _ids(linagora, alice, first["title"]),
        sorted([first["_id"], second["_id"]]),
        "listCommunities",
        "lacks one of two with one title",
    )


@documented("POST /api/communities: noTitleCheck, option to skip the title check; it is an option, so false is the rule")
def test_a_title_check_that_is_not_waived_takes_place(linagora: Linagora, alice: Caller) -> None:
    first = linagora.create(alice)
    expect(linagora.try_to_create(alice, query={"noTitleCheck": "false"}, title=first["title"]), status(409))


@documented("Communities titles are unique per domain")
def test_another_domain_may_use_the_same_title(linagora: Linagora, alice: Caller, outsider: Caller) -> None:
    title = linagora.create(alice)["title"]
    expect(linagora.try_to_create(outsider, title=title, domain_ids=[linagora.elsewhere]), status(201), has(title=title))


@documented("Communities titles are unique per domain")
def test_a_deleted_community_frees_its_title(linagora: Linagora, alice: Caller) -> None:
    first = linagora.create(alice)
    need(alice.call("deleteCommunity", community_id=first["_id"]), status(204))
    expect(linagora.try_to_create(alice, title=first["title"]), status(201))


@inferred("a rename is checked as a creation is (409)")
def test_a_rename_cannot_take_the_title_of_another(linagora: Linagora, alice: Caller) -> None:
    taken, mine = linagora.create(alice)["title"], linagora.create(alice)
    expect(alice.call("updateCommunity", {"title": taken}, community_id=mine["_id"]), refusal(409))
    expect(alice.call("getCommunity", community_id=mine["_id"]), status(200), json_is(mine))


@documented("Communities titles are unique per domain; PUT /api/communities/{community_id}: title")
def test_a_rename_frees_the_old_title_and_takes_the_new_one(linagora: Linagora, alice: Caller) -> None:
    old, new = linagora.create(alice), linagora.title("Renamed")
    need(alice.call("updateCommunity", {"title": new}, community_id=old["_id"]), status(200))
    same(_ids(linagora, alice, new), [old["_id"]], "listCommunities", "does not find a community by its new title")
    same(_ids(linagora, alice, old["title"]), [], "listCommunities", "finds a community by the title that it had before")
    expect(linagora.try_to_create(alice, title=new), status(409))
    expect(linagora.try_to_create(alice, title=old["title"]), status(201))


@documented("POST /api/communities: 409, a community already exists with this title; noTitleCheck skips the check of one request")
def test_a_title_that_was_let_in_unchecked_is_taken_all_the_same(linagora: Linagora, alice: Caller) -> None:
    unchecked = linagora.create(alice, query={"noTitleCheck": "true"})
    expect(linagora.try_to_create(alice, title=unchecked["title"]), status(409))


@inferred("a rename is checked as a creation is (409)")
def test_a_rename_cannot_take_a_title_that_was_let_in_unchecked(linagora: Linagora, alice: Caller) -> None:
    unchecked, other = linagora.create(alice, query={"noTitleCheck": "true"}), linagora.create(alice)
    expect(alice.call("updateCommunity", {"title": unchecked["title"]}, community_id=other["_id"]), refusal(409))


@inferred("a community may be renamed to its own title")
def test_a_community_keeps_its_own_title(linagora: Linagora, alice: Caller) -> None:
    mine = linagora.create(alice)
    expect(alice.call("updateCommunity", {"title": mine["title"]}, community_id=mine["_id"]), status(200))


@inferred("a title has 255 characters at most")
def test_a_title_may_be_as_long_as_that_and_no_longer(linagora: Linagora, alice: Caller) -> None:
    longest, mine = linagora.title().ljust(LONGEST, "x"), linagora.id(alice)
    expect(alice.call("updateCommunity", {"title": longest}, community_id=mine), status(200))
    expect(alice.call("updateCommunity", {"title": longest + "x"}, community_id=mine), refusal(400))
    expect(linagora.try_to_create(alice, title=longest + "x"), refusal(400))
    expect(alice.call("listCommunities", query={"domain_id": linagora.domain, "title": longest + "x"}), refusal(400))
    expect(alice.call("getCommunity", community_id=mine), status(200), has(title=longest))


@documented("Communities titles are unique per domain")
def test_of_simultaneous_creations_with_one_title_exactly_one_succeeds(linagora: Linagora, alice: Caller) -> None:
    title = linagora.title("race")
    one_succeeds(at_once(*(partial(linagora.try_to_create, alice.twin(), title=title) for _ in range(RACERS))), 201, 409)
    same(
        len(_ids(linagora, alice, title)), 1, "listCommunities", "shows several communities that were made at once with one title"
    )
