"""A profile file, or what a mock publishes, becomes a Profile; all that is wrong with it is said at once."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from contract_tests.contract.masking import learn
from contract_tests.profile.build import build
from contract_tests.profile.check import Fault, faults, secrets
from contract_tests.profile.locate import Lines, Place
from contract_tests.profile.values import Principal, Profile, ProfileError
from contract_tests.profile.variables import VARIABLE, expanded, missing, texts

MOST_FAULTS = 10
_NOBODY: Fault = ((), "linagora.principals or casavi.principals: nobody is named who could log in")
_PLAIN = "a secret never stands in the file; write ${NAME} and set that environment variable"


def load_profile(file: Path) -> Profile:
    """The profile in a TOML file; `${NAME}` in a text is the environment variable. Raises ProfileError, a line for each fault."""
    text = _text(file)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise ProfileError(f"{file}:{line[1] if line else len(text.splitlines())}: no TOML: {error}") from None
    data = expanded(raw)
    found = dict(secrets(raw))
    _learn(raw, data, found)
    wrong = [(place, _PLAIN) for place, is_plain in found.items() if is_plain]
    _refuse([*wrong, *missing(raw), *_all_faults(data, file.parent)], Lines(text), file)
    return _remembered(build(data, file.parent, file))


def parse_profile(data: Mapping[str, Any]) -> Profile:
    """The profile in plain data, as a mock publishes it; secrets may stand in it. Raises ProfileError."""
    sound = _without_null(data)
    _refuse(_all_faults(sound, Path()))
    _learn(sound, sound, dict(secrets(sound)))
    return _remembered(build(sound, Path(), None))


def _all_faults(data: Mapping[str, Any], folder: Path) -> list[Fault]:
    found = list(faults(data, folder))
    return found if found or _people(data) else [_NOBODY]


def _people(data: Mapping[str, Any]) -> bool:
    return any(data.get(api, {}).get("principals") for api in ("linagora", "casavi"))


def _refuse(found: Iterable[Fault], lines: Lines | None = None, file: Path | None = None) -> None:
    """Raises ProfileError with the first fault of each place, in the order of the file."""
    first: dict[Place, str] = {}
    for place, text in found:
        first.setdefault(place, text)
    ordered = sorted(first.items(), key=lambda fault: lines[fault[0]] if lines else 0)
    told = [(f"{file}:{lines[place]}: " if lines else "") + _at(place) + text for place, text in ordered]
    if told:
        more = [f"and {len(told) - MOST_FAULTS} more"] if len(told) > MOST_FAULTS else []
        raise ProfileError("\n".join([*told[:MOST_FAULTS], *more]))


def _at(place: Place) -> str:
    named = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return f"{named.lstrip('.')}: " if place else ""


def _learn(raw: Mapping[str, Any], data: Mapping[str, Any], places: Iterable[Place]) -> None:
    """Has all secrets hidden from now on: each as a whole, and the variables in it."""
    written, values = dict(texts(raw)), dict(texts(data))
    for place in places:
        learn(values.get(place))
        learn(*(expanded(f"${{{name}}}") for name in VARIABLE.findall(written.get(place, ""))))


def _remembered(profile: Profile) -> Profile:
    learn(*(_basic(person) for person in profile.principals))
    return profile


def _basic(person: Principal) -> str | None:
    return person.basic_header.get("Authorization", "").removeprefix("Basic ")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise ProfileError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ProfileError(f"{file}: no text in UTF-8") from None


def _without_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return [_without_null(item) for item in value] if isinstance(value, list) else value
