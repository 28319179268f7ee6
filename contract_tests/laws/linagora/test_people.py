"""Who can be invited, and how the search finds them."""

import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.actors.caller import Caller
from contract_tests.actors.expectations import expect, header, require, same, status
from contract_tests.actors.linagora import Linagora
from contract_tests.contract.basis import documented, inferred

EVERYBODY = 1000  # more than a domain has that can be compared with


def _people(caller: Caller, community: str, **query: Any) -> list[dict[str, Any]]:
    return list(expect(caller.call("listInvitablePeople", community_id=community, query=query), status(200)).json)


def _everybody(caller: Caller, community: str, **query: Any) -> list[dict[str, Any]]:
    people = _people(caller, community, limit=EVERYBODY, **query)
    return people if len(people) < EVERYBODY else pytest.skip(f"the domain has more than {EVERYBODY} people to compare with")


def _ids(people: list[dict[str, Any]]) -> list[str]:
    return [person["_id"] for person in people]


def _folded(text: str) -> str:
    """Without accents and case, as the document compares texts."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def _finds(words: list[str], person: dict[str, Any]) -> bool:
    fields = [_folded(field) for field in (person["firstname"], person["lastname"], *person["emails"])]
    return all(any(_folded(word) in field for field in fields) for word in words)


def _accented(word: str) -> str:
    return word.translate(str.maketrans("aeiounc", "áèîöúñç"))


CHANGES: list[Callable[[str], str]] = [str, str.upper, str.lower, _folded, _accented]


@inferred("those can be invited who are users of the community's domains and no members")
def test_members_and_outsiders_cannot_be_invited(linagora: Linagora, alice: Caller, bob: Caller, carol: Caller) -> None:
    community = linagora.id(alice)
    linagora.admit(alice, community, bob)
    ids = set(_ids(_everybody(alice, community)))
    require(carol.user_id in ids, "listInvitablePeople", "lacks somebody of the domain who is no member", expected=carol.user_id)
    outsiders = {person.user_id for role, person in linagora.cast.roles.items() if role == "outsider"}
    require(not ids & {alice.user_id, bob.user_id}, "listInvitablePeople", "shows members")
    require(not ids & outsiders, "listInvitablePeople", "shows people of another domain")


@documented("GET /api/communities/{community_id}/invitablepeople: X-ESN-Items-Count, the number of peoples in the result list")
@given(limit=st.integers(1, 6))
def test_the_count_of_people_is_that_of_the_answer(linagora: Linagora, alice: Caller, limit: int) -> None:
    community = linagora.id(alice)
    reply = alice.call("listInvitablePeople", community_id=community, query={"limit": limit})
    expect(reply, status(200), header("X-ESN-Items-Count", len(reply.json)))


@documented("GET /api/communities/{community_id}/invitablepeople: X-ESN-Items-Count, the number of peoples in the result list")
def test_the_count_of_people_follows_who_joins(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community = linagora.id(alice)
    for _ in range(2):
        reply = alice.call("listInvitablePeople", community_id=community, query={"limit": 100})
        expect(reply, status(200), header("X-ESN-Items-Count", len(reply.json)))
        linagora.join(bob, community)


@documented("GET /api/communities/{community_id}/invitablepeople: X-ESN-Items-Count, the number of peoples in the result list")
def test_the_count_of_few_people_is_not_the_limit(linagora: Linagora, alice: Caller) -> None:
    community, address = linagora.id(alice), linagora.person("bob").email
    for search in (address or linagora.person("bob").name, "nobodyhasthis"):
        reply = alice.call("listInvitablePeople", community_id=community, query={"search": search})
        expect(reply, status(200), header("X-ESN-Items-Count", len(reply.json)))


@inferred("people are ordered by last name, first name and id")
def test_people_are_ordered_by_name(linagora: Linagora, alice: Caller) -> None:
    people = _people(alice, linagora.id(alice))
    names = [(person["lastname"], person["firstname"], person["_id"]) for person in people]
    same(names, sorted(names), "listInvitablePeople", "is not ordered by last name, first name and id")


@documented("GET /api/communities/{community_id}/invitablepeople: limit keeps the N first peoples, the default value is 5")
@given(limit=st.one_of(st.none(), st.integers(1, 12)))
def test_a_limit_keeps_the_first_people(linagora: Linagora, alice: Caller, limit: int | None) -> None:
    community = linagora.id(alice)
    whole = _people(alice, community, limit=12)
    said = f"with limit {limit}" if limit else "without a limit"
    shown, wanted = _ids(_people(alice, community, limit=limit)), _ids(whole[: limit or 5])
    same(shown, wanted, "listInvitablePeople", f"shows others than the first {limit or 5} people {said}")


@documented(
    "GET /api/communities/{community_id}/invitablepeople: search is case insensitive and accent agnostic, words make an AND"
)
@given(data=st.data())
def test_the_search_finds_who_has_all_the_words(linagora: Linagora, alice: Caller, data: st.DataObject) -> None:
    community = linagora.id(alice)
    everybody = _everybody(alice, community)
    pool = sorted({w for p in everybody for w in (p["firstname"], p["lastname"], p["emails"][0].partition("@")[0])})
    change = data.draw(st.sampled_from(CHANGES))
    words = [change(word) for word in data.draw(st.lists(st.sampled_from([*pool, "nobodyhasthis"]), min_size=1, max_size=2))]
    search = data.draw(st.sampled_from([" ", "   "])).join(words)
    found = sorted(_ids(_everybody(alice, community, search=search)))
    wanted = sorted(person["_id"] for person in everybody if _finds(words, person))
    same(found, wanted, "listInvitablePeople", f"finds others than those who have all the words, searching for {search}")


@documented("GET /api/communities/{community_id}/invitablepeople: search firstname, lastname and email for words")
@pytest.mark.parametrize("sign", ["%", "_", "*", ".*", "\\"])
def test_a_sign_in_the_search_stands_for_itself(linagora: Linagora, alice: Caller, sign: str) -> None:
    community = linagora.id(alice)
    strays = _ids([person for person in _people(alice, community, search=sign) if not _finds([sign], person)])
    same(strays, [], "listInvitablePeople", f"finds people who have no {sign}, searching for that")


@documented("GET /api/communities/{community_id}/invitablepeople: words make an AND")
def test_two_words_find_only_who_has_both(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    first, second = _people(alice, community)[:2]
    found = _ids(_people(alice, community, search=f"{first['firstname']} {first['lastname']}"))
    require(
        first["_id"] in found, "listInvitablePeople", "does not find somebody by both names", expected=first["_id"], got=found
    )
    mixed = _ids(_people(alice, community, search=f"{first['emails'][0]} {second['emails'][0]}"))
    same(mixed, [], "listInvitablePeople", "finds people by two e-mail addresses, of which they have one")
