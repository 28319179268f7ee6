"""Every command and every Python example of the README works as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_server.tests.processes import clean_environment, serving

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
SHELL = [text for kind, text in BLOCKS if kind == "sh" and "pip install" not in text]
PYTHON = [text for kind, text in BLOCKS if kind == "python"]
ADDRESS = "http://localhost:8000"


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=clean_environment())
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving() as (_, url):
        yield url


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.splitlines()[-1][-40:])
def test_the_commands_work(address: str, block: str) -> None:
    _run("bash", "-euo", "pipefail", "-c", block.replace(ADDRESS, address))


@pytest.mark.parametrize("block", PYTHON, ids=range(len(PYTHON)))
def test_the_python_examples_work(block: str) -> None:
    _run(sys.executable, "-c", block)


def test_the_set_up_is_the_one_of_the_root_readme() -> None:
    (command,) = (text.strip() for kind, text in BLOCKS if kind == "sh" and "pip install" in text)
    assert command in (README.parent.parent / "README.md").read_text(encoding="utf-8")


def test_every_module_is_in_the_map() -> None:
    text = README.read_text(encoding="utf-8")
    modules = {path.name for path in README.parent.glob("*.py")} - {"__init__.py"}
    assert {name for name in modules if f"`{name}`" not in text} == set()
    assert {name for name in re.findall(r"`(\w+\.py)`", text) if not list(README.parent.rglob(name))} == set()
