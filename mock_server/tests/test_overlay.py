"""Overlays: the mock serves what the changed spec says, and says in one line why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from mock_server import BootError
from mock_server.cli import read_config
from mock_server.config import data_folder
from mock_server.tests.client import Mock, problem
from mock_server.tests.residents import DAMAGE, LINDENHOF, MAX, TICKETS, UPLOADS, opened

Start = Callable[..., Mock]
Write = Callable[..., str]
REQUESTS = "/api/v2/requests"
SAMPLE = str(data_folder("fixtures") / "overlays" / "requests.yaml")
FLAT = {"get": {"operationId": "getTicket", "responses": {"200": {"description": "x"}}}}
TICKET = "$.paths['/api/v1/tickets/{ticket_id}']"


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes an overlay of these actions and says where."""

    def make(*actions: dict[str, Any], name: str = "mine.yaml", **more: Any) -> str:
        (tmp_path / name).write_bytes(orjson.dumps({"overlay": "1.1.0", "actions": actions, **more}))
        return str(tmp_path / name)

    return make


def _move(old: str, new: str) -> tuple[dict[str, Any], ...]:
    place = f"$.paths['{new}']"
    here = f"$.paths['{old}']"
    return {"target": "$.paths", "update": {new: {}}}, {"target": place, "copy": here}, {"target": here, "remove": True}


def test_a_moved_path_is_served_at_its_new_place_alone(start: Start) -> None:
    mock = start(apis=("casavi",), overlays=(SAMPLE,))
    created = mock.post(REQUESTS, MAX, json={"communityId": LINDENHOF, "ticketTypeId": DAMAGE, "fields": {"17": "It drips"}})
    assert created.headers["Location"] == f"{REQUESTS}/{created.get_json()['id']}"
    assert mock.get(created.headers["Location"], MAX).get_json() == created.get_json()
    assert [mock.get(TICKETS, MAX).status_code, mock.post(REQUESTS, MAX, json={}).status_code] == [404, 400]


def test_the_journal_knows_a_moved_operation_and_its_api(start: Start) -> None:
    mock = start(apis=("casavi",), overlays=(SAMPLE,))
    mock.get(REQUESTS, MAX)
    assert [(entry["api"], entry["operationId"]) for entry in mock.journal()] == [("casavi", "listTickets")]


def test_an_uploaded_file_lies_below_the_place_where_it_was_uploaded(start: Start, write: Write) -> None:
    mock = start(apis=("casavi",), overlays=(write(*_move(UPLOADS, "/files")),))
    made = mock.post("/files", headers={"X-Filename": "a.txt"}, data=b"words", content_type="text/plain")
    assert made.headers["Location"] == f"/files/{made.get_json()['path']}"
    assert mock.get(made.headers["Location"]).data == b"words"


def test_an_operation_that_is_taken_away_is_served_no_more(start: Start, write: Write) -> None:
    mock = start(apis=("casavi",), overlays=(write({"target": TICKET, "remove": True}),))
    assert problem(mock.get(f"{TICKETS}/7001", MAX))[0] == 404
    assert mock.get("/__mock/health").get_json()["apis"] == {"casavi": 20}


def test_what_is_made_has_no_location_where_nothing_can_read_it(start: Start, write: Write) -> None:
    optional = {"target": "$.paths['/api/v1/tickets'].post.responses['201'].headers", "remove": True}
    mock = start(apis=("casavi",), overlays=(write({"target": TICKET, "remove": True}, optional),))
    made = mock.post(TICKETS, MAX, json={"communityId": LINDENHOF, "ticketTypeId": DAMAGE, "fields": {"17": "It drips"}})
    assert (made.status_code, "Location" in made.headers) == (201, False)


def test_a_parameter_that_is_taken_away_counts_as_not_given(start: Start, write: Write) -> None:
    parameters = "$.paths['/api/communities'].get.parameters"
    mock = start(overlays=(write({"target": f"{parameters}[?@.name != 'domain_id']", "remove": True}),))
    mock.create("Chess")
    mock.create("Go")
    query = {"domain_id": mock.domain(), "title": "Chess", "limit": "nonsense"}
    answer = mock.get("/api/communities", "alice", query_string=query)
    assert (answer.status_code, {"Chess", "Go"} <= {each["title"] for each in answer.get_json()}) == (200, True)


def test_a_schema_that_is_changed_is_obeyed(start: Start, write: Write) -> None:
    longer = {"target": "$.components.schemas.NewTicketComment.properties.text.maxLength", "update": 5}
    mock = start(apis=("casavi",), overlays=(write(longer),))
    ticket = opened(mock)["id"]
    answers = [mock.post(f"{TICKETS}/{ticket}/comments", MAX, json={"text": text}).status_code for text in ("short", "longer")]
    assert answers == [201, 400]


def test_overlays_are_applied_in_their_order_whatever_is_served(start: Start, write: Write) -> None:
    first, second = write(*_move(TICKETS, "/a"), name="1.json"), write(*_move("/a", "/b"), name="2.json")
    assert start(apis=("casavi",), overlays=(first, second)).get("/b", MAX).status_code == 200
    assert start(overlays=(first,)).get("/__mock/health").get_json()["apis"] == {"linagora": 15}
    with pytest.raises(BootError, match=r"2\.json: action 2"):
        start(overlays=(second, first))


INFO = {"target": "$.info", "update": {"x-a": 1}}
FAULTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "what the file says": ({"overlay": "2.0.0"}, ["2.0.0"]),
    "an action that matches nothing": ({"actions": [INFO, {"target": "$.nope", "remove": True}]}, ["action 2", "$.nope"]),
    "no responses": ({"actions": [{"target": "$.paths.*.*.responses", "remove": True}]}, ["responses"]),
    "an operation twice": (
        {"extends": "casavi.yaml", "actions": _move(TICKETS, "/a")[:2]},
        ["twice", "createTicket, listTickets"],
    ),
    "two operations at one place": (
        {"actions": [{"target": "$.paths", "update": {"/api/communities/{x}": {"get": {**FLAT["get"], "operationId": "t"}}}}]},
        ["t and getCommunity", "GET /api/communities/{community_id}"],
    ),
    "a path of the other API": (
        {"actions": _move("/api/v1/units", "/api/communities"), "extends": "casavi.yaml"},
        ["listUnits and listCommunities are both GET /api/communities"],
    ),
    "another path parameter": (
        {
            "actions": [{"target": TICKET, "remove": True}, {"target": "$.paths", "update": {"/t": FLAT}}],
            "extends": "casavi.yaml",
        },
        ["getTicket", "ticket_id"],
    ),
    "a bad schema": ({"actions": [{"target": "$.components.schemas.Ticket.type", "update": "strin"}]}, ["casavi", "schema"]),
    "a dead reference": ({"actions": [{"target": "$.components.schemas.Ticket", "remove": True}]}, ["casavi", "schemas/Ticket"]),
    "a path without a slash": (
        {"actions": [{"target": "$.paths", "update": {"t": {"get": {"operationId": "t", "responses": {}}}}}]},
        ["begin with /"],
    ),
    "an operation without a handler": (
        {
            "extends": "casavi.yaml",
            "actions": [{"target": "$.paths", "update": {"/t": {"get": {**FLAT["get"], "operationId": "t"}}}}],
        },
        ["without a handler: t"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_an_overlay_that_cannot_be_used_stops_the_boot_with_one_line_that_names_it(start: Start, write: Write, name: str) -> None:
    content, words = FAULTS[name]
    with pytest.raises(BootError) as caught:
        start(apis=("casavi",), overlays=(write(*content.get("actions", [INFO]), **content),))
    message = str(caught.value)
    assert [word for word in ("mine.yaml", *words) if word not in message] == [], message
    assert "\n" not in message


def test_a_file_that_cannot_be_read_stops_the_boot(start: Start, tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("overlay: [\n", encoding="utf-8")
    for name, word in (("bad.yaml", "line"), ("none.yaml", "No such file"), ("", "directory")):
        with pytest.raises(BootError, match=word) as caught:
            start(overlays=(str(tmp_path / name),))
        assert str(tmp_path / name) in str(caught.value)
        assert "\n" not in str(caught.value)


def test_overlays_are_options_and_an_environment_variable() -> None:
    assert read_config(["--overlay", "a.yaml", "--overlay", "b.yaml"], {}).overlays == ("a.yaml", "b.yaml")
    assert read_config([], {"MOCK_SERVER_OVERLAY": "a.yaml,b.yaml"}).overlays == ("a.yaml", "b.yaml")
    assert read_config(["--overlay", "c.yaml"], {"MOCK_SERVER_OVERLAY": "a.yaml"}).overlays == ("c.yaml",)
    assert read_config([], {}).overlays == ()
