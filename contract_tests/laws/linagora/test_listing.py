"""The list of communities: whose, in which order, by which filter."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from contract_tests.basis import documented, inferred
from contract_tests.client import Caller
from contract_tests.laws.strategies import title_endings
from contract_tests.match import expect, refusal, status
from contract_tests.world import UNKNOWN_ID, World


def _listed(world: World, caller: Caller, **filters: str) -> list[dict[str, Any]]:
    reply = expect(caller.call("listCommunities", query={"domain_id": world.domain} | filters), status(200))
    return list(reply.json)


@documented("GET /api/communities: The list is ordered by community title")
def test_the_list_is_ordered_by_title(world: World, alice: Caller) -> None:
    # One case and one alphabet: how others compare, the document leaves open.
    created = [world.create(alice, title=world.title(fruit))["_id"] for fruit in ("plum", "apple", "quince", "melon")]
    listed = [item["_id"] for item in _listed(world, alice) if item["_id"] in created]
    wanted = [created[index] for index in (1, 3, 0, 2)]
    assert listed == wanted, f"listCommunities is ordered {listed} where {wanted} is the order of the titles"


@inferred("titles are ordered by code point")
@given(endings=st.lists(title_endings, min_size=2, max_size=5))
def test_titles_are_ordered_by_code_point(world: World, alice: Caller, endings: list[str]) -> None:
    for ending in endings:
        world.create(alice, title=world.title(f"x{ending}x"))
    titles = [str(item["title"]) for item in _listed(world, alice)]
    assert titles == sorted(titles), f"listCommunities is ordered {titles}"


@documented("GET /api/communities: creator, the id of the user who created the searched communities")
def test_the_creator_filter_keeps_what_that_user_created(world: World, alice: Caller, bob: Caller) -> None:
    of_alice, of_bob = world.id(alice), world.id(bob)
    ids = [item["_id"] for item in _listed(world, alice, creator=bob.user_id)]
    assert of_bob in ids, f"listCommunities by creator lacks {of_bob}"
    assert of_alice not in ids, f"listCommunities by creator shows {of_alice}, which somebody else created"


@documented("GET /api/communities: The title filter is case insensitive")
@given(ending=st.text("abcXYZ éÉñÑ", max_size=20), upper=st.booleans())
def test_the_title_filter_ignores_case(world: World, alice: Caller, ending: str, upper: bool) -> None:
    created = world.create(alice, title=world.title(f"x{ending}x"))
    wanted = created["title"].upper() if upper else created["title"].lower()
    ids = [item["_id"] for item in _listed(world, alice, title=wanted)]
    assert created["_id"] in ids, f"listCommunities by title {wanted!r} shows {ids} where {created['_id']} has that title"


@documented("GET /api/communities: title, the title of a searched community")
def test_the_title_filter_finds_a_title_of_any_letters(world: World, alice: Caller) -> None:
    for letters in ("Straße", "ὈΔΥΣΣΕΎΣ", "İzmir", "100%_", "*.ǆ", "🦉"):
        created = world.create(alice, title=world.title(letters))
        ids = [item["_id"] for item in _listed(world, alice, title=created["title"])]
        assert ids == [created["_id"]], f"listCommunities by title {created['title']!r} shows {ids} where {created['_id']} has it"


@documented("GET /api/communities: title, the title of a searched community")
def test_the_title_filter_leaves_other_titles_out(world: World, alice: Caller) -> None:
    wanted, other = world.create(alice, title=world.title("oak")), world.id(alice, title=world.title("lime"))
    ids = [item["_id"] for item in _listed(world, alice, title=wanted["title"])]
    assert wanted["_id"] in ids, "listCommunities by title lacks the community with that title"
    assert other not in ids, "listCommunities by title shows a community with another title"


@inferred("the title filter compares whole titles")
def test_the_title_filter_compares_whole_titles(world: World, alice: Caller) -> None:
    title = world.create(alice, title=world.title("whole"))["title"]
    for part in (title[:-1], title[1:], title + "x", ".*", "%"):
        assert _listed(world, alice, title=part) == [], f"listCommunities by title {part!r}"


@inferred("the two filters may be combined")
def test_filters_combine(world: World, alice: Caller, bob: Caller) -> None:
    mine = world.create(alice)
    assert [item["_id"] for item in _listed(world, bob, title=mine["title"], creator=alice.user_id)] == [mine["_id"]]
    assert _listed(world, bob, title=mine["title"], creator=bob.user_id) == [], "listCommunities by both filters"


@documented("GET /api/communities: An array of communities for the given domain")
def test_the_list_holds_communities_of_the_domain_alone(world: World, alice: Caller, outsider: Caller) -> None:
    elsewhere = world.person("outsider").homes[0]
    foreign = world.create(outsider, domain_ids=[elsewhere])
    listed = _listed(world, alice)
    strays = [item["_id"] for item in listed if world.domain not in item["domain_ids"]]
    assert strays == [], f"listCommunities shows {strays} of other domains"
    assert foreign["_id"] not in [item["_id"] for item in listed], "listCommunities shows a community of another domain"


@inferred("a confidential community is listed for its members alone")
def test_confidential_communities_are_listed_for_members_alone(
    world: World, alice: Caller, bob: Caller, carol: Caller, admin: Caller
) -> None:
    community = world.id(alice, type="confidential")
    world.admit(alice, community, bob)
    shown = [caller.name for caller in (alice, bob, carol, admin) if community in {i["_id"] for i in _listed(world, caller)}]
    assert shown == [alice.name, bob.name], f"listCommunities shows a confidential community to {shown}"


@inferred("domain_id is required; an unknown domain is 404, a foreign one 403")
def test_only_a_domain_of_ones_own_is_listed(world: World, alice: Caller, outsider: Caller) -> None:
    expect(alice.call("listCommunities"), refusal(400))
    expect(alice.call("listCommunities", query={"domain_id": UNKNOWN_ID}), refusal(404))
    expect(outsider.call("listCommunities", query={"domain_id": world.domain}), refusal(403))


@inferred("a community is created in domains of one's own; an unknown domain is 404, a foreign one 403")
def test_only_in_domains_of_ones_own_is_created(world: World, alice: Caller, outsider: Caller) -> None:
    expect(world.try_to_create(alice, domain_ids=[UNKNOWN_ID]), refusal(404))
    expect(world.try_to_create(outsider, domain_ids=[world.domain]), refusal(403))
