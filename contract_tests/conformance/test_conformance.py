"""Every operation answers as its document says, to everybody, whatever is sent: Schemathesis generates and checks."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st
from schemathesis import CheckFunction

from contract_tests.actors.api import api
from contract_tests.actors.people import People
from contract_tests.actors.real_values import RealValues
from contract_tests.conformance.cases import AnyCase, fixed_cases, is_valid, make_real, random_cases
from contract_tests.conformance.judge import CHECKS, Sender
from contract_tests.contract.basis import not_judged
from contract_tests.contract.cause import Cause, cause_of
from contract_tests.contract.finding import ContractError, Finding
from contract_tests.contract.operations import Operation, operations
from contract_tests.run.plan import Plan
from contract_tests.run.plugin import PLAN, property_settings
from contract_tests.transport.gate import Stopped
from contract_tests.transport.guard import Refused

SUCCESSES = range(200, 300)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    plan = metafunc.config.stash[PLAN]
    pairs = [(op, role) for api in plan.apis for op in operations(api).values() for role in _roles(op)]
    metafunc.parametrize(("operation", "role"), pairs, ids=[f"{op.api}-{op.id}-{role}" for op, role in pairs])


def _roles(operation: Operation) -> tuple[str, ...]:
    senders = api(operation.api).senders
    # Where nobody has to log in, it makes no difference who does.
    return senders if operation.needs_login else (senders[0], "anonymous")


def test_conformance(plan: Plan, people: Callable[[str], People], operation: Operation, role: str) -> None:
    if not operation.documented and not plan.target.judges_inferred:
        raise not_judged("the operation itself is inferred")
    ours = people(operation.api)
    senders = api(operation.api).senders
    caller = ours.with_cookie(senders[0]) if role == "cookie" else ours[role]
    make_values = partial(ours.real_values, operation, caller, plan.safety)
    sender = Sender(caller, inferred=plan.target.judges_inferred)
    trial = Trial(operation, sender, make_values, _not_for(plan, operation))
    # Who asks makes a difference to few invalid requests.
    some = 5 if plan.depth_name == "quick" and role != senders[0] else 1
    for number, case in enumerate(fixed_cases(operation, plan.seed, plan.safety, invalid=some)):
        # Every third valid one keeps its invented ids; what is wrong with an invalid one shows only where its ids are right.
        trial.send(case, real=number % 3 < 2 or not is_valid(case))
    trial.conclude()
    if plan.depth.fuzz:
        trial.fuzz(plan)


def _not_for(plan: Plan, operation: Operation) -> list[CheckFunction]:
    # Of what others have made, nobody knows what it takes; of our own we know.
    names = api(operation.api).in_doubt_of_others.get(operation.id, ()) if plan.safety == "read-only" else ()
    return [check for check in CHECKS if check.__name__ in names]


class Trial:
    """One operation, called by one principal in many ways; of each cause the first finding is kept."""

    def __init__(
        self, operation: Operation, sender: Sender, make_values: Callable[[], RealValues], without: Sequence[CheckFunction]
    ) -> None:
        self.operation, self.caller = operation, sender.caller
        self._sender, self._make_values, self._without = sender, make_values, without
        self._values: RealValues | None = None
        self._sent, self._login_was_judged = 0, not operation.needs_login
        self._found: dict[Cause, Finding] = {}
        self._refusal: Refused | None = None

    def send(self, case: AnyCase, *, real: bool) -> None:
        """Sends a case and remembers what was wrong with the answer; one that the guard keeps back is left out."""
        try:
            self._send(case, real=real)
        except Refused as refusal:
            self._refusal = refusal
        except Stopped:
            if self._found:
                self.conclude()
            raise

    def _send(self, case: AnyCase, *, real: bool) -> None:
        if self._values is None or self.operation.id in api(self.operation.api).spending:
            self._values = self._make_values()
        if real:
            make_real(case, self._values)
        response = self._sender.send(case, self._values)
        self._sent += 1
        self._note(self._sender.judge(case, response, without=self._without))
        # Asking for a login is a property of the operation, so one success is enough to try it without.
        if not self._login_was_judged and response.status_code in SUCCESSES and response.request.method == self.operation.method:
            self._login_was_judged = True
            self._note(self._sender.judge_login(response))

    def _note(self, findings: Iterable[Finding]) -> None:
        for finding in findings:
            self._found.setdefault(cause_of(finding), finding)

    def conclude(self) -> None:
        """Raises ContractError with one finding of each cause, or Refused if nothing could be sent at all."""
        if self._found:
            raise ContractError(self._found.values(), own=False)
        if self._refusal is not None and not self._sent:
            raise self._refusal

    def fuzz(self, plan: Plan) -> None:
        """Sends random cases; Hypothesis shrinks the first that fails."""

        @seed(plan.seed)
        @property_settings(plan.depth.fuzz, shrink=plan.shrink)
        @given(case=random_cases(self.operation, plan.seed, plan.safety), real=st.booleans())
        def attempt(case: AnyCase, real: bool) -> None:
            self._found = {}
            self.send(case, real=real)
            self.conclude()

        attempt()
