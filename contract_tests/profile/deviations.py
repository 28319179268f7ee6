"""Known differences of one deployment: what is expected to be broken there, why, and until when."""

import json
import tomllib
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from contract_tests.contract.cause import Cause, cause_of
from contract_tests.contract.finding import Finding, Kind
from contract_tests.profile.nearest import unknown_key

DEPTHS = ("quick", "standard", "deep")
REVIEW_AFTER = timedelta(days=90)  # what a draft proposes
TO_EXPLAIN = "TODO: why this is so, and who knows"
TELLING = tuple(Cause.__dataclass_fields__)  # what an entry may say of a cause
HEAD = "# Known differences of this deployment. Each needs a reason; look again by its review date.\n"


class DeviationsError(ValueError):
    """A file of deviations that cannot be used; each line of the text names an entry."""


class Deviation(BaseModel):
    """One known difference: the fields of its cause, of which an empty one is not looked at.

    `laws` are the only ones that it excuses, if there are any. `review` is the day on which somebody has to look again.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Kind
    api: str = ""
    operation: str = ""
    after: str = ""
    status: int | None = None
    expected: str = ""
    got: str = ""
    component: str = ""
    property: str = ""
    keyword: str = ""
    flaw: str = ""
    law: str = ""
    laws: tuple[str, ...] = ()
    reason: str = Field(min_length=1)
    link: str = ""
    review: date

    @model_validator(mode="after")
    def _says_what(self) -> "Deviation":
        if not any(self.telling().values()):
            raise ValueError("it would excuse everything of its kind; say the operation, the component or another field")
        return self

    def telling(self) -> dict[str, Any]:
        """What it says of the cause, beside its kind and API."""
        said = {name: getattr(self, name) for name in TELLING if name not in {"kind", "api"}}
        return {name: value for name, value in said.items() if value not in {"", None}}

    def covers(self, finding: Finding) -> bool:
        """Whether it excuses a finding."""
        cause = cause_of(finding)
        return (
            self.kind is cause.kind
            and self.api in {"", cause.api}
            and (not self.laws or finding.law in self.laws)
            and all(_meets(value, getattr(cause, name)) for name, value in self.telling().items() if name != "after")
            and (not self.after or self.after in finding.writes)
        )

    def __str__(self) -> str:
        return ", ".join([self.kind, *(f"{name} {value}" for name, value in self.telling().items())])


def _meets(said: Any, found: Any) -> bool:
    """Whether a field is as an entry says; the flaw `body` is any in the body."""
    return bool(said == found or (said == "body" and str(found).startswith("body ")))


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")

    depth: Literal["quick", "standard", "deep"] = "quick"
    safety: Literal["read-only", "sandbox", "full"] = "read-only"
    deviation: tuple[Deviation, ...] = ()


@dataclass(frozen=True)
class Deviations:
    """The known differences at a target, and the `depth` and `safety` of the run that found them.

    `drafting` means that this run writes them down, so that it may not stop at the first of a walk.
    """

    known: tuple[Deviation, ...] = ()
    depth: str = "quick"
    safety: str = "read-only"
    drafting: bool = False
    today: date = field(default_factory=date.today)

    def mark(self, finding: Finding) -> Finding:
        """The finding, with the reason for it if it is known."""
        found = next((one for one in self.known if one.covers(finding)), None)
        return finding if found is None else replace(finding, known=found.reason)

    def states(self, met: Collection[Finding], tried: Callable[[Deviation], bool]) -> list[tuple[Deviation, str]]:
        """Each deviation with its state after a run: known, vanished, overdue or not looked at.

        `met` is what the run found, and `tried` says of a deviation whether the run would have met it.
        """
        return [(one, self._state(one, met, tried)) for one in self.known]

    def _state(self, one: Deviation, met: Collection[Finding], tried: Callable[[Deviation], bool]) -> str:
        if one.review < self.today:
            return "overdue"
        if any(one.covers(finding) for finding in met):
            return "known"
        return "vanished" if tried(one) else "not looked at"


NONE_KNOWN = Deviations()


def read_deviations(file: Path) -> Deviations:
    """What a TOML file says. Raises DeviationsError, with all that is wrong in it."""
    try:
        found = _File.model_validate(tomllib.loads(file.read_text("utf-8")))
    except OSError as error:
        raise DeviationsError(f"deviations {file}: {error.strerror}") from None
    except ValidationError as error:
        raise DeviationsError("\n".join(f"deviations {file}: {line}" for line in map(_line, error.errors()))) from None
    except ValueError as error:
        raise DeviationsError(f"deviations {file}: {error}") from None
    return Deviations(found.deviation, found.depth, found.safety)


def _line(error: Any) -> str:
    """An error of pydantic in a line, from its fields."""
    *before, key = error["loc"] or ("",)
    model: type[BaseModel] = Deviation if "deviation" in error["loc"][:1] and len(error["loc"]) > 1 else _File
    where = f"entry {before[1] + 1}: " if len(before) > 1 else f"entry {key + 1}" if before and isinstance(key, int) else ""
    if error["type"] == "extra_forbidden":
        keys = list(model.model_fields)
        return f"{where}{key}: {unknown_key(str(key), keys)}"
    if error["type"] == "missing":
        return f"{where}{key}: is missing"
    if error["type"] in {"enum", "literal_error"}:
        return f"{where}{key}: one of {error['ctx']['expected'].replace(' or ', ', ')} is needed"
    if error["type"] == "value_error":
        return f"{where}: {error['ctx']['error']}"
    return f"{where}{key}: {error['msg'][:1].lower()}{error['msg'][1:]}"


def draft(found: Iterable[tuple[Cause, str, Iterable[str]]], before: Deviations, depth: str, safety: str) -> str:
    """The text of a file with what is known already and an entry for each other cause, with its sentence and its laws."""
    head = f"{HEAD}depth = {_written(depth)}\nsafety = {_written(safety)}\n"
    known = [f"\n[[deviation]]\n{_toml(one)}" for one in before.known]
    return head + "".join(known) + "".join(_drafted(*one, before.today) for one in found)


def _drafted(cause: Cause, sentence: str, laws: Iterable[str], today: date) -> str:
    values = {name: getattr(cause, name) for name in TELLING}
    # A behaviour shows in many ways, of which only those that were seen are known.
    named = tuple(sorted(laws)) if cause.kind is Kind.BEHAVIOUR else ()
    one = Deviation(**values, laws=named, reason=TO_EXPLAIN, review=today + REVIEW_AFTER)
    comment = "".join(letter if letter.isprintable() else " " for letter in sentence)
    return f"\n# {comment}\n[[deviation]]\n{_toml(one)}"


def _toml(one: Deviation) -> str:
    values = one.model_dump()
    kept = {name: value for name, value in values.items() if value not in ("", None, ()) or name == "link"}
    return "".join(f"{name} = {_written(value)}\n" for name, value in kept.items())


def _written(value: Any) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(map(_written, value))}]"
    # A string of JSON is one of TOML, but for this one letter.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") if isinstance(value, str) else str(value)
