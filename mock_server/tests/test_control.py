"""The control API: reset, snapshots, scenarios, credentials, health."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mock_server.config import API_NAMES
from mock_server.tests.client import Mock, problem


def test_reset_brings_the_scenario_back_and_empties_the_journal(any_mock: Mock) -> None:
    before = any_mock.titles()
    path = any_mock.create("Short-lived")
    any_mock.delete(path, "alice")
    any_mock.create("Short-lived too")
    assert any_mock.journal() != []
    assert any_mock.post("/__mock/reset").status_code == 204
    assert any_mock.journal() == []
    assert any_mock.titles() == before


def test_reset_of_one_session_leaves_the_state_and_journal_of_another(any_mock: Mock) -> None:
    other = any_mock.beside("other")
    other.create("Stays")
    assert any_mock.post("/__mock/reset").status_code == 204
    assert "Stays" in other.titles()
    assert [entry["operationId"] for entry in other.journal(operation="createCommunity")] == ["createCommunity"]


def test_after_a_reset_the_same_ids_are_drawn_again(any_mock: Mock) -> None:
    first = any_mock.create("First")
    any_mock.create("Second")
    any_mock.post("/__mock/reset")
    assert any_mock.create("First") == first


def test_a_snapshot_brings_state_back_as_it_was_and_as_often_as_asked(any_mock: Mock) -> None:
    path = any_mock.create("Before")
    any_mock.put(f"{path}/members/{any_mock.id_of('bob')}", "alice")
    assert any_mock.put("/__mock/snapshots/s1").status_code == 204
    for _ in range(2):
        any_mock.put(path, "alice", json={"title": "After"})
        any_mock.delete(f"{path}/members/{any_mock.id_of('bob')}", "alice")
        any_mock.create("Newcomer")
        assert any_mock.post("/__mock/snapshots/s1/restore").status_code == 204
        assert any_mock.get(path, "alice").get_json()["title"] == "Before"
        assert any_mock.get(f"{path}/members/{any_mock.id_of('bob')}", "alice").status_code == 200
        assert "Newcomer" not in any_mock.titles()


def test_a_snapshot_keeps_uploaded_bytes(any_mock: Mock, png: bytes) -> None:
    path = any_mock.create("With picture")
    upload = {"query_string": {"mimetype": "image/png", "size": len(png)}, "data": png, "content_type": "image/png"}
    assert any_mock.post(f"{path}/avatar", "alice", **upload).status_code == 200
    any_mock.put("/__mock/snapshots/picture")
    any_mock.delete(path, "alice")
    any_mock.post("/__mock/snapshots/picture/restore")
    assert any_mock.get(f"{path}/avatar?format=original", "alice").get_data() == png


def test_snapshots_are_listed_replaced_and_deleted(any_mock: Mock) -> None:
    assert any_mock.get("/__mock/snapshots").get_json() == []
    any_mock.put("/__mock/snapshots/b")
    any_mock.put("/__mock/snapshots/a")
    any_mock.create("Newer")
    any_mock.put("/__mock/snapshots/b")
    assert any_mock.get("/__mock/snapshots").get_json() == [{"name": "a"}, {"name": "b"}]
    any_mock.post("/__mock/snapshots/a/restore")
    assert "Newer" not in any_mock.titles()
    any_mock.post("/__mock/snapshots/b/restore")
    assert "Newer" in any_mock.titles()
    assert any_mock.delete("/__mock/snapshots/a").status_code == 204
    assert any_mock.get("/__mock/snapshots").get_json() == [{"name": "b"}]


def test_snapshots_belong_to_their_session_alone(any_mock: Mock) -> None:
    # The second session's name begins with that of the first: its snapshots must not be taken for those of the first.
    one, longer = any_mock, any_mock.beside("more")
    longer.put("/__mock/snapshots/mine")
    assert one.get("/__mock/snapshots").get_json() == []
    assert problem(one.post("/__mock/snapshots/mine/restore"))[0] == 404
    assert problem(one.delete("/__mock/snapshots/mine"))[0] == 404
    assert longer.get("/__mock/snapshots").get_json() == [{"name": "mine"}]


@pytest.mark.parametrize(("method", "path"), [("POST", "/__mock/snapshots/none/restore"), ("DELETE", "/__mock/snapshots/none")])
def test_an_unknown_snapshot_is_404(mock: Mock, method: str, path: str) -> None:
    status, details = problem(mock(method, path))
    assert status == 404
    assert "none" in details


@pytest.mark.parametrize("name", ["a b", "*", "x" * 65, "ä"])
def test_a_bad_name_of_a_snapshot_is_400(mock: Mock, name: str) -> None:
    assert problem(mock.put(f"/__mock/snapshots/{name}"))[0] == 400


def test_another_scenario_replaces_the_state_and_reset_returns_to_that_one(any_mock: Mock) -> None:
    assert "Welcome" in any_mock.titles()
    assert any_mock.put("/__mock/scenario", json={"name": "empty"}).status_code == 204
    assert any_mock.titles() == []
    any_mock.create("Made in the empty one")
    any_mock.post("/__mock/reset")
    assert any_mock.titles() == []
    assert "Welcome" in any_mock.beside("other").titles()


@pytest.mark.parametrize("name", ["nosuch", "../scenarios/empty", "/etc/hostname", "", "empty.yaml"])
def test_an_unknown_scenario_is_404_and_changes_nothing(mock: Mock, name: str) -> None:
    mock.create("Stays")
    assert problem(mock.put("/__mock/scenario", json={"name": name}))[0] == 404
    assert "Stays" in mock.titles()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"name": 1}', b'{"name": null}', b'"empty"', b"\xff"])
def test_a_malformed_order_for_a_scenario_is_400(mock: Mock, body: bytes) -> None:
    assert problem(mock.put("/__mock/scenario", data=body))[0] == 400


def test_health_counts_the_operations_of_both_apis(mock: Mock) -> None:
    health = mock.get("/__mock/health").get_json()
    assert (health["status"], health["apis"]) == ("ok", {"casavi": 21, "linagora": 15})
    assert health["version"]


def test_the_credentials_have_the_people_that_the_interface_promises(mock: Mock) -> None:
    both = mock.get("/__mock/credentials").get_json()
    linagora = {p["name"]: p for p in both["linagora"]["principals"]}
    main, other = mock.domain("main"), mock.domain("other")
    assert {"admin", "alice", "bob", "carol", "dave", "outsider"} <= set(linagora)
    assert all(linagora[name]["domain_ids"] == [main] for name in ("admin", "alice", "bob", "carol", "dave"))
    assert linagora["outsider"]["domain_ids"] == [other]
    casavi = {p["name"]: p for p in both["casavi"]["principals"]}
    first, second = (community["id"] for community in both["casavi"]["communities"][:2])
    assert [casavi[name]["community_ids"] for name in ("max", "erika", "hans")] == [[first], [first], [second]]
    assert {"client_id": "casavi-web", "redirect_uris": ["http://localhost:3000/callback"]} in both["casavi"]["clients"]
    assert both["casavi"]["invite_tokens"]
    assert {p["cookie"]["name"] for p in casavi.values()} == {"user_session"}


def test_the_same_seed_gives_the_same_ids_and_tokens_and_another_seed_others(start: Callable[..., Mock]) -> None:
    one, same, other = (start(seed=seed, apis=API_NAMES) for seed in (7, 7, 8))
    assert one.credentials() == same.credentials()
    assert one.create("Named") == same.create("Named")
    assert one.create("Named too") == same.create("Named too")
    for secret in ("bearer", "user_id"):
        assert one.principal("alice")[secret] != other.principal("alice")[secret]
    assert one.credentials()["casavi"]["invite_tokens"] != other.credentials()["casavi"]["invite_tokens"]
    assert one.create("Third") != other.create("Third")


def test_a_token_of_another_seed_is_401(start: Callable[..., Mock]) -> None:
    # The ids of casavi's users stand in the scenario, so the token alone tells the seeds apart.
    one, other = start(seed=1, apis=("casavi",)), start(seed=2, apis=("casavi",))
    assert one.principal("casavi:max")["user_id"] == other.principal("casavi:max")["user_id"]
    headers = {"Authorization": f"Bearer {one.principal('casavi:max')['bearer']}"}
    assert one.get("/api/v1/units", headers=headers).status_code != 401
    assert problem(other.get("/api/v1/units", headers=headers))[0] == 401
