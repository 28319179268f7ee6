"""The OpenAPI documents as text, with the address that the server is seen at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import orjson
import yaml

Json: TypeAlias = Any
Written = Callable[[Mapping[str, Json], str], bytes]

_WRITTEN_FOR = "http://127.0.0.1:8000"  # the address that the documents name


def as_json(document: Mapping[str, Json], origin: str) -> bytes:
    return orjson.dumps(_located(document, origin), option=orjson.OPT_INDENT_2)


def as_yaml(document: Mapping[str, Json], origin: str) -> bytes:
    text: bytes = yaml.dump(
        _located(document, origin), Dumper=_Dumper, encoding="utf-8", sort_keys=False, allow_unicode=True, width=120
    )
    return text


FORMS: Mapping[str, tuple[str, Written]] = {"json": ("application/json", as_json), "yaml": ("application/yaml", as_yaml)}


def _located(document: Mapping[str, Json], origin: str) -> Json:
    """A copy that has this server alone, whichever an overlay names, and its address wherever the document has one."""
    servers = [{"url": _WRITTEN_FOR, "description": "This mock server"}]
    return _replaced({**document, "servers": servers}, origin)


def _replaced(node: Json, origin: str) -> Json:
    if isinstance(node, dict):
        return {key: _replaced(value, origin) for key, value in node.items()}
    if isinstance(node, list):
        return [_replaced(value, origin) for value in node]
    return node.replace(_WRITTEN_FOR, origin) if isinstance(node, str) else node


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]  # chosen as it runs
    """Writes what readers of YAML 1.1 and of 1.2 take for the same: texts that one of them reads as numbers are quoted."""

    def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002 - what an overlay copied is written twice
        return True


def _text(dumper: _Dumper, text: str) -> yaml.Node:
    style = "|" if "\n" in text else '"' if text[:1] in "+-.0123456789" else None
    node: yaml.Node = dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)
    return node


_Dumper.add_representer(str, _text)
