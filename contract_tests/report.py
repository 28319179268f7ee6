"""What a run saw: made from pytest's reports alone, so that it also holds when workers ran the tests."""

import json
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from contract_tests.specs import operations

PROPERTY = "contract"  # the user property in which a test of the target hands over what it saw
UNJUDGED = "not judged: "
UNSAFE = "needs --safety "


@dataclass
class Outcome:
    """How one test ended, and why; `seen` counts answers by "api operation status"."""

    test: str
    outcome: str = "passed"
    reason: str = ""
    seconds: float = 0.0
    seen: dict[str, int] = field(default_factory=dict)
    refused: int = 0


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
            outcome.seen, outcome.refused = handed.get("seen", {}), handed.get("refused", 0)

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
        for title, prefix in (("skipped for safety", UNSAFE), ("not judged", UNJUDGED)):
            count = sum(number for reason, number in self.skips().items() if reason.startswith(prefix))
            lines += [f"{title}: {count} tests"] if count else []
        refused = sum(outcome.refused for outcome in self.outcomes.values())
        return lines + ([f"requests that the guard kept back: {refused}"] if refused else [])

    def write(self, directory: Path, facts: dict[str, object], apis: tuple[str, ...]) -> None:
        """Writes report.json for machines and report.md for people."""
        data = {
            "run": facts,
            "outcomes": dict(Counter(outcome.outcome for outcome in self.outcomes.values())),
            "operations": self.statuses(apis),
            "not_tested": self.not_tested(apis),
            "skips": self.skips(),
            "tests": [vars(outcome) for outcome in self.outcomes.values()],
        }
        (directory / "report.json").write_text(json.dumps(data, indent=1) + "\n", "utf-8")
        (directory / "report.md").write_text(_markdown(data, self.summary(apis)), "utf-8")


def _reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ").removeprefix("Refused: ")
    crash = getattr(report.longrepr, "reprcrash", None)
    return str(crash.message if crash else report.longreprtext)[:2000]


def _markdown(data: dict[str, Any], summary: list[str]) -> str:
    lines = ["# Contract tests", "", *(f"- {name}: {value}" for name, value in data["run"].items()), "", "## Result", ""]
    lines += [f"- {number} {outcome}" for outcome, number in sorted(data["outcomes"].items())] + [f"- {line}" for line in summary]
    failed = [test for test in data["tests"] if test["outcome"] == "failed"]
    if failed:
        lines += ["", "## Broken", ""] + [f"- `{test['test']}`: {test['reason'].splitlines()[0]}" for test in failed]
    if data["skips"]:
        lines += ["", "## Skipped", ""] + [f"- {number} tests: {reason}" for reason, number in data["skips"].items()]
    lines += ["", "## Answers", "", "| API | operation | statuses seen |", "| --- | --- | --- |"]
    for api, seen in data["operations"].items():
        for operation, statuses in seen.items():
            told = ", ".join(f"{status} x {count}" for status, count in statuses.items()) or "not reached"
            lines.append(f"| {api} | {operation} | {told} |")
    return "\n".join(lines) + "\n"
