"""Where generated walks take place, each in a state that nothing else has touched; of those that fail the shortest is kept."""

import time
from collections import deque
from functools import partial

import hypothesis

from contract_tests.contract.finding import ContractError
from contract_tests.run.isolation import close_wire, open_wire
from contract_tests.run.plan import Plan
from contract_tests.transport.wire import Exchange, Wire

PATIENCE = 20.0  # seconds that a person waits for a shorter walk once one has failed


class Walks:
    """The walks of one test. `broken` is what the shortest failing one found; `begun` counts them.

    Where the target cannot be reset, all walks share the state of the test.
    """

    def __init__(self, plan: Plan, wire: Wire) -> None:
        self.plan, self.wire = plan, wire
        self.begun = 0
        self.broken: ContractError | None = None
        self._shortest: deque[Exchange] = deque()
        self._deadline = float("inf")

    def begin(self) -> Wire:
        """The way to the target for the next walk, until `end`; a walk that comes too late ends at once."""
        if time.monotonic() > self._deadline:
            hypothesis.reject()
        self.begun += 1
        wire = open_wire(self.plan, f"{self.wire.session}-{self.begun}") if self.plan.target.resettable else self.wire
        wire.on_broken = partial(self._keep, wire)
        return wire

    def _keep(self, wire: Wire, error: ContractError) -> None:
        """Raises what a walk found, and keeps it if it is the shortest so far; what is known of the target ends no walk."""
        if self.plan.deviations.tolerate(error.findings):
            wire.keep(error)
            return
        self._deadline = min(self._deadline, time.monotonic() + PATIENCE)
        if self.broken is None or len(wire.last) <= len(self._shortest):
            self.broken, self._shortest = error, wire.last.copy()
        raise error

    def end(self, wire: Wire) -> None:
        """Hands over what a walk saw, and forgets its state."""
        if wire is self.wire:
            return
        close_wire(self.plan, wire)
        self.wire.absorb(wire)
        self.wire.last = self._shortest or wire.last
