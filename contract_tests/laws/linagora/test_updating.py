"""An update changes what it names, all of it or nothing."""

from typing import Any

import pytest
from hypothesis import given

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import expect, has, json_is, need, refusal, same, status
from contract_tests.actors.linagora import UNKNOWN_ID, Linagora
from contract_tests.contract.basis import documented, inferred
from contract_tests.laws.strategies import descriptions

REFUSED = "shows other members after a refused update"


@documented("PUT /api/communities/{community_id}: Update a community; the response is {}")
def test_a_new_title_is_read_back(linagora: Linagora, alice: Caller) -> None:
    community, title = linagora.id(alice), linagora.title("renamed")
    expect(alice.call("updateCommunity", {"title": title}, community_id=community), status(200), json_is({}))
    expect(alice.call("getCommunity", community_id=community), status(200), has(title=title))


@documented("PUT /api/communities/{community_id}: newMembers and deleteMembers")
def test_members_can_be_added_and_removed_by_an_update(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    for name, wanted in (("newMembers", [alice.user_id, bob.user_id]), ("deleteMembers", [alice.user_id])):
        expect(alice.call("updateCommunity", {name: [bob.user_id]}, community_id=community), status(200), json_is({}))
        same(sorted(linagora.members(alice, community)), sorted(wanted), "listMembers", f"shows other members after {name}")


@documented("PUT /api/communities/{community_id}: newMembers and deleteMembers")
def test_new_members_join_those_who_are_there(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller) -> None:
    community = linagora.id(alice)
    linagora.join(bob, community)
    expect(alice.call("updateCommunity", {"newMembers": [carol.user_id]}, community_id=community), status(200))
    wanted = sorted([alice.user_id, bob.user_id, carol.user_id])
    same(sorted(linagora.members(alice, community)), wanted, "listMembers", "shows other members after newMembers")


@documented("PUT /api/communities/{community_id}: newMembers and deleteMembers, in one body as the sample has them")
def test_one_update_can_add_members_and_remove_others(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller) -> None:
    community = linagora.id(alice)
    linagora.join(bob, community)
    changes = {"newMembers": [carol.user_id], "deleteMembers": [bob.user_id]}
    expect(alice.call("updateCommunity", changes, community_id=community), status(200), json_is({}))
    shown, wanted = sorted(linagora.members(alice, community)), sorted([alice.user_id, carol.user_id])
    same(shown, wanted, "listMembers", "shows other members after newMembers and deleteMembers")


@documented("PUT /api/communities/{community_id}: newMembers and deleteMembers")
def test_an_update_adds_and_removes_all_whom_it_names(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller) -> None:
    community, both = linagora.id(alice), [bob.user_id, carol.user_id]
    for name, wanted in (("newMembers", [alice.user_id, *both]), ("deleteMembers", [alice.user_id])):
        expect(alice.call("updateCommunity", {name: both}, community_id=community), status(200))
        shown = sorted(linagora.members(alice, community))
        same(shown, sorted(wanted), "listMembers", f"shows other members after {name} with two users")


@inferred("an update changes what its body names: an empty description is one")
def test_a_description_can_be_emptied(linagora: Linagora, alice: Caller) -> None:
    community = linagora.create(alice, description="as it was")["_id"]
    expect(alice.call("updateCommunity", {"description": ""}, community_id=community), status(200))
    expect(alice.call("getCommunity", community_id=community), status(200), has(description=""))


@documented("PUT /api/communities/{community_id}: 400, the user called with no parameters in the body")
def test_an_empty_update_is_refused(linagora: Linagora, alice: Caller) -> None:
    expect(alice.call("updateCommunity", {}, community_id=linagora.id(alice)), status(400))


@inferred("an update changes only what its body names")
@pytest.mark.parametrize("names", [["title"], ["description"], ["title", "description"]], ids="-".join)
def test_an_update_changes_only_what_it_names(linagora: Linagora, alice: Caller, names: list[str]) -> None:
    before = linagora.create(alice, description="as it was")
    values = {"title": linagora.title("new"), "description": "as it is"}
    changes = {name: values[name] for name in names}
    expect(alice.call("updateCommunity", changes, community_id=before["_id"]), status(200))
    expect(alice.call("getCommunity", community_id=before["_id"]), status(200), json_is(before | changes))


@inferred("a description comes back as an update says it, whatever letters it has")
@given(text=descriptions)
def test_any_new_description_reads_back(linagora: Linagora, alice: Caller, text: str) -> None:
    community = linagora.id(alice)
    expect(alice.call("updateCommunity", {"description": text}, community_id=community), status(200))
    expect(alice.call("getCommunity", community_id=community), status(200), has(description=text))


@inferred("an update keeps the members that it does not name")
def test_a_new_title_keeps_the_members(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    linagora.admit(alice, community, bob)
    need(alice.call("updateCommunity", {"title": linagora.title()}, community_id=community), status(200))
    same(linagora.members(alice, community), [alice.user_id, bob.user_id], "listMembers", "shows other members after a new title")


@inferred("the same update twice has the effect of one")
def test_an_update_is_idempotent(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    changes = {"title": linagora.title("twice"), "newMembers": [bob.user_id]}
    for _ in range(2):
        expect(alice.call("updateCommunity", changes, community_id=community), status(200), json_is({}))
    wanted = [alice.user_id, bob.user_id]
    same(linagora.members(alice, community), wanted, "listMembers", "shows other members after the same update again")


def _bad_changes(linagora: Linagora, alice: Caller, taken: str) -> dict[str, tuple[dict[str, Any], int]]:
    title, bob = linagora.title("must not stick"), linagora.user_id("bob")
    return {
        "unknown new member": ({"title": title, "newMembers": [UNKNOWN_ID]}, 404),
        "taken title": ({"title": taken, "description": "must not stick"}, 409),
        "creator removed": ({"title": title, "deleteMembers": [alice.user_id]}, 403),
        "unknown avatar": ({"title": title, "avatar": UNKNOWN_ID}, 404),
        "title of a wrong type": ({"title": 1, "description": "must not stick"}, 400),
        "unknown property": ({"title": title, "creator": UNKNOWN_ID}, 400),
        "unknown old member": ({"title": title, "deleteMembers": [UNKNOWN_ID]}, 404),
        "somebody in both lists": ({"title": title, "newMembers": [bob], "deleteMembers": [bob]}, 400),
    }


@inferred("an update is all or nothing")
@pytest.mark.parametrize(
    "fault",
    [
        "unknown new member",
        "taken title",
        "creator removed",
        "unknown avatar",
        "title of a wrong type",
        "unknown property",
        "unknown old member",
        "somebody in both lists",
    ],
)
def test_a_refused_update_changes_nothing(linagora: Linagora, alice: Caller, fault: str) -> None:
    before, taken = linagora.create(alice), linagora.create(alice)["title"]
    changes, code = _bad_changes(linagora, alice, taken)[fault]
    expect(alice.call("updateCommunity", changes, community_id=before["_id"]), refusal(code))
    expect(alice.call("getCommunity", community_id=before["_id"]), status(200), json_is(before))
    same(linagora.members(alice, before["_id"]), [alice.user_id], "listMembers", REFUSED)


@inferred("a user outside the domains of a community cannot become a member")
def test_an_update_admits_nobody_from_outside(linagora: Linagora, alice: Caller, outsider: Caller) -> None:
    community = linagora.id(alice)
    expect(alice.call("updateCommunity", {"newMembers": [outsider.user_id]}, community_id=community), refusal(403))
    same(linagora.members(alice, community), [alice.user_id], "listMembers", REFUSED)
