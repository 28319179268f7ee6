"""What changed, as lines on a terminal and as a comment on a pull request: one cause, one line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from contract_tests.contract.masking import visible
from contract_tests.report.markdown import plain
from contract_tests.specdiff.change import Change, Place, Severity
from contract_tests.specdiff.words import sentence, where

FEW = 5  # operations that are named; of more, the number is
MOST = 100  # lines of a severity in a comment, whose length is limited


def by_cause(changes: Iterable[Change]) -> dict[Change, list[str]]:
    """Changes without their operations, and the operations that each concerns; of a component, all its places are one."""
    found: dict[Change, list[str]] = {}
    for change in changes:
        found.setdefault(replace(change, place=_cause(change.place)), []).append(change.place.operation)
    return {cause: list(dict.fromkeys(operations)) for cause, operations in found.items()}


def _cause(place: Place) -> Place:
    return replace(place, operation="", part=() if place.component else place.part)


def sections(changes: Sequence[Change]) -> Iterator[tuple[Severity, list[tuple[str, str]]]]:
    """For each severity the changes, each as its operations and what is different for them."""
    causes = by_cause(changes)
    for severity in Severity:
        yield severity, [(_names(causes[one]), _told(one)) for one in causes if one.severity is severity]


def _told(change: Change) -> str:
    place, said = where(change.place), sentence(change)
    return visible(" ".join(f"{place} {said}".split()))


def _names(operations: list[str]) -> str:
    more = len(operations) - FEW
    return visible(", ".join(operations) if more < 2 else f"{', '.join(operations[:FEW])} and {more} more")


def lines(changes: Sequence[Change]) -> list[str]:
    """The changes as a plain text, the worst first."""
    told = [numbers(changes)]
    for severity, found in sections(changes):
        told += [f"{severity}:", *(f"  {names}: {text}" for names, text in found)] if found else []
    return told


def numbers(changes: Sequence[Change]) -> str:
    """Such as "1 breaking, 2 harmless"."""
    counts = [f"{len(found)} {severity}" for severity, found in sections(changes) if found]
    return ", ".join(counts) or "no difference"


def markdown(changes: Sequence[Change]) -> str:
    """The changes for a comment; those that harm nobody are folded up."""
    worst = {change.severity for change in changes}
    mark = "❌" if Severity.BREAKING in worst else "🟡" if Severity.RISKY in worst else "✅"
    parts = [f"## {mark} {plain(numbers(changes))}"]
    for severity, found in sections(changes):
        listed = [f"- **{plain(names)}**: {plain(text)}" for names, text in found[:MOST]]
        listed += [f"- and {len(found) - MOST} more"] if len(found) > MOST else []
        if found and severity is Severity.HARMLESS:
            parts += [f"<details><summary>{severity.capitalize()}</summary>", "\n".join(listed), "</details>"]
        elif found:
            parts += [f"### {severity.capitalize()}", "\n".join(listed)]
    return "\n\n".join(parts)
