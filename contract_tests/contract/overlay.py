"""Overlays: files that fit the specs to a deployment, by the OpenAPI Overlay Specification 1.0 and 1.1."""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import reduce
from operator import getitem, methodcaller
from pathlib import Path, PurePosixPath
from textwrap import shorten
from typing import Any, TypeAlias

import yaml
from jsonpath_rfc9535 import JSONPathError, find
from openapi_spec_validator import OpenAPIV31SpecValidator
from referencing.exceptions import Unresolvable

Json: TypeAlias = Any
Place: TypeAlias = tuple[int | str, ...]

TOLD = 200  # characters of what a library says
PARAMETER = re.compile(r"\{([^{}/]+)\}")


class OverlayError(Exception):
    """An overlay that cannot be used; the text is one line that names the file."""


class _ActionError(Exception):
    """What is wrong with an action or its result, without the name of the file."""


def adapted(documents: Mapping[str, Json], file: Path) -> dict[str, Json]:
    """The OpenAPI documents, by API, after the actions of one overlay; those given stay as they are.

    A file of 1.0 may do what 1.1 allows. Raises OverlayError.
    """
    overlay = _read(file)
    if fault := _fault(overlay, documents):
        raise OverlayError(f"{file}: {fault}")
    apis = [_stem(overlay["extends"])] if "extends" in overlay else list(documents)
    result = dict(documents)
    for number, action in enumerate(overlay["actions"], 1):
        try:
            _act(action, result, apis)
        except _ActionError as error:
            raise OverlayError(f"{file}: action {number}, {action.get('target')}: {error}") from None
    try:
        _check(documents, result)
    except _ActionError as error:
        raise OverlayError(f"{file}: leaves no valid document: {error}") from None
    return result


def without_dead_links(document: Json) -> Json:
    """The document without links to operations that it does not have, which no walk can follow."""
    alive = {None, *(operation["operationId"] for _, _, operation in _operations({"": document}))}
    links = _places(document, "$..links[?@.operationId]")
    return _without(document, frozenset(place for place in links if _at(place, document)["operationId"] not in alive))


def _read(file: Path) -> Json:
    try:
        text = file.read_text("utf-8")
        # YAML forbids the tabs that JSON allows; and as JSON every key is a text, a status too.
        plain = text if file.suffix == ".json" else json.dumps(yaml.safe_load(text), default=methodcaller("isoformat"))
        return json.loads(plain)
    except OSError as error:
        raise OverlayError(f"{file}: {error.strerror}") from None
    except (yaml.YAMLError, ValueError, TypeError, AttributeError) as error:
        raise OverlayError(f"{file}: neither YAML nor JSON: {_brief(error)}") from None


def _fault(overlay: Json, documents: Mapping[str, Json]) -> str | None:
    version = overlay.get("overlay") if isinstance(overlay, dict) else None
    if not re.fullmatch(r"1\.[01]\.\d+", str(version)):
        return f"no overlay that can be read: `overlay` has to be 1.0.x or 1.1.x, not {version}"
    actions = overlay.get("actions")
    if not isinstance(actions, list) or not actions or not all(isinstance(action, dict) for action in actions):
        return "no actions: `actions` has to be a list of objects"
    if "extends" in overlay and _stem(overlay["extends"]) not in documents:
        return f"`extends: {overlay['extends']}` is none of {', '.join(f'{api}.yaml' for api in documents)}"
    return None


def _stem(extends: Json) -> str:
    return PurePosixPath(str(extends)).stem


def _act(action: Json, documents: dict[str, Json], apis: Sequence[str]) -> None:
    """Applies an action to the documents in which it has something to change, and something to copy."""
    paths = [action.get("target"), *([action["copy"]] if "copy" in action else ())]
    meant = [api for api in apis if all(_places(documents[api], path) for path in paths)]
    if not meant:
        raise _ActionError(f"matches nothing in {' or '.join(apis)}{', or its `copy` does not' if paths[1:] else ''}")
    for api in meant:
        documents[api] = _changed(documents[api], _places(documents[api], action["target"]), action)


def _places(document: Json, path: Json) -> list[Place]:
    try:
        return [node.location for node in find(str(path), document)]
    except JSONPathError as error:
        raise _ActionError(f"{path} is no JSONPath: {_brief(error)}") from None


def _at(place: Place, document: Json) -> Json:
    return reduce(getitem, place, document)


def _changed(document: Json, places: list[Place], action: Json) -> Json:
    if action.get("remove") is True:
        return _without(document, frozenset(places))
    if ("update" in action) == ("copy" in action):
        raise _ActionError("has to have one of `update`, `copy` and `remove: true`")
    if len({_kind(_at(place, document)) for place in places}) > 1:
        raise _ActionError("matches values of several kinds")
    value = action["update"] if "update" in action else _source(document, action["copy"])
    for place in places:
        document = _replaced(document, place, lambda old: _updated(old, value))
    return document


def _source(document: Json, path: Json) -> Json:
    places = _places(document, path)
    if len(places) != 1:
        raise _ActionError(f"`copy: {path}` matches {len(places)} places; it has to match one")
    return _at(places[0], document)


def _without(node: Json, gone: frozenset[Place], here: Place = ()) -> Json:
    if here in gone and not here:
        raise _ActionError("removes everything")
    if isinstance(node, dict):
        return {key: _without(value, gone, (*here, key)) for key, value in node.items() if (*here, key) not in gone}
    if isinstance(node, list):
        return [_without(value, gone, (*here, index)) for index, value in enumerate(node) if (*here, index) not in gone]
    return node


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
        raise _ActionError(f"{kinds[1]} cannot be merged into {kinds[0]}: remove that first")
    return new


def _kind(value: Json) -> str:
    return "an object" if isinstance(value, dict) else "an array" if isinstance(value, list) else "a value"


def _check(before: Mapping[str, Json], after: Mapping[str, Json]) -> None:
    """Valid documents, and what tests need besides: they call operations by id, with path parameters by name."""
    for api, document in after.items():
        if document is not before[api]:
            _check_document(api, document)
    had = {operation["operationId"]: _parameters(path) for path, _, operation in _operations(before)}
    taken: dict[tuple[str, str], str] = {}
    for path, method, operation in _operations(after):
        id_, where = operation.get("operationId"), f"{method.upper()} {path}"
        if not {"operationId", "responses"} <= operation.keys():
            raise _ActionError(f"{where} needs `operationId` and `responses`")
        if had.get(id_, _parameters(path)) != _parameters(path):
            raise _ActionError(f"{id_} has to keep its path parameters: {', '.join(sorted(had[id_]))}")
        place = method, PARAMETER.sub("{}", path)
        if place in taken:
            raise _ActionError(f"{taken[place]} and {id_} are both {where}")
        taken[place] = id_


def _check_document(api: str, document: Json) -> None:
    try:
        error = next(OpenAPIV31SpecValidator(document).iter_errors(), None)
    except Unresolvable as raised:
        raise _ActionError(f"{api} has no {raised.ref}") from None
    if not document.get("paths") or "securitySchemes" not in document.get("components", {}):
        raise _ActionError(f"{api} needs `paths` and `components.securitySchemes`")
    if error is not None:
        raise _ActionError(": ".join(filter(None, ["/".join(map(str, error.absolute_path)), _brief(error)])))


def _parameters(path: str) -> set[str]:
    return set(PARAMETER.findall(path))


def _operations(documents: Mapping[str, Json]) -> Iterator[tuple[str, str, Json]]:
    for document in documents.values():
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if isinstance(operation, dict) and not method.startswith("x-"):
                    yield path, method, operation


def _brief(error: Exception) -> str:
    return shorten(str(getattr(error, "message", error)).partition("\n\n")[0], TOLD, placeholder="…")
