"""The list of communities: whose, in which order, by which filter."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import expect, refusal, require, same, status
from contract_tests.actors.linagora import UNKNOWN_ID, Linagora
from contract_tests.contract.basis import documented, inferred
from contract_tests.laws.strategies import title_endings


def _listed(linagora: Linagora, caller: Caller, **filters: str) -> list[dict[str, Any]]:
    reply = expect(caller.call("listCommunities", query={"domain_id": linagora.domain} | filters), status(200))
    return list(reply.json)


@documented("GET /api/communities: The list is ordered by community title")
def test_the_list_is_ordered_by_title(linagora: Linagora, alice: Caller) -> None:
    # One case and one alphabet: how others compare, the document leaves open.
    created = {linagora.id(alice, title=linagora.title(fruit)): fruit for fruit in ("plum", "apple", "quince", "melon")}
    listed = [created[item["_id"]] for item in _listed(linagora, alice) if item["_id"] in created]
    same(listed, sorted(created.values()), "listCommunities", "is not ordered by title")


@inferred("titles are ordered by code point")
@given(endings=st.lists(title_endings, min_size=2, max_size=5))
def test_titles_are_ordered_by_code_point(linagora: Linagora, alice: Caller, endings: list[str]) -> None:
    for ending in endings:
        linagora.create(alice, title=linagora.title(f"x{ending}x"))
    titles = [str(item["title"]) for item in _listed(linagora, alice)]
    same(titles, sorted(titles), "listCommunities", "is not ordered by the code points of the titles")


@documented("GET /api/communities: creator, the id of the user who created the searched communities")
def test_the_creator_filter_keeps_what_that_user_created(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    of_alice, of_bob = linagora.id(alice), linagora.id(bob)
    ids = [item["_id"] for item in _listed(linagora, alice, creator=bob.user_id)]
    require(of_bob in ids, "listCommunities", "by creator lacks a community of that user", expected=of_bob, got=ids)
    require(of_alice not in ids, "listCommunities", "by creator shows a community of somebody else")


@documented("GET /api/communities: The title filter is case insensitive")
@given(ending=st.text("abcXYZ", max_size=20), upper=st.booleans())
def test_the_title_filter_ignores_case(linagora: Linagora, alice: Caller, ending: str, upper: bool) -> None:
    _is_found(linagora, alice, ending, upper=upper)


@inferred("the filter ignores the case of every letter, not of the English alphabet alone")
@given(ending=st.text("éÉñÑ", min_size=1, max_size=20), upper=st.booleans())
def test_the_title_filter_ignores_the_case_of_any_letter(linagora: Linagora, alice: Caller, ending: str, upper: bool) -> None:
    _is_found(linagora, alice, ending, upper=upper)


def _is_found(linagora: Linagora, caller: Caller, ending: str, *, upper: bool) -> None:
    created = linagora.create(caller, title=linagora.title(f"x{ending}x"))
    wanted = created["title"].upper() if upper else created["title"].lower()
    ids = [item["_id"] for item in _listed(linagora, caller, title=wanted)]
    require(created["_id"] in ids, "listCommunities", "does not find a title in another case", expected=created["_id"], got=ids)


@documented("GET /api/communities: title, the title of a searched community")
@pytest.mark.parametrize("letters", ["Straße", "ὈΔΥΣΣΕΎΣ", "İzmir", "100%_", "*.ǆ", "🦉"])
def test_the_title_filter_finds_a_title_of_any_letters(linagora: Linagora, alice: Caller, letters: str) -> None:
    created = linagora.create(alice, title=linagora.title(letters))
    ids = [item["_id"] for item in _listed(linagora, alice, title=created["title"])]
    same(ids, [created["_id"]], "listCommunities", f"does not find a title with {letters} in it")


@documented("GET /api/communities: title, the title of a searched community")
def test_the_title_filter_leaves_other_titles_out(linagora: Linagora, alice: Caller) -> None:
    wanted, other = linagora.create(alice, title=linagora.title("oak")), linagora.id(alice, title=linagora.title("lime"))
    ids = [item["_id"] for item in _listed(linagora, alice, title=wanted["title"])]
    require(wanted["_id"] in ids, "listCommunities", "by title lacks the community with that title", got=ids)
    require(other not in ids, "listCommunities", "by title shows a community with another title")


@inferred("the title filter compares whole titles")
def test_the_title_filter_compares_whole_titles(linagora: Linagora, alice: Caller) -> None:
    title = linagora.create(alice, title=linagora.title("whole"))["title"]
    for part in (title[:-1], title[1:], title + "x", ".*", "%"):
        found = [item["title"] for item in _listed(linagora, alice, title=part)]
        same(found, [], "listCommunities", f"by title finds other titles than {part}")


@inferred("the two filters may be combined")
def test_filters_combine(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    mine = linagora.create(alice)
    for creator, wanted in ((alice, [mine["_id"]]), (bob, [])):
        ids = [item["_id"] for item in _listed(linagora, bob, title=mine["title"], creator=creator.user_id)]
        same(ids, wanted, "listCommunities", "by title and creator shows something else than what both name")


@documented("GET /api/communities: An array of communities for the given domain")
def test_the_list_holds_communities_of_the_domain_alone(linagora: Linagora, alice: Caller, outsider: Caller) -> None:
    foreign = linagora.id(outsider, domain_ids=[linagora.elsewhere])
    listed = _listed(linagora, alice)
    strays = [item["_id"] for item in listed if linagora.domain not in item["domain_ids"] or item["_id"] == foreign]
    same(strays, [], "listCommunities", "shows communities of another domain")


@inferred("a confidential community is listed for its members alone")
def test_confidential_communities_are_listed_for_members_alone(
    linagora: Linagora, alice: Caller, bob: Caller, carol: Caller, admin: Caller
) -> None:
    community = linagora.id(alice, type="confidential")
    linagora.admit(alice, community, bob)
    shown = [caller.name for caller in (alice, bob, carol, admin) if community in {i["_id"] for i in _listed(linagora, caller)}]
    same(shown, [alice.name, bob.name], "listCommunities", "shows a confidential community to others than its members")


@inferred("domain_id is required; an unknown domain is 404, a foreign one 403")
def test_only_a_domain_of_ones_own_is_listed(linagora: Linagora, alice: Caller, outsider: Caller) -> None:
    expect(alice.call("listCommunities"), refusal(400))
    expect(alice.call("listCommunities", query={"domain_id": UNKNOWN_ID}), refusal(404))
    expect(outsider.call("listCommunities", query={"domain_id": linagora.domain}), refusal(403))


@inferred("a community is created in domains of one's own; an unknown domain is 404, a foreign one 403")
def test_only_in_domains_of_ones_own_is_created(linagora: Linagora, alice: Caller, outsider: Caller) -> None:
    expect(linagora.try_to_create(alice, domain_ids=[UNKNOWN_ID]), refusal(404))
    expect(linagora.try_to_create(outsider, domain_ids=[linagora.domain]), refusal(403))
