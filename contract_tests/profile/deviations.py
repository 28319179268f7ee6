"""Known differences of one deployment: what is expected to be broken there, why, and until when."""

import json
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from contract_tests.contract.finding import STATUSES, Finding
from contract_tests.profile import SAFETIES
from contract_tests.profile.nearest import unknown_key

KINDS: dict[str, type] = {
    "operation": str,
    "check": str,
    "status": int,
    "pointer": str,
    "text": str,
    "reason": str,
    "link": str,
    "review": date,
}
FROM = {"depth": ("quick", "standard", "deep"), "safety": SAFETIES}  # the run that found them, each from small to large
NEEDED = ("check", "reason", "review")
REVIEW_AFTER = timedelta(days=90)  # what a draft proposes
TO_EXPLAIN = "TODO: why this is so, and who knows"


class DeviationsError(ValueError):
    """A file of deviations that cannot be used; each line of the text names an entry."""


@dataclass(frozen=True)
class Deviation:
    """One known difference; what is left empty is not looked at.

    `operation` is an operationId, `check` a law or another check as failures name it, `status` that of the answer, `pointer` the
    place in its body (`*` for any item of a list), and `text` what the failure says (`*` for anything). `review` is the day on
    which somebody has to look again.
    """

    check: str
    reason: str
    review: date
    operation: str = ""
    status: int | None = None
    pointer: str = ""
    text: str = ""
    link: str = ""

    def covers(self, finding: Finding) -> bool:
        return (
            self.check == finding.check
            and (not self.operation or self.operation == finding.operation.partition(" ")[0])
            and self.status in {None, finding.status}
            and self.pointer in {"", finding.pointer}
            and (not self.text or fnmatchcase(finding.told, _literal(self.text)))
        )

    def __str__(self) -> str:
        place = " ".join(str(part) for part in (self.status, self.pointer) if part)
        return f"{self.operation or 'any operation'}, {self.check}{f' ({place})' if place else ''}"


def _literal(text: str) -> str:
    # Messages have brackets of their own; the star alone is a wildcard here.
    return text.replace("[", "[[]").replace("?", "[?]")


@dataclass(frozen=True)
class Deviations:
    """The known differences at a target, and the `depth` and `safety` of the run that found them.

    `drafting` means that this run writes them down, so that it may not stop at the first of a test.
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

    def cover(self, findings: Iterable[Finding]) -> bool:
        """Whether all of these are known."""
        return all(self.mark(finding).known for finding in findings)

    def tolerate(self, findings: Iterable[Finding]) -> bool:
        """Whether a test may go on after these: in a draft as later with the file, so that both meet the same."""
        return self.drafting or self.cover(findings)

    def states(self, met: Collection[Finding], tried: Callable[[Deviation], bool]) -> list[dict[str, Any]]:
        """Each deviation as plain data, with its `state` after a run: known, vanished, overdue or not looked at.

        `met` is what the run found, and `tried` says of a deviation whether the run would have met it.
        """
        return [_plain(one) | {"state": self._state(one, met, tried)} for one in self.known]

    def _state(self, one: Deviation, met: Collection[Finding], tried: Callable[[Deviation], bool]) -> str:
        if one.review < self.today:
            return "overdue"
        if any(one.covers(finding) for finding in met):
            return "known"
        return "vanished" if tried(one) else "not looked at"


NONE_KNOWN = Deviations()


def _plain(one: Deviation) -> dict[str, Any]:
    return asdict(one) | {"review": one.review.isoformat()}


def read_deviations(file: Path) -> Deviations:
    """What a TOML file says. Raises DeviationsError, with all that is wrong in it."""
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise DeviationsError(f"deviations {file}: {error.strerror}") from None
    except ValueError as error:
        raise DeviationsError(f"deviations {file}: {error}") from None
    entries = data.pop("deviation", [])
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise DeviationsError(f"deviations {file}: a file of [[deviation]] tables is needed")
    wrong = [f"{key}: {unknown_key(key, (*FROM, 'deviation'))}" for key in data.keys() - FROM.keys()]
    wrong += [
        f"{key}: one of {', '.join(FROM[key])} is needed" for key in data.keys() & FROM.keys() if data[key] not in FROM[key]
    ]
    wrong += [f"entry {number}: {error}" for number, one in enumerate(entries, 1) for error in _errors(one)]
    if wrong:
        raise DeviationsError("\n".join(f"deviations {file}: {error}" for error in wrong))
    return Deviations(tuple(Deviation(**one) for one in entries), **data)


def _errors(entry: Mapping[str, Any]) -> list[str]:
    wrong = [f"{key}: {unknown_key(key, KINDS)}" for key in entry.keys() - KINDS.keys()]
    wrong += [
        f"{key}: {KINDS[key].__name__} is needed, not {type(value).__name__}"
        for key, value in entry.items()
        if key in KINDS and type(value) is not KINDS[key]
    ]
    wrong += [f"{key}: is missing" for key in NEEDED if not entry.get(key)]
    if not wrong and not any(entry.get(key) for key in ("operation", "text")):
        wrong.append("operation: is missing, and so is text; one of them is needed")
    return wrong


def draft(findings: Iterable[Finding], before: Deviations, depth: str, safety: str) -> str:
    """The text of a file with what is known already and an entry for each other finding, as narrow as it can be."""
    entries = [*before.known, *(_drafted(finding, before.today) for finding in findings if not finding.known)]
    head = "# Known differences of this deployment. Each needs a reason; look again by its review date.\n"
    head += f"depth = {_written(depth)}\nsafety = {_written(safety)}\n"
    return head + "".join(f"\n[[deviation]]\n{_toml(one)}" for one in dict.fromkeys(entries))


def _drafted(finding: Finding, today: date) -> Deviation:
    # A message may hold what differs from run to run, so it counts only where nothing else says what is meant.
    constant = STATUSES.fullmatch(finding.text) is not None
    says = finding.told.replace("…", "*") if constant or not (finding.status or finding.pointer) else ""
    return Deviation(
        check=finding.check,
        reason=TO_EXPLAIN,
        review=today + REVIEW_AFTER,
        operation=finding.operation.partition(" ")[0],
        status=finding.status,
        pointer=finding.pointer,
        text=says,
    )


def _toml(one: Deviation) -> str:
    order = ("operation", "check", "status", "pointer", "text", "reason", "link", "review")
    values = {name: getattr(one, name) for name in order}
    return "".join(f"{name} = {_written(value)}\n" for name, value in values.items() if value not in {None, ""} or name == "link")


def _written(value: object) -> str:
    # A string of JSON is one of TOML, but for this one letter.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") if isinstance(value, str) else str(value)
