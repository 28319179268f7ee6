"""Two reports side by side: what broke, what was fixed, what stayed, and what nobody looked at this time."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator as Validator

from contract_tests.report.document import FORMAT, JSON, SCHEMA, VERSION
from contract_tests.report.markdown import plain
from contract_tests.report.numbers import counted
from contract_tests.report.replay import installed
from contract_tests.report.writing import ReportError

SHOWN = 20
LONGEST = 300
ANSWERED = frozenset({"passed", "failed", "known", "not judged"})


@dataclass(frozen=True)
class Told:
    """One broken contract of a report, `known` if it is a known deviation there, with the tests that met it."""

    sentence: str
    tests: frozenset[str]
    known: bool = False

    def __str__(self) -> str:
        told = self.sentence if len(self.sentence) <= LONGEST else f"{self.sentence[:LONGEST]}…"
        return f"{told} (known deviation)" if self.known else told


Key = tuple[tuple[str, Any], ...]


@dataclass
class Difference:
    """`unseen` are faults whose tests did not all pass this time; `unasked` are tests that passed before and were not run."""

    broke: list[str] = field(default_factory=list)
    fixed: list[str] = field(default_factory=list)
    stayed: list[str] = field(default_factory=list)
    unseen: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    coverage: str = ""

    def sections(self) -> Iterator[tuple[str, list[str]]]:
        yield "broke", self.broke
        yield "fixed", self.fixed
        yield "still broken", self.stayed
        yield "broken before, not looked at now", self.unseen
        yield "passed before, not run now", self.unasked

    def lines(self) -> list[str]:
        """The difference as a plain text."""
        lines = [self._numbers()]
        for title, found in self.sections():
            lines += [f"{title}:", *(f"  {one}" for one in _few(found))] if found else []
        return [*lines, self.coverage]

    def markdown(self) -> str:
        """The difference for a comment on a pull request."""
        parts = [f"## {'❌' if self.broke else '✅'} {plain(self._numbers())}"]
        for title, found in self.sections():
            parts += ["\n".join([f"### {title.capitalize()}", "", *(f"- {plain(one)}" for one in _few(found))])] if found else []
        return "\n\n".join([*parts, plain(self.coverage)])

    def _numbers(self) -> str:
        return ", ".join(f"{len(found)} {title}" for title, found in self.sections() if found) or "no difference"


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> Difference:
    """What changed between two reports, as `read_report` returns them."""
    before, after = _entries(old), _entries(new)
    was, now = _outcomes(old), _outcomes(new)
    found = Difference(coverage=_coverage(old, new))
    for key, entry in after.items():
        if key in before and (entry.known or not before[key].known):
            found.stayed.append(str(entry))
        elif not entry.known:
            found.broke.append(str(entry) + _before(before.get(key), entry, was))
    for key, entry in before.items():
        if key not in after:
            passed = sum(now.get(test) == "passed" for test in entry.tests)
            whole = passed == len(entry.tests)
            some = f" ({passed} of {counted(len(entry.tests), 'test')} passed)" if passed else ""
            (found.fixed if whole else found.unseen).append(str(entry) + ("" if whole else some))
    found.unasked = sorted(test for test, outcome in was.items() if outcome == "passed" and now.get(test) not in ANSWERED)
    return found


def _before(old: Told | None, new: Told, was: Mapping[str, str]) -> str:
    """How a fault stood that is new among the broken ones."""
    if old is not None:
        return " (a known deviation before)"
    return "" if any(was.get(test) in ANSWERED for test in new.tests) else " (its tests did not run before)"


def _entries(report: Mapping[str, Any]) -> dict[Key, Told]:
    """Broken contracts and known deviations by cause, and what could not be carried out, each by itself."""
    found: dict[Key, Told] = {}
    for kind in ("known", "broken"):
        for one in report[kind]:
            key = tuple(sorted(one["cause"].items()))
            found[key] = Told(one["sentence"], frozenset(map(installed, one["tests"])), known=kind == "known")
    for one in report["errors"]:
        test = installed(one["test"])
        found[("error", test),] = Told(f"{test} could not be carried out", frozenset([test]))
    return found


def _outcomes(report: Mapping[str, Any]) -> dict[str, str]:
    """The outcome of each test, by a name that is the same wherever the suite is installed."""
    return {installed(one["test"]): one["outcome"] for one in report["tests"]}


def _coverage(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """How much was met then and now; of other APIs or at another depth that need not be the same."""
    then, now = old["coverage"], new["coverage"]
    return "met: " + ", ".join(
        f"{name} {then[name]['met']} of {then[name]['of']} -> {now[name]['met']} of {now[name]['of']}" for name in now
    )


def _few(lines: list[str]) -> list[str]:
    return lines if len(lines) <= SHOWN else [*lines[:SHOWN], f"and {len(lines) - SHOWN} more"]


def read_report(path: Path) -> dict[str, Any]:
    """A report by its file or its folder. Raises ReportError."""
    file = path / JSON if path.is_dir() else path
    try:
        data = json.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ReportError(f"{file}: {error.strerror}") from None
    except ValueError:
        raise ReportError(f"{file}: this is no JSON") from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise ReportError(f"{file}: this is no report of contract-tests run --report")
    if data.get("version") != VERSION:
        raise ReportError(f"{file}: version {data.get('version')} of the report; this command reads version {VERSION}")
    wrong = next(iter(_validator().iter_errors(data)), None)
    if wrong is not None:
        raise ReportError(f"{file}: {'/'.join(map(str, wrong.instance_path))}: {wrong.message[:200]}")
    return data


@cache
def _validator() -> Validator:
    return Validator(json.loads(SCHEMA.read_text("utf-8")))


def main(old: Path, new: Path, *, markdown: bool = False) -> int:
    """Prints the difference; returns 1 if something broke, 2 for what is no report."""
    try:
        found = compare(read_report(old), read_report(new))
    except ReportError as error:
        print(error, file=sys.stderr)
        return 2
    print(found.markdown() if markdown else "\n".join(found.lines()))
    return 1 if found.broke else 0
