"""Checks of a scenario that its schema cannot express. Each function raises BootError."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from mock_server.errors import BootError

_TIMES = ("time", "start", "end")


def check_values(value: Any, place: tuple[str, ...] = ()) -> None:
    """Every text can be stored and every time computed with; place is where in the scenario the value is."""
    if isinstance(value, dict):
        for key, item in value.items():
            check_values(item, (*place, key))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            check_values(item, (*place, str(number)))
    elif isinstance(value, str):
        if "\0" in value:
            raise BootError(f"{'/'.join(place)}: no text may contain the NUL character")
        if place[-1] in _TIMES:
            _check_time(value, "/".join(place))


def _check_time(text: str, place: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError as error:  # the year 0, or a leap second
        raise BootError(f"{place}: {text} is not a time that can be computed with: {error}") from error


def check_form(fields: Sequence[Mapping[str, Any]]) -> None:
    """The fields of a ticket type can be told apart and filled in."""
    identifiers = [field["id"] for field in fields]
    for field in fields:
        if identifiers.count(field["id"]) > 1:
            raise BootError(f"two fields have the id {field['id']}")
        if field["type"] == "select" and "options" not in field:
            raise BootError(f"field {field['id']} is a select without options")
