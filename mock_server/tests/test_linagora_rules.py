"""The rules of linagora-rse that the specs' schemas cannot say: titles, paging, members, requests, search."""

from __future__ import annotations

import pytest

from mock_server.tests.client import Mock, problem


def test_a_title_is_unique_in_its_domain_and_case_counts(mock: Mock) -> None:
    mock.create("Chess")
    status, details = problem(mock.try_create("Chess", "bob"))
    assert (status, "Chess" in details) == (409, True)
    assert mock.try_create("chess").status_code == 201
    elsewhere = mock.post("/api/communities", "outsider", json={"title": "Chess", "domain_ids": [mock.domain("other")]})
    assert elsewhere.status_code == 201


def test_no_title_check_waives_the_comparison_for_that_one_alone(mock: Mock) -> None:
    mock.create("Twice")
    assert mock.try_create("Twice", path="/api/communities?noTitleCheck=true").status_code == 201
    assert mock.try_create("Twice", path="/api/communities?noTitleCheck=true").status_code == 201
    assert mock.titles().count("Twice") == 3
    assert problem(mock.try_create("Twice", path="/api/communities?noTitleCheck=false"))[0] == 409
    assert problem(mock.try_create("Twice"))[0] == 409


def test_a_title_that_only_unchecked_communities_have_is_taken_all_the_same(mock: Mock) -> None:
    first = mock.try_create("Unchecked", path="/api/communities?noTitleCheck=true").get_json()["_id"]
    assert problem(mock.try_create("Unchecked"))[0] == 409
    other = mock.create("Other")
    assert problem(mock.put(other, "alice", json={"title": "Unchecked"}))[0] == 409
    mock.delete(f"/api/communities/{first}", "alice")
    assert mock.put(other, "alice", json={"title": "Unchecked"}).status_code == 200


def test_a_deleted_title_is_free_again_and_its_parts_are_gone(mock: Mock) -> None:
    path = mock.create("Gone soon", type="private")
    mock.put(f"{path}/members/{mock.id_of('bob')}", "alice")
    assert problem(mock.delete(path, "bob"))[0] == 403
    assert problem(mock.delete(path, "admin"))[0] == 403
    assert mock.delete(path, "alice").status_code == 204
    for place in ("", "/members", "/membership", "/avatar", "/invitablepeople"):
        assert problem(mock.get(f"{path}{place}", "alice"))[0] == 404
    assert mock.try_create("Gone soon").status_code == 201


def test_a_change_names_what_changes_and_all_of_it_or_nothing_happens(mock: Mock) -> None:
    path = mock.create("Changed", description="as before")
    before = mock.get(path, "alice").get_json()
    wrong = {"title": "New", "description": "new", "newMembers": [mock.id_of("bob"), "nobody"]}
    assert problem(mock.put(path, "alice", json=wrong))[0] == 404
    assert problem(mock.put(path, "alice", json={"title": "New", "newMembers": [mock.id_of("outsider")]}))[0] == 403
    assert problem(mock.put(path, "alice", json={"title": "New", "avatar": "nosuch"}))[0] == 404
    assert problem(mock.put(path, "alice", json={"title": "New", "deleteMembers": [mock.id_of("alice")]}))[0] == 403
    both = [mock.id_of("bob")]
    assert problem(mock.put(path, "alice", json={"title": "New", "newMembers": both, "deleteMembers": both}))[0] == 400
    assert problem(mock.put(path, "alice", json={"title": "Welcome"}))[0] == 409
    assert mock.get(path, "alice").get_json() == before
    assert mock.get(f"{path}/members", "alice").headers["X-ESN-Items-Count"] == "1"
    assert mock.put(path, "alice", json={"title": "New", "newMembers": both}).get_json() == {}
    assert mock.get(path, "alice").get_json() == {**before, "title": "New"}


def test_the_list_is_ordered_by_title_and_its_filters_combine(mock: Mock) -> None:
    for title in ("b", "C", "a", "Ä", "É"):
        mock.create(title)
    titles = mock.titles()
    assert titles == sorted(titles)

    def found(**query: str) -> list[str]:
        answer = mock.get("/api/communities", "alice", query_string={"domain_id": mock.domain(), **query})
        return [community["title"] for community in answer.get_json()]

    assert found(title="c") == ["C"]
    assert found(title="é") == ["É"]
    assert set(found(creator=mock.id_of("alice"))) == {"Board", "C", "a", "b", "Ä", "É"}
    assert found(creator=mock.id_of("alice"), title="WELCOME") == []
    assert found(title="%") == []


def test_communities_are_seen_in_their_domain_and_confidential_ones_by_members(mock: Mock) -> None:
    secret, open_to_all = mock.create("Secret", type="confidential"), mock.create("Public")
    assert "Secret" in mock.titles("alice")
    assert "Secret" not in mock.titles("bob")
    for person in ("bob", "admin"):
        assert problem(mock.get(secret, person))[0] == 403
    assert problem(mock.get(open_to_all, "outsider"))[0] == 403
    assert problem(mock.get("/api/communities", "outsider", query_string={"domain_id": mock.domain()}))[0] == 403
    assert problem(mock.get("/api/communities", "alice", query_string={"domain_id": "nosuch"}))[0] == 404


@pytest.mark.parametrize(("kind", "status"), [("open", 204), ("restricted", 403), ("private", 403), ("confidential", 403)])
def test_an_open_community_alone_is_joined_without_leave(mock: Mock, kind: str, status: int) -> None:
    path = mock.create(f"A {kind} one", type=kind)
    assert mock.put(f"{path}/members/{mock.id_of('bob')}", "bob").status_code == status
    assert mock.put(f"{path}/members/{mock.id_of('bob')}", "alice").status_code == 204
    assert mock.put(f"{path}/members/{mock.id_of('bob')}", "bob").status_code == 204
    assert problem(mock.put(f"{path}/members/{mock.id_of('outsider')}", "alice"))[0] == 403
    assert problem(mock.put(f"{path}/members/{mock.id_of('carol')}", "bob"))[0] == 403


def test_the_creator_cannot_leave_and_others_can(mock: Mock) -> None:
    path = mock.create("Left")
    alice, bob = (f"{path}/members/{mock.id_of(name)}" for name in ("alice", "bob"))
    mock.put(bob, "bob")
    for person in ("alice", "admin"):
        assert problem(mock.delete(alice, person))[0] == 403
    assert problem(mock.delete(bob, "carol"))[0] == 403
    assert [mock.delete(bob, "bob").status_code for _ in range(2)] == [204, 204]
    assert problem(mock.get(bob, "alice"))[0] == 404
    assert mock.get(alice, "alice").get_json()["_id"] == mock.id_of("alice")


def test_pages_of_members_cover_all_of_them_once_in_the_order_of_joining(mock: Mock) -> None:
    path = mock.create("Paged")
    people = ["alice", "dave", "bob", "carol", "admin"]
    for name in people[1:]:
        mock.put(f"{path}/members/{mock.id_of(name)}", name)

    def page(**query: int) -> list[str]:
        answer = mock.get(f"{path}/members", "alice", query_string=query)
        assert answer.headers["X-ESN-Items-Count"] == "5"
        return [member["user"]["_id"] for member in answer.get_json()]

    everybody = [mock.id_of(name) for name in people]
    assert page() == everybody
    assert [page(limit=2, offset=offset) for offset in (0, 2, 4, 5)] == [everybody[:2], everybody[2:4], everybody[4:], []]
    assert page(limit=2_147_483_647, offset=2_147_483_647) == []


@pytest.mark.parametrize("kind", ["open", "confidential"])
def test_only_private_and_restricted_communities_take_requests(mock: Mock, kind: str) -> None:
    path = mock.create(f"A {kind} one", type=kind)
    mock.put(f"{path}/members/{mock.id_of('bob')}", "alice")
    request = f"{path}/membership/{mock.id_of('bob')}"
    assert [problem(mock(verb, request, "bob"))[0] for verb in ("PUT", "DELETE")] == [400, 400]
    assert problem(mock.get(f"{path}/membership", "alice"))[0] == 400


@pytest.mark.parametrize("kind", ["private", "restricted"])
def test_a_request_waits_until_it_is_granted_or_taken_back(mock: Mock, kind: str) -> None:
    path = mock.create(f"A {kind} one", type=kind)
    request = f"{path}/membership/{mock.id_of('bob')}"

    def waiting() -> list[str]:
        return [entry["user"]["_id"] for entry in mock.get(f"{path}/membership", "alice").get_json()]

    first = mock.put(request, "bob").get_json()["membershipRequest"]
    assert mock.put(request, "bob").get_json()["membershipRequest"] == first
    assert mock.get(path, "bob").get_json()["membershipRequest"] == first
    assert "membershipRequest" not in mock.get(path, "carol").get_json()
    assert waiting() == [mock.id_of("bob")]
    assert problem(mock.get(f"{path}/membership", "bob"))[0] == 403
    assert problem(mock.put(request, "carol"))[0] == 403
    assert problem(mock.delete(request, "carol"))[0] == 403
    assert [mock.delete(request, "bob").status_code for _ in range(2)] == [204, 204]
    assert waiting() == []
    mock.put(request, "bob")
    mock.put(f"{path}/members/{mock.id_of('bob')}", "alice")
    assert waiting() == []
    assert [problem(mock(verb, request, "bob"))[0] for verb in ("PUT", "DELETE")] == [400, 400]


def test_a_search_for_people_ignores_case_accents_and_the_signs_of_sql(mock: Mock) -> None:
    path = mock.create("Inviting")

    def people(search: str, limit: int = 50) -> list[str]:
        answer = mock.get(f"{path}/invitablepeople", "alice", query_string={"search": search, "limit": limit})
        assert answer.headers["X-ESN-Items-Count"] == str(len(answer.get_json()))
        return [person["_id"] for person in answer.get_json()]

    assert people("MULLER") == people("müller") == people(" bob  mull ") == [mock.id_of("bob")]
    assert people("O'Connor") == [mock.id_of("dave")]
    assert mock.id_of("alice") not in people("lefevre")
    assert [people(text) for text in ("%", "_", "\\", "bob nobody")] == [[], [], [], []]
    assert len(people("", 7)) == 7
    assert mock.id_of("outsider") not in people("", 2_000)
