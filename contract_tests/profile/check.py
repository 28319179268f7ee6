"""Holds the data of a profile against schema.json, and says what is wrong in words for a person."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators  # type: ignore[import-untyped]

from contract_tests.profile.build import FIXED, complete_login
from contract_tests.profile.locate import Place
from contract_tests.profile.nearest import unknown_key
from contract_tests.profile.variables import VARIABLE

Fault = tuple[Place, str]
Say = Callable[[Any, Any, Any], str]  # of a value, what the schema wants of it, and the schema around that

_NAMES = {"string": "a text", "integer": "a whole number", "number": "a number", "boolean": "true or false"}
_NAMES |= {"array": "a list", "object": "a table"}


@cache
def schema() -> dict[str, Any]:
    """The schema; callers must not change it."""
    loaded: dict[str, Any] = json.loads(Path(__file__).with_name("schema.json").read_text("utf-8"))
    return loaded


def faults(data: Mapping[str, Any], folder: Path) -> Iterator[Fault]:
    """What is wrong with the data of a profile, whose files are beside a folder."""

    def has_file(_: Any, needed: bool, name: Any, __: Any) -> Iterator[ValidationError]:
        if needed and isinstance(name, str) and not (folder / name).is_file():
            yield ValidationError(f"there is no file {folder / name}")

    checks = {"file": has_file, "login_fields": _logins}
    for error in validators.extend(Draft202012Validator, checks)(schema()).iter_errors(data):
        place = tuple(error.absolute_path)
        yield from _told(error, place)


def secrets(data: Mapping[str, Any]) -> Iterator[tuple[Place, bool]]:
    """The places of all secrets; and whether the secret itself stands there, as it must not in a file."""

    def is_secret(_: Any, mode: Any, value: Any, __: Any) -> Iterator[ValidationError]:
        is_text = isinstance(value, str)
        if (is_text and (mode is True or VARIABLE.search(value))) or (mode is True and type(value) in {int, float}):
            yield ValidationError("")

    for error in validators.extend(Draft202012Validator, {"secret": is_secret})(schema()).iter_errors(data):
        if error.validator == "secret":
            plain = error.validator_value is True and not VARIABLE.fullmatch(str(error.instance))
            yield tuple(error.absolute_path), plain


def _logins(validator: Any, _: Any, section: Any, __: Any) -> Iterator[ValidationError]:
    """Everybody of an API has a way to log in, and its login says all that it needs."""
    people = section.get("principals") if isinstance(section, dict) else None
    for index, person in enumerate(people if isinstance(people, list) else []):
        if not isinstance(person, dict):
            continue
        login = complete_login(section, person)
        here = ("principals", index)
        if login is None and not any(person.get(kind) for kind in FIXED):
            yield ValidationError("is missing, and so are cookie, basic and login; one of them is needed", path=(*here, "bearer"))
        if login is not None:
            where = (*here, "login") if "login" in person else ("login",)
            yield from _login(validator, login, person, where)


def _login(validator: Any, login: dict[str, Any], person: dict[str, Any], where: Place) -> Iterator[ValidationError]:
    kind = "cookie" if "cookie" in login and "grant" not in login else "bearer"
    if person.get(kind):
        yield ValidationError(f"his login fetches a {kind} too; leave one of the two out", path=(*where[:-1], kind))
    for error in validator.descend(login, {"$ref": "#/$defs/complete_login"}):
        error.relative_path.extendleft(reversed(where))
        yield error


def _told(error: Any, place: Place) -> Iterator[Fault]:
    """An error of the schema as faults: one for each key that is too much or missing."""
    properties = error.schema.get("properties", {}) if isinstance(error.schema, dict) else {}
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        for key in sorted(error.instance.keys() - properties.keys()):
            yield (*place, key), unknown_key(key, properties)
    elif error.validator == "required":
        for key in error.validator_value:
            if key not in error.instance:
                yield (*place, key), "is missing"
    elif error.validator == "dependentRequired":
        yield place, "needs " + " and ".join(*error.validator_value.values()) + " beside it"
    else:
        yield place, _sentence(error)


def _sentence(error: Any) -> str:
    """What is wrong with one value. It never repeats a text that may be a secret."""
    say = _SAY.get(error.validator)
    return say(error.instance, error.validator_value, error.schema) if say else str(error.message)


def _wrong_kind(value: Any, needed: str | list[str], _: Any) -> str:
    kinds = needed if isinstance(needed, list) else [needed]
    return f"{' or '.join(_NAMES[kind] for kind in kinds)} is needed, not {_kind(value)}"


def _wrong_choice(value: Any, needed: list[str], _: Any) -> str:
    return f"one of {', '.join(needed)} is needed" + (f", not {value!r}" if isinstance(value, str) else "")


def _one_of(how: str) -> Say:
    return lambda _, choices, __: f"{how} of {', '.join(key for choice in choices for key in choice['required'])} is needed"


# By the keyword of the schema that a value does not keep to.
_SAY: dict[str | None, Say] = {
    "type": _wrong_kind,
    "enum": _wrong_choice,
    "minLength": lambda *_: "is empty",
    "minItems": lambda *_: "is empty",
    "pattern": lambda _, __, schema: f"{schema['title']} is needed",
    "minimum": lambda _, least, __: f"at least {least} is needed",
    "maximum": lambda _, most, __: f"at most {most} is needed",
    "exclusiveMinimum": lambda _, least, __: f"more than {least} is needed",
    "anyOf": _one_of("one"),
    "oneOf": _one_of("exactly one"),
    "not": lambda *_: "path, method, json and form do not go together with grant",
}


def _kind(value: Any) -> str:
    kinds = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}
    return _NAMES.get(kinds.get(type(value), ""), type(value).__name__)
