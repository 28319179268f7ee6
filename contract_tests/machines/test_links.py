"""Walks along the links of the document: what one answer names, the next request uses."""

import warnings
from typing import Any

import hypothesis
import pytest
from hypothesis.errors import Flaky
from schemathesis import CheckFunction, Response
from schemathesis.generation.stateful import run_state_machine_as_test
from schemathesis.specs.openapi.checks import ensure_resource_availability, positive_data_acceptance

from contract_tests.cases import AnyCase, Known, make_real, schema
from contract_tests.client import Caller
from contract_tests.images import MEDIA_TYPES, picture
from contract_tests.isolation import close_wire, open_wire
from contract_tests.judge import Sender
from contract_tests.plan import Plan
from contract_tests.plugin import property_settings
from contract_tests.safety import Refused
from contract_tests.specs import Operation, find_operation
from contract_tests.wire import Wire
from contract_tests.world import World

IMAGES = {media_type: picture("red", kind) for kind, media_type in MEDIA_TYPES.items()}


class BrokenContractError(AssertionError):
    """An answer on a walk that breaks a contract."""


@pytest.mark.parametrize("role", ["alice", "admin"])
def test_links_lead_to_answers_that_conform(plan: Plan, wire: Wire, world: World, role: str) -> None:
    if plan.safety == "read-only":
        raise Refused("needs --safety sandbox")
    walks = Walks(plan, wire, world, world[role])
    machine = hypothesis.seed(plan.seed)(_machine(plan, walks))
    settings = hypothesis.settings(
        property_settings(plan.depth.walks, shrink=plan.depth.shrinks_walks), stateful_step_count=plan.depth.steps
    )
    try:
        run_state_machine_as_test(machine, settings=settings)
    except Flaky:
        # Hypothesis repeats walks. Where the state outlives a walk, a repetition may differ, which says nothing of the target.
        if walks.broken is not None:
            raise walks.broken from None
        if plan.target.resettable:
            raise
        warnings.warn(f"only {walks.begun} of {plan.depth.walks} walks: the state of this target outlives a walk", stacklevel=1)


class Walks:
    """What the walks of one caller share; at a mock each gets a state of its own, so that it can be repeated."""

    def __init__(self, plan: Plan, wire: Wire, world: World, caller: Caller) -> None:
        self.plan, self.wire, self.world, self.caller = plan, wire, world, caller
        self.broken: BrokenContractError | None = None
        self.begun = 0

    def begin(self) -> Sender:
        """A sender for the next walk, until `end`."""
        self.begun += 1
        wire = open_wire(self.plan, f"{self.wire.session}-{self.begun}") if self.plan.target.resettable else self.wire
        return Sender(
            Caller(self.caller.api, wire, self.caller.name, self.caller.login, self.caller.user_id),
            inferred=self.plan.target.judges_inferred,
        )

    def end(self, sender: Sender) -> None:
        wire = sender.caller.wire
        if wire is not self.wire:
            close_wire(wire)
            self.wire.seen.update(wire.seen)
            self.wire.last = wire.last

    def known(self) -> Known:
        return Known({"domain_id": self.world.domain}, {"domain_ids": [self.world.domain]}, IMAGES)


def _not_for(operation: Operation | None) -> list[CheckFunction]:
    """Checks that would take a documented answer for a fault."""
    if operation is not None and operation.path.count("/membership"):
        return [positive_data_acceptance]  # an open community takes no membership requests, however well formed: 400
    if operation is not None and operation.id == "updateCommunity":
        return [ensure_resource_availability]  # the community is there; the invented users and images in the body are not
    return []


def _machine(plan: Plan, walks: Walks) -> Any:
    class Machine(schema("linagora", plan.seed, plan.safety).as_state_machine()):  # type: ignore[misc]  # made as it runs
        def setup(self) -> None:
            self.sender = walks.begin()

        def teardown(self) -> None:
            walks.end(self.sender)

        def call(self, case: AnyCase, **_: Any) -> Response:
            make_real(case, walks.known())
            try:
                return self.sender.send(case, walks.known())
            except Refused:
                hypothesis.reject()  # a link led to somebody else's object: this walk ends here

        def validate_response(self, response: Response, case: AnyCase, **_: Any) -> None:
            operation = find_operation(case.operation.method.upper(), case.operation.path)
            verdicts = self.sender.judge(case, response, self.recorder, _not_for(operation))
            if verdicts:
                walks.broken = BrokenContractError("\n\n".join([f"{operation} as {walks.caller.name}:", *verdicts.values()]))
                raise walks.broken

    return Machine
