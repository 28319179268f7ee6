"""Where generated walks take place, each in a state that nothing else has touched; of those that fail the shortest is kept."""

import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import hypothesis
from hypothesis.errors import Unsatisfiable, UnsatisfiedAssumption
from requests import Response

from contract_tests.contract.basis import NotAsked
from contract_tests.contract.cause import cause_of
from contract_tests.contract.finding import ContractError, Finding
from contract_tests.run.isolation import close_wire, open_wire
from contract_tests.run.plan import Plan
from contract_tests.transport.wire import Wire

PATIENCE = 20.0  # seconds that a person waits for a shorter walk once one has failed


class Walks:
    """The walks of one test. `broken` is what the shortest failing one found; `begun` counts them.

    Where the target cannot be reset, all walks share the state of the test.
    """

    def __init__(self, plan: Plan, wire: Wire) -> None:
        self.plan, self.wire = plan, wire
        self.begun = 0
        self.broken: ContractError | None = None
        self._shortest: deque[Response] = deque()
        self._deadline = float("inf")

    def begin(self) -> Wire:
        """The way to the target for the next walk, until `end`; a walk that comes too late ends at once."""
        if time.monotonic() > self._deadline:
            hypothesis.reject()
        self.begun += 1
        wire = open_wire(self.plan, f"{self.wire.session}-{self.begun}") if self.plan.target.resettable else self.wire
        wire.on_finding = partial(self._keep, wire)
        return wire

    def _keep(self, wire: Wire, findings: Iterable[Finding]) -> None:
        """Raises what a walk found, and keeps it if it is the shortest so far; what is known or told already ends no walk."""
        found = list(findings)
        if self.plan.deviations.drafting or not any(map(self._is_news, found)):
            wire.keep(found)
            return
        self._deadline = min(self._deadline, time.monotonic() + PATIENCE)
        error = ContractError(found)
        if self.broken is None or len(wire.last) <= len(self._shortest):
            self.broken, self._shortest = error, wire.last.copy()
        raise error

    def _is_news(self, finding: Finding) -> bool:
        return cause_of(finding) not in self.plan.told and not self.plan.deviations.mark(finding).known

    def end(self, wire: Wire) -> None:
        """Hands over what a walk saw, and forgets its state."""
        if wire is self.wire:
            return
        close_wire(self.plan, wire)
        self.wire.absorb(wire)
        self.wire.last = self._shortest or wire.last


@contextmanager
def getting_somewhere(walks: Walks) -> Iterator[None]:
    """Where every walk ends at its first steps, nothing was judged. Raises ContractError with what they met, or NotAsked."""
    try:
        yield
    except (Unsatisfiable, UnsatisfiedAssumption):
        met = tuple(walks.wire.kept.values())
        raise ContractError(met, own=False) if met else NotAsked("no walk got beyond its first step", "") from None
