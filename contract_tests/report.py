"""What a run saw: made from pytest's reports alone, so that it also holds when workers ran the tests."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contract_tests.coverage import Covered, coverage, summary
from contract_tests.findings import Finding
from contract_tests.page import write_page
from contract_tests.specs import operations

PROPERTY = "contract"  # the user property in which a test of the target hands over what it saw
UNJUDGED = "not judged: "
UNSAFE = "needs --safety "
SHOWN_SOURCES = 3


@dataclass
class Outcome:
    """How one test ended, and why; `layer` and `source` say what kind of test it is and where its law stands.

    `seen`, `sent` and `checked` are what its wire counted.
    """

    test: str
    outcome: str = "passed"
    reason: str = ""
    seconds: float = 0.0
    layer: str = ""
    source: str = ""
    seen: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    checked: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    findings: list[dict[str, str]] = field(default_factory=list)


@dataclass
class Broken:
    """One broken contract, the sources of the laws that say so, and all the tests that met it."""

    finding: Finding
    sources: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)


class Report:
    """Collects outcomes while the tests run; it is registered with pytest, which calls its hook."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes one phase (setup, call, teardown) of a test that concerns the target."""
        properties: dict[str, Any] = dict(report.user_properties)
        handed = properties.get(PROPERTY)
        if handed is None:
            return
        outcome = self.outcomes.setdefault(report.nodeid, Outcome(report.nodeid))
        outcome.seconds = round(outcome.seconds + report.duration, 4)
        if report.outcome != "passed" and outcome.outcome != "failed":
            outcome.outcome, outcome.reason = report.outcome, _reason(report)
        if report.when == "teardown":
            for name, value in handed.items():
                setattr(outcome, name, value)

    def statuses(self, apis: tuple[str, ...]) -> dict[str, dict[str, dict[str, int]]]:
        """For every operation of each API the statuses seen and how often; empty for one that was never reached."""
        found: dict[str, dict[str, Counter[str]]] = {api: {op: Counter() for op in operations(api)} for api in apis}
        for outcome in self.outcomes.values():
            for key, count in outcome.seen.items():
                api, operation, status = key.split(" ")
                if api in found:
                    found[api][operation][status] += count
        return {api: {op: dict(sorted(seen.items())) for op, seen in ops.items()} for api, ops in found.items()}

    def not_tested(self, apis: tuple[str, ...]) -> dict[str, str]:
        """Operations, as "api operation", that were not tested, and why."""
        why = {}
        for api, seen in self.statuses(apis).items():
            for operation, statuses in seen.items():
                if not statuses:
                    why[f"{api} {operation}"] = "not reached"
        return why

    def broken(self) -> list[Broken]:
        """The broken contracts, each once, by operation and in the order in which they were met."""
        found: dict[tuple[str, str], Broken] = {}
        for outcome in self.outcomes.values():
            for finding in (Finding(**one) for one in outcome.findings):
                broken = found.setdefault(finding.key, Broken(finding))
                broken.tests += [outcome.test] if outcome.test not in broken.tests else []
                broken.sources += [outcome.source] if outcome.source and outcome.source not in broken.sources else []
        return sorted(found.values(), key=lambda broken: broken.finding.operation)

    def coverage(self, apis: tuple[str, ...]) -> list[Covered]:
        """What of the contract the run exercised."""
        return coverage(map(vars, self.outcomes.values()), apis)

    def skips(self) -> dict[str, int]:
        """How many tests were skipped, by reason."""
        return dict(Counter(outcome.reason for outcome in self.outcomes.values() if outcome.outcome == "skipped").most_common())

    def summary(self, apis: tuple[str, ...]) -> list[str]:
        """The short block for the terminal."""
        missing = self.not_tested(apis)
        total = sum(len(operations(api)) for api in apis)
        lines = [f"operations reached: {total - len(missing)} of {total}"]
        groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for key, why in missing.items():
            groups[key.split(" ")[0], why].append(key.split(" ")[1])
        for (api, why), names in groups.items():
            told = f"all {len(names)}" if len(names) == len(operations(api)) else ", ".join(names)
            lines.append(f"{api}, {why}: {told}")
        lines += summary(self.coverage(apis))
        for title, prefix in (("skipped for safety", UNSAFE), ("not judged", UNJUDGED)):
            count = sum(number for reason, number in self.skips().items() if reason.startswith(prefix))
            lines += [f"{title}: {count} tests"] if count else []
        refused = sum(outcome.refused for outcome in self.outcomes.values())
        return lines + ([f"requests that the guard kept back: {refused}"] if refused else [])

    def write(self, directory: Path, facts: dict[str, object], apis: tuple[str, ...]) -> None:
        """Writes report.json for machines, report.md and coverage.html for people."""
        data = {
            "run": facts,
            "outcomes": dict(Counter(outcome.outcome for outcome in self.outcomes.values())),
            "operations": self.statuses(apis),
            "not_tested": self.not_tested(apis),
            "broken": [vars(broken) | {"finding": vars(broken.finding)} for broken in self.broken()],
            "skips": self.skips(),
            "tests": [vars(outcome) for outcome in self.outcomes.values()],
        }
        (directory / "report.json").write_text(json.dumps(data, indent=1) + "\n", "utf-8")
        write_page(directory, facts, self.coverage(apis))
        (directory / "report.md").write_text(_markdown(data, self.summary(apis)), "utf-8")


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ").removeprefix("Refused: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longreprtext)[:2000]


def told(number: int, broken: Broken) -> list[str]:
    """A broken contract in a few lines for the terminal."""
    more = f", and {len(broken.tests) - 1} more" if len(broken.tests) > 1 else ""
    sources = [f"   {source}" for source in broken.sources[:SHOWN_SOURCES]]
    return [f"{number}. {broken.finding}", *sources, f"   {broken.tests[0]}{more}"]


def _markdown(data: dict[str, Any], summary: list[str]) -> str:
    lines = ["# Contract tests", "", *(f"- {name}: {value}" for name, value in data["run"].items()), "", "## Result", ""]
    lines += [f"- {number} {outcome}" for outcome, number in sorted(data["outcomes"].items())] + [f"- {line}" for line in summary]
    if data["broken"]:
        lines += ["", "## Broken", ""] + [f"- {Finding(**one['finding'])} (`{one['tests'][0]}`)" for one in data["broken"]]
    if data["skips"]:
        lines += ["", "## Skipped", ""] + [f"- {number} tests: {reason}" for reason, number in data["skips"].items()]
    lines += ["", "## Answers", "", "| API | operation | statuses seen |", "| --- | --- | --- |"]
    for api, seen in data["operations"].items():
        for operation, statuses in seen.items():
            told = ", ".join(f"{status} x {count}" for status, count in statuses.items()) or "not reached"
            lines.append(f"| {api} | {operation} | {told} |")
    return "\n".join(lines) + "\n"
