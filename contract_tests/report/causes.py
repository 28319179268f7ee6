"""One cause, one entry: what many tests and judges met is told once, with all that met it as witnesses."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from contract_tests.contract.cause import Cause, cause_of
from contract_tests.contract.finding import Finding, Kind, Step
from contract_tests.report.outcome import Outcome
from contract_tests.report.sentences import in_spec, operations_in, sentence

SEVERAL = 3  # statuses, or properties of one body, from which on one rule is behind all of them
USUAL = 0.67  # of the laws about an operation, so many may take a write before it for the write to be blamed
ONE_STATUS = frozenset({Kind.SERVER_ERROR, Kind.STATUS})
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
    return _over_statuses(groups) | _over_properties(groups) | _over_states(groups, tests) | _over_everything(groups, tests)


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


def _over_everything(groups: Mapping[Cause, list[tuple[Outcome, Finding]]], tests: list[Outcome]) -> dict[Cause, Cause]:
    """A server that answers one wrong status whatever it is asked."""
    seen = {(one.api, one.operation, one.status) for test in tests for one in test.counts.seen}
    wider: dict[Cause, Cause] = {}
    for api in {api for api, _, _ in seen}:
        asked = {operation for of, operation, _ in seen if of == api}
        statuses = {status for of, _, status in seen if of == api}
        if len(asked) >= SEVERAL and len(statuses) == 1:
            wider |= {one: Cause(one.kind, api, got=one.got) for one in groups if one.api == api and one.kind in ONE_STATUS}
    return wider


def _over_states(groups: Mapping[Cause, list[tuple[Outcome, Finding]]], tests: list[Outcome]) -> dict[Cause, Cause]:
    """Wrong behaviour, explained by the fewest operations: by what shows it, or by the write whose effect is missing."""
    left = {cause: _writes(groups[cause]) for cause in groups if cause.kind is Kind.BEHAVIOUR and cause.operation}
    wider: dict[Cause, Cause] = {}
    while left:
        explained = max(_explanations(left, tests), key=lambda pair: (len(pair[1]), not pair[0].after))
        wider |= dict.fromkeys(explained[1], explained[0]) if len(explained[1]) > 1 else {}
        left = {cause: writes for cause, writes in left.items() if cause not in explained[1]}
    return wider


def _writes(witnesses: list[tuple[Outcome, Finding]]) -> frozenset[str]:
    """The operations that had written before each of some findings."""
    return frozenset.intersection(*(frozenset(one.writes) for _, one in witnesses))


def _explanations(left: Mapping[Cause, frozenset[str]], tests: list[Outcome]) -> Iterator[tuple[Cause, set[Cause]]]:
    for cause in left:
        same = {one for one in left if (one.api, one.operation) == (cause.api, cause.operation)}
        yield Cause(cause.kind, cause.api, cause.operation), same
    for api, write in {(cause.api, write) for cause, writes in left.items() for write in writes}:
        covered = {cause for cause, writes in left.items() if cause.api == api and write in writes}
        if len({cause.operation for cause in covered}) > 1 and _is_telling(api, write, covered, tests):
            yield Cause(Kind.BEHAVIOUR, api, after=write), covered


def _is_telling(api: str, write: str, covered: set[Cause], tests: list[Outcome]) -> bool:
    """Whether a write stands out: what nearly every test of an operation does before it explains nothing."""
    reached = [{seen.operation for seen in test.counts.seen if seen.api == api} for test in tests if test.layer == "law"]
    shares = []
    for operation in {cause.operation for cause in covered} - {write}:
        every = [one for one in reached if operation in one]
        shares.append(sum(write in one for one in every) / len(every) if every else 1.0)
    return bool(shares) and sum(shares) / len(shares) <= USUAL
