"""The difference of two specs: each edit is told as what it is for clients, and what is no spec in one line."""

import re
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from contract_tests import PACKAGE
from contract_tests.contract.choices import APIS
from contract_tests.contract.operations import operations
from contract_tests.selftests.edited_specs import BREAKING, GONE, NONE, Pair, edited, originals
from contract_tests.selftests.spec_pairs import PAIRS
from contract_tests.specdiff.change import Change, Effect, Severity
from contract_tests.specdiff.operations import differences
from contract_tests.specdiff.schema import Document
from contract_tests.specdiff.shown import lines

README = PACKAGE / "README.md"
# What goes is another rule than what comes, and a text that is refused is looked for in requests alone.
ONE_WAY = ("gone", "new", "text", "pattern")


def _changes(old: Any, new: Any) -> list[Change]:
    return differences(Document("old", old), Document("new", new))


def _worst(changes: list[Change]) -> str:
    return next((severity for severity in Severity if severity in {change.severity for change in changes}), NONE)


@pytest.mark.parametrize("pair", PAIRS, ids=str)
def test_each_edit_is_what_it_is_for_clients(pair: Pair) -> None:
    changes = _changes(*pair.documents())
    assert _worst(changes) == pair.verdict
    assert pair.says in "\n".join(lines(changes))


def test_there_are_enough_pairs_to_judge_by() -> None:
    assert len([pair for pair in PAIRS if pair.verdict == BREAKING]) >= 20
    assert len(PAIRS) >= 40


def _narrowed(old: Any, new: Any, effect: Effect = Effect.NARROWER) -> set[Any]:
    """What has an effect, but for the rules that look at one direction."""
    return {
        (change.rule, change.place)
        for change in _changes(old, new)
        if change.effect is effect and not change.rule.endswith(ONE_WAY)
    }


def test_what_is_narrower_is_wider_the_other_way_round() -> None:
    for pair in [pair for pair in PAIRS if pair.api == "shop"]:
        old, new = pair.documents()
        assert _narrowed(old, new) == _narrowed(new, old, Effect.WIDER), pair


def test_the_changes_in_the_readme_are_told_so() -> None:
    (block,) = re.findall(r"^```text\n\$ contract-tests spec-diff.*\n((?:.*\n)+?)```$", README.read_text("utf-8"), re.MULTILINE)
    old = originals()["linagora"]
    new = edited(
        old,
        {
            "components schemas Community required 2": GONE,
            "components schemas NewCommunity properties language": {"type": "string"},
            "components parameters Limit schema default": 20,
            "paths /api/communities/{community_id} delete deprecated": True,
        },
    )
    assert lines(_changes(old, new)) == block.splitlines()


@pytest.mark.parametrize("api", APIS)
def test_a_spec_differs_in_nothing_from_itself(api: str) -> None:
    document = originals()[api]
    assert _changes(document, deepcopy(document)) == []
    moved = _changes({**document, "paths": {}}, document)
    assert [change.rule for change in moved] == ["operation new"] * len(operations(api))


ITEM, NEW, ERROR = ({"$ref": f"#/components/schemas/{name}"} for name in ("Item", "NewItem", "Error"))
WRITTEN: dict[str, list[Any]] = {
    "type": [GONE, "string", "number", "object", ["string", "null"], ["integer", "array"]],
    "enum": [GONE, ["new"], ["new", 5, None], []],
    "const": ["new", 5],
    "minimum": [GONE, 0, 5],
    "maxLength": [GONE, 5, 500],
    "format": [GONE, "int64", "date"],
    "required": [GONE, [], ["name"], ["name", "state", "more"]],
    "properties": [GONE, {"name": ERROR, "more": {"readOnly": True}}],
    "additionalProperties": [GONE, False, True, {"type": "string"}, NEW],
    "items": [GONE, True, ITEM, {"type": ["string", "null"]}],
    "anyOf": [GONE, [ITEM, {"type": "null"}], [ITEM, NEW, ERROR], [{"minimum": 5}, {"maxLength": 5}, False]],
    "oneOf": [[{"type": "integer"}, {"type": "number", "minimum": 3}], [{"const": 1}, {"const": 2}]],
    "allOf": [[ITEM, {"required": ["made"]}], [ERROR, NEW]],
    "not": [GONE, {"type": "string"}],
    "$ref": [ITEM["$ref"], ERROR["$ref"]],
}
EDITS = st.sampled_from([(key, value) for key, values in WRITTEN.items() for value in values])


def _schemas(node: dict[str, Any], here: str) -> Iterator[str]:
    """The places of a schema and of those in it."""
    yield here
    for name, inner in node.get("properties", {}).items():
        yield from _schemas(inner, f"{here} properties {name}")
    if "items" in node:
        yield from _schemas(node["items"], f"{here} items")


def test_whatever_becomes_of_a_schema_its_changes_can_be_told() -> None:
    old = originals()["shop"]
    places = [
        place for name, node in old["components"]["schemas"].items() for place in _schemas(node, f"components schemas {name}")
    ]

    # In here, since the size of other property tests is that of the run.
    @settings(max_examples=40, deadline=None, derandomize=True, database=None)
    @given(st.lists(st.tuples(st.sampled_from(places), EDITS), min_size=1, max_size=3))
    def holds(edits: list[tuple[str, tuple[str, Any]]]) -> None:
        try:
            new = edited(old, {f"{place} {key}": value for place, (key, value) in edits})
        except (LookupError, TypeError):
            assume(condition=False)  # there was nothing to remove, or one edit removed the place of another
        assert lines(_changes(old, new))
        assert _changes(new, deepcopy(new)) == []
        assert _narrowed(old, new) == _narrowed(new, old, Effect.WIDER)

    holds()
