"""Judges what has passed, and adds it up: for each operation what was seen, sent and found."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable

from requests import Response
from urllib3.exceptions import HTTPError

from contract_tests.contract.cause import Cause, cause_of
from contract_tests.contract.checks import checks
from contract_tests.contract.counts import Checked, Seen, Sent
from contract_tests.contract.finding import Finding
from contract_tests.contract.masking import masked
from contract_tests.contract.operations import has_documented_answers
from contract_tests.contract.second_judge import JUDGE
from contract_tests.profile.deviations import NONE_KNOWN, Deviations
from contract_tests.proxy.looking import kept, of_answer, of_request, response_of, silence, unreadable
from contract_tests.proxy.options import Settings
from contract_tests.proxy.passing import Passing
from contract_tests.proxy.secrets import Secrets
from contract_tests.report.outcome import Outcome
from contract_tests.report.terminal import line
from contract_tests.transport.traffic import Traffic
from contract_tests.transport.wire import held

log = logging.getLogger("mock_server")

LAYER = "traffic"
LARGEST = 2**20  # bytes of a body in a record, from which other tools make scenarios
ELSEWHERE = "other paths"
MOST_ELSEWHERE = 1000  # paths that are counted
CLIENT_ERROR = 400


Record = Callable[[Passing, list[str]], None]


def make(settings: Settings, record: Record) -> "Judge":
    """The judge of a run."""
    # Something may have passed before this is loaded.
    traffic = [Traffic(settings.report, since=settings.started)] if settings.report else []
    if settings.record:
        traffic.append(Traffic(settings.record.parent, settings.record.stem, LARGEST, settings.started))
    return Judge(settings.deviations or NONE_KNOWN, traffic, record, inferred=settings.inferred)


class Judge:
    """Looks at one exchange after the other, in one thread.

    `inferred` is whether our own reading of the documents counts. `record` gets each exchange with its violations in sentences.
    `outcomes` are by what they are about, `elsewhere` counts requests to paths that the specs do not have, `mocked` by operation
    those that the mock answered, and `unjudged` those with a body that was too long, or broken off by the client.
    """

    def __init__(self, deviations: Deviations, traffic: Iterable[Traffic], record: Record, *, inferred: bool) -> None:
        self.deviations, self.inferred = deviations, inferred
        self.outcomes: dict[str, Outcome] = {}
        self.elsewhere: Counter[str] = Counter()
        self.mocked: Counter[str] = Counter()
        self.passed, self.unjudged = 0, 0
        self.traffic, self._record = list(traffic), record
        self._secrets = Secrets()
        self._found: dict[tuple[str, Cause], Finding] = {}
        self._told: set[Cause] = set()

    def reasons(self, passing: Passing, part: str) -> list[str]:
        """Why a `request`, or the `answer` to it, may not pass: what breaks the spec, and is not known."""
        self._secrets.learn(passing)
        found = self._of_request(passing) if part == "request" else self._of_answer(passing)[0]
        return [_violation(one) for one in map(self.deviations.mark, found) if not one.known]

    def note(self, passing: Passing) -> None:
        """Judges an exchange that has passed, and keeps what there is to keep of it."""
        self._secrets.learn(passing)
        self.passed += 1
        found, response = list(self._of_request(passing)), None
        if passing.failure:
            found.append(silence(passing))
        elif passing.note == "mock" and passing.operation:
            self.mocked[passing.operation.id] += 1
        elif passing.came is not None:
            of_answer, response = self._of_answer(passing)
            found += of_answer
        marked = [self.deviations.mark(one) for one in found]
        self._add_up(passing, marked, response)
        self._record(passing, [_violation(one) for one in marked])
        if response is not None:
            for traffic in self.traffic:
                traffic.note(response, passing.started, passing.seconds, passing.session, bodies=passing.operation is not None)

    def end(self) -> list[Outcome]:
        """All that was found, by what it is about."""
        for name, outcome in self.outcomes.items():
            outcome.findings = tuple(one for (of, _), one in self._found.items() if of == name)
            known = all(one.known for one in outcome.findings)
            outcome.outcome = ("known" if known else "failed") if outcome.findings else "passed"
        return list(self.outcomes.values())

    def _of_request(self, passing: Passing) -> tuple[Finding, ...]:
        operation = passing.operation
        if operation is not None and not (self.inferred or has_documented_answers(operation.api)):
            return ()
        return of_request(passing)

    def _of_answer(self, passing: Passing) -> tuple[tuple[Finding, ...], Response | None]:
        if not passing.whole:
            self.unjudged += passing.operation is not None
            return (), None
        try:
            response = response_of(passing)
        except HTTPError:
            assert passing.came is not None
            return ((unreadable(passing.operation, passing.came.status),) if passing.operation else ()), None
        return of_answer(passing, response, inferred=self.inferred), response

    def _add_up(self, passing: Passing, found: list[Finding], response: Response | None) -> None:
        operation = passing.operation
        if operation is None and not found:
            if passing.method == "OPTIONS":  # which a browser sends by itself
                return
            path = f"{passing.method} {masked(passing.path)}"
            if path in self.elsewhere or len(self.elsewhere) < MOST_ELSEWHERE:
                self.elsewhere[path] += 1
            return
        about = f"{LAYER} of {operation.id if operation else ELSEWHERE}"
        outcome = self.outcomes.setdefault(about, Outcome(about, layer=LAYER))
        outcome.seconds = round(outcome.seconds + passing.seconds, 4)
        if operation is not None and response is not None:
            status = response.status_code
            outcome.counts.seen[Seen(operation.api, operation.id, status)] += 1
            sent = held(operation, response.request)
            outcome.counts.sent.update(Sent(operation.api, operation.id, *one, status < CLIENT_ERROR) for one in sent)
            names = [*(one.__name__ for one in checks(inferred=self.inferred)), JUDGE]
            outcome.counts.checked.update(Checked(operation.api, operation.id, name) for name in names)
        for finding in found:
            cause = cause_of(finding)
            if (about, cause) not in self._found:
                self._found[about, cause] = kept(finding)
            if cause not in self._told and not finding.known:
                self._told.add(cause)
                log.warning("%s", line(finding))


def _violation(finding: Finding) -> str:
    """A finding in one line, with its place in the body."""
    where = f" (at {finding.place.pointer})" if finding.place.pointer else ""
    return f"{line(finding)}{masked(where)}" + (f" [known: {masked(finding.known)}]" if finding.known else "")
