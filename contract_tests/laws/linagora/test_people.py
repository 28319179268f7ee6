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

EVERYBODY = 1000


def _people(caller: Caller, community: str, **query: Any) -> list[dict[str, Any]]:
    reply = expect(caller.call("listInvitablePeople", community_id=community, query={"limit": EVERYBODY} | query), status(200))
    return list(reply.json)


def _ids(people: list[dict[str, Any]]) -> list[str]:
    return [person["_id"] for person in people]


def _folded(text: str) -> str:
    """Without accents and case, as the document compares."""
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
    ids = {person["_id"] for person in _people(alice, community)}
    require(carol.user_id in ids, "listInvitablePeople", f"lacks {carol.name}, who is no member")
    strays = ids & {alice.user_id, bob.user_id} | ids & {p.user_id for r, p in linagora.cast.roles.items() if r == "outsider"}
    same(strays, set(), "listInvitablePeople", f"shows {strays}: members, or people of another domain")


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
        reply = alice.call("listInvitablePeople", community_id=community, query={"limit": EVERYBODY})
        expect(reply, status(200), header("X-ESN-Items-Count", len(reply.json)))
        linagora.join(bob, community)


@documented("GET /api/communities/{community_id}/invitablepeople: X-ESN-Items-Count, the number of peoples in the result list")
def test_the_count_of_few_people_is_not_the_limit(linagora: Linagora, alice: Caller, bob: Caller) -> None:
    community, address = linagora.id(alice), linagora.person("bob").email
    for search in (address or bob.name, "nobodyhasthis"):
        reply = alice.call("listInvitablePeople", community_id=community, query={"limit": EVERYBODY, "search": search})
        expect(reply, status(200), header("X-ESN-Items-Count", len(reply.json)))


@inferred("people are ordered by last name, first name and id")
def test_people_are_ordered_by_name(linagora: Linagora, alice: Caller) -> None:
    people = _people(alice, linagora.id(alice))
    names = [(person["lastname"], person["firstname"], person["_id"]) for person in people]
    same(names, sorted(names), "listInvitablePeople", f"is ordered {names}")


@documented("GET /api/communities/{community_id}/invitablepeople: limit keeps the N first peoples, the default value is 5")
@given(limit=st.one_of(st.none(), st.integers(1, 12)))
def test_a_limit_keeps_the_first_people(linagora: Linagora, alice: Caller, limit: int | None) -> None:
    community = linagora.id(alice)
    whole = _people(alice, community)
    reply = expect(alice.call("listInvitablePeople", community_id=community, query={"limit": limit}), status(200))
    same(reply.json, whole[: limit or 5], "listInvitablePeople", f"with limit {limit} shows {len(reply.json)} of {len(whole)}")


@documented(
    "GET /api/communities/{community_id}/invitablepeople: search is case insensitive and accent agnostic, words make an AND"
)
@given(data=st.data())
def test_the_search_finds_who_has_all_the_words(linagora: Linagora, alice: Caller, data: st.DataObject) -> None:
    community = linagora.id(alice)
    everybody = _people(alice, community)
    if len(everybody) == EVERYBODY:
        pytest.skip(f"the domain has more than {EVERYBODY} people to compare with")
    pool = sorted({w for p in everybody for w in (p["firstname"], p["lastname"], p["emails"][0].partition("@")[0])})
    change = data.draw(st.sampled_from(CHANGES))
    words = [change(word) for word in data.draw(st.lists(st.sampled_from([*pool, "nobodyhasthis"]), min_size=1, max_size=2))]
    found = _people(alice, community, search=data.draw(st.sampled_from([" ", "   "])).join(words))
    wanted = [person for person in everybody if _finds(words, person)]
    same(
        sorted(_ids(found)),
        sorted(_ids(wanted)),
        "listInvitablePeople",
        f"with search {words} shows {found} where {wanted} have all the words",
    )


@documented("GET /api/communities/{community_id}/invitablepeople: search firstname, lastname and email for words")
@pytest.mark.parametrize("sign", ["%", "_", "*", ".*", "\\"])
def test_a_sign_in_the_search_stands_for_itself(linagora: Linagora, alice: Caller, sign: str) -> None:
    community = linagora.id(alice)
    strays = [person for person in _people(alice, community, search=sign) if not _finds([sign], person)]
    same(strays, [], "listInvitablePeople", f"with search {sign!r} shows people without it: {strays}")


@documented("GET /api/communities/{community_id}/invitablepeople: words make an AND")
def test_two_words_find_only_who_has_both(linagora: Linagora, alice: Caller) -> None:
    community = linagora.id(alice)
    first, second = _people(alice, community)[:2]
    both = [p["_id"] for p in _people(alice, community, search=f"{first['firstname']} {first['lastname']}")]
    require(first["_id"] in both, "listInvitablePeople", f"does not find {first['firstname']} {first['lastname']}")
    mixed = [p["_id"] for p in _people(alice, community, search=f"{first['emails'][0]} {second['emails'][0]}")]
    same(mixed, [], "listInvitablePeople", f"finds {mixed} for the e-mail addresses of two people")
