"""Scenario files: found by name, checked against fixtures/scenario.schema.yaml, read again when they change."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import jsonschema_rs
import yaml

from mock_server.config import data_folder, parse_yaml
from mock_server.errors import BootError, not_found

Value = TypeVar("Value")


class Names(dict[str, Value]):
    """Things by the names that a scenario gives them. Raises BootError for a name that it does not define, or defines twice."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def __missing__(self, name: str) -> Value:
        raise BootError(f"no {self._kind} is named {name}")

    def __setitem__(self, name: str, value: Value) -> None:
        if name in self:
            raise BootError(f"two {self._kind}s are named {name}")
        super().__setitem__(name, value)


@dataclass(frozen=True, slots=True)
class Scenario:
    """source is the file's text; parts maps names of APIs to what each loads."""

    source: str
    parts: Mapping[str, Mapping[str, Any]]


def scenario_names() -> list[str]:
    """The scenarios that come with the server."""
    return sorted(path.stem for path in _folder().glob("*.yaml"))


def read_scenario(name: str, configured: str) -> Scenario:
    """The scenario of that name; configured is the one from the command line, which alone may be a path to a file.

    Raises Problem 404 for an unknown name, BootError for a file that is missing or not a scenario.
    """
    if name in scenario_names():
        path = _folder() / f"{name}.yaml"
    elif name == configured:
        path = Path(name)
    else:
        raise not_found("scenario", name)
    try:
        found = path.stat()
        return _parse(path, found.st_mtime_ns, found.st_size)
    except (OSError, UnicodeDecodeError) as error:
        known = ", ".join(scenario_names())
        raise BootError(f"scenario {name} is not one of {known}, and cannot be read as a file: {error}") from error


def _folder() -> Path:
    return data_folder("fixtures") / "scenarios"


@functools.lru_cache(maxsize=8)
def _parse(path: Path, _changed: int, _size: int) -> Scenario:
    source = path.read_text(encoding="utf-8")
    try:
        parts = parse_yaml(source)
    except yaml.YAMLError as error:
        raise BootError(f"scenario {path}: {error}") from error
    fault = next(iter(_schema().iter_errors(parts)), None)
    if fault:
        place = "/".join(str(part) for part in fault.instance_path) or "the file"
        raise BootError(f"scenario {path}: {place}: {fault.message[:300]}")
    return Scenario(source, parts)


@functools.cache
def _schema() -> jsonschema_rs.Draft202012Validator:
    text = (data_folder("fixtures") / "scenario.schema.yaml").read_bytes()
    return jsonschema_rs.Draft202012Validator(parse_yaml(text), validate_formats=True)
