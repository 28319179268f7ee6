"""The example of a profile and the schema of profiles: they name and describe the same keys."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import contract_tests.profile
from contract_tests.cli import main
from contract_tests.contract.choices import APIS
from contract_tests.contract.operations import operations
from contract_tests.profile import load_profile
from contract_tests.profile.tables import ProfileTable, profile_schema
from contract_tests.selftests.profile_texts import refused

pytestmark = pytest.mark.usefixtures("profile_variables")

FOLDER = Path(contract_tests.profile.__file__).parent
SCHEMA = profile_schema()


def test_the_example_is_sound() -> None:
    profile = load_profile(FOLDER / "example.toml")
    assert {api: len(profile.of(api)) for api in APIS} == {"casavi": 3, "linagora": 4}
    assert profile.base_urls["linagora"] == "https://staging.example.org/openpaas"


def test_an_editor_gets_a_schema_that_the_example_keeps_and_a_wrong_key_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-profile", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    example = tomllib.loads((FOLDER / "example.toml").read_text("utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(example)) == []
    example["casavi"]["principals"][0] |= {"password": "plain", "emial": "x"}
    assert len(list(Draft202012Validator(schema).iter_errors(example))) == 2


def test_the_example_with_all_that_is_commented_out_is_refused_for_missing_files_alone(tmp_path: Path) -> None:
    lines = (FOLDER / "example.toml").read_text("utf-8").splitlines()
    text = "\n".join(re.sub(r"^# (?=\[connection|\w+ = )", "", line) for line in lines)
    faults = [line for line in refused(tmp_path, text) if "there is no file" not in line]
    assert [re.sub(r"^\d+: ", "", line) for line in faults] == [
        "linagora.principals[0].login: exactly one of bearer, cookie is needed"
    ]


def test_the_example_names_every_key_of_the_schema_and_no_other() -> None:
    written = set(re.findall(r"(\w+) =|\[(?:\w+\.)*(\w+)\]", (FOLDER / "example.toml").read_text("utf-8")))
    named = {key for pair in written for key in pair if key}
    assert named - {"username", "user"} >= set(_keys(SCHEMA)) - {"username", "user"}


def test_every_key_of_the_schema_is_described() -> None:
    assert not [key for key, schema in _keys(SCHEMA).items() if not schema.get("description")]


def test_known_ids_have_the_names_of_path_parameters() -> None:
    for api in APIS:
        known = getattr(ProfileTable(), api).known
        assert set(type(known).model_fields) == {name for operation in operations(api).values() for name in operation.parameters}


def _keys(schema: Any) -> dict[str, dict[str, Any]]:
    """All keys that a profile may have."""
    found: dict[str, dict[str, Any]] = {}
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        found |= _keys(part)
    if isinstance(schema, dict) and schema.get("additionalProperties") is False:
        found |= schema["properties"]
    return found
