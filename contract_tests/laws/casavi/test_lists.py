"""Lists without pages: units, important contacts, common questions; and the count of chat messages."""

import pytest

from contract_tests.basis import documented, inferred
from contract_tests.client import Caller
from contract_tests.match import expect, json_is, status
from contract_tests.town import Json, Town


@documented("/api/v1/units: get all units for the user", "casavi")
def test_units_have_ids_of_their_own(town: Town, resident: Caller) -> None:
    ids = [unit["id"] for unit in town.read(resident, "listUnits")]
    assert len(set(ids)) == len(ids), f"listUnits shows units twice: {ids}"


@documented("Units: access to units of the user in a community", "casavi")
def test_units_lie_in_communities_of_ones_own(town: Town, resident: Caller) -> None:
    homes = {int(home) for home in town.person("resident").homes}
    units = town.read(resident, "listUnits")
    assert {unit["communityId"] for unit in units} <= homes, f"listUnits shows {units} to a resident of {homes}"


@documented("Units: query parameter community_id; access to units of the user in a community", "casavi")
@pytest.mark.parametrize("role", ["resident", "stranger", "commuter"])
def test_the_filter_keeps_the_units_of_a_community(town: Town, role: str) -> None:
    caller = town[role]
    units = town.read(caller, "listUnits")
    for home in map(int, town.person(role).homes):
        kept = town.read(caller, "listUnits", {"community_id": home})
        wanted = [unit for unit in units if unit["communityId"] == home]
        assert kept == wanted, f"listUnits in community {home}: {kept} of {units}"


@inferred("listUnits: the units of the user, and of nobody else")
def test_strangers_have_other_units(town: Town, resident: Caller, stranger: Caller) -> None:
    own, theirs = ({unit["id"] for unit in town.read(caller, "listUnits")} for caller in (resident, stranger))
    assert not own & theirs, f"listUnits shows {own & theirs} to people of different communities"


@inferred("listImportantContacts: each contact once, and the same ones to all residents")
def test_contacts_are_the_same_for_all_residents(town: Town, resident: Caller, neighbour: Caller) -> None:
    contacts = town.read(resident, "listImportantContacts")
    ids = [contact["id"] for contact in contacts]
    assert len(set(ids)) == len(ids), f"listImportantContacts shows contacts twice: {ids}"
    expect(town.ask(neighbour, "listImportantContacts"), status(200), json_is(contacts))


@inferred("listImportantContacts: the addresses that the managers put up for the residents of this community")
def test_communities_have_contacts_of_their_own(town: Town, resident: Caller, stranger: Caller) -> None:
    own, theirs = (
        town.read(resident, "listImportantContacts"),
        town.read(stranger, "listImportantContacts", community_id=town.elsewhere),
    )
    if not own and not theirs:
        pytest.skip("the communities have no important contacts")
    assert own != theirs, "listImportantContacts shows the same for two communities"


def _articles(town: Town, caller: Caller, **query: int) -> Json:
    articles: Json = town.read(caller, "listFaqArticles", query)
    return articles


@inferred("listFaqArticles: articles and the groups they are sorted into, each once")
def test_each_article_is_in_a_group_that_is_there(town: Town, resident: Caller) -> None:
    shown = _articles(town, resident)
    groups, ids = [group["id"] for group in shown["groups"]], [article["id"] for article in shown["items"]]
    assert (len(set(groups)), len(set(ids))) == (len(groups), len(ids)), f"listFaqArticles shows things twice: {groups}, {ids}"
    lost = [article for article in shown["items"] if article["groupId"] not in {None, *groups}]
    assert not lost, f"listFaqArticles shows articles of groups that it does not show: {lost}"


@inferred("ticketTypeId: the kind of ticket to open if the answer does not help, or null")
def test_articles_lead_to_tickets_of_the_community(town: Town, resident: Caller) -> None:
    types = {None} | {type_["id"] for type_ in town.types(resident)}
    strays = [a for a in _articles(town, resident, community_id=town.community)["items"] if a["ticketTypeId"] not in types]
    assert not strays, f"listFaqArticles names ticket types that listTicketTypes does not know: {strays}"


@pytest.mark.parametrize("role", ["resident", "stranger", "commuter"])
@inferred("listFaqArticles: those of the caller's communities, or of the one named by community_id")
def test_without_a_filter_all_communities_are_answered_for(town: Town, role: str) -> None:
    caller = town[role]
    whole = _articles(town, caller)
    parts = [_articles(town, caller, community_id=int(home)) for home in town.person(role).homes]
    for key in ("groups", "items"):
        shown, wanted = ({one["id"] for one in whole[key]}, {one["id"] for part in parts for one in part[key]})
        assert shown == wanted, f"listFaqArticles shows the {key} {shown}, and {wanted} community by community"


@inferred("community_id is a filter: only what belongs to this community, whatever else the caller may see")
def test_the_filter_keeps_the_articles_of_a_community(town: Town, resident: Caller, commuter: Caller) -> None:
    wanted = _articles(town, resident, community_id=town.community)
    shown = _articles(town, commuter, community_id=town.community)
    assert shown == wanted, f"listFaqArticles of one community shows {shown} to who is in two, {wanted} to who is in one"


@inferred("listFaqArticles: only what belongs to this community")
def test_communities_have_articles_of_their_own(town: Town, resident: Caller, stranger: Caller) -> None:
    own, theirs = _articles(town, resident), _articles(town, stranger)
    if not own["items"] and not theirs["items"]:
        pytest.skip("the communities have no articles")
    assert own != theirs, "listFaqArticles shows the same for two communities"


@inferred("getUnreadChatCount: reading the count changes nothing")
def test_counting_chat_messages_reads_none(town: Town, resident: Caller) -> None:
    first = town.read(resident, "getUnreadChatCount")
    expect(town.ask(resident, "getUnreadChatCount"), status(200), json_is(first))


@inferred("getUnreadChatCount: who is new has not missed a message yet")
def test_a_newcomer_has_no_unread_chat_messages(town: Town, resident: Caller) -> None:
    newcomer = town.newcomer(town.register(town.invite(resident)["inviteToken"]))
    expect(town.ask(newcomer, "getUnreadChatCount"), status(200), json_is({"count": 0}))
