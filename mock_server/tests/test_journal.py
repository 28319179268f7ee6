"""The journal: what was asked and answered, filtered, bounded, without secrets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from mock_server.journal import KEEP
from mock_server.tests.client import Mock, problem


def test_an_entry_tells_the_operation_the_status_and_both_messages(any_mock: Mock) -> None:
    any_mock.create("Noted", description="in the journal")
    entry = any_mock.journal()[-1]
    assert (entry["api"], entry["operationId"], entry["status"]) == ("linagora", "createCommunity", 201)
    assert entry["duration"] > 0
    assert (entry["request"]["method"], entry["request"]["url"]) == ("POST", "/api/communities")
    assert entry["request"]["body"]["description"] == "in the journal"
    assert entry["response"]["body"]["title"] == "Noted"
    assert abs(datetime.now(UTC) - datetime.fromisoformat(entry["time"])) < timedelta(minutes=1)


def test_the_newest_entry_is_the_last_and_ids_grow(any_mock: Mock) -> None:
    for title in ("a", "b", "c"):
        any_mock.create(title)
    entries = any_mock.journal()
    assert [entry["request"]["body"]["title"] for entry in entries] == ["a", "b", "c"]
    assert sorted(entry["id"] for entry in entries) == [entry["id"] for entry in entries]


def test_secrets_are_masked_wherever_they_stand(any_mock: Mock) -> None:
    alice = any_mock.principal("alice")
    cookie = f"{alice['cookie']['name']}={alice['cookie']['value']}"
    any_mock.get("/api/communities", "alice", headers={"Cookie": cookie})
    body = {"title": "t", "domain_ids": [any_mock.domain()], "password": "hush-1", "nested": [{"accessToken": "hush-2"}]}
    any_mock.post("/api/communities", "alice", json=body)
    text = str(any_mock.journal())
    assert "'Authorization': '***'" in text
    assert "'Cookie': '***'" in text
    assert not any(secret in text for secret in ("hush", alice["bearer"], alice["cookie"]["value"]))


def test_secrets_in_a_query_are_masked(mock: Mock) -> None:
    mock.get("/api/communities?domain_id=x&invite_token=fb7asb64&title=y")
    assert mock.journal()[-1]["request"]["url"] == "/api/communities?domain_id=x&invite_token=***&title=y"


def test_secrets_in_the_query_of_a_url_in_a_header_are_masked(mock: Mock) -> None:
    mock.get("/nowhere", headers={"Referer": "http://localhost:3000/callback?code=hush&code_challenge=c#code"})
    headers = mock.journal()[-1]["request"]["headers"]
    assert headers["Referer"] == "http://localhost:3000/callback?code=***&code_challenge=c#code"


def test_the_filters_narrow_the_entries_and_combine(any_mock: Mock) -> None:
    path = any_mock.create("Filtered")
    any_mock.get(path, "alice")
    any_mock.get(path)
    any_mock.get("/api/v1/units")
    any_mock.get("/nowhere")
    assert [entry["status"] for entry in any_mock.journal()] == [201, 200, 401, 401, 404]
    assert [entry["status"] for entry in any_mock.journal(api="linagora")] == [201, 200, 401]
    assert [entry["operationId"] for entry in any_mock.journal(api="casavi")] == ["listUnits"]
    assert [entry["status"] for entry in any_mock.journal(operation="getCommunity")] == [200, 401]
    assert [entry["api"] for entry in any_mock.journal(status="401")] == ["linagora", "casavi"]
    assert len(any_mock.journal(status="401", operation="getCommunity")) == 1
    assert any_mock.journal(api="nosuch") == []


def test_since_takes_an_id_or_a_time(any_mock: Mock) -> None:
    any_mock.create("Early")
    early = any_mock.journal()[-1]
    any_mock.create("Late")
    late = any_mock.journal(since=str(early["id"]))
    assert [entry["request"]["body"]["title"] for entry in late] == ["Late"]
    assert [entry["id"] for entry in any_mock.journal(since=late[0]["time"])][-1] == late[0]["id"]
    future = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert any_mock.journal(since=future) == []
    assert any_mock.journal(since=future.replace("+00:00", "Z")) == []
    assert len(any_mock.journal(since="2020-01-01T00:00:00")) == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        *(("status", text) for text in ("2xx", "20", "٢٠٠")),
        *(("since", text) for text in ("yesterday", "-1", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59")),
    ],
)
def test_a_malformed_filter_is_400(mock: Mock, name: str, text: str) -> None:
    assert problem(mock.get("/__mock/journal", query_string={name: text}))[0] == 400


@pytest.mark.parametrize("since", ["9" * 30, "9" * 5000, "0"])
def test_any_number_is_a_good_since(mock: Mock, since: str) -> None:
    assert mock.get("/__mock/journal", query_string={"since": since}).status_code == 200


def test_calls_of_the_control_api_are_not_in_it(any_mock: Mock) -> None:
    any_mock.credentials()
    any_mock.put("/__mock/snapshots/s")
    any_mock.get("/__mock/health")
    assert any_mock.journal() == []


def test_an_answer_is_noted_as_it_was_sent_with_the_headers_of_cors(any_mock: Mock) -> None:
    sent = any_mock.get("/api/communities", "alice", headers={"Origin": "http://localhost:3000"})
    noted = any_mock.journal()[-1]["response"]["headers"]
    assert noted["Access-Control-Allow-Origin"] == "http://localhost:3000"
    assert noted == dict(sent.headers)


def test_a_body_that_is_no_json_or_long_is_told_by_its_length(mock: Mock, png: bytes) -> None:
    mock.post("/api/communities", "alice", data=b"not json", content_type="application/json")
    mock.create("Long", description="x" * 9_990)
    assert mock.journal()[0]["request"]["body"] == {"bytes": 8}
    assert mock.journal()[1]["request"]["body"]["bytes"] > 10_000


def test_a_restored_snapshot_brings_no_old_entries_back(any_mock: Mock) -> None:
    any_mock.create("One")
    any_mock.put("/__mock/snapshots/s")
    any_mock.create("Two")
    any_mock.post("/__mock/snapshots/s/restore")
    assert [entry["request"]["body"]["title"] for entry in any_mock.journal()] == ["One", "Two"]


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_only_the_newest_entries_are_kept(
    kind: str, start: Callable[..., Mock], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("journal")
    mock = start(database_url=None if kind == "memory" else f"sqlite:///{folder}/state.db")
    for number in range(KEEP + 5):
        mock.get(f"/api/communities/{number}")
    urls = [entry["request"]["url"] for entry in mock.journal()]
    assert urls == [f"/api/communities/{number}" for number in range(5, KEEP + 5)]


@pytest.mark.parametrize("depth", [99, 101, 251, 300, 1100])
def test_a_body_is_noted_however_deep_it_is_nested(any_mock: Mock, depth: int) -> None:
    any_mock.post("/api/communities", "alice", data=b"[" * depth + b"]" * depth, content_type="application/json")
    (entry,) = any_mock.journal()
    assert entry["status"] == 400
    assert (entry["request"]["body"] == {"bytes": 2 * depth}) == (depth > 100)


def test_requests_of_any_bytes_are_noted(any_mock: Mock) -> None:
    strange = (b'{"\\ud800": 1}', b'{"n": 123456789012345678901234567890}', b"\xff\xfe", b"[" * 500, b'{"token": {"a": [1e999]}}')
    for body in strange:
        any_mock.post("/api/communities", "alice", data=body, content_type="application/json")
    any_mock.get("/%FF%00/%ED%A0%80?q=%ED%A0%80%00", headers={"User-Agent": "\xff\xe9"})
    assert [entry["status"] for entry in any_mock.journal()] == [400] * len(strange) + [404]


def test_entries_wait_for_a_database_that_is_away_and_the_log_says_so_once(
    tmp_path: Path, start: Callable[..., Mock], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mock_server.journal.table._MOST_WAITING", 3)
    mock = start(database_url=f"sqlite:///{tmp_path}/state.db")
    mock.get("/first")
    mock.app.journal.flush()

    def rename(before: str, after: str) -> None:
        with mock.app.store.transaction(None, write=True) as connection:
            connection.driver.execute(f"ALTER TABLE {before} RENAME TO {after}")

    rename("journal", "away")
    for number in range(5):
        mock.get(f"/while-away-{number}")
        mock.app.journal.flush()
    assert sum("the journal waits" in record.message for record in caplog.records) == 1
    rename("away", "journal")
    mock.get("/last")
    assert [entry["request"]["url"] for entry in mock.journal()] == [
        "/first",
        *(f"/while-away-{number}" for number in (2, 3, 4)),
        "/last",
    ]
