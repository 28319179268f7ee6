"""`${NAME}` in the texts of a profile: the environment variable of that name, so that no secret stands in the file."""

import os
import re
from collections.abc import Iterator
from typing import Any

from contract_tests.contract.masking import learn
from contract_tests.profile.locate import Fault, Where

VARIABLE = re.compile(r"\$\{(\w+)\}")


class Filled(str):
    """A text of a file, its variables replaced by their values; `written` is how it stands there."""

    __slots__ = ("written",)
    written: str


def leaves(value: Any, place: Where = ()) -> Iterator[tuple[Where, Any]]:
    """All values in plain data that are no lists or tables, each with its place."""
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*place, key))
    else:
        yield place, value


def filled(value: Any) -> Any:
    """The same data with each text Filled; a variable that is not set stays as it is."""
    if isinstance(value, dict):
        return {key: filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value]
    return _filled(value) if isinstance(value, str) else value


def _filled(text: str) -> Filled:
    new = Filled(VARIABLE.sub(lambda match: os.environ.get(match[1]) or match[0], text))
    new.written = text
    return new


def missing(data: Any) -> Iterator[Fault]:
    """The variables that are not set, or empty, each with the place that needs it."""
    for place, text in leaves(data):
        for name in VARIABLE.findall(text) if isinstance(text, str) else ():
            if not os.environ.get(name):
                fault = "is not set" if name not in os.environ else "is empty"
                yield place, f"the environment variable {name} {fault}"


def has_variable(text: str) -> bool:
    return isinstance(text, Filled) and VARIABLE.search(text.written) is not None


def is_variable(text: Any) -> bool:
    """Whether a variable is all that stands there."""
    return isinstance(text, Filled) and VARIABLE.fullmatch(text.written) is not None


def hide(text: str) -> None:
    """Has a secret masked from now on: the whole text, and each of the variables in it."""
    learn(text, *(os.environ.get(name) for name in VARIABLE.findall(getattr(text, "written", ""))))
