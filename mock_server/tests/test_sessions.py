"""Isolation: what happens in one session is not seen in another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_server.tests.client import Mock, problem


def test_sessions_named_by_header_do_not_see_each_other(any_mock: Mock) -> None:
    one, other = any_mock.beside("one"), any_mock.beside("other")
    path = one.create("Only here")
    assert "Only here" in one.titles()
    assert "Only here" not in other.titles()
    assert "Only here" not in any_mock.titles()
    assert problem(other.get(path, "alice"))[0] == 404
    assert other.try_create("Only here").status_code == 201


def test_sessions_named_by_path_prefix_do_not_see_each_other(any_mock: Mock) -> None:
    assert any_mock.try_create("By prefix", path=f"/_s/{any_mock.session}.one/api/communities").status_code == 201
    assert "By prefix" in any_mock.beside("one").titles()
    assert "By prefix" not in any_mock.beside("two").titles()


def test_the_path_prefix_wins_over_the_header(mock: Mock) -> None:
    prefixed = mock.beside("prefix")
    assert mock.try_create("Which one", path=f"/_s/{prefixed.session}/api/communities").status_code == 201
    assert "Which one" in prefixed.titles()
    assert "Which one" not in mock.titles()


def test_a_session_changed_and_deleted_leaves_the_others_as_they_are(any_mock: Mock) -> None:
    one, other = any_mock.beside("one"), any_mock.beside("one-more")
    path = one.create("Kept")
    other.create("Gone")
    assert any_mock.delete(f"/__mock/sessions/{other.session}").status_code == 204
    assert one.get(path, "alice").get_json()["title"] == "Kept"
    assert "Gone" not in other.titles()


def test_the_sessions_are_listed_without_snapshots_and_deleted_one_by_one(any_mock: Mock) -> None:
    one = any_mock.beside("one")
    one.titles()
    any_mock.titles()
    one.put("/__mock/snapshots/kept")
    assert _sessions_of(any_mock) == [any_mock.session, one.session]
    assert any_mock.delete(f"/__mock/sessions/{one.session}").status_code == 204
    assert _sessions_of(any_mock) == [any_mock.session]
    assert problem(any_mock.delete(f"/__mock/sessions/{one.session}"))[0] == 404
    assert one.get("/__mock/snapshots").get_json() == []


def _sessions_of(mock: Mock) -> list[str]:
    """Names of the test's own sessions; the server has those of other tests too."""
    names = [entry["name"] for entry in mock.get("/__mock/sessions").get_json()]
    assert not any(name.startswith("*") or "/" in name for name in names)
    return [name for name in names if name == mock.session or name.startswith(f"{mock.session}.")]


@pytest.mark.parametrize("name", ["a b", "a/b", "ä", "*", "x" * 65, "a%", "a\x7f"])
def test_a_bad_session_name_in_the_header_is_400(mock: Mock, name: str) -> None:
    status, details = problem(mock.get("/__mock/health", headers={"X-Mock-Session": name}))
    assert status == 400
    assert "name of a session" in details


@pytest.mark.parametrize("name", ["", "a%20b", "*", "%2A", "x" * 65, "%C3%A4", "a%00"])
def test_a_bad_session_name_in_the_path_is_400(mock: Mock, name: str) -> None:
    assert problem(mock.get(f"/_s/{name}/__mock/health"))[0] == 400


@pytest.mark.parametrize("name", ["x", "x" * 64, "A.b_c~d-9", "..."])
def test_a_good_session_name_makes_a_session(mock: Mock, name: str) -> None:
    assert "Welcome" in Mock(mock.app, name).titles()


def test_a_request_without_a_name_is_of_the_session_default(start: Callable[..., Mock]) -> None:
    fresh = start()
    fresh.create("By name")
    client = fresh.app.test_client()
    headers = {"Authorization": f"Bearer {fresh.principal('alice')['bearer']}"}
    titles = [c["title"] for c in client.get(f"/api/communities?domain_id={fresh.domain()}", headers=headers).get_json()]
    assert "By name" in titles
    assert client.get("/__mock/sessions").get_json()[0]["name"] == "default"


def test_a_refused_request_makes_no_session(mock: Mock) -> None:
    never = mock.beside("never")
    assert never.get("/nowhere").status_code == 404
    assert never.get("/api/communities").status_code == 401
    assert {"name": never.session} not in mock.get("/__mock/sessions").get_json()


def test_a_token_is_good_in_every_session_of_the_server(mock: Mock) -> None:
    assert mock.principal("bob")["bearer"] == Mock(mock.app, "elsewhere").principal("bob")["bearer"]
