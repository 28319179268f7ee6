"""What is wrong with a value, in words for a person; they never repeat a text that may be a secret."""

from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from contract_tests.profile import kinds
from contract_tests.profile.locate import Fault, Where
from contract_tests.profile.nearest import unknown_key
from contract_tests.profile.tables import ProfileTable, Table

_KINDS = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", list: "a list", dict: "a table"}
_NEEDED = {"string_type": "a text", "int_type": "a whole number", "float_type": "a number", "bool_type": "true or false"}
_NEEDED |= {"list_type": "a list", "dict_type": "a table", "model_type": "a table"}
_NEEDED |= {"id_type": "a text or a whole number", "body_type": "a text, a number, true, false, a list or a table"}
_PATTERNS = {
    kinds.URL: "a URL that begins with http:// or https://, without user name, query and fragment,",
    kinds.PREFIX: "a path such as /openpaas",
    kinds.TARGET: "a path that begins with /, or a URL without user name,",
    kinds.POINTER: "a JSON pointer such as /access_token",
    kinds.RATE: "a number of requests per second, minute or hour, such as 20/s or 300/m,",
}
_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "missing": lambda _: "is missing",
    "string_too_short": lambda _: "is empty",
    "too_short": lambda _: "is empty",
    "string_pattern_mismatch": lambda about: f"{_PATTERNS[about['pattern']]} is needed",
    "greater_than": lambda about: f"more than {about['gt']:g} is needed",
    "greater_than_equal": lambda about: f"at least {about['ge']} is needed",
    "less_than_equal": lambda about: f"at most {about['le']} is needed",
    "no_file": lambda about: f"there is no file {about['path']}",
    "no_certificate": lambda _: "needs certificate beside it",
    "plain_secret": lambda _: "a secret never stands in the file; write ${NAME} and set that environment variable",
}


def table_faults(error: ValidationError) -> Iterator[Fault]:
    """What pydantic has found in a profile, each with its place."""
    for one in error.errors():
        yield one["loc"], _sentence(one)


def _sentence(error: ErrorDetails) -> str:
    kind, place, value = error["type"], error["loc"], error["input"]
    if kind in _NEEDED:
        return f"{_NEEDED[kind]} is needed, not {_name(value)}"
    if kind == "extra_forbidden":
        return unknown_key(str(place[-1]), _keys(place[:-1]))
    if kind == "literal_error":
        choices = get_args(_keys(place[:-1])[str(place[-1])])
        return f"one of {', '.join(choices)} is needed" + (f", not {str(value)!r}" if isinstance(value, str) else "")
    return _SENTENCES[kind](error.get("ctx", {}))


def _name(value: Any) -> str:
    return next((name for kind, name in _KINDS.items() if isinstance(value, kind) and (kind, type(value)) != (int, bool)), "")


def _keys(place: Where) -> dict[str, Any]:
    """The keys of the table at a place, each with what it holds."""
    table: type[Table] = ProfileTable
    for step in place:
        if isinstance(step, str):
            table = _keys_of(table)[step]
    return _keys_of(table)


def _keys_of(table: type[Table]) -> dict[str, Any]:
    return {field.alias or name: _content(field.annotation) for name, field in table.model_fields.items()}


def _content(kind: Any) -> Any:
    """What is in a list, or in a key that may be left out."""
    inside = [one for one in get_args(kind) if one is not NoneType]
    return kind if get_origin(kind) is Literal or not inside else _content(inside[0])
