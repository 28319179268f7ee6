"""Pages of members and of requests."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import expect, header, need, refusal, same, status
from contract_tests.actors.linagora import Linagora
from contract_tests.contract.basis import documented, inferred

TOO_BIG = 2**31


@pytest.fixture
def crowd(linagora: Linagora, alice: Caller) -> tuple[str, list[str]]:
    """A community and its members' ids: everybody of the domain whom the profile names; tests that only read share it."""
    community = linagora.id(alice)
    people = [linagora[role] for role in linagora.cast.roles if role != "outsider"]
    for person in people:
        linagora.join(person, community)
    return community, [person.user_id for person in people]


@pytest.fixture
def asked(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller, dave: Caller) -> tuple[str, list[str]]:
    """A community and the ids of those who ask to enter, in that order."""
    community, people = linagora.id(alice, type="restricted"), [carol, dave, bob]
    for person in people:
        need(person.call("requestMembership", community_id=community, user_id=person.user_id), status(200))
    return community, [person.user_id for person in people]


def _page(caller: Caller, community: str, **query: int) -> list[str]:
    reply = expect(caller.call("listMembers", community_id=community, query=query), status(200))
    return [member["user"]["_id"] for member in reply.json]


@documented("GET /api/communities/{community_id}/members: limit keeps the N first members, offset skips N members")
@given(limit=st.integers(1, 7))
def test_pages_of_members_partition_the_list(alice: Caller, crowd: tuple[str, list[str]], limit: int) -> None:
    community, members = crowd
    whole = _page(alice, community)
    same(sorted(whole), sorted(members), "listMembers", "shows other members than those who joined")
    pages = [_page(alice, community, limit=limit, offset=offset) for offset in range(0, len(members) + limit, limit)]
    same([user for page in pages for user in page], whole, "listMembers", f"shows other members in pages of {limit} than at once")


@documented("GET /api/communities/{community_id}/members: limit keeps the N first members, offset skips N members")
@given(limit=st.integers(1, 9), offset=st.integers(0, 9))
def test_a_page_is_a_slice_of_the_list(alice: Caller, crowd: tuple[str, list[str]], limit: int, offset: int) -> None:
    community, _ = crowd
    whole, page = _page(alice, community), _page(alice, community, limit=limit, offset=offset)
    same(page, whole[offset : offset + limit], "listMembers", f"shows another page with limit={limit} and offset={offset}")


@documented("GET /api/communities/{community_id}/members: X-ESN-Items-Count, the number of members in the community")
@given(limit=st.integers(1, 9), offset=st.integers(0, 9))
def test_the_count_of_members_is_that_of_all_members(
    alice: Caller, crowd: tuple[str, list[str]], limit: int, offset: int
) -> None:
    community, members = crowd
    reply = alice.call("listMembers", community_id=community, query={"limit": limit, "offset": offset})
    expect(reply, status(200), header("X-ESN-Items-Count", len(members)))


@documented("GET /api/communities/{community_id}/members: X-ESN-Items-Count, the number of members in the community")
def test_the_count_of_members_follows_joining_and_leaving(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    for operation, count in (("addMember", 2), ("removeMember", 1)):
        need(bob.call(operation, community_id=community, user_id=bob.user_id), status(204))
        expect(alice.call("listMembers", community_id=community), status(200), header("X-ESN-Items-Count", count))


@inferred("members are ordered by the time they joined")
def test_members_are_ordered_by_joining(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller, dave: Caller) -> None:
    community = linagora.id(alice)
    joined = [dave, bob, carol]
    for person in joined:
        linagora.admit(alice, community, person)
    wanted = [alice.user_id] + [person.user_id for person in joined]
    same(linagora.members(alice, community), wanted, "listMembers", "is not in the order of joining")


@inferred("membership requests are paged as members are, the earliest first")
@given(limit=st.integers(1, 4), offset=st.integers(0, 4))
def test_a_page_of_requests_is_a_slice_in_the_order_of_asking(
    alice: Caller, asked: tuple[str, list[str]], limit: int, offset: int
) -> None:
    community, people = asked
    query = {"limit": limit, "offset": offset}
    reply = expect(alice.call("listMembershipRequests", community_id=community, query=query), status(200))
    users = [request["user"]["_id"] for request in reply.json]
    same(users, people[offset : offset + limit], "listMembershipRequests", f"shows another page with {limit=} and {offset=}")


@inferred("bad paging is 400")
@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": -1}, {"offset": -1}, {"limit": "x"}, {"offset": "1.5"}, {"limit": TOO_BIG}]
)
@pytest.mark.parametrize("operation", ["listMembers", "listMembershipRequests"])
def test_bad_paging_is_refused(linagora: Linagora, alice: Caller, operation: str, query: dict[str, Any]) -> None:
    community = linagora.id(alice, **({"type": "restricted"} if operation == "listMembershipRequests" else {}))
    expect(alice.call(operation, community_id=community, query=query), refusal(400))
