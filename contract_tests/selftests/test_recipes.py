"""The recipes: every command line in them is one that the commands take, and the container's health check tells up from down."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract_tests import PACKAGE
from contract_tests.faults.servers import mock, serve
from contract_tests.selftests.command_lines import COMMAND, check
from mock_server.cli import read_config

RECIPES = PACKAGE / "recipes"
CONTAINER = (RECIPES / "Containerfile").read_text("utf-8")
WORKFLOWS = ["github-actions.yml", "nightly.yml"]


def _scripts(file: Path) -> Iterator[str]:
    """The shell scripts in a recipe."""
    if file.suffix == ".yml":
        yield from _texts(yaml.safe_load(file.read_text("utf-8")))
    elif file.name == "Containerfile":
        yield from (" ".join(json.loads(line)) for line in re.findall(r"^CMD (.*)$", CONTAINER, re.MULTILINE))


def _texts(node: Any) -> Iterator[str]:
    if isinstance(node, dict | list):
        for value in node.values() if isinstance(node, dict) else node:
            yield from _texts(value)
    elif isinstance(node, str):
        yield from node.splitlines()


def _commands() -> Iterator[Any]:
    for file in sorted(RECIPES.iterdir()):
        for script in _scripts(file):
            for found in COMMAND.findall(script):
                yield pytest.param(found.strip(), id=f"{file.name}: {found.strip()}")


@pytest.mark.parametrize("command", list(_commands()))
def test_every_command_line_of_a_recipe_is_one_that_is_taken(command: str) -> None:
    check(command)


def test_the_commands_of_all_recipes_are_found() -> None:
    found = [str(param.id).partition(":")[0] for param in _commands()]
    assert set(found) >= {*WORKFLOWS, "gitlab-ci.yml", "spec-gate.yml", "spec-gate-gitlab.yml", "Containerfile"}
    assert len([name for name in found if name == "nightly.yml"]) == 4


def test_the_environment_of_the_replicas_is_one_that_the_server_takes() -> None:
    environment = yaml.safe_load((RECIPES / "compose.yml").read_text("utf-8"))["services"]["mock"]["environment"]
    config = read_config([], environment)
    assert {f"MOCK_SERVER_{field.name.upper()}" for field in fields(config)} >= set(environment)
    assert (config.workers, config.trusted_proxies, config.log_format) == (2, 1, "json")


@pytest.mark.parametrize(
    "command", ["contract-tests run --nope x", "contract-tests diff old", "mock-server --nope", "contract-tests nope"]
)
def test_a_command_line_that_is_not_taken_is_noticed(command: str) -> None:
    with pytest.raises(SystemExit):
        check(command)


def test_what_a_recipe_keeps_is_where_the_run_writes_it() -> None:
    for name in (*WORKFLOWS, "gitlab-ci.yml"):
        text = (RECIPES / name).read_text("utf-8")
        assert "--report report" in text
    assert yaml.safe_load((RECIPES / "gitlab-ci.yml").read_text("utf-8"))["contract"]["artifacts"]["reports"] == {
        "junit": "report/junit.xml"
    }


def test_a_container_is_made_of_the_wheel_alone_and_runs_as_nobody_of_weight() -> None:
    assert re.findall(r"^COPY (.*)$", CONTAINER, re.MULTILINE) == ["dist/*.whl /dist/"]
    (user,) = re.findall(r"^USER (\d+):\d+$", CONTAINER, re.MULTILINE)
    assert int(user) > 0


def test_the_health_check_of_the_container_tells_a_server_that_is_up_from_one_that_is_not() -> None:
    check = re.findall(r"^HEALTHCHECK .* CMD (.*)$", CONTAINER, re.MULTILINE)[0]
    with serve(mock()) as url:
        program = json.loads(check)[2].replace("8000", url.rpartition(":")[2])
        up = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    down = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert (up.returncode, down.returncode) == (0, 1)
