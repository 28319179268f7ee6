"""What happens after the last test: the last cleaning, the verdict, the draft of known differences, the reports."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from contract_tests.contract.finding import Kind
from contract_tests.contract.masking import masked
from contract_tests.profile.deviations import TO_EXPLAIN, Deviation, draft
from contract_tests.report.collected import Report
from contract_tests.report.coverage import summary as coverage_summary
from contract_tests.report.document import MARKDOWN, write_report
from contract_tests.report.github import annotations
from contract_tests.report.numbers import counted
from contract_tests.report.outcome import Outcome
from contract_tests.report.terminal import summary
from contract_tests.report.verdict import Verdict
from contract_tests.report.writing import ReportError, write
from contract_tests.run.isolation import sweep
from contract_tests.run.plan import Plan
from contract_tests.transport.target import mock_target

FAILING = {"vanished": "fixed: remove it", "overdue": "its review date is over: look again"}
SHOWN_REASONS = 6
SKIPPED = frozenset({"skipped", "not judged"})


@dataclass
class Ending:
    """What the terminal shows at the end, the verdict, and whether a file could not be written."""

    lines: list[str] = field(default_factory=list)
    verdict: Verdict | None = None
    unwritten: bool = False

    @property
    def status(self) -> int:
        """The exit status that it asks for."""
        return max(self.verdict.status if self.verdict else 0, int(self.unwritten))


def end(plan: Plan, report: Report, *, whole: bool, worker: bool) -> Ending:
    """Ends a run; `whole` is whether all tests were chosen. A `worker` of several processes cleans up its own, and no more."""
    ending = Ending()
    report.left_behind, report.stopped = _clean_up(plan, ending), plan.target.gate.stopped
    if worker:
        return ending
    if plan.target.idle and any(one.outcome != "passed" for one in report.tests):
        mock_target()  # so that the logins of the mock are known, and hidden in what was found
    _judge_deviations(plan, report, ending, whole=whole)
    ending.verdict = report.verdict()
    ending.lines += [line for number, one in enumerate(report.broken(), 1) for line in summary(number, one)]
    ending.lines += _numbers(report)
    if not plan.target.profile.connection.verify:
        ending.lines.append("tls: CERTIFICATES ARE NOT VERIFIED, anybody on the way could have answered")
    waits = plan.target.gate.waits
    if waits.number:
        ending.lines.append(
            f"waited because the server asked for it: {counted(waits.number, 'time')}, {waits.seconds:g} s in all"
        )
    try:
        _write(plan, report, ending)
    except ReportError as error:
        ending.lines.append(f"the report could not be written: {error}")
        ending.unwritten = True
    ending.lines.append(masked(ending.verdict.text))
    return ending


def _clean_up(plan: Plan, ending: Ending) -> list[str]:
    """Tries once more to delete what is still there; what remains is said, with the command that finishes later."""
    file = plan.ledger.file
    left = sweep(plan) if plan.ledger.entries else []
    if left:
        ending.lines += [f"left behind at the target: {line}" for line in left]
        ending.lines.append(f"to finish later: contract-tests clean-up {file}")
    elif file is not None and plan.report_dir is None:
        file.unlink(missing_ok=True)
    return left


def _judge_deviations(plan: Plan, report: Report, ending: Ending, *, whole: bool) -> None:
    met = [finding for outcome in report.tests for finding in outcome.findings]
    complete = whole and plan.bigger_than(plan.deviations) and not plan.target.gate.stopped
    states = plan.deviations.states(met, lambda one: complete and tried(report.tests, one))
    report.states = [plain(one, state) for one, state in states]
    unexplained = sum(one.reason == TO_EXPLAIN for one in plan.deviations.known)
    if unexplained:
        ending.lines.append(f"deviations without a reason yet: {unexplained}")
    for one, state in states:
        if state in FAILING:
            ending.lines.append(f"deviation {one}: {FAILING[state]} (review {one.review}, {one.reason})")


def plain(one: Deviation, state: str) -> dict[str, Any]:
    """A deviation with its state as the report has it."""
    kept = {"what": str(one), "reason": one.reason, "link": one.link, "review": one.review.isoformat(), "state": state}
    return kept | {"cause": {"kind": one.kind.value, **one.telling()}}


def tried(outcomes: list[Outcome], one: Deviation) -> bool:
    """Whether a whole run would have met a deviation: one of its laws judged, and its operation answered."""
    ran = [outcome for outcome in outcomes if outcome.outcome not in SKIPPED]
    judged = {finding.law for outcome in ran for finding in outcome.findings} | {_law(outcome.test) for outcome in ran}
    reached = {seen.operation for outcome in ran for seen in outcome.counts.seen}
    return (not one.laws or not judged.isdisjoint(one.laws)) and {one.operation, one.after} - {""} <= reached and bool(reached)


def _law(test: str) -> str:
    return test.rpartition("::")[2].partition("[")[0].removeprefix("test_")


def _numbers(report: Report) -> list[str]:
    """The short block for the terminal: what was reached, and what was not run and why."""
    missing = report.not_reached()
    lines = [f"{api}: not reached: {', '.join(names)}" for api, names in missing.items()]
    lines += coverage_summary(report.coverage())
    skips = report.skips()
    lines += [f"not run: {counted(number, 'test')}: {reason}" for reason, number in list(skips.items())[:SHOWN_REASONS]]
    if len(skips) > SHOWN_REASONS:
        lines.append(f"not run: {counted(sum(list(skips.values())[SHOWN_REASONS:]), 'test')} for other reasons; see the report")
    set_aside = sum(report.not_judged().values())
    lines += [f"not judged, because something before it is broken: {counted(set_aside, 'test')}"] if set_aside else []
    states = report.ended().deviations
    lines += [f"deviations: {', '.join(f'{number} {state}' for state, number in states.items())}"] if states else []
    return lines + ([f"requests that the guard kept back: {report.refused}"] if report.refused else [])


def _write(plan: Plan, report: Report, ending: Ending) -> None:
    """Writes what was asked for. Raises ReportError."""
    if plan.draft is not None:
        # That nobody answered is no property of a target.
        found = [one for one in report.broken() if one.cause.kind is not Kind.NO_ANSWER]
        entries = [(one.cause, one.sentence, {finding.law for finding in one.findings}) for one in found]
        write(plan.draft, masked(draft(entries, plan.deviations, plan.depth_name, plan.safety)))
        ending.lines.append(f"{counted(len(found), 'known difference')} drafted in {plan.draft}; give each its reason")
    if plan.report_dir is not None:
        _write_reports(plan, report, plan.report_dir)
        ending.lines.append(f"report: {plan.report_dir / 'report.html'}")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        ending.lines += annotations(report)


def _write_reports(plan: Plan, report: Report, directory: Path) -> None:
    gate = plan.target.gate
    seen = sum(outcome.counts.seen.total() for outcome in report.tests)
    facts = plan.facts | {
        "run_id": plan.run_id,
        "started": plan.started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - plan.started).total_seconds(), 1),
        # Of several processes each has a gate of its own, and what their tests have seen is all that is known.
        "requests": max(gate.sent, seen),
        "refused": report.refused,
        **({"waited": round(gate.waits.seconds, 1)} if gate.waits.number else {}),
        "stopped": report.stopped,
        "left_behind": report.left_behind,
        "options": [*plan.options, f"--hypothesis-seed={plan.seed}"],
    }
    if not (plan.ledger.file and plan.ledger.file.exists()):
        facts.pop("ledger", None)
    write_report(report, directory, facts)
    if gate.traffic is not None:
        gate.traffic.merge(directory)
    summary_file = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary_file and os.environ.get("GITHUB_ACTIONS") == "true":
        try:
            with Path(summary_file).open("a", encoding="utf-8") as out:
                out.write((directory / MARKDOWN).read_text("utf-8"))
        except OSError as error:
            raise ReportError(f"GITHUB_STEP_SUMMARY {summary_file}: {error.strerror}") from None
