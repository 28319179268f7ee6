"""How tests of the target ended, and what that says: broken contracts, known deviations, errors, skips, operations reached."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from contract_tests.contract.finding import Finding
from contract_tests.contract.masking import masked
from contract_tests.contract.operations import operations
from contract_tests.report.steps import steps


@dataclass
class Outcome:
    """How one test ended: passed, failed, skipped, or known if all it found is expected at this target; `reason` says why.

    `layer`, `law` and `source` say what kind of test it is, its law in a sentence and where that stands. `seen`, `sent` and
    `checked` are what its wire counted, `refused` how many requests the guard kept back. `curl` are the requests of a failure.
    """

    test: str
    outcome: str = "passed"
    reason: str = ""
    seconds: float = 0.0
    layer: str = ""
    law: str = ""
    source: str = ""
    seen: dict[str, int] = field(default_factory=dict)
    sent: dict[str, int] = field(default_factory=dict)
    checked: dict[str, int] = field(default_factory=dict)
    refused: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)
    curl: list[str] = field(default_factory=list)


@dataclass
class Broken:
    """One broken contract: the laws that say so with their sources, all tests that met it, and requests that show it."""

    finding: Finding
    laws: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    tests: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


def read_finding(data: Mapping[str, Any]) -> Finding:
    """A finding from JSON, perhaps of another version of the suite: keys that are not known here are left out."""
    return Finding(**{one.name: data[one.name] for one in fields(Finding) if one.name in data})


def broken(outcomes: Iterable[Outcome], *, known: bool = False) -> list[Broken]:
    """The broken contracts, each once, by operation and in the order in which they were met; or those that are known ones."""
    found: dict[tuple[Any, ...], Broken] = {}
    for outcome in outcomes:
        for told in outcome.findings:
            finding = read_finding(told)
            if bool(finding.known) is known:
                _add(outcome, told.get("curl") or outcome.curl, found.setdefault(finding.key, Broken(finding)))
    return sorted(found.values(), key=lambda one: one.finding.operation)


def _add(outcome: Outcome, requests: list[str], one: Broken) -> None:
    for values, value in ((one.laws, outcome.law), (one.sources, outcome.source), (one.tests, outcome.test)):
        if value and value not in values:
            values.append(value)
    one.requests = one.requests or list(map(str, steps(requests))) or requests


def errors(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Tests that failed and found nothing: they could not be carried out."""
    return [outcome for outcome in outcomes if outcome.outcome == "failed" and not outcome.findings]


def skips(outcomes: Iterable[Outcome]) -> dict[str, int]:
    """How many tests were skipped, by reason, the most frequent first."""
    return dict(Counter(masked(outcome.reason) for outcome in outcomes if outcome.outcome == "skipped").most_common())


def statuses(outcomes: Iterable[Outcome], apis: Iterable[str]) -> dict[str, dict[str, dict[str, int]]]:
    """For every operation of each API the statuses seen and how often; empty for one that was never reached."""
    found: dict[str, dict[str, Counter[str]]] = {api: {op: Counter() for op in operations(api)} for api in apis}
    for outcome in outcomes:
        for key, count in outcome.seen.items():
            api, operation, status = key.split(" ")
            if api in found:
                found[api][operation][status] += count
    return {api: {op: dict(sorted(seen.items())) for op, seen in ops.items()} for api, ops in found.items()}


def not_tested(seen: Mapping[str, Mapping[str, Mapping[str, int]]]) -> dict[str, str]:
    """Operations, as "api operation", that were not tested, and why; `seen` is as `statuses` makes it."""
    return {f"{api} {name}": "not reached" for api, ops in seen.items() for name, came in ops.items() if not came}
