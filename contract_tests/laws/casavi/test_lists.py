"""Lists without pages: units, important contacts, common questions; and the count of chat messages."""

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import each_once, expect, json_is, require, same, status
from contract_tests.contract.basis import documented, inferred


@documented("/api/v1/units: get all units for the user", "casavi")
def test_units_have_ids_of_their_own(casavi: Casavi, resident: Caller) -> None:
    ids = [unit["id"] for unit in casavi.read(resident, "listUnits")]
    each_once(ids, "listUnits")


@documented("Units: access to units of the user in a community", "casavi")
def test_units_lie_in_communities_of_ones_own(casavi: Casavi, resident: Caller) -> None:
    homes = {int(home) for home in casavi.person("resident").homes}
    units = casavi.read(resident, "listUnits")
    foreign = [unit for unit in units if unit["communityId"] not in homes]
    same(foreign, [], "listUnits", "shows units of communities that the caller is not in")


@documented("Units: query parameter community_id; access to units of the user in a community", "casavi")
@pytest.mark.parametrize("role", ["resident", "stranger", "commuter"])
def test_the_filter_keeps_the_units_of_a_community(casavi: Casavi, role: str) -> None:
    caller = casavi[role]
    units = casavi.read(caller, "listUnits")
    for home in map(int, casavi.person(role).homes):
        kept = casavi.read(caller, "listUnits", {"community_id": home})
        wanted = [unit for unit in units if unit["communityId"] == home]
        same(kept, wanted, "listUnits", "with community_id shows others than the units of that community")


@inferred("listUnits: the units of the user, and of nobody else")
def test_strangers_have_other_units(casavi: Casavi, resident: Caller, stranger: Caller) -> None:
    own, theirs = ({unit["id"] for unit in casavi.read(caller, "listUnits")} for caller in (resident, stranger))
    same(sorted(own & theirs), [], "listUnits", "shows one unit to people of different communities")


@inferred("listImportantContacts: each contact once, and the same ones to all residents")
def test_contacts_are_the_same_for_all_residents(casavi: Casavi, resident: Caller, neighbour: Caller) -> None:
    contacts = casavi.read(resident, "listImportantContacts")
    ids = [contact["id"] for contact in contacts]
    each_once(ids, "listImportantContacts")
    expect(casavi.ask(neighbour, "listImportantContacts"), status(200), json_is(contacts))


@inferred("listImportantContacts: the addresses that the managers put up for the residents of this community")
def test_communities_have_contacts_of_their_own(casavi: Casavi, resident: Caller, stranger: Caller) -> None:
    own, theirs = (
        casavi.read(resident, "listImportantContacts"),
        casavi.read(stranger, "listImportantContacts", community_id=casavi.elsewhere),
    )
    if not own and not theirs:
        pytest.skip("the communities have no important contacts")
    require(own != theirs, "listImportantContacts", "shows the same for two communities")


def _articles(casavi: Casavi, caller: Caller, **query: int) -> Json:
    articles: Json = casavi.read(caller, "listFaqArticles", query)
    return articles


@inferred("listFaqArticles: articles and the groups they are sorted into, each once")
def test_each_article_is_in_a_group_that_is_there(casavi: Casavi, resident: Caller) -> None:
    shown = _articles(casavi, resident)
    groups, articles = [group["id"] for group in shown["groups"]], [article["id"] for article in shown["items"]]
    each_once(groups, "listFaqArticles")
    each_once(articles, "listFaqArticles")
    lost = [article["id"] for article in shown["items"] if article["groupId"] not in {None, *groups}]
    same(lost, [], "listFaqArticles", "shows articles of groups that it does not show")


@inferred("ticketTypeId: the kind of ticket to open if the answer does not help, or null")
def test_articles_lead_to_tickets_of_the_community(casavi: Casavi, resident: Caller) -> None:
    types = {None} | {type_["id"] for type_ in casavi.types(resident)}
    articles = _articles(casavi, resident, community_id=casavi.community)["items"]
    strays = [one["ticketTypeId"] for one in articles if one["ticketTypeId"] not in types]
    same(strays, [], "listFaqArticles", "names ticket types that listTicketTypes does not know")


@pytest.mark.parametrize("role", ["resident", "stranger", "commuter"])
@inferred("listFaqArticles: those of the caller's communities, or of the one named by community_id")
def test_without_a_filter_all_communities_are_answered_for(casavi: Casavi, role: str) -> None:
    caller = casavi[role]
    whole = _articles(casavi, caller)
    parts = [_articles(casavi, caller, community_id=int(home)) for home in casavi.person(role).homes]
    for key in ("groups", "items"):
        shown, wanted = sorted({one["id"] for one in whole[key]}), sorted({one["id"] for part in parts for one in part[key]})
        same(shown, wanted, "listFaqArticles", f"shows other {key} at once than community by community")


@inferred("community_id is a filter: only what belongs to this community, whatever else the caller may see")
def test_the_filter_keeps_the_articles_of_a_community(casavi: Casavi, resident: Caller, commuter: Caller) -> None:
    wanted = _articles(casavi, resident, community_id=casavi.community)
    shown = _articles(casavi, commuter, community_id=casavi.community)
    same(shown, wanted, "listFaqArticles", "of one community shows something else to a user who is in two")


@inferred("listFaqArticles: only what belongs to this community")
def test_communities_have_articles_of_their_own(casavi: Casavi, resident: Caller, stranger: Caller) -> None:
    own, theirs = _articles(casavi, resident), _articles(casavi, stranger)
    if not own["items"] and not theirs["items"]:
        pytest.skip("the communities have no articles")
    require(own != theirs, "listFaqArticles", "shows the same for two communities")


@inferred("getUnreadChatCount: reading the count changes nothing")
def test_counting_chat_messages_reads_none(casavi: Casavi, resident: Caller) -> None:
    first = casavi.read(resident, "getUnreadChatCount")
    expect(casavi.ask(resident, "getUnreadChatCount"), status(200), json_is(first))


@inferred("getUnreadChatCount: a new user has not missed a message yet")
def test_a_newcomer_has_no_unread_chat_messages(casavi: Casavi, resident: Caller) -> None:
    newcomer = casavi.newcomer(casavi.register(casavi.invite(resident)["inviteToken"]))
    expect(casavi.ask(newcomer, "getUnreadChatCount"), status(200), json_is({"count": 0}))
