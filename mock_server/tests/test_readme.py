"""Every command and every Python example of the README works as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from mock_server.tests.processes import clean_environment

README = Path(__file__).parent.parent / "README.md"
BLOCKS = re.findall(r"^```(sh|python|text)\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
SHELL = [text for kind, text in BLOCKS if kind == "sh" and "pip install" not in text]
PROGRAMS = [text for kind, text in BLOCKS if kind == "python" and "def test_" not in text]
TESTS = [text for kind, text in BLOCKS if kind == "python" and "def test_" in text]
TEXTS = [text for kind, text in BLOCKS if kind == "text"]
pytest_plugins = ["pytester"]
ADDRESS = "http://localhost:8000"


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=clean_environment())
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("block", SHELL, ids=lambda block: block.splitlines()[-1][-40:])
def test_the_commands_work(command_url: str, block: str) -> None:
    _run("bash", "-euo", "pipefail", "-c", block.replace(ADDRESS, command_url))


@pytest.mark.parametrize("block", PROGRAMS, ids=range(len(PROGRAMS)))
def test_the_python_examples_work(block: str) -> None:
    _run(sys.executable, "-c", block)


def test_the_test_passes_and_fails_as_shown(pytester: pytest.Pytester) -> None:
    (test,), (shown,) = TESTS, (text for text in TEXTS if "assert_called" in text)
    assert test in (README.parent.parent / "README.md").read_text(encoding="utf-8")
    pytester.makepyfile(test_shown=test, test_red=test.replace('{"communityId": 1})', '{"communityId": 2})'))
    # The others take long to load.
    result = pytester.runpytest_inprocess(*(f"-pno:{plugin}" for plugin in ("schemathesis", "hypothesispytest", "xdist")))
    result.assert_outcomes(passed=1, failed=1)
    assert shown in result.stdout.str()


def test_the_set_up_is_the_one_of_the_root_readme() -> None:
    (command,) = (text.strip() for kind, text in BLOCKS if kind == "sh" and "pip install" in text)
    assert command in (README.parent.parent / "README.md").read_text(encoding="utf-8")


def test_every_module_is_in_the_map() -> None:
    text = README.read_text(encoding="utf-8")
    modules = {path.name for path in README.parent.glob("*.py")} - {"__init__.py"}
    assert {name for name in modules if f"`{name}`" not in text} == set()
    assert {name for name in re.findall(r"`(\w+\.py)`", text) if not list(README.parent.rglob(name))} == set()
