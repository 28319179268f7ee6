"""What a run saw: made from pytest's reports alone, so that it also holds when workers ran the tests.

`Report.data` is the report; the files beside report.json show the same to people.
"""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from contract_tests.contract.masking import masked
from contract_tests.contract.operations import operations
from contract_tests.report.coverage import Covered, coverage, summary, totals
from contract_tests.report.markdown import markdown
from contract_tests.report.outcome import Broken, Outcome, broken, errors, not_tested, skips, statuses
from contract_tests.report.page import write_page
from contract_tests.report.replay import MOST, names, write_failures
from contract_tests.report.verdict import counted, verdict
from contract_tests.report.writing import write

FORMAT, VERSION = "community-contracts report", 1
JSON, MARKDOWN = "report.json", "report.md"
SCHEMA = Path(__file__).resolve().parent / "templates" / "report.schema.json"
UNJUDGED = "not judged: "
SHOWN_SOURCES = 3
SHOWN_REASONS = 10


class Report:
    """Collects outcomes while the tests run; it is registered with pytest, which calls its hook.

    `deviations` are the known differences of the target: operation, check, status, pointer, reason, link, review, and as `state`
    known, vanished, overdue or not looked at.
    """

    def __init__(self) -> None:
        self.outcomes: dict[str, Outcome] = {}
        self.deviations: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes one phase (setup, call, teardown) of a test that concerns the target."""
        handed: dict[str, Any] | None = getattr(report, "contract", None)  # which the plugin adds
        if handed is None:
            return
        outcome = self.outcomes.setdefault(report.nodeid, Outcome(report.nodeid))
        outcome.seconds = round(outcome.seconds + report.duration, 4)
        if report.outcome != "passed" and outcome.outcome != "failed":
            outcome.outcome, outcome.reason = _ending(report)
        for name, value in handed.items():
            setattr(outcome, name, value)

    def broken(self) -> list[Broken]:
        """The broken contracts, each once, by operation; without those that are known deviations of the target."""
        return broken(self.outcomes.values())

    def coverage(self, apis: tuple[str, ...]) -> list[Covered]:
        """What of the contract the run exercised."""
        return coverage(map(vars, self.outcomes.values()), apis)

    def summary(self, apis: tuple[str, ...]) -> list[str]:
        """The short block for the terminal."""
        missing = not_tested(statuses(self.outcomes.values(), apis))
        total = sum(len(operations(api)) for api in apis)
        lines = [f"operations reached: {total - len(missing)} of {total}"]
        groups: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
        for key, why in missing.items():
            groups[key.split(" ")[0], why].append(key.split(" ")[1])
        for (api, why), ids in groups.items():
            lines.append(f"{api}, {why}: {f'all {len(ids)}' if len(ids) == len(operations(api)) else ', '.join(ids)}")
        lines += summary(self.coverage(apis))
        lines += _not_run(skips(self.outcomes.values()))
        states = Counter(one["state"] for one in self.deviations)
        lines += [f"deviations: {', '.join(f'{number} {state}' for state, number in states.items())}"] if states else []
        refused = sum(outcome.refused for outcome in self.outcomes.values())
        return lines + ([f"requests that the guard kept back: {refused}"] if refused else [])

    def data(self, facts: dict[str, object], apis: tuple[str, ...]) -> dict[str, Any]:
        """The report as JSON data, masked; templates/report.schema.json says what each key holds."""
        outcomes = self.outcomes.values()
        seen, met = statuses(outcomes, apis), totals(self.coverage(apis))
        found = {
            "run": facts,
            "outcomes": dict(Counter(outcome.outcome for outcome in outcomes)),
            "broken": [_told(number, one) for number, one in enumerate(self.broken(), 1)],
            "known": [_told(0, one) for one in broken(outcomes, known=True)],
            "deviations": self.deviations,
            "errors": [{"test": outcome.test, "reason": outcome.reason} for outcome in errors(outcomes)],
            "skips": skips(outcomes),
            "not_tested": not_tested(seen),
            "coverage": {name: _share(*getattr(met, name)) for name in ("operations", "statuses", "parameters")},
            "operations": seen,
            "tests": [{name: value for name, value in vars(outcome).items() if name != "curl"} for outcome in outcomes],
        }
        clean: dict[str, Any] = _masked(found)
        return {"format": FORMAT, "version": VERSION, "verdict": verdict(clean), **clean}

    def write(self, directory: Path, facts: dict[str, object], apis: tuple[str, ...]) -> None:
        """Writes report.json for machines, report.md and report.html for people, and failures/ to repeat them.

        Raises ReportError.
        """
        data = self.data(facts, apis)
        write_failures(directory, data)
        write(directory / JSON, json.dumps(data, indent=1) + "\n")
        write(directory / MARKDOWN, markdown(data))
        write_page(directory, data, self.coverage(apis))


def _not_run(skipped: dict[str, int]) -> list[str]:
    """Why tests were not run, the most frequent reasons first; what each of them would have sent is left to the report."""
    short: Counter[str] = Counter()
    for reason, number in skipped.items():
        short[reason.partition(", since ")[0]] += number
    lines = [f"not run: {counted(number, 'test')}: {reason}" for reason, number in short.most_common(SHOWN_REASONS)]
    left = len(short) - len(lines)
    return lines + ([f"not run: {counted(left, 'more reason')}, see the report"] if left > 0 else [])


def _ending(report: pytest.TestReport) -> tuple[str, str]:
    """The outcome of a test and its reason."""
    if report.skipped and hasattr(report, "wasxfail"):
        return "known", str(report.wasxfail)
    if isinstance(report.longrepr, tuple):
        return report.outcome, _reason(str(report.longrepr[2]))
    crash = getattr(report.longrepr, "reprcrash", None)
    return report.outcome, str(crash.message if crash else report.longreprtext)[:2000]


def _reason(text: str) -> str:
    """Why a test was skipped; Hypothesis adds with which example."""
    first = (text.splitlines() or [""])[0]
    return first.removeprefix("Skipped: ").removeprefix("Refused: ").removeprefix("Stopped: ")


def _told(number: int, one: Broken) -> dict[str, Any]:
    """As plain data; what has no number, because it is known, has no files either."""
    curl, repeat = names(number, one.finding) if 0 < number <= MOST else ("", "")
    return {"number": number} | vars(one) | {"finding": one.finding.plain, "curl": curl, "repeat": repeat}


def _share(met: int, of: int) -> dict[str, int]:
    return {"met": met, "of": of}


def _masked(value: Any) -> Any:
    """The same without secrets; what counts has no texts of the target in it, and most of the size."""
    if isinstance(value, dict):
        return {name: part if name in {"seen", "sent", "checked"} else _masked(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(part) for part in value]
    return masked(value) if isinstance(value, str) else value


def told(number: int, one: Broken) -> list[str]:
    """A broken contract in a few lines for the terminal."""
    more = f", and {len(one.tests) - 1} more" if len(one.tests) > 1 else ""
    sources = [f"   {source}" for source in one.sources[:SHOWN_SOURCES]]
    return [f"{number}. {one.finding}", *sources, f"   {one.tests[0]}{more}"]
