"""Walks along the links of the document: what one answer names, the next request uses."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import hypothesis
import pytest
from hypothesis.errors import Flaky
from schemathesis import CheckFunction, Response, stateful

from contract_tests.actors.api import api
from contract_tests.actors.people import People
from contract_tests.conformance.cases import AnyCase, make_real, schema
from contract_tests.conformance.judge import CHECKS, Sender
from contract_tests.contract.basis import not_judged
from contract_tests.contract.operations import Operation, find_operation, has_documented_answers
from contract_tests.run.plan import Plan
from contract_tests.run.plugin import PLAN, property_settings
from contract_tests.run.walks import Walks, getting_somewhere
from contract_tests.transport.guard import Need, Refused
from contract_tests.transport.wire import Wire


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    pairs = [(name, role) for name in metafunc.config.stash[PLAN].apis for role in api(name).walkers]
    metafunc.parametrize(("name", "role"), pairs, ids=[role for _, role in pairs])


def test_links_lead_to_answers_that_conform(
    plan: Plan, wire: Wire, people: Callable[[str], People], name: str, role: str
) -> None:
    enough = api(name).walk_safety  # a walk on which nothing may be written leads nowhere
    if plan.safety not in {enough, "full"}:
        raise Refused(Need(enough))
    if not has_documented_answers(name) and not plan.target.judges_inferred:
        raise not_judged("nearly all links lead to operations that are inferred")
    walks = Walks(plan, wire)
    machine = hypothesis.seed(plan.seed)(_machine(walks, people(name), role))
    settings = hypothesis.settings(property_settings(plan.depth.walks, shrink=plan.shrink), stateful_step_count=plan.depth.steps)
    try:
        with getting_somewhere(walks):
            stateful.run_state_machine_as_test(machine, settings=settings)
    except Flaky:
        # Hypothesis repeats walks. Where the state outlives a walk, a repetition may differ, which says nothing of the target.
        if walks.broken is not None:
            raise walks.broken from None
        if plan.target.resettable:
            raise
        if walks.begun < plan.depth.walks:
            warnings.warn(
                f"only {walks.begun} of {plan.depth.walks} walks: the state of this target outlives a walk", stacklevel=1
            )


def _not_for(operation: Operation) -> list[CheckFunction]:
    """Checks that would take a documented answer for a fault."""
    names = api(operation.api).in_doubt.get(operation.id, ())
    return [check for check in CHECKS if check.__name__ in names]


def _machine(walks: Walks, people: People, role: str) -> Any:
    plan = walks.plan

    class Machine(schema(people.api, plan.seed, plan.safety).as_state_machine()):  # type: ignore[misc]  # made as it runs
        def setup(self) -> None:
            self.people = replace(people, wire=walks.begin())
            self.sender = Sender(self.people[role], inferred=plan.target.judges_inferred)

        def teardown(self) -> None:
            walks.end(self.people.wire)

        def call(self, case: AnyCase, **_: Any) -> Response:
            try:
                known = self.people.walk_values(_operation(case), self.sender.caller)
                make_real(case, known)
                return self.sender.send(case, known)
            except Refused:
                hypothesis.reject()  # a link led to somebody else's object: this walk ends here

        def validate_response(self, response: Response, case: AnyCase, **_: Any) -> None:
            found = self.sender.judge(case, response, self.recorder, _not_for(_operation(case)))
            if found:
                self.people.wire.on_finding(found)

    return Machine


def _operation(case: AnyCase) -> Operation:
    found = find_operation(case.operation.method.upper(), case.operation.path)
    assert found is not None
    return found
