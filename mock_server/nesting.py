"""Bounds of JSON and YAML, so that what is nested or repeated without end is refused where it is read."""

from __future__ import annotations

from typing import Any

import orjson

MAX_DEPTH = 100
_MAX_VALUES = 1_000_000


def parse_json(data: bytes) -> Any:
    """The value of a JSON text. Raises ValueError where it is none, or is nested more than MAX_DEPTH deep."""
    value = orjson.loads(data)
    # Most texts have fewer brackets than that, and need no second look.
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")
    return value


def check_aliases(value: Any) -> None:
    """Raises ValueError where the anchors of a YAML text made its value endless or huge."""
    _count(value, {})


def _inside(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _depth(value: Any) -> int:
    level, depth = [value], 0
    while level:
        level = [item for one in level for item in _inside(one) if isinstance(item, dict | list)]
        depth += 1
    return depth


def _count(value: Any, known: dict[int, int | None]) -> int:
    """How many values it holds, with what aliases repeat; known are the counts by id(), None while one is being counted."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) not in known:
        known[id(value)] = None
        known[id(value)] = 1 + sum(_count(item, known) for item in _inside(value))
    count = known[id(value)]
    if count is None:
        raise ValueError("an anchor contains itself")
    if count > _MAX_VALUES:
        raise ValueError(f"its aliases unfold into more than {_MAX_VALUES} values")
    return count
