"""What the distribution says of itself, against the files that say or prove it."""

import re
import tomllib
from collections.abc import Iterator

import pytest

from contract_tests import PACKAGE
from mock_server.version import VERSION

HOME = PACKAGE.parent
CI = HOME / ".ci"
PROJECT = tomllib.loads((HOME / "pyproject.toml").read_text("utf-8"))["project"]
REQUIREMENT = re.compile(r"^([\w.-]+)(?:\[.*\])?(?:>=([\d.]+))?")
LOCKED = re.compile(r"^([\w.-]+)==([^ ;]+)", re.MULTILINE)


def _requirements() -> Iterator[tuple[str, str]]:
    """Names and floors, those of the extras too."""
    for text in [*PROJECT["dependencies"], *(one for extra in PROJECT["optional-dependencies"].values() for one in extra)]:
        found = REQUIREMENT.match(text)
        assert found is not None
        yield found[1].lower(), found[2] or ""


def _locked(name: str) -> dict[str, str]:
    return dict(LOCKED.findall((CI / name).read_text("utf-8")))


def _parts(version: str, length: int) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version + ".0.0.0")][:length]


def test_every_floor_is_a_version_that_ci_tries() -> None:
    lowest = _locked("lowest.txt")
    wrong = [
        (name, floor, lowest.get(name))
        for name, floor in _requirements()
        if not floor or _parts(floor, len(floor.split("."))) != _parts(lowest.get(name, ""), len(floor.split(".")))
    ]
    assert wrong == [], "run .ci/lock, and raise each floor to what it finds"


@pytest.mark.parametrize("lock", ["requirements.txt", "lowest.txt", "uv.txt"])
def test_what_is_locked_has_hashes_and_no_address(lock: str) -> None:
    text = (CI / lock).read_text("utf-8")
    entries = re.split(r"\n(?! )", text.strip())
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text
    assert "index" not in text


def test_the_lock_has_all_that_is_required() -> None:
    tools = re.findall(r"^[\w-]+", (CI / "tools.txt").read_text("utf-8"), re.MULTILINE)
    required = {name for name, _ in _requirements()} | {tool.lower() for tool in tools}
    assert required - _locked("requirements.txt").keys() == set(), "run .ci/lock"


def test_the_changelog_has_the_version_or_what_becomes_it() -> None:
    newest = re.findall(r"^## (\S+)", (HOME / ".github" / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)[0]
    assert newest in {"Unreleased", VERSION}


def test_the_licence_and_the_pythons_are_told() -> None:
    pythons = {text.rpartition(" ")[2] for text in PROJECT["classifiers"] if re.search(r"Python :: 3\.\d+$", text)}
    tried = set(re.findall(r'"(3\.\d+) (?:lowest|locked|newest)"', (CI / "run").read_text("utf-8")))
    assert pythons <= tried
    assert f">={min(pythons, key=lambda one: _parts(one, 2))}" == PROJECT["requires-python"]
    (licence,) = PROJECT["license-files"]
    assert "Apache License" in (HOME / licence).read_text("utf-8")
