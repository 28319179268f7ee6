"""What a proxy says at its end: the findings, the reports, and the verdict with its exit status."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contract_tests.contract.choices import APIS
from contract_tests.contract.masking import masked
from contract_tests.proxy.judge import Judge
from contract_tests.proxy.options import Settings
from contract_tests.report.collected import Report
from contract_tests.report.coverage import summary as coverage_summary
from contract_tests.report.document import write_report
from contract_tests.report.numbers import counted
from contract_tests.report.outcome import Outcome
from contract_tests.report.terminal import summary
from contract_tests.report.writing import ReportError
from contract_tests.run.ending import FAILING, plain

UNIT = "operation"
SHOWN = 8


@dataclass(frozen=True)
class Ending:
    """The lines to print, and the exit status."""

    lines: list[str]
    status: int


def end(judge: Judge, settings: Settings, failed: int) -> Ending:
    """Ends a run; `failed` exchanges could not be judged, by a fault of the judge's own."""
    report = Report(settings.url, APIS, UNIT)
    report.outcomes = {one.test: one for one in judge.end()}
    if failed:
        name = "the judge"
        report.outcomes[name] = Outcome(
            name, "failed", f"{counted(failed, 'exchange')} could not be judged; the log has the reason"
        )
    found = [finding for one in report.tests for finding in one.findings]
    # What an app happens to ask says nothing of what it does not ask.
    states = judge.deviations.states(found, lambda _: False)
    report.states = [plain(one, state) for one, state in states]
    lines = [
        f"deviation {one}: {FAILING[state]} (review {one.review}, {one.reason})" for one, state in states if state in FAILING
    ]
    lines += [line for number, one in enumerate(report.broken(), 1) for line in summary(number, one, UNIT)]
    lines += _numbers(judge, report)
    verdict, unwritten = report.verdict(), False
    try:
        lines += _written(judge, report, settings)
    except ReportError as error:
        lines.append(f"the report could not be written: {error}")
        unwritten = True
    return Ending([*map(masked, lines), masked(verdict.text)], max(verdict.status, int(unwritten)))


def _numbers(judge: Judge, report: Report) -> list[str]:
    lines = [f"passed on: {counted(judge.passed, 'request')}"]
    if judge.elsewhere:
        named = [f"{path} ({number})" for path, number in judge.elsewhere.most_common(SHOWN)]
        more = f" and {len(judge.elsewhere) - SHOWN} more" if len(judge.elsewhere) > SHOWN else ""
        lines.append(f"to paths that the specs do not have: {', '.join(named)}{more}")
    if judge.mocked:
        lines.append(f"answered by the mock: {', '.join(f'{name} ({number})' for name, number in judge.mocked.items())}")
    if judge.unjudged:
        lines.append(f"not judged, since a body was longer than 11 MB or broken off: {counted(judge.unjudged, 'request')}")
    states = report.ended().deviations
    lines += [f"deviations: {', '.join(f'{number} {state}' for state, number in states.items())}"] if states else []
    return lines + (coverage_summary(report.coverage()) if any(one.counts.seen for one in report.tests) else [])


def _written(judge: Judge, report: Report, settings: Settings) -> list[str]:
    """Writes what was asked for. Raises ReportError."""
    lines = [f"traffic: {one.merge(one.directory)}" for one in judge.traffic if one.directory is not None]
    if settings.report is None:
        return lines
    facts: dict[str, Any] = {
        "target": report.target,
        "api": ", ".join(APIS),
        "mode": settings.mode,
        "judged": "documented and inferred" if judge.inferred else "documented alone",
        "overlays": ", ".join(file.name for file in settings.overlays),
        "deviations": len(judge.deviations.known),
        "started": settings.started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - settings.started).total_seconds(), 1),
        "requests": judge.passed,
        "stopped": "",
        "left_behind": [],
        "options": [],
    }
    write_report(report, settings.report, facts)
    return [*lines, f"report: {settings.report / 'report.html'}"]
