"""What Prometheus is told: how many requests, how long they took, and how much there is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import Metric
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read

from mock_server.counters import Counters
from mock_server.tests.client import Mock

Start = Callable[..., Mock]


def _values(metrics: Any) -> dict[tuple[str, ...], float]:
    """By the sample's name and the values of its labels."""
    families: list[Metric] = list(metrics)
    return {(s.name.removeprefix("mock_server_"), *s.labels.values()): s.value for family in families for s in family.samples}


def _told(mock: Mock) -> dict[tuple[str, ...], float]:
    response = mock.get("/__mock/metrics")
    assert response.status_code == 200
    assert response.content_type.startswith("text/plain; version=")
    return _values(read(response.get_data(as_text=True)))


def test_requests_are_told_by_operation_and_status_and_things_by_their_number(
    database_url: str | None, start: Start, png: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = iter(range(1_000_000))
    monkeypatch.setattr("mock_server.edge.time.perf_counter", lambda: next(ticks) * 0.002)
    mock = start(database_url=database_url)
    community = mock.create("Counted")
    mock.titles()
    assert mock.get("/nowhere").status_code == 404
    query = {"mimetype": "image/png", "size": len(png)}
    assert mock.post(f"{community}/avatar", "alice", query_string=query, data=png, content_type="image/png").status_code == 200
    assert mock.put("/__mock/snapshots/one").status_code == 204
    mock.post("/__mock/faults", json={"operation": "listCommunities", "status": 503})
    assert mock.get("/api/communities").status_code == 503
    told = _told(mock)
    assert told["requests_total", "createCommunity", "201"] == 1
    assert told["requests_total", "listCommunities", "200"] == 1
    assert told["requests_total", "listCommunities", "503"] == 1
    assert told["requests_total", "", "404"] == 1
    assert told["errors_total", "listCommunities"] == 0, "a fault asked for it"
    assert told["request_duration_seconds_count", "listCommunities"] == 2
    assert told["request_duration_seconds_sum", "listCommunities"] == pytest.approx(0.004)
    assert {le: told["request_duration_seconds_bucket", le, "listCommunities"] for le in ("0.001", "0.0025", "+Inf")} == {
        "0.001": 0,
        "0.0025": 2,
        "+Inf": 2,
    }
    assert (told["sessions",], told["snapshots",], told["journal_entries",], told["database_up",]) == (1, 1, 5, 1)
    assert told["stored_bytes",] > len(png)


def test_a_5xx_that_nobody_asked_for_is_an_error_and_without_a_database_the_rest_is_still_told(
    tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    mock = start(database_url=f"sqlite:///{tmp_path}/state.db")
    mock.titles()
    with mock.app.store.transaction(None, write=True) as connection:
        connection.driver.execute("ALTER TABLE files RENAME TO lost")
        connection.driver.execute("ALTER TABLE lin_users RENAME TO lost_as_well")
    assert mock.get("/api/communities", "alice", query_string={"domain_id": mock.domain()}).status_code == 503
    told = _told(mock)
    assert told["errors_total", "listCommunities"] == 1
    assert told["database_up",] == 0
    assert not [key for key in told if key[0] == "stored_bytes"]


def test_openmetrics_is_answered_to_whom_prefers_it_and_nobody_without_the_token(start: Start) -> None:
    mock = start(host="0.0.0.0", control_token="hush")
    assert mock.get("/__mock/metrics").status_code == 401
    headers = {"Authorization": "Bearer hush", "Accept": "application/openmetrics-text; version=1.0.0"}
    response = mock.get("/__mock/metrics", headers=headers)
    assert response.content_type.startswith("application/openmetrics-text")
    told = _values(read_openmetrics(response.get_data(as_text=True)))  # type: ignore[no-untyped-call]
    assert told["requests_total", "control", "401"] == 1


def test_counting_takes_no_place_of_another_operation() -> None:
    found = Counters(["one", "two"])
    found.count("one", 599, 9.9, asked_for=False)
    found.count("two", 100, 0.0, asked_for=False)
    found.count("unknown to it", 200, 0.0, asked_for=False)
    assert [(one.operation, one.statuses, one.unasked, one.times[0], one.times[-1]) for one in found.counted()] == [
        ("", {200: 1}, 0, 1, 0),
        ("one", {599: 1}, 1, 0, 1),
        ("two", {100: 1}, 0, 1, 0),
    ]
