"""One cause, one entry: what many tests and judges met is told once, with all that met it as witnesses."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from contract_tests.contract.cause import Cause, cause_of
from contract_tests.contract.finding import Finding, Kind, Step
from contract_tests.report.outcome import Outcome
from contract_tests.report.sentences import in_spec, operations_in, sentence

SEVERAL = 3  # statuses, or properties of one body, from which on one rule is behind all of them
LIKELY = 0.25  # of the tests that took a write, how many have to fail for the write to be blamed and not what read it
GENERAL = frozenset({Kind.CONTENT_TYPE, Kind.HEADER, Kind.BODY})


@dataclass
class Broken:
    """One broken contract: its cause, and for each finding the test that met it."""

    cause: Cause
    witnesses: list[tuple[Outcome, Finding]] = field(default_factory=list)

    @property
    def findings(self) -> list[Finding]:
        """The findings, what is shown by the fewest steps first."""
        return sorted((finding for _, finding in self.witnesses), key=lambda one: (not one.steps, len(one.steps)))

    @property
    def sentence(self) -> str:
        return sentence(self.cause, self.findings)

    @property
    def operations(self) -> list[str]:
        return operations_in([finding for _, finding in self.witnesses])

    @property
    def tests(self) -> list[str]:
        return list(dict.fromkeys(outcome.test for outcome, _ in self.witnesses))

    @property
    def laws(self) -> list[str]:
        return list(dict.fromkeys(outcome.law for outcome, one in self.witnesses if outcome.law and one.source))

    @property
    def sources(self) -> list[str]:
        """Where it is said otherwise: the sentences of the laws that are about it, or else its place in the spec."""
        said = dict.fromkeys(one.source for _, one in self.witnesses if one.source)
        return list(said) or list(dict.fromkeys(filter(None, (in_spec(one) for _, one in self.witnesses))))

    @property
    def judges(self) -> list[str]:
        return list(dict.fromkeys(finding.judge for _, finding in self.witnesses if finding.judge))

    @property
    def steps(self) -> tuple[Step, ...]:
        """The shortest way there."""
        found = self.findings
        return found[0].steps if found else ()

    @property
    def places(self) -> list[tuple[str, str]]:
        """Operations and JSON pointers, each pair once."""
        pairs = ((finding.operation, finding.place.pointer) for _, finding in self.witnesses if finding.place.pointer)
        return list(dict.fromkeys(pairs))

    @property
    def known(self) -> str:
        """Why it is expected at the target, where all that was found is."""
        reasons = list(dict.fromkeys(finding.known for _, finding in self.witnesses))
        return "" if "" in reasons else "; ".join(reasons)


def broken(outcomes: Iterable[Outcome], *, known: bool = False) -> list[Broken]:
    """The broken contracts by cause, those that most tests met first; or those that are known ones."""
    tests = list(outcomes)
    pairs = [(outcome, one) for outcome in tests for one in outcome.findings if bool(one.known) is known]
    groups: defaultdict[Cause, list[tuple[Outcome, Finding]]] = defaultdict(list)
    for outcome, finding in pairs:
        groups[cause_of(finding)].append((outcome, finding))
    wider = _wider(groups, tests)
    merged: dict[Cause, Broken] = {}
    for cause, witnesses in groups.items():
        merged.setdefault(wider.get(cause, cause), Broken(wider.get(cause, cause))).witnesses += witnesses
    return sorted(merged.values(), key=lambda one: -len(one.tests))


def _wider(groups: Mapping[Cause, list[tuple[Outcome, Finding]]], tests: list[Outcome]) -> dict[Cause, Cause]:
    """For causes that are parts of a wider one, that one."""
    return _over_statuses(groups) | _over_properties(groups) | _over_states(groups, tests)


def _over_statuses(causes: Iterable[Cause]) -> dict[Cause, Cause]:
    """Refusals of every status that are wrong in one way: every error is text/plain."""
    alike: defaultdict[Cause, list[Cause]] = defaultdict(list)
    for cause in causes:
        if cause.kind in GENERAL and cause.status:
            alike[replace(cause, status=None)].append(cause)
    return {cause: wide for wide, many in alike.items() if len(many) >= SEVERAL for cause in many}


def _over_properties(causes: Iterable[Cause]) -> dict[Cause, Cause]:
    """An operation that looks at no property of its body."""
    alike: defaultdict[Cause, list[Cause]] = defaultdict(list)
    for cause in causes:
        if cause.kind is Kind.ACCEPTED and cause.flaw.startswith("body"):
            alike[replace(cause, flaw="body")].append(cause)
    return {cause: wide for wide, many in alike.items() if len(many) >= SEVERAL for cause in many}


def _over_states(groups: Mapping[Cause, list[tuple[Outcome, Finding]]], tests: list[Outcome]) -> dict[Cause, Cause]:
    """Wrong behaviour, explained by the fewest operations: by what shows it, or by the write whose effect is missing."""
    left = {cause for cause in groups if cause.kind is Kind.BEHAVIOUR and cause.operation}
    wider: dict[Cause, Cause] = {}
    while left:
        explained = max(_explanations(left, groups, tests), key=lambda pair: (len(pair[1]), not pair[0].after))
        wide, covered = explained
        wider |= dict.fromkeys(covered, wide)
        left -= covered
    return wider


def _explanations(
    left: set[Cause], groups: Mapping[Cause, list[tuple[Outcome, Finding]]], tests: list[Outcome]
) -> Iterable[tuple[Cause, set[Cause]]]:
    for cause in left:
        yield Cause(cause.kind, cause.api, cause.operation), {one for one in left if _same(one, cause, "operation")}
        after = {one for one in left if cause.after and _same(one, cause, "after")}
        if len({one.operation for one in after}) > 1 and _is_likely(cause, after, groups, tests):
            yield Cause(cause.kind, cause.api, after=cause.after), after


def _same(one: Cause, other: Cause, name: str) -> bool:
    return one.api == other.api and bool(getattr(one, name) == getattr(other, name))


def _is_likely(
    cause: Cause, covered: set[Cause], groups: Mapping[Cause, list[tuple[Outcome, Finding]]], tests: list[Outcome]
) -> bool:
    """Whether so many of the tests that took a write failed that it is to blame."""
    judging = (test for test in tests if test.layer != "conformance")
    took = sum(any(seen[:2] == (cause.api, cause.after) for seen in test.counts.seen) for test in judging)
    failed = len({outcome.test for one in covered for outcome, _ in groups[one]})
    return took > 0 and failed / took >= LIKELY
