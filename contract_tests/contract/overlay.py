"""Overlays: files that fit the specs to a deployment, by the OpenAPI Overlay Specification 1.0 and 1.1.

Judge and mock both import this module: a document is prepared here, and each of them judges the result by itself. So it imports
nothing of either, and no library that the mock alone would not install.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import chain, islice
from operator import getitem, methodcaller
from pathlib import Path, PurePosixPath
from textwrap import shorten
from typing import Any, TypeAlias

import yaml
from jsonpath_rfc9535 import JSONPathError, find

Json: TypeAlias = Any
Place: TypeAlias = tuple[int | str, ...]

LONGEST_REASON = 200  # characters of what a library says
LARGEST = 1_000_000  # values and characters in a file, its aliases written out, and in a document
DEEPEST = 100  # levels of lists and objects in either

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class OverlayError(Exception):
    """An overlay that cannot be used; the text is one line that names the file."""


class Misfit(Exception):  # noqa: N818 - becomes an OverlayError as soon as the file is known
    """What is wrong with a file, an action or its result, without the name of the file."""


def adapted(documents: Mapping[str, Json], file: Path) -> dict[str, Json]:
    """The OpenAPI documents, by API, after the actions of one overlay; those given stay as they are.

    Both may share parts, so neither may be changed. A file of 1.0 may do what 1.1 allows. Raises OverlayError.
    """
    where, result = f"{file}", dict(documents)
    try:
        overlay = _read(file)
        _check_frame(overlay, documents)
        apis = [_stem(overlay["extends"])] if "extends" in overlay else list(documents)
        for number, action in enumerate(overlay["actions"], 1):
            where = f"{file}: action {number}, {action.get('target')}"
            _act(action, result, apis)
    except Misfit as error:
        raise OverlayError(f"{where}: {error}") from None
    return result


def places(document: Json, path: Json) -> list[Place]:
    """Where a JSONPath leads in a document. Raises Misfit."""
    try:
        return [node.location for node in find(str(path), document)]
    except JSONPathError as error:
        raise Misfit(f"{path} is no JSONPath: {brief(error)}") from None


def value_at(place: Place, document: Json) -> Json:
    return reduce(getitem, place, document)


def without(node: Json, gone: frozenset[Place], here: Place = ()) -> Json:
    """A copy of a document that lacks these places. Raises Misfit if nothing is left."""
    if here in gone and not here:
        raise Misfit("removes everything")
    if isinstance(node, dict):
        return {key: without(value, gone, (*here, key)) for key, value in node.items() if (*here, key) not in gone}
    if isinstance(node, list):
        return [without(value, gone, (*here, index)) for index, value in enumerate(node) if (*here, index) not in gone]
    return node


def brief(error: Exception) -> str:
    """What a library says, in one line."""
    return shorten(str(getattr(error, "message", error)).partition("\n\n")[0], LONGEST_REASON, placeholder="…")


def _read(file: Path) -> Json:
    try:
        return parsed(file.read_bytes(), file.suffix)
    except OSError as error:
        raise Misfit(error.strerror) from None


def parsed(content: bytes, suffix: str) -> Json:
    """The values in a file that is JSON if its suffix is .json, and YAML otherwise. Raises Misfit."""
    try:
        text = content.decode("utf-8")
        # YAML forbids the tabs that JSON allows; and as JSON every key is a text, a status too.
        values = json.loads(text if suffix == ".json" else json.dumps(_yaml(text), default=methodcaller("isoformat")))
    except RecursionError:
        raise Misfit(f"nests deeper than {DEEPEST} levels") from None
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        if "nesting depth" in str(error):  # libyaml has had a limit of its own since 0.2.6, beyond ours
            raise Misfit(f"nests deeper than {DEEPEST} levels") from None
        raise Misfit(f"neither YAML nor JSON: {brief(error)}") from None
    _check_bounds(values)
    return values


def _yaml(text: str) -> Json:
    """The values in a text whose aliases are known to stay within bounds. Raises Misfit and YAMLError."""
    size, sizes = 0, dict[str | None, int]()
    unclosed: list[tuple[str | None, int]] = []  # the anchor of each collection, and the size before it
    # In the events of the parser, since building the values takes the memory, and the stack of C, that are to be saved.
    for event in yaml.parse(text, Loader=_LOADER):
        before = size
        match event:
            case yaml.AliasEvent(anchor=anchor):
                if any(anchor == name for name, _ in unclosed):
                    raise Misfit(f"the alias *{anchor} stands inside what it refers to")
                size += sizes.get(anchor, 0)
            case yaml.ScalarEvent(anchor=anchor, value=value):
                size += 1 + len(value)
                sizes[anchor] = size - before
            case yaml.CollectionStartEvent(anchor=anchor):
                size += 1
                unclosed.append((anchor, before))
            case yaml.CollectionEndEvent():
                anchor, before = unclosed.pop()
                sizes[anchor] = size - before
        _check(size, len(unclosed))
    return yaml.load(text, Loader=_LOADER)


def _check_bounds(value: Json) -> None:
    """Raises Misfit for a value that is too large or too deep; what is shared counts wherever it stands."""
    level, size, depth = [value], 0, 0
    while level:
        _check(size + len(level), depth)  # before it is gone through
        branches = [node for node in level if isinstance(node, dict | list)]
        size += sum(len(node) if isinstance(node, str) else 1 for node in level)
        depth += bool(branches)
        _check(size, depth)
        below = chain.from_iterable(node.values() if isinstance(node, dict) else node for node in branches)
        level = list(islice(below, LARGEST + 1))


def _check(size: int, depth: int) -> None:
    if depth > DEEPEST:
        raise Misfit(f"nests deeper than {DEEPEST} levels")
    if size > LARGEST:
        raise Misfit(f"grows to more than {LARGEST:,} values and characters")


def _check_frame(overlay: Json, documents: Mapping[str, Json]) -> None:
    version = overlay.get("overlay") if isinstance(overlay, dict) else None
    if not re.fullmatch(r"1\.[01]\.\d+", str(version)):
        raise Misfit(f"no overlay that can be read: `overlay` has to be 1.0.x or 1.1.x, not {version}")
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions or not all(isinstance(action, dict) for action in actions):
        raise Misfit("no actions: `actions` has to be a list of objects")
    if "extends" in overlay and _stem(overlay["extends"]) not in documents:
        raise Misfit(f"`extends: {overlay['extends']}` is none of {', '.join(f'{api}.yaml' for api in documents)}")


def _stem(extends: Json) -> str:
    return PurePosixPath(str(extends)).stem


def _act(action: Json, documents: dict[str, Json], apis: Sequence[str]) -> None:
    """Applies an action to the documents in which it has something to change, and something to copy."""
    paths = [action.get("target"), *([action["copy"]] if "copy" in action else ())]
    meant = [api for api in apis if all(places(documents[api], path) for path in paths)]
    if not meant:
        raise Misfit(f"matches nothing in {' or '.join(apis)}{', or its `copy` does not' if paths[1:] else ''}")
    for api in meant:
        documents[api] = _changed(documents[api], places(documents[api], action["target"]), action)
        _check_bounds(documents[api])


def _changed(document: Json, targets: list[Place], action: Json) -> Json:
    if action.get("remove") is True:
        return without(document, frozenset(targets))
    if ("update" in action) == ("copy" in action):
        raise Misfit("has to have one of `update`, `copy` and `remove: true`")
    if len({_kind(value_at(place, document)) for place in targets}) > 1:
        raise Misfit("matches values of several kinds")
    value = action["update"] if "update" in action else _source(document, action["copy"])
    for place in targets:
        document = _replaced(document, place, lambda old: _updated(old, value))
    return document


def _source(document: Json, path: Json) -> Json:
    sources = places(document, path)
    if len(sources) != 1:
        raise Misfit(f"`copy: {path}` matches {len(sources)} places; it has to match one")
    return value_at(sources[0], document)


def _replaced(node: Json, place: Place, change: Callable[[Json], Json]) -> Json:
    """A copy of the node in which the value at one place is another."""
    if not place:
        return change(node)
    copied = node.copy()
    copied[place[0]] = _replaced(node[place[0]], place[1:], change)
    return copied


def _updated(old: Json, new: Json) -> Json:
    return [*old, new] if isinstance(old, list) and not isinstance(new, list) else _merged(old, new)


def _merged(old: Json, new: Json) -> Json:
    kinds = _kind(old), _kind(new)
    if kinds == ("an object", "an object"):
        return old | {key: _merged(old[key], value) if key in old else value for key, value in new.items()}
    if kinds == ("an array", "an array"):
        return old + new
    if kinds != ("a value", "a value"):
        raise Misfit(f"{kinds[1]} cannot be merged into {kinds[0]}: remove that first")
    return new


def _kind(value: Json) -> str:
    return "an object" if isinstance(value, dict) else "an array" if isinstance(value, list) else "a value"
