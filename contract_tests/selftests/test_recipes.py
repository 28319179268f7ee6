"""The recipes: every command line in them is one that the commands take, and the container's health check tells up from down."""

import argparse
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from contract_tests import PACKAGE
from contract_tests.cli import _parser
from contract_tests.faults.servers import mock, serve
from contract_tests.run.options import OPTIONS
from contract_tests.transport.gate import parse_rate
from mock_server.cli import read_config

RECIPES = PACKAGE / "recipes"
CONTAINER = (RECIPES / "Containerfile").read_text("utf-8")
COMMAND = re.compile(r"(?:^|[\s`])((?:contract-tests|mock-server) [^|&;>`]*)")
WORKFLOWS = ["github-actions.yml", "nightly.yml"]


def _scripts(file: Path) -> Iterator[str]:
    """The shell scripts in a recipe."""
    if file.suffix == ".md":
        yield from re.findall(r"`([^`\n]+)`", file.read_text("utf-8"))
    elif file.suffix == ".yml":
        yield from _texts(yaml.safe_load(file.read_text("utf-8")))
    else:
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


def _suite_options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name, option in OPTIONS.items():
        parser.add_argument(f"--{name}", **option)
    return parser


def _check(command: str) -> None:
    """Raises SystemExit or ValueError for a command line that would not be taken."""
    name, *arguments = shlex.split(command)
    if name == "mock-server":
        read_config(arguments, {})
    elif arguments[0] == "run":
        chosen = _suite_options().parse_args(arguments[1:])
        parse_rate(chosen.rate or "1/s")
    else:
        _parser().parse_args(arguments)


@pytest.mark.parametrize("command", list(_commands()))
def test_every_command_line_of_a_recipe_is_one_that_is_taken(command: str) -> None:
    _check(command)


def test_the_commands_of_all_recipes_are_found() -> None:
    found = [str(param.id).partition(":")[0] for param in _commands()]
    assert set(found) >= {*WORKFLOWS, "gitlab-ci.yml", "Containerfile", "README.md"}
    assert len([name for name in found if name == "nightly.yml"]) == 4


@pytest.mark.parametrize(
    "command", ["contract-tests run --nope x", "contract-tests diff old", "mock-server --nope", "contract-tests nope"]
)
def test_a_command_line_that_is_not_taken_is_noticed(command: str) -> None:
    with pytest.raises(SystemExit):
        _check(command)


def test_what_a_recipe_keeps_is_where_the_run_writes_it() -> None:
    for name in (*WORKFLOWS, "gitlab-ci.yml"):
        text = (RECIPES / name).read_text("utf-8")
        assert "--report report" in text
    assert yaml.safe_load((RECIPES / "gitlab-ci.yml").read_text("utf-8"))["contract"]["artifacts"]["reports"] == {
        "junit": "report/junit.xml"
    }


def test_a_container_is_given_all_that_the_package_is_built_of() -> None:
    copied = {name for line in re.findall(r"^COPY (.*) \S+$", CONTAINER, re.MULTILINE) for name in line.split()}
    if (PACKAGE.parent / "pyproject.toml").exists():  # an installed suite has no checkout
        assert [name for name in copied if not (PACKAGE.parent / name).exists()] == []
    assert {"pyproject.toml", "README.md", "mock_server", "contract_tests", "specs", "fixtures"} == copied


def test_the_health_check_of_the_container_tells_a_server_that_is_up_from_one_that_is_not() -> None:
    check = re.findall(r"^HEALTHCHECK .* CMD (.*)$", CONTAINER, re.MULTILINE)[0]
    with serve(mock()) as url:
        program = json.loads(check)[2].replace("8000", url.rpartition(":")[2])
        up = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    down = subprocess.run([sys.executable, "-c", program], check=False, capture_output=True)
    assert (up.returncode, down.returncode) == (0, 1)
