"""How tests of the target ended, and what they found, counted and sent."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from pydantic import TypeAdapter

from contract_tests.contract.counts import Counts
from contract_tests.contract.finding import Finding

_FINDINGS = TypeAdapter(tuple[Finding, ...])


@dataclass
class Outcome:
    """How one test ended: passed, failed, skipped, known if all it found is expected at this target, or not judged.

    `reason` says why. `layer`, `law` and `source` say what kind of test it is, its law in a sentence and where that stands.
    `counts` is what went over its wire, `refused` how many requests the guard kept back.
    """

    test: str
    outcome: str = "passed"
    reason: str = ""
    seconds: float = 0.0
    layer: str = ""
    law: str = ""
    source: str = ""
    counts: Counts = field(default_factory=Counts)
    refused: int = 0
    findings: tuple[Finding, ...] = ()


def written(findings: Iterable[Finding]) -> str:
    """Findings as JSON, to be handed from process to process."""
    return _FINDINGS.dump_json(tuple(findings), fallback=str).decode()


def read(findings: str) -> tuple[Finding, ...]:
    """The findings that `written` gives."""
    return _FINDINGS.validate_json(findings)


def errors(outcomes: Iterable[Outcome]) -> list[Outcome]:
    """Tests that failed and found nothing: they could not be carried out."""
    return [outcome for outcome in outcomes if outcome.outcome == "failed" and not outcome.findings]


def counted(outcomes: Iterable[Outcome]) -> Counts:
    """What all tests saw and sent."""
    total = Counts()
    for outcome in outcomes:
        total.add(outcome.counts)
    return total
