"""`${NAME}` in the texts of a profile: the environment variable of that name, so that no secret stands in the file."""

import os
import re
from collections.abc import Iterator
from typing import Any

from contract_tests.profile.locate import Place

VARIABLE = re.compile(r"\$\{(\w+)\}")


def texts(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """All texts in plain data, each with its place."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from texts(item, (*place, key))


def expanded(value: Any) -> Any:
    """The same data with the values of the variables; one that is not set stays as it is."""
    if isinstance(value, dict):
        return {key: expanded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [expanded(item) for item in value]
    return VARIABLE.sub(lambda match: os.environ.get(match[1]) or match[0], value) if isinstance(value, str) else value


def missing(data: Any) -> Iterator[tuple[Place, str]]:
    """The variables that are not set, or empty, each with the place that needs it."""
    for place, text in texts(data):
        for name in VARIABLE.findall(text):
            if not os.environ.get(name):
                fault = "is not set" if name not in os.environ else "is empty"
                yield place, f"the environment variable {name} {fault}"
