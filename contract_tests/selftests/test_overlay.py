"""Overlays: what they change, what is refused and how, and that nothing of another spec is remembered."""

import io
import json
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from contract_tests.conformance import cases
from contract_tests.contract import operations as specs
from contract_tests.contract.choices import APIS
from contract_tests.contract.operations import (
    Operation,
    definition,
    document,
    find_operation,
    find_route,
    operations,
    overlays,
    use_overlays,
)
from contract_tests.contract.overlay import OverlayError, adapted
from contract_tests.contract.second_judge import disagreements
from contract_tests.faults.servers import near, shared_mock
from contract_tests.selftests.runs import run
from mock_server import BootError, Config, create_app

Write = Callable[..., Path]
SAMPLE = Path(__file__).resolve().parents[2] / "fixtures" / "overlays" / "requests.yaml"
TICKETS, TICKET, UNITS = "$.paths['/api/v1/tickets']", "$.paths['/api/v1/tickets/{ticket_id}']", "$.paths['/api/v1/units']"
STATUS = "$.components.schemas.Ticket"
GET = {"operationId": "added", "responses": {"200": {"description": "x"}}}
X = {"name": "x", "in": "path", "required": True, "schema": {"type": "string"}}
INFO = {"target": "$.info", "update": {"x-a": 1}}


def _added(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    return {"target": "$.paths", "update": {path: {"get": operation}}}


# Actions on casavi's document, and what the first JSON pointer is afterwards; None: no such thing any more.
ACTIONS: dict[str, tuple[list[dict[str, Any]], str, Any]] = {
    "objects are merged": (
        [
            {"target": "$.info", "update": {"x-a": {"b": [1], "c": 1}}},
            {"target": "$.info", "update": {"x-a": {"b": [2], "d": 2}}},
        ],
        "/info/x-a",
        {"b": [1, 2], "c": 1, "d": 2},
    ),
    "a value is replaced": ([{"target": "$.info.title", "update": "Other"}], "/info/title", "Other"),
    "an array is appended to": (
        [{"target": "$.info", "update": {"x-a": [1]}}, {"target": "$.info['x-a']", "update": [2, 3]}],
        "/info/x-a",
        [1, 2, 3],
    ),
    "an item is appended": (
        [{"target": "$.info", "update": {"x-a": [1]}}, {"target": "$.info['x-a']", "update": {"b": 2}}],
        "/info/x-a",
        [1, {"b": 2}],
    ),
    "items go, from wherever they are": (
        [{"target": "$.info", "update": {"x-a": [0, 1, 2, 3, 1]}}, {"target": "$.info['x-a'][1, 0, -1, 1]", "remove": True}],
        "/info/x-a",
        [2, 3],
    ),
    "what lies in what goes may go too": (
        [{"target": "$.info", "update": {"x-a": {"x-a": [[1]]}}}, {"target": "$..['x-a']", "remove": True}],
        "/info/x-a",
        None,
    ),
    "values go that a filter chooses": (
        [{"target": "$.components.schemas.Count.required[?@ == 'count']", "remove": True}],
        "/components/schemas/Count/required",
        [],
    ),
    "all that match are changed": ([{"target": "$.paths.*.get", "update": {"x-a": 1}}], "/paths/~1api~1v1~1units/get/x-a", 1),
    "each action sees those before": (
        [
            {"target": "$.info.title", "remove": True},
            {"target": "$.info", "update": {"title": {"x": 1}}},
            {"target": "$.info.title", "remove": True},
            {"target": "$.info", "update": {"title": "New"}},
        ],
        "/info/title",
        "New",
    ),
    "a copy is merged": (
        [
            {"target": "$.info", "update": {"x-a": {"b": 1}, "x-b": {"c": 2}}},
            {"target": "$.info['x-a']", "copy": "$.info['x-b']"},
        ],
        "/info/x-a",
        {"b": 1, "c": 2},
    ),
    "a copy shares nothing with what it is of": (
        [
            {"target": "$.info", "update": {"x-a": {"b": {}}, "x-b": {}}},
            {"target": "$.info['x-b']", "copy": "$.info['x-a']"},
            {"target": "$.info['x-a'].b", "update": {"c": 1}},
        ],
        "/info/x-b",
        {"b": {}},
    ),
    "a copy is of what was there before": (
        [
            {"target": "$.info", "update": {"x-a": {"b": {}, "c": {}}}},
            {"target": "$.info['x-a']['b', 'c']", "copy": "$.info['x-a']"},
        ],
        "/info/x-a",
        {"b": {"b": {}, "c": {}}, "c": {"b": {}, "c": {}}},
    ),
    "remove wins": ([{"target": "$.info.summary", "update": "x", "remove": True}], "/info/summary", None),
    "remove: false is nothing": ([{"target": "$.info.title", "update": "x", "remove": False}], "/info/title", "x"),
    "null is a value": (
        [{"target": "$.info", "update": {"x-a": 1}}, {"target": "$.info['x-a']", "update": None}],
        "/info/x-a",
        None,
    ),
}

FAULTS: dict[str, tuple[dict[str, Any], list[str]]] = {
    "another version": ({"overlay": "1.2.0"}, ["1.2.0"]),
    "a number for a version": ({"overlay": 1.1}, ["1.1.x, not 1.1"]),
    "no version": ({"overlay": None}, ["overlay"]),
    "no actions": ({"actions": []}, ["actions"]),
    "actions that are none": ({"actions": ["x"]}, ["actions"]),
    "an unknown document": ({"extends": "petstore.yaml"}, ["extends", "casavi.yaml, linagora.yaml"]),
    "nothing matched": ({"actions": [INFO, {"target": "$.nope", "remove": True}]}, ["action 2", "$.nope", "casavi or linagora"]),
    "nothing matched in its document": (
        {"extends": "../linagora.yaml", "actions": [{"target": TICKETS, "remove": True}]},
        ["action 1", TICKETS, "nothing in linagora"],
    ),
    "no path": ({"actions": [{"target": "$.paths[", "remove": True}]}, ["action 1", "brackets"]),
    "no target": ({"actions": [{"remove": True}]}, ["action 1"]),
    "no verb": ({"actions": [{"target": "$.info"}]}, ["action 1", "`update`"]),
    "two verbs": ({"actions": [{"target": "$.info", "update": {}, "copy": "$.paths"}]}, ["action 1", "`copy`"]),
    "a copy of nothing": ({"actions": [{"target": "$.info", "copy": "$.nope"}]}, ["action 1", "nothing in casavi or linagora"]),
    "a copy of many": ({"actions": [{"target": "$.info", "copy": "$.paths.*"}]}, ["action 1", "$.info", "match one"]),
    "all removed": ({"actions": [{"target": "$", "remove": True}]}, ["action 1", "remove"]),
    "kinds that do not merge": ({"actions": [{"target": "$.info", "update": {"title": []}}]}, ["action 1", "an array"]),
    "several kinds": ({"actions": [{"target": "$.*", "update": {"x": 1}}]}, ["action 1", "kinds"]),
    "no responses": ({"actions": [{"target": "$.paths.*.*.responses", "remove": True}]}, ["responses"]),
    "no operationId": ({"actions": [{"target": "$.paths.*.*.operationId", "remove": True}]}, ["operationId"]),
    "no paths": ({"actions": [{"target": "$.paths", "remove": True}]}, ["paths"]),
    "no logins": ({"actions": [{"target": "$.components.securitySchemes", "remove": True}]}, ["securitySchemes"]),
    "a copy that is no move": (
        {"actions": [{"target": "$.paths", "update": {"/x": {}}}, {"target": "$.paths['/x']", "copy": TICKETS}]},
        ["listTickets"],
    ),
    "two operations at one place": (
        {"actions": [_added("/api/v1/units", GET)], "extends": "linagora.yaml"},
        ["listUnits and added are both GET /api/v1/units"],
    ),
    "one operation in both documents": ({"actions": [_added("/x", GET)]}, ["added and added are both GET /x"]),
    "two templates that match alike": (
        {"actions": [_added("/api/communities/{x}", {**GET, "parameters": [X]})], "extends": "linagora.yaml"},
        ["getCommunity and added are both GET /api/communities/{x}"],
    ),
    "another path parameter": (
        {"actions": [{"target": TICKET, "remove": True}, _added("/t", {**GET, "operationId": "getTicket"})]},
        ["getTicket", "ticket_id"],
    ),
    "a bad schema": ({"actions": [{"target": f"{STATUS}.type", "update": "strin"}]}, ["strin"]),
    "a dead reference": ({"actions": [{"target": STATUS, "remove": True}]}, ["casavi", "schemas/Ticket"]),
    "a path without a slash": ({"actions": [_added("t", GET)]}, ["'t'"]),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    before = overlays()
    yield
    use_overlays(before)


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes an overlay of these actions and says where."""

    def make(*actions: dict[str, Any], name: str = "mine.yaml", **more: Any) -> Path:
        (tmp_path / name).write_text(json.dumps({"overlay": "1.1.0", "actions": actions, **more}))
        return tmp_path / name

    return make


def _at(pointer: str, value: Any) -> Any:
    for part in pointer.split("/")[1:]:
        value = value.get(part.replace("~1", "/"))
    return value


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_does_to_the_spec_what_the_standard_says(write: Write, name: str) -> None:
    actions, pointer, expected = ACTIONS[name]
    file = write(*actions, extends="specs/casavi.yaml")
    plain = {api: document(api) for api in APIS}
    kept = json.dumps(plain)
    changed = adapted(plain, file)
    assert _at(pointer, changed["casavi"]) == expected
    assert changed["linagora"] == plain["linagora"]
    assert json.dumps(plain) == kept, "the documents that were given have changed"


@pytest.mark.parametrize("name", FAULTS)
def test_an_overlay_that_cannot_be_used_is_one_line_that_names_it_and_the_mock_refuses_it_too(write: Write, name: str) -> None:
    content, words = FAULTS[name]
    file = write(*content.get("actions", [INFO]), **content)
    with pytest.raises(OverlayError) as caught:
        use_overlays([file])
    assert [word for word in (str(file), *words) if word not in str(caught.value)] == [], str(caught.value)
    assert "\n" not in str(caught.value)
    with pytest.raises(BootError, match=r"mine\.yaml"):
        create_app(Config(overlays=(str(file),)))


def test_a_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("overlay: [\n")
    (tmp_path / "bad.json").write_text("{'overlay'}")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\xfd")
    (tmp_path / "round.yaml").write_text("&a {overlay: 1.0.0, actions: [*a]}")
    for name in ("bad.yaml", "bad.json", "bytes.yaml", "round.yaml", "none.yaml", ""):
        with pytest.raises(OverlayError) as caught:
            use_overlays([tmp_path / name])
        assert str(tmp_path / name) in str(caught.value)
        assert "\n" not in str(caught.value)


def _ladder(first: str, step: str, rungs: int) -> str:
    """YAML of that many anchors, each of which names the one before ten times."""
    lines = [f"x0: &x0 {first}", *(f"x{n}: &x{n} {step.replace('*', f'*x{n - 1}')}" for n in range(1, rungs))]
    return "\n".join(["overlay: 1.0.0", *lines])


DEEP = 'overlay: 1.0.0\nactions: [{target: "$.info", update: %s1%s}]'
CASAVI = {"overlay": "1.1.0", "extends": "casavi.yaml"}
DOUBLING = [{"target": "$.info", "update": {"x-a": [0] * 1000}}, *[{"target": "$.info['x-a']", "copy": "$.info['x-a']"}] * 40]
NESTING = [{"target": "$.info", "update": {"x": {}}}, *[{"target": f"$.info{'.x' * n}", "copy": "$.info"} for n in range(1, 60)]]
BOMBS = {
    "lists": ("yaml", _ladder("[x]", f"[{', '.join(['*'] * 10)}]", 30), "grows to more than 1,000,000 values and characters"),
    "objects": ("yaml", _ladder("{k: x}", f"{{{', '.join(f'k{n}: *' for n in range(10))}}}", 30), "grows to more than"),
    "merge keys": ("yaml", _ladder("{k: x}", f"{{<<: [{', '.join(['*'] * 10)}]}}", 30), "grows to more than"),
    "a long text": ("yaml", _ladder("x" * 10_000, f"[{', '.join(['*'] * 1000)}]", 2), "grows to more than"),
    "an alias of itself": ("yaml", "&a {overlay: 1.0.0, actions: [*a]}", "*a stands inside what it refers to"),
    "an alias in a key": ("yaml", "&a {? [*a] : 1}", "*a stands inside what it refers to"),
    "deep lists": ("yaml", "- " * 200_000, "nests deeper than 100 levels"),
    "deep objects": ("yaml", DEEP % ("{x: " * 99, "}" * 99), "nests deeper than 100 levels"),
    "deep aliases": ("yaml", _ladder("x", "[" * 90 + "*" + "]" * 90, 30), "nests deeper than 100 levels"),
    "deep JSON": ("json", '{"x": ' * 99 + "[[]]" + "}" * 99, "nests deeper than 100 levels"),
    "endless JSON": ("json", "[" * 200_000, "nests deeper than 100 levels"),
    "copies that double": ("json", json.dumps(CASAVI | {"actions": DOUBLING}), "$.info['x-a']: grows to more than"),
    "copies that nest": ("json", json.dumps({"overlay": "1.1.0", "actions": NESTING}), ".x: nests deeper than 100 levels"),
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_that_explodes_is_refused_in_a_sentence_and_little_memory(tmp_path: Path, name: str) -> None:
    suffix, text, words = BOMBS[name]
    file = tmp_path / f"bomb.{suffix}"
    file.write_text(text)
    tracemalloc.start()
    try:
        with pytest.raises(OverlayError) as caught:
            adapted({api: document(api) for api in APIS}, file)
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith(f"{file}: ")
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_an_alias_that_stays_within_bounds_is_written_out(tmp_path: Path) -> None:
    actions = """[{target: $.info, update: {x-a: *a, x-b: {<<: *a, c: 1}}}, {target: "$.info['x-a'].b", update: 2}]"""
    (tmp_path / "a.yaml").write_text(f"overlay: 1.0.0\nx-a: &a {{b: [1]}}\nactions: {actions}")
    use_overlays([tmp_path / "a.yaml"])
    assert [document("casavi")["info"][key] for key in ("x-a", "x-b")] == [{"b": [1, 2]}, {"b": [1], "c": 1}]


def test_the_module_that_judge_and_mock_share_needs_what_the_mock_alone_installs() -> None:
    program = "import sys, contract_tests.contract.overlay; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    ours = [name for name in loaded if name.startswith(("contract_tests", "mock_server"))]
    assert ours == ["contract_tests", "contract_tests.contract", "contract_tests.contract.overlay"]
    judges = {"pytest", "hypothesis", "schemathesis", "openapi_core", "openapi_spec_validator", "requests", "pydantic"}
    assert judges.isdisjoint(loaded)


def test_json_may_have_tabs_and_yaml_numbers_as_keys(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('{\n\t"overlay": "1.0.0", "actions": [{"target": "$.info", "update": {"x-a": 1}}]}')
    responses = "$.paths.*[?@.operationId == 'listUnits'].responses"
    (tmp_path / "b.yaml").write_text(
        f"{{overlay: 1.0.1, actions: [{{target: {responses!r}, update: {{429: {{description: x}}}}}}]}}"
    )
    use_overlays([tmp_path / "a.json", tmp_path / "b.yaml"])
    assert document("linagora")["info"]["x-a"] == 1
    assert "429" in specs.statuses(operations("casavi")["listUnits"])


def test_nothing_is_remembered_of_a_spec_that_is_used_no_more(write: Write) -> None:
    # The operation stays the same, so that whatever is remembered by it would be found again.
    operation = operations("casavi")["addTicketComment"]

    def seen() -> list[object]:
        bodies = [str(case.body) for case in cases.fixed_cases(operation, 0, "full")]
        return [specs.statuses(operation), specs.parameters(operation), bodies]

    before = seen()
    method = "$.paths['/api/v1/tickets/{ticket_id}/comments'].post"
    schema = {"target": "$.components.schemas.NewTicketComment.properties", "update": {"mood": {"type": "string"}}}
    use_overlays([write(schema, {"target": f"{method}.responses", "update": {"429": {"description": "x"}}})])
    assert operations("casavi")["addTicketComment"] == operation
    assert [old for old, new in zip(before, seen(), strict=True) if old == new] == []
    use_overlays([])
    assert seen() == before


def test_using_no_overlays_again_forgets_nothing() -> None:
    first = cases.schema("casavi", 0, "full")
    use_overlays([])
    assert cases.schema("casavi", 0, "full") is first


def _judged(operation: specs.Operation) -> list[Any]:
    response = requests.Response()
    response.status_code, response.raw = 200, io.BytesIO(b"[]")
    response.headers["Content-Type"] = "application/json"
    response.request = requests.Request("GET", "http://x" + operation.path).prepare()
    return list(disagreements(operation, [], response, inferred=True))


def test_the_second_judge_judges_by_the_changed_spec(write: Write) -> None:
    assert _judged(operations("casavi")["listTickets"]) == []
    place = "$.paths['/api/v1/tickets'].get.responses['200'].content['application/json'].schema"
    use_overlays([write({"target": place, "update": {"minItems": 1}})])
    assert len(_judged(operations("casavi")["listTickets"])) == 1


def test_overlays_that_cannot_be_used_leave_those_before_in_force(write: Write) -> None:
    use_overlays([SAMPLE])
    with pytest.raises(OverlayError):
        use_overlays([write({"target": "$.nope", "remove": True})])
    assert (overlays(), operations("casavi")["listTickets"].path) == ((SAMPLE,), "/api/v2/requests")


def test_links_to_an_operation_that_is_gone_go_with_it(write: Write) -> None:
    assert "listUnits" in json.dumps(document("casavi"))
    use_overlays([write({"target": UNITS, "remove": True})])
    assert "listUnits" not in json.dumps(document("casavi")["paths"])
    cases.schema("casavi", 0, "full").as_state_machine()  # raises for a link that leads nowhere


def test_walks_send_the_bodies_that_links_name() -> None:
    found = [link for operation in operations("casavi").values() for link in _links_of(operation)]
    named = [link for link in found if "x-request-body" in link]
    assert len(named) == 5
    assert [link["requestBody"] for link in named] == [link["x-request-body"] for link in named]


def _links_of(operation: Operation) -> list[Any]:
    return [link for response in definition(operation)["responses"].values() for link in response.get("links", {}).values()]


def test_a_path_leads_to_its_template_and_a_literal_one_wins(write: Write) -> None:
    assert find_route("/api/communities/a%2Fb%20c/m%65mbers") == (
        "/api/communities/{community_id}/members",
        {"community_id": "a/b c"},
    )
    assert (find_route("/nowhere"), find_route("/api/communities/")) == (None, None)
    added = {"/api/communities/mine": {"get": GET}}
    use_overlays([write({"target": "$.paths", "update": added}, extends="linagora.yaml")])
    assert find_route("/api/communities/mine") == ("/api/communities/mine", {})
    assert str(find_operation("GET", "/api/communities/mine")) == "added (GET /api/communities/mine)"


def test_a_run_that_only_reads_generates_no_other_verbs() -> None:
    operation = operations("casavi")["listUnits"]
    methods = {
        safety: {case.method.upper() for case in cases.fixed_cases(operation, 0, safety)} for safety in ("read-only", "full")
    }
    assert methods["read-only"] == {"GET"}
    assert methods["full"] > {"GET"}


def test_the_laws_of_moved_tickets_hold_at_a_mock_that_moved_them_and_nowhere_else() -> None:
    laws, options = "laws/casavi/test_tickets.py", ["--overlay", str(SAMPLE)]
    with near(create_app(Config(overlays=(str(SAMPLE),)))) as moved:
        assert run([laws], *options, "--target", moved).status == pytest.ExitCode.OK
    with near(shared_mock()) as plain:
        one = f"{laws}::test_an_opened_ticket_is_listed_once"
        assert run([one], *options, "--target", plain).outcomes == {one: "failed"}
    assert overlays() == ()
