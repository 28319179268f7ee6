"""How deep JSON and YAML may be nested, so that what is nested without end is refused where it is read."""

from __future__ import annotations

from typing import Any

import orjson

MAX_DEPTH = 100


def parse_json(data: bytes) -> Any:
    """The value of a JSON text. Raises ValueError where it is none, or is nested more than MAX_DEPTH deep."""
    value = orjson.loads(data)
    # Most texts have fewer brackets than that, and need no second look.
    if data.count(b"[") + data.count(b"{") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")
    return value


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
