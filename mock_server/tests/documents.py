"""Both spec files as plain values, read without any code of the mock's spec reader."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from mock_server.config import API_NAMES, data_folder

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


@functools.cache
def document(api: str) -> dict[str, Any]:
    """The whole spec of one API."""
    text = (data_folder("specs") / f"{api}.yaml").read_text(encoding="utf-8")
    # Python's own reader takes ten times as long, in each process that only collects the tests.
    loaded: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def resolve(api: str, node: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a node says once its `$ref` is followed; keywords beside the `$ref` stay and win."""
    while "$ref" in node:
        target: Any = document(api)
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = {**target, **{name: value for name, value in node.items() if name != "$ref"}}
    return node


@dataclass(frozen=True, slots=True)
class Described:
    """One operation of a spec: parameters (references followed) of the path and of the verb, node is the verb's own object."""

    api: str
    method: str
    path: str
    parameters: tuple[Mapping[str, Any], ...]
    node: Mapping[str, Any]

    @property
    def id(self) -> str:
        return str(self.node["operationId"])

    @property
    def content(self) -> Mapping[str, Any]:
        """Media types of the request body."""
        media: Mapping[str, Any] = resolve(self.api, self.node.get("requestBody", {})).get("content", {})
        return media


def operations(api: str | None = None) -> list[Described]:
    """The operations of one API, or of both."""
    return [found for name in API_NAMES if api in (None, name) for found in _operations(name)]


def _operations(api: str) -> Iterator[Described]:
    for path, item in document(api)["paths"].items():
        for method in METHODS:
            if method in item:
                given = [*item.get("parameters", []), *item[method].get("parameters", [])]
                yield Described(api, method, path, tuple(resolve(api, p) for p in given), item[method])


def examples(node: Mapping[str, Any], api: str) -> list[Any]:
    """The values under `example` and `examples` of a parameter, header or media type."""
    named = [resolve(api, example)["value"] for example in node.get("examples", {}).values()]
    return [*([node["example"]] if "example" in node else []), *named]
