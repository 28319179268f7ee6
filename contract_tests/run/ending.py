"""What happens after the last test: the last cleaning, the verdict on known deviations, the draft of new ones, the reports."""

import os
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from contract_tests.contract.finding import Finding
from contract_tests.contract.masking import masked
from contract_tests.profile.deviations import TO_EXPLAIN, Deviation, draft
from contract_tests.report.collected import Report, told
from contract_tests.report.github import annotations
from contract_tests.report.outcome import Outcome, read_finding
from contract_tests.report.writing import ReportError, write
from contract_tests.run.explain import NO_ANSWER
from contract_tests.run.isolation import sweep
from contract_tests.run.plan import Plan

SECOND_OPINION = "openapi-core"  # which looks at the answers of all layers but that of generated requests
FAILING = {"vanished": "fixed: remove it", "overdue": "its review date is over: look again"}


@dataclass
class Ending:
    """What the terminal shows at the end, and whether something is `broken` that no test said."""

    lines: list[str] = field(default_factory=list)
    broken: bool = False


def end(plan: Plan, report: Report, *, whole: bool, worker: bool) -> Ending:
    """Ends a run; `whole` is whether all tests were chosen. A `worker` of several processes cleans up its own, and no more."""
    ending = Ending()
    left = _clean_up(plan, ending)
    if worker:
        return ending
    _judge_deviations(plan, report, ending, whole=whole)
    ending.lines += [line for number, one in enumerate(report.broken(), 1) for line in told(number, one)]
    ending.lines += report.summary(plan.apis)
    if not plan.target.profile.connection.verify:
        ending.lines.append("tls: CERTIFICATES ARE NOT VERIFIED, anybody on the way could have answered")
    if plan.target.gate.stopped:
        ending.lines.append(f"stopped: {plan.target.gate.stopped}")
    try:
        _write(plan, report, ending, left)
    except ReportError as error:
        ending.lines.append(f"the report could not be written: {error}")
        ending.broken = True
    return ending


def _clean_up(plan: Plan, ending: Ending) -> list[str]:
    """Tries once more to delete what is still there; what remains is said, with the command that finishes later."""
    file = plan.ledger.file
    left = sweep(plan) if plan.ledger.entries else []
    if left:
        ending.broken = True
        ending.lines += [f"left behind at the target: {line}" for line in left]
        ending.lines.append(f"to finish later: contract-tests clean-up {file}")
    elif file is not None and plan.report_dir is None:
        file.unlink(missing_ok=True)
    return left


def _judge_deviations(plan: Plan, report: Report, ending: Ending, *, whole: bool) -> None:
    outcomes = report.outcomes.values()
    met = [read_finding(finding) for outcome in outcomes for finding in outcome.findings]
    complete = whole and plan.bigger_than(plan.deviations) and not plan.target.gate.stopped

    def tried(one: Deviation) -> bool:
        return complete and any(reached(outcome, one) for outcome in outcomes)

    report.deviations = plan.deviations.states(met, tried)
    unexplained = sum(one.reason == TO_EXPLAIN for one in plan.deviations.known)
    if unexplained:
        ending.lines.append(f"deviations without a reason yet: {unexplained}")
    for one, state in zip(plan.deviations.known, report.deviations, strict=True):
        if state["state"] in FAILING:
            ending.broken = True
            ending.lines.append(f"deviation {one}: {FAILING[state['state']]} (review {one.review}, {one.reason})")


def reached(outcome: Outcome, one: Deviation) -> bool:
    """Whether a test would have met a deviation: one of its law that passed, or one that looked at its operation."""
    if outcome.outcome == "skipped":
        return False
    law = outcome.test.rpartition("::")[2].partition("[")[0].removeprefix("test_")
    looked = {(operation, check) for _, operation, check in (key.split(" ", 2) for key in outcome.checked)}
    if one.check == SECOND_OPINION:
        return (one.operation, one.check) in looked
    return law == one.check or (outcome.layer == "conformance" and one.operation in {operation for operation, _ in looked})


def _write(plan: Plan, report: Report, ending: Ending, left: list[str]) -> None:
    """Writes what was asked for. Raises ReportError."""
    if plan.draft is not None:
        found = _narrow(report)
        write(plan.draft, masked(draft(found, plan.deviations, plan.depth_name, plan.safety)))
        ending.lines.append(f"{len(found)} findings are drafted as deviations in {plan.draft}; give each its reason")
    if plan.report_dir is not None:
        _write_reports(plan, report, plan.report_dir, left)
        ending.lines.append(f"report: {plan.report_dir / 'report.html'}")
    if os.environ.get("GITHUB_ACTIONS") == "true":
        ending.lines += annotations(report)


def _narrow(report: Report) -> list[Finding]:
    """All findings that are not known, each with its own status and place; that nobody answered is no property of a target."""
    found = (read_finding(finding) for outcome in report.outcomes.values() for finding in outcome.findings)
    return [finding for finding in dict.fromkeys(found) if not finding.known and finding.check != NO_ANSWER]


def _write_reports(plan: Plan, report: Report, directory: Path, left: list[str]) -> None:
    gate = plan.target.gate
    facts = plan.facts | {
        "run_id": plan.run_id,
        "started": plan.started.isoformat(timespec="seconds"),
        "seconds": round((datetime.now(UTC) - plan.started).total_seconds(), 1),
        # Of several processes each has a gate of its own, and what their tests have seen is all that is known.
        "requests": max(gate.sent, sum(sum(outcome.seen.values()) for outcome in report.outcomes.values())),
        "refused": sum(outcome.refused for outcome in report.outcomes.values()),
        "stopped": gate.stopped,
        "left_behind": left,
        "options": [*plan.options, f"--hypothesis-seed={plan.seed}"],
    }
    report.write(directory, facts, plan.apis)
    if gate.traffic is not None:
        gate.traffic.merge(directory)
    summary = os.environ.get("GITHUB_STEP_SUMMARY")
    if summary and os.environ.get("GITHUB_ACTIONS") == "true":
        try:
            with Path(summary).open("a", encoding="utf-8") as out:
                out.write((directory / "report.md").read_text("utf-8"))
        except OSError as error:
            raise ReportError(f"GITHUB_STEP_SUMMARY {summary}: {error.strerror}") from None
