"""The kinds of values in a profile, each with its own check."""

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, ValidationInfo, WithJsonSchema
from pydantic_core import InitErrorDetails, PydanticCustomError

from contract_tests.profile.variables import Filled, has_variable, hide, is_variable, leaves

URL = r"^https?://[^@/?#\s]+(/[^?#\s]*)?$"
PREFIX = r"^/[^?#\s]*$|^$"
TARGET = r"^/[^#\s]*$|^https?://[^@/?#\s]+(/[^#\s]*)?$"
POINTER = r"^(/[^/]*)+$"
RATE = r"^[1-9][0-9]*/[smh]$"

_SECRET_KEY = re.compile(r"[Pp]ass(word|wd|phrase|wort)?$|^[Pp](wd|in)$|[Ss]ecret$|[Tt]oken$|[Aa]pi_?[Kk]ey$")
_PLAIN = PydanticCustomError("plain_secret", "a secret never stands in the file")
_NO_DATA = PydanticCustomError("body_type", "a value that JSON does not have")


def _secret(value: Any, info: ValidationInfo) -> Any:
    if isinstance(value, str):
        hide(value)
    if _is_plain(value, info):
        raise _PLAIN
    return value


def _is_plain(value: Any, info: ValidationInfo) -> bool:
    """Whether a secret itself stands in a file; what a mock publishes is none, and has no folder for a context."""
    return info.context is not None and type(value) in {Filled, int, float} and not is_variable(value)


def _body(value: Any, info: ValidationInfo) -> Any:
    wrong: list[InitErrorDetails] = []
    for place, leaf in leaves(value):
        is_secret = bool(place) and _SECRET_KEY.search(str(place[-1])) is not None
        if isinstance(leaf, str) and (is_secret or has_variable(leaf)):
            hide(leaf)
        if not isinstance(leaf, str | int | float):
            wrong.append({"type": _NO_DATA, "loc": place, "input": leaf})
        elif is_secret and _is_plain(leaf, info):
            wrong.append({"type": _PLAIN, "loc": place, "input": None})
    if wrong:
        raise ValidationError.from_exception_data("body", wrong)
    return value


def _id(value: Any) -> Any:
    if type(value) is int:
        return str(value)
    if not isinstance(value, str):
        raise PydanticCustomError("id_type", "an id")
    return value


def _file(name: Any, info: ValidationInfo) -> Path:
    if not isinstance(name, str):
        raise PydanticCustomError("string_type", "a name")
    path: Path = (info.context or Path()) / name
    if not path.is_file():
        raise PydanticCustomError("no_file", "there is no file {path}", {"path": str(path)})
    return path


Text = Annotated[str, Field(min_length=1)]
Url = Annotated[str, Field(pattern=URL)]
Secret = Annotated[Text, BeforeValidator(_secret), WithJsonSchema({"type": "string", "pattern": r"^\$\{\w+\}$"})]
Id = Annotated[Text, BeforeValidator(_id), WithJsonSchema({"type": ["string", "integer"], "minLength": 1})]
File = Annotated[Path, BeforeValidator(_file)]
Body = Annotated[Any, BeforeValidator(_body)]
Form = Annotated[dict[str, str], BeforeValidator(_body)]
