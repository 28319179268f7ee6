"""The calls that the page lives on: the state by tables, the journal as a stream, and its requests once more."""

from __future__ import annotations

import itertools
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from werkzeug.test import TestResponse

from mock_server.streaming import STREAM
from mock_server.tests.client import Mock, problem
from mock_server.tests.processes import serving


def events(response: TestResponse | bytes) -> list[tuple[str, Any]]:
    """Name and data of server-sent events."""
    text = (response if isinstance(response, bytes) else response.get_data()).decode()
    blocks = [dict(line.split(": ", 1) for line in block.splitlines()) for block in text.split("\n\n") if block]
    return [(block.get("event", "message"), json.loads(block["data"])) for block in blocks if "data" in block]


def test_the_state_is_shown_by_tables_with_secrets_masked(any_mock: Mock) -> None:
    any_mock.create("Seen in the state")
    counts = any_mock.get("/__mock/state").get_json()
    assert set(counts) == {"casavi", "linagora"}
    for api, tables in counts.items():
        for table in tables:
            answer = any_mock.get(f"/__mock/state/{api}/{table['table']}").get_json()
            assert len(answer["rows"]) == min(table["rows"], 50)
            assert (answer["next"] is None) == (table["rows"] <= 50)
    communities = any_mock.get("/__mock/state/linagora/communities").get_json()["rows"]
    assert "Seen in the state" in [row["title"] for row in communities]
    assert not any("session" in row for row in communities)
    users = any_mock.get("/__mock/state/casavi/users").get_json()["rows"]
    assert {row["password"] for row in users} == {"***"}
    assert any_mock.get("/__mock/state/casavi/invitations").get_json()["rows"][0]["token"] == "***"


def test_the_rows_of_a_long_table_come_in_parts(mock: Mock) -> None:
    first = mock.get("/__mock/state/linagora/users").get_json()
    rest = mock.get(f"/__mock/state/linagora/users?offset={first['next']}").get_json()
    ids = [row["id"] for row in first["rows"] + rest["rows"]]
    assert len(first["rows"]) == 50
    assert (
        len(ids)
        == len(set(ids))
        == next(table["rows"] for table in mock.get("/__mock/state").get_json()["linagora"] if table["table"] == "users")
    )
    assert problem(mock.get("/__mock/state/linagora/nosuch"))[0] == 404
    assert problem(mock.get("/__mock/state/nosuch/users"))[0] == 400
    assert problem(mock.get("/__mock/state/linagora/users?offset=-1"))[0] == 400


def test_a_file_is_told_by_its_length(mock: Mock, png: bytes) -> None:
    path = mock.create("With a picture")
    sent = {"mimetype": "image/png", "size": len(png)}
    assert mock.post(f"{path}/avatar", "alice", data=png, query_string=sent).status_code == 200
    rows = mock.get("/__mock/state/linagora/images").get_json()["rows"]
    assert rows
    assert all(isinstance(value, str | int | float | bool | None) for row in rows for value in row.values())


@pytest.fixture
def stream(any_mock: Mock) -> Callable[[], list[tuple[str, Any]]]:
    """What a server that goes on sends next; first() has been sent."""
    going_on: list[Callable[[], bytes]] = []
    any_mock.get("/__mock/journal/events", environ_overrides={STREAM: going_on})
    (more,) = going_on

    def following() -> list[tuple[str, Any]]:
        any_mock.app.journal.flush()
        return events(more())

    return following


def test_a_stream_of_the_journal_tells_each_request_once_and_that_the_journal_was_cleared(
    any_mock: Mock, stream: Callable[[], list[tuple[str, Any]]]
) -> None:
    assert stream() == []
    any_mock.beside("other").create("Elsewhere")
    for title in ("One", "Two"):
        any_mock.create(title)
    told = stream()
    assert [entry["request"]["body"]["title"] for _, entry in told] == ["One", "Two"]
    assert [entry for _, entry in told] == any_mock.journal()
    assert stream() == []
    any_mock.post("/__mock/reset")
    for title in ("Three", "Four"):
        any_mock.create(title)
    again = stream()
    assert [name for name, _ in again] == ["cleared", "message", "message"]
    assert [entry for _, entry in again[1:]] == any_mock.journal()


def test_who_comes_again_is_told_what_they_missed(any_mock: Mock) -> None:
    for title in ("One", "Two", "Three"):
        any_mock.create(title)
    first, second, third = any_mock.journal()
    answer = any_mock.get("/__mock/journal/events")
    assert answer.mimetype == "text/event-stream"
    assert "Content-Length" not in answer.headers
    assert events(answer) == [("message", entry) for entry in (first, second, third)]
    missed = any_mock.get("/__mock/journal/events", headers={"Last-Event-ID": str(first["id"])})
    assert events(missed) == [("message", second), ("message", third)]
    assert events(any_mock.get(f"/__mock/journal/events?since={third['id']}")) == []
    any_mock.post("/__mock/reset")
    assert events(any_mock.get(f"/__mock/journal/events?since={third['id']}")) == [("cleared", {})]


@pytest.mark.parametrize("number", ["999999999", "9" * 15, "9" * 18, "9" * 30])
def test_a_number_that_no_entry_has_is_404_and_a_good_since(any_mock: Mock, number: str) -> None:
    any_mock.create("Once")
    assert problem(any_mock.get(f"/__mock/journal/{number}/curl"))[0] == 404
    assert problem(any_mock.post(f"/__mock/journal/{number}/send"))[0] == 404
    assert [name for name, _ in events(any_mock.get(f"/__mock/journal/events?since={number}"))] == ["cleared", "message"]
    assert any_mock.get("/__mock/state/linagora/users", query_string={"offset": number[:15]}).get_json()["rows"] == []


def test_a_request_of_the_journal_can_be_sent_again_with_its_secrets(any_mock: Mock) -> None:
    any_mock.create("Twice")
    path = f"/_s/{any_mock.session}/api/communities?domain_id={any_mock.domain()}"
    any_mock.app.test_client().get(path, headers={"Authorization": f"Bearer {any_mock.principal('alice')['bearer']}"})
    made, listed = any_mock.journal()
    assert any_mock.post(f"/__mock/journal/{made['id']}/send").get_json() == {"status": 409}
    assert any_mock.post(f"/__mock/journal/{listed['id']}/send").get_json() == {"status": 200}
    again = any_mock.journal()[2:]
    assert [entry["operationId"] for entry in again] == ["createCommunity", "listCommunities"]
    assert again[0]["request"] == made["request"]
    assert problem(any_mock.post("/__mock/journal/999999999/send"))[0] == 404
    assert problem(any_mock.beside("other").post(f"/__mock/journal/{made['id']}/send"))[0] == 404


def test_a_long_body_was_not_kept_to_be_sent_again(mock: Mock) -> None:
    mock.try_create("Long", description="x" * 20_000)
    (entry,) = mock.journal()
    assert problem(mock.post(f"/__mock/journal/{entry['id']}/send"))[0] == 409
    assert mock.get(f"/__mock/journal/{entry['id']}/curl").text.endswith("--data-binary @FILE")


def test_a_request_of_the_journal_as_a_curl_command(mock: Mock) -> None:
    title = 'It\'s "quoted" & $HOME'
    mock.create(title)
    mock.get("/api/v1/a b/ü%", "casavi:max")
    made, strange = mock.journal()
    command = shlex.split(mock.get(f"/_s/{mock.session}/__mock/journal/{made['id']}/curl").text)
    assert command[:5] == ["curl", "-i", "-X", "POST", f"http://localhost/_s/{mock.session}/api/communities"]
    assert json.loads(command[command.index("--data-raw") + 1])["title"] == title
    headers = [value for flag, value in itertools.pairwise(command) if flag == "-H"]
    assert f"Authorization: Bearer {mock.principal('alice')['bearer']}" in headers
    assert "Content-Type: application/json" in headers
    assert not any(re.match("X-Mock-Session|Host|Content-Length", header) for header in headers)
    assert "/api/v1/a%20b/%C3%BC%25" in mock.get(f"/__mock/journal/{strange['id']}/curl").text


def test_a_stream_goes_on_beside_other_requests_whichever_worker_answers_them_and_ends_with_the_server(tmp_path: Path) -> None:
    with (
        serving("--workers", "2", "--database-url", f"sqlite:///{tmp_path}/state.db") as (process, url),
        requests.get(f"{url}/__mock/journal/events", stream=True, timeout=10) as answer,
    ):
        lines = answer.iter_lines()
        # More than there are threads, on connections of their own.
        for number in range(10):
            requests.get(f"{url}/nowhere/{number}", timeout=10)
        told = (json.loads(line.removeprefix(b"data: ")) for line in lines if line.startswith(b"data: "))
        assert {next(told)["request"]["url"] for _ in range(10)} == {f"/nowhere/{number}" for number in range(10)}
        process.terminate()
        assert process.wait(10) == 0
