"""What a run saw: made from pytest's reports alone, so that it also holds when workers ran the tests."""

from collections import Counter
from typing import Any

import pytest

from contract_tests.contract.counts import read_counts
from contract_tests.contract.masking import masked
from contract_tests.contract.operations import operations
from contract_tests.report.causes import Broken, broken
from contract_tests.report.coverage import Covered, coverage, totals
from contract_tests.report.outcome import Outcome, errors, read
from contract_tests.report.verdict import Ended, Verdict, verdict


class Report:
    """Collects outcomes while the tests run; it is registered with pytest, which calls its hook.

    `states` are the known differences of the target, as plain data with their state. `target` is what was tested, `apis` which,
    `stopped` why the run ended early, and `left_behind` what it could not take back. `unit` is what an outcome is one of.
    """

    def __init__(self, target: str = "mock", apis: tuple[str, ...] = (), unit: str = "test") -> None:
        self.target, self.apis, self.unit = target, apis, unit
        self.outcomes: dict[str, Outcome] = {}
        self.needs: Counter[str] = Counter()
        self.states: list[dict[str, Any]] = []
        self.stopped = ""
        self.left_behind: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes one phase (setup, call, teardown) of a test that concerns the target."""
        handed: dict[str, Any] | None = getattr(report, "contract", None)  # which the plugin adds
        if handed is None:
            return
        outcome = self.outcomes.setdefault(report.nodeid, Outcome(report.nodeid))
        outcome.seconds = round(outcome.seconds + report.duration, 4)
        if report.outcome != "passed" and outcome.outcome != "failed":
            outcome.outcome, outcome.reason = _ending(report, handed)
            self.needs.update(filter(None, [handed.get("needs")]))
        for name in handed.keys() & {"layer", "law", "source", "refused"}:
            setattr(outcome, name, handed[name])
        outcome.counts = read_counts(handed.get("counts", {}))
        outcome.findings = tuple(one for many in handed.get("findings", ()) for one in read(many))

    @property
    def tests(self) -> list[Outcome]:
        return list(self.outcomes.values())

    def broken(self) -> list[Broken]:
        """The broken contracts, each cause once; without those that are known deviations of the target."""
        return broken(self.tests)

    def known(self) -> list[Broken]:
        """What was found and is a known deviation."""
        return broken(self.tests, known=True)

    def coverage(self) -> list[Covered]:
        """What of the contract the run exercised."""
        return coverage(self.tests, self.apis)

    def skips(self) -> dict[str, int]:
        """How many tests were skipped, by reason, the most frequent first."""
        return dict(Counter(masked(one.reason) for one in self.tests if one.outcome == "skipped").most_common())

    def not_judged(self) -> dict[str, int]:
        """How many tests met something broken before they could judge their own matter, by what it is."""
        return dict(Counter(masked(one.reason) for one in self.tests if one.outcome == "not judged").most_common())

    def not_reached(self) -> dict[str, list[str]]:
        """The operations of each API that were never reached."""
        reached = {one[:2] for outcome in self.tests for one in outcome.counts.seen}
        missing = {api: [name for name in operations(api) if (api, name) not in reached] for api in self.apis}
        return {api: names for api, names in missing.items() if names}

    @property
    def refused(self) -> int:
        """How many requests the guard kept back."""
        return sum(outcome.refused for outcome in self.tests)

    def ended(self) -> Ended:
        """The numbers that the verdict is made of."""
        found = self.broken()
        met = totals(self.coverage()).operations
        return Ended(
            target=self.target,
            outcomes=Counter(outcome.outcome for outcome in self.tests),
            broken=len(found),
            found_by=len({test for one in found for test in one.tests}),
            known=len(self.known()),
            errors=len(errors(self.tests)),
            stopped=self.stopped,
            left_behind=len(self.left_behind),
            deviations=Counter(one["state"] for one in self.states),
            needs=self.needs,
            reached=met[0],
            operations=met[1],
            unit=self.unit,
        )

    def verdict(self) -> Verdict:
        return verdict(self.ended())


def _ending(report: pytest.TestReport, handed: dict[str, Any]) -> tuple[str, str]:
    """The outcome of a test and its reason."""
    if report.skipped and hasattr(report, "wasxfail"):
        return "known", str(report.wasxfail)
    if report.skipped:
        return handed.get("ending", report.outcome), handed.get("reason", "")
    crash = getattr(report.longrepr, "reprcrash", None)
    return report.outcome, str(crash.message if crash else report.longreprtext)[:2000]
