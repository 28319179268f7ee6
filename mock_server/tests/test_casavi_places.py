"""What residents look up in their communities: units, appointments, posts, contacts, questions, chats, activities."""

from __future__ import annotations

from typing import Any

import pytest

from mock_server.tests.client import Mock, problem
from mock_server.tests.residents import ERIKA, HANS, LINDENHOF, MAX, PAULA, SEEBLICK, UNITS, inside, notifications, read

PAGED = ("appointments", "official-posts", "activities")
PLACES = (
    *("ticket-types", "important-contacts", "notifications", "notifications/unread-count", "chat/unread-count"),
    *PAGED,
)
FAQ = "/api/v1/faq-articles"


@pytest.mark.parametrize("place", PLACES)
def test_a_place_of_others_is_403_and_an_unknown_one_404(mock: Mock, place: str) -> None:
    for person, community, status in ((MAX, LINDENHOF, 200), (MAX, SEEBLICK, 403), (HANS, LINDENHOF, 403), (MAX, 999, 404)):
        assert mock.get(inside(place, community), person).status_code == status
    for malformed in ("-1", str(2**31), "x", "1.0"):
        assert problem(mock.get(f"/api/v1/communities/{malformed}/{place}", MAX))[0] == 400


@pytest.mark.parametrize("path", ["/api/v1/tickets", FAQ, UNITS])
def test_a_filter_by_community_keeps_to_the_callers_own(any_mock: Mock, path: str) -> None:
    for community, status in ((LINDENHOF, 200), ("0001", 200), (SEEBLICK, 403), (999, 404), ("2147483647", 404), ("x", 400)):
        assert any_mock.get(path, MAX, query_string={"community_id": community}).status_code == status
    # A text of digits here, and an integer for units.
    assert any_mock.get(path, MAX, query_string={"community_id": 2**31}).status_code == (400 if path == UNITS else 404)


def test_units_are_the_callers_own_in_all_communities_or_in_one(any_mock: Mock) -> None:
    for person, ids in ((MAX, [433, 56312]), (ERIKA, [434]), (HANS, [501]), (PAULA, [436, 502])):
        assert [unit["id"] for unit in read(any_mock, UNITS, person)] == ids
    assert read(any_mock, UNITS, PAULA, community_id=SEEBLICK) == [{"id": 502, "communityId": SEEBLICK, "name": "Mooring 7"}]
    assert [unit["id"] for unit in read(any_mock, UNITS, PAULA, community_id=LINDENHOF)] == [436]


@pytest.mark.parametrize("place", PAGED)
def test_pages_add_up_to_the_list_and_one_past_the_end_is_empty(any_mock: Mock, place: str) -> None:
    first = read(any_mock, inside(place))
    size, count = first["pageSize"], first["pageCount"]
    assert first["page"] == 0
    assert count > 1
    pages = [read(any_mock, inside(place), page=number) for number in range(count + 1)]
    assert [len(page["rows"]) for page in pages[:-2]] == [size] * (count - 1)
    assert 0 < len(pages[-2]["rows"]) <= size
    assert pages[-1] == {"page": count, "pageCount": count, "pageSize": size, "rows": []}
    rows: list[dict[str, Any]] = [row for page in pages for row in page["rows"]]
    assert len({row["id"] for row in rows}) == len(rows)
    order = [row["start" if place == "appointments" else "createdAt"] for row in rows]
    assert order == sorted(order, reverse=place != "appointments")
    assert read(any_mock, inside(place), page=2**31 - 1)["rows"] == []


@pytest.mark.parametrize("place", ["appointments", "activities"])
def test_the_limit_is_the_size_of_a_page(any_mock: Mock, place: str) -> None:
    everything = read(any_mock, inside(place), limit=100)["rows"]
    page = read(any_mock, inside(place), limit=7, page=2)
    assert (page["pageSize"], page["pageCount"]) == (7, -(-len(everything) // 7))
    assert page["rows"] == everything[14:21]
    assert read(any_mock, inside(place), limit=100, page=2**31 - 1)["rows"] == []
    for limit in (0, 101, -1, "x", ""):
        assert problem(any_mock.get(inside(place), MAX, query_string={"limit": limit}))[0] == 400


def test_official_posts_have_a_page_size_of_their_own_and_their_author(mock: Mock) -> None:
    page = read(mock, inside("official-posts"), limit=3)
    assert page["pageSize"] == len(page["rows"]) == 10
    assert page["rows"][0]["CreatedBy"] == {"id": 3, "firstName": "Petra", "lastName": "Sommer"}
    assert page["rows"][0]["Attachments"] == []


def test_contacts_questions_and_chats_are_those_of_the_scenario(any_mock: Mock) -> None:
    assert [contact["category"] for contact in read(any_mock, inside("important-contacts"))] == [
        "emergency",
        "plumbing",
        "property management",
    ]
    assert set(read(any_mock, inside("important-contacts", SEEBLICK), HANS)[0]) == {"id", "name", "category", "phone"}
    assert [read(any_mock, inside("chat/unread-count"), person)["count"] for person in (MAX, ERIKA)] == [3, 0]
    here, there, both = (read(any_mock, FAQ, PAULA, **filters) for filters in ({"community_id": 1}, {"community_id": 2}, {}))
    assert both == {part: here[part] + there[part] for part in ("groups", "items")}
    assert [article["ticketTypeId"] for article in both["items"]] == [2341, None, 2342, 2351]
    assert {article["groupId"] for article in both["items"]} == {group["id"] for group in both["groups"]}
    assert read(any_mock, FAQ, HANS) == there


def test_the_empty_scenario_has_empty_lists(any_mock: Mock) -> None:
    assert any_mock.put("/__mock/scenario", json={"name": "empty"}).status_code == 204
    for path in ("/api/v1/tickets", inside("ticket-types"), inside("important-contacts")):
        assert read(any_mock, path) == []
    assert read(any_mock, FAQ) == {"groups": [], "items": []}
    for place in PAGED:
        page = read(any_mock, inside(place))
        assert (page["page"], page["pageCount"], page["rows"]) == (0, 0, [])
    assert notifications(any_mock) == []
    assert [read(any_mock, inside(f"{place}/unread-count"))["count"] for place in ("chat", "notifications")] == [0, 0]
    assert len(read(any_mock, UNITS)) == 1
