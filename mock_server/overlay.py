"""Applies an OpenAPI Overlay (1.0 and 1.1) to the spec documents."""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from functools import reduce
from operator import getitem
from pathlib import Path, PurePosixPath
from typing import Any

import jsonpath_rfc9535 as jsonpath
import orjson
import yaml

from mock_server.config import parse_yaml
from mock_server.errors import BootError

Location = tuple[int | str, ...]

_VERSION = re.compile(r"1\.[01]\.\d+")


class _Misfit(Exception):  # noqa: N818 - never leaves this file
    """Why an action cannot be applied."""


def adapted(documents: Mapping[str, Any], file: str) -> dict[str, Any]:
    """Copies of the documents, by API name, after all actions of the overlay. Raises BootError with the file's name."""
    try:
        actions, names = _parts(_read(Path(file)), documents)
    except OSError as error:
        raise BootError(f"{file}: {error.strerror}") from error
    except (yaml.YAMLError, ValueError, TypeError) as error:
        raise BootError(f"{file}: {' '.join(str(error).split())}") from error
    # By way of JSON, so that no two places share a value.
    changed = {name: orjson.loads(orjson.dumps(document)) for name, document in documents.items()}
    for number, action in enumerate(actions, 1):
        try:
            if not sum([_apply(action, changed[name]) for name in names]):
                raise _Misfit(f"matches nothing in {' or '.join(names)}")
        except (_Misfit, jsonpath.JSONPathError) as error:
            raise BootError(f"{file}: action {number}, {action.get('target')}: {error}") from error
    return changed


def _read(file: Path) -> Any:
    """As JSON has it: keys are strings, a status such as 404 too."""
    data = file.read_bytes()
    return orjson.loads(data if file.suffix == ".json" else orjson.dumps(parse_yaml(data), option=orjson.OPT_NON_STR_KEYS))


def _parts(overlay: Any, documents: Mapping[str, Any]) -> tuple[list[dict[str, Any]], Sequence[str]]:
    """The actions, and which APIs they are for. Raises ValueError."""
    version = overlay.get("overlay") if isinstance(overlay, dict) else None
    if not _VERSION.fullmatch(str(version)):
        raise ValueError(f"`overlay` has to be 1.0.x or 1.1.x, not {version}")
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions or not all(isinstance(action, dict) for action in actions):
        raise ValueError("`actions` has to be a list of objects, one at least")
    if "extends" not in overlay:
        return actions, tuple(documents)
    extended = PurePosixPath(str(overlay["extends"])).stem
    if extended not in documents:
        raise ValueError(f"`extends` has to name one of {', '.join(f'{name}.yaml' for name in documents)}")
    return actions, (extended,)


def _apply(action: Mapping[str, Any], document: Any) -> int:
    """Changes the document and tells in how many places; where there is nothing to copy, in none."""
    places = _places(action.get("target"), document)
    if not places or ("copy" in action and not _places(action["copy"], document)):
        return 0
    if action.get("remove") is True:
        _remove(places, document)
        return len(places)
    if len({_kind(_at(place, document)) for place in places}) > 1:
        raise _Misfit("matches values of different kinds")
    value = _value(action, document)
    for place in places:
        _update(place, document, value)
    return len(places)


def _places(path: Any, document: Any) -> list[Location]:
    return [node.location for node in jsonpath.find(str(path), document)]


def _at(place: Location, document: Any) -> Any:
    return reduce(getitem, place, document)


def _remove(places: Sequence[Location], document: Any) -> None:
    if () in places:
        raise _Misfit("would remove the whole document")
    # From the end, so that what is still to be removed stays where it was.
    for *above, last in sorted(set(places), reverse=True):
        del _at(tuple(above), document)[last]


def _value(action: Mapping[str, Any], document: Any) -> Any:
    if ("update" in action) == ("copy" in action):
        raise _Misfit("needs either `update`, `copy` or `remove: true`")
    if "update" in action:
        return action["update"]
    sources = _places(action["copy"], document)
    if len(sources) != 1:
        raise _Misfit(f"`copy` has to match one place, not {len(sources)}")
    return copy.deepcopy(_at(sources[0], document))


def _update(place: Location, document: Any, value: Any) -> None:
    old = _at(place, document)
    entry = [value] if isinstance(old, list) and not isinstance(value, list) else value
    new = _merge(old, copy.deepcopy(entry))
    if place:
        _at(place[:-1], document)[place[-1]] = new


def _merge(old: Any, new: Any) -> Any:
    if _kind(old) != _kind(new):
        raise _Misfit(f"cannot merge {_kind(new)} into {_kind(old)}: remove the old one first")
    if isinstance(old, dict):
        for key, value in new.items():
            old[key] = _merge(old[key], value) if key in old else value
        return old
    return old + new if isinstance(old, list) else new


def _kind(value: Any) -> str:
    if isinstance(value, dict):
        return "an object"
    return "an array" if isinstance(value, list) else "a plain value"
