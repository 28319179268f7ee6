"""What is edited while the server runs: it is served without a restart, and the state stays."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from mock_server import Config, MockServer, reloading, spec
from mock_server.config import data_folder
from mock_server.reloading import Reloader
from mock_server.scenarios import example_scenario
from mock_server.tests.client import Mock
from mock_server.tests.processes import HURRIED, Client, eventually, serving
from mock_server.tests.test_workers import _children, _kill_one

OLD, NEW = "/api/communities", "/api/v2/communities"
NAMED = {"target": "$.info", "update": {"title": "As it was"}}
MOVED = (
    {"target": "$.paths", "update": {NEW: {}}},
    {"target": f"$.paths['{NEW}']", "copy": f"$.paths['{OLD}']"},
    {"target": f"$.paths['{OLD}']", "remove": True},
)
WITHOUT_DELETE = {"target": f"$.paths['{OLD}/{{community_id}}'].delete", "remove": True}


def _write(file: Path, *actions: dict[str, Any]) -> None:
    file.write_bytes(orjson.dumps({"overlay": "1.1.0", "extends": "linagora.yaml", "actions": actions}))


class Edited:
    """A server whose files are edited, without the thread that looks at them."""

    def __init__(self, start: Callable[..., Mock], **fields: Any) -> None:
        self._reloader = Reloader(Config(apis=("linagora",), **fields))
        self.mock = start(**fields)

    def look(self) -> bool:
        """Whether another application is there then."""
        before: MockServer = self.mock.app
        self.mock.app = self._reloader.look(before)
        return self.mock.app is not before


def test_a_changed_overlay_is_served_on_the_state_that_there_is(
    database_url: str | None, tmp_path: Path, start: Callable[..., Mock]
) -> None:
    overlay = tmp_path / "mine.yaml"
    _write(overlay, NAMED)
    server = Edited(start, database_url=database_url, overlays=(str(overlay),))
    mock = server.mock
    chess = mock.create("Chess")
    mock.put("/__mock/snapshots/chess")
    mock.freeze()
    now = mock.get("/__mock/clock").get_json()["now"]
    mock.post("/__mock/faults", json={"operation": "getMember", "status": 503})
    titles, entries = mock.titles(), mock.journal()
    assert "Chess" in titles
    assert not server.look()

    _write(overlay, *MOVED, WITHOUT_DELETE)
    assert server.look()
    answer = mock.get(NEW, "alice", query_string={"domain_id": mock.domain()})
    assert [each["title"] for each in answer.get_json()] == titles
    assert mock.get(OLD, "alice").status_code == 404
    assert mock.delete(chess, "alice").status_code == 405
    assert mock.get("/__mock/health").get_json()["apis"] == {"linagora": 14}
    assert NEW in mock.get("/__mock/specs/linagora.json").get_json()["paths"]
    assert mock.get("/__mock/clock").get_json()["now"] == now
    assert len(mock.get("/__mock/faults").get_json()) == 1
    assert mock.journal()[: len(entries)] == entries

    mock.post("/__mock/reset")
    assert mock.get(chess, "alice").status_code == 404
    assert mock.post("/__mock/snapshots/chess/restore").status_code == 204
    assert mock.get(chess, "alice").status_code == 200


def test_what_the_old_application_still_changes_the_new_one_sees(tmp_path: Path, start: Callable[..., Mock]) -> None:
    overlay = tmp_path / "mine.yaml"
    _write(overlay, NAMED)
    server = Edited(start, overlays=(str(overlay),))
    old = Mock(server.mock.app)
    _write(overlay, WITHOUT_DELETE)
    assert server.look()
    assert server.mock.get("/__mock/faults").get_json() == []
    server.mock.get(OLD)  # which has to know whether there are faults
    old.post("/__mock/faults", json={"operation": "listCommunities", "status": 503})
    assert server.mock.get(OLD, "alice").status_code == 503


MISTAKES: dict[str, tuple[tuple[dict[str, Any], ...], str]] = {
    "a target that there is not": (({"target": "$.nope", "remove": True},), "$.nope"),
    "no responses": (({"target": "$.paths.*.*.responses", "remove": True},), "responses"),
    "a bad schema": (({"target": "$.components.schemas.Community.type", "update": "strin"},), "schema"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_in_one_line_and_what_was_served_still_is(
    name: str, tmp_path: Path, start: Callable[..., Mock], caplog: pytest.LogCaptureFixture
) -> None:
    overlay = tmp_path / "mine.yaml"
    _write(overlay, NAMED)
    server = Edited(start, overlays=(str(overlay),))
    actions, word = MISTAKES[name]
    _write(overlay, *actions)
    assert [server.look(), server.look()] == [False, False]
    (told,) = (record.getMessage() for record in caplog.records)
    assert [each for each in ("mine.yaml", word, "still") if each not in told] == []
    assert "\n" not in told
    assert server.mock.create("Chess")
    _write(overlay, WITHOUT_DELETE)
    assert server.look()


def test_a_spec_is_watched_too(
    tmp_path: Path, start: Callable[..., Mock], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    shutil.copytree(data_folder("specs"), tmp_path / "specs")
    for module in (spec, reloading):
        monkeypatch.setattr(module, "data_folder", lambda name: tmp_path / name)
    server = Edited(start)
    document = tmp_path / "specs" / "linagora.yaml"
    text = document.read_text(encoding="utf-8")
    for broken in (text.replace("operationId: listMembers", "operationID: listMembers"), "- nothing", "paths: ["):
        document.write_text(broken, encoding="utf-8")
        assert not server.look()
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 3
    assert [record.exc_info for record in caplog.records] == [None] * 3
    document.write_text(text.replace("/api/communities:", f"{NEW}:"), encoding="utf-8")
    assert server.look()
    assert [server.mock.get(path).status_code for path in (OLD, NEW)] == [404, 401]


def test_mistakes_in_the_scenario_are_told_when_it_is_saved(
    tmp_path: Path, start: Callable[..., Mock], caplog: pytest.LogCaptureFixture
) -> None:
    scenario = tmp_path / "mine.yaml"
    scenario.write_text(example_scenario(), encoding="utf-8")
    server = Edited(start, scenario=str(scenario))
    scenario.write_text("linagora: {nosuch: 1}\n", encoding="utf-8")
    assert not server.look()
    assert f"{scenario}:1: linagora/nosuch" in caplog.text


def test_every_worker_notices_and_one_that_takes_a_dead_ones_place_does_too(tmp_path: Path) -> None:
    overlay = tmp_path / "mine.yaml"
    _write(overlay, NAMED)
    database = ("--workers", "2", "--database-url", f"sqlite:///{tmp_path / 'state.db'}")
    with serving("--reload", "--api", "linagora", "--overlay", str(overlay), *database, command=HURRIED) as (process, url):
        client = Client(url)
        assert client.create("Kept").status_code == 201
        _write(overlay, *MOVED)
        assert eventually(lambda: _everywhere(client), 15)
        titles = [each["title"] for each in client.request("GET", f"{NEW}?domain_id={client.domain}").json()]
        assert "Kept" in titles
        _kill_one(process.pid)
        os.kill(min(_children(process.pid)), signal.SIGKILL)  # the other one: none of those that noticed is left
        assert eventually(lambda: _everywhere(client), 15)


def _everywhere(client: Client) -> bool:
    """Each request has a connection of its own, so twenty of them reach both workers."""
    try:
        return {client.request("GET", f"{NEW}?domain_id={client.domain}").status_code for _ in range(20)} == {200}
    except requests.RequestException:  # a worker is just being replaced
        return False
