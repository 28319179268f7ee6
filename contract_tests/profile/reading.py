"""A profile file, or what a mock publishes, becomes a Profile; all that is wrong with it is said at once."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from contract_tests.contract.choices import APIS
from contract_tests.contract.masking import learn
from contract_tests.profile.build import build
from contract_tests.profile.locate import Fault, Lines, Where
from contract_tests.profile.logins import login_faults
from contract_tests.profile.tables import ProfileTable
from contract_tests.profile.values import Principal, Profile, ProfileError
from contract_tests.profile.variables import filled, missing
from contract_tests.profile.wording import table_faults

MOST_FAULTS = 10
_NOBODY: Fault = ((), f"{' or '.join(f'{api}.principals' for api in APIS)}: nobody is named who could log in")


def load_profile(file: Path) -> Profile:
    """The profile in a TOML file; `${NAME}` in a text is the environment variable. Raises ProfileError, a line for each fault."""
    text = _text(file)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        raise ProfileError(f"{file}:{line[1] if line else len(text.splitlines())}: no TOML: {error}") from None
    return _read(filled(raw), missing(raw), Lines(text), file)


def parse_profile(data: Mapping[str, Any]) -> Profile:
    """The profile in plain data, as a mock publishes it; secrets may stand in it. Raises ProfileError."""
    return _read(_without_null(data), ())


def _read(data: Mapping[str, Any], found: Iterable[Fault], lines: Lines | None = None, file: Path | None = None) -> Profile:
    wrong, table = list(found), None
    try:
        table = ProfileTable.model_validate(data, context=file and file.parent)
    except ValidationError as error:
        wrong += table_faults(error)
    wrong += login_faults(data)
    if table and not any(table.section(api).principals for api in APIS):
        wrong.append(_NOBODY)
    if wrong or not table:
        raise ProfileError("\n".join(_sentences(wrong, lines, file)))
    profile = build(table, data, file)
    learn(*(_basic(person) for person in profile.principals))
    return profile


def _sentences(found: Iterable[Fault], lines: Lines | None, file: Path | None) -> list[str]:
    """The first fault of each place, in the order of the file."""
    first: dict[Where, str] = {}
    for place, text in found:
        first.setdefault(place, text)
    ordered = sorted(first.items(), key=lambda fault: lines[fault[0]] if lines else 0)
    said = [(f"{file}:{lines[place]}: " if lines else "") + _at(place) + text for place, text in ordered]
    return [*said[:MOST_FAULTS], *([f"and {len(said) - MOST_FAULTS} more"] if len(said) > MOST_FAULTS else [])]


def _without_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_null(item) for key, item in value.items() if item is not None}
    return [_without_null(item) for item in value] if isinstance(value, list) else value


def _at(place: Where) -> str:
    named = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return f"{named.lstrip('.')}: " if place else ""


def _basic(person: Principal) -> str | None:
    return person.basic_header.get("Authorization", "").removeprefix("Basic ")


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except OSError as error:
        raise ProfileError(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ProfileError(f"{file}: no text in UTF-8") from None
