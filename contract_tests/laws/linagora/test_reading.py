"""What was written can be read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import expect, has, json_is, refusal, same, status
from contract_tests.actors.linagora import UNKNOWN_ID, Linagora
from contract_tests.contract.basis import documented, inferred
from contract_tests.laws.strategies import descriptions, title_endings


@documented("GET /api/communities/{community_id}: The community object")
def test_a_created_community_reads_back_as_it_was_answered(linagora: Linagora, alice: Caller) -> None:
    created = linagora.create(alice)
    expect(alice.call("getCommunity", community_id=created["_id"]), status(200), json_is(created))


@documented("POST /api/communities: title, description and domain_ids are those of the request")
@given(ending=title_endings)
def test_a_title_of_any_letters_reads_back(linagora: Linagora, alice: Caller, ending: str) -> None:
    title = linagora.title(f"x{ending}x")
    created = expect(linagora.try_to_create(alice, title=title), status(201), has(title=title)).json
    expect(alice.call("getCommunity", community_id=created["_id"]), status(200), has(title=title))


@documented("POST /api/communities: title, description and domain_ids are those of the request")
@given(text=descriptions)
def test_a_description_of_any_letters_reads_back(linagora: Linagora, alice: Caller, text: str) -> None:
    created = expect(linagora.try_to_create(alice, description=text), status(201), has(description=text)).json
    expect(alice.call("getCommunity", community_id=created["_id"]), status(200), has(description=text))


@documented("POST /api/communities: title, description and domain_ids are those of the request")
def test_a_creation_answers_what_was_sent(linagora: Linagora, alice: Caller) -> None:
    for more in ({}, {"description": "All about it"}):
        sent = linagora.new(**more)
        expect(alice.call("createCommunity", sent), status(201), has(**sent))


@inferred("a community is of the type that its creation names, open if it names none")
@pytest.mark.parametrize("type_", [None, "open", "restricted", "private", "confidential"])
def test_a_community_is_of_the_type_that_was_named(linagora: Linagora, alice: Caller, type_: str | None) -> None:
    named: dict[str, Any] = {"type": type_} if type_ else {}
    expect(linagora.try_to_create(alice, **named), status(201), has(type=type_ or "open"))


@documented("GET /api/communities: Get the communities list for a given domain")
def test_a_created_community_is_listed_in_its_domain(linagora: Linagora, alice: Caller) -> None:
    created = linagora.create(alice)
    listed = expect(alice.call("listCommunities", query={"domain_id": linagora.domain}), status(200)).json
    titles = [item["title"] for item in listed if item["_id"] == created["_id"]]
    same(titles, [created["title"]], "listCommunities", "does not show a new community once, with its title")


@documented("POST /api/communities: The creator of the community is the user which issue the request")
def test_the_creator_is_who_asked(linagora: Linagora, alice: Caller) -> None:
    expect(linagora.try_to_create(alice), status(201), has(creator=alice.user_id))


@inferred("the creator is a member at once")
def test_the_creator_is_the_first_member(linagora: Linagora, alice: Caller) -> None:
    same(
        linagora.members(alice, linagora.id(alice)),
        [alice.user_id],
        "listMembers",
        "shows others than the creator in a new community",
    )


@inferred("ids that do not exist are 404, in every operation")
def test_an_unknown_community_is_not_found(linagora: Linagora, alice: Caller) -> None:
    for operation in ("getCommunity", "deleteCommunity", "getCommunityAvatar", "listMembers", "listInvitablePeople"):
        expect(alice.call(operation, community_id=UNKNOWN_ID), refusal(404))
    expect(alice.call("updateCommunity", {"title": linagora.title()}, community_id=UNKNOWN_ID), refusal(404))
    for operation in ("getMember", "addMember", "removeMember", "requestMembership", "cancelMembershipRequest"):
        expect(alice.call(operation, community_id=UNKNOWN_ID, user_id=alice.user_id), refusal(404))


@inferred("ids that do not exist are 404, in every operation")
def test_an_unknown_user_is_not_found(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    expect(alice.call("getMember", community_id=community, user_id=UNKNOWN_ID), refusal(404))
    expect(alice.call("addMember", community_id=community, user_id=UNKNOWN_ID), refusal(404))


@inferred("a malformed id is 400 or 404, and never a server error")
@given(id_=st.sampled_from(["%00", "a b", "é", "x" * 65, "'--", "😀", "a\nb", "*", "{}"]))
def test_a_malformed_id_is_refused(alice: Caller, id_: str) -> None:
    expect(alice.call("getCommunity", community_id=id_), status(400, 404))
    expect(alice.call("listMembers", community_id=id_), status(400, 404))
