"""How a test leaves nothing behind: a state of its own where the target can be reset, deleting what it made everywhere else."""

from collections.abc import Collection

from contract_tests.run.plan import Plan
from contract_tests.transport.cleanup import LeftBehindError, sender, take_back
from contract_tests.transport.guard import Guard
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.session import TIMEOUT, CleanSession
from contract_tests.transport.wire import Wire

SHOWN = 3  # objects of one test that were left behind, by name


def open_wire(plan: Plan, state: str) -> Wire:
    """A way to the target; `state` names what it sees at a mock, and is not used elsewhere."""
    target = plan.target
    ledger = Ledger() if target.resettable else plan.ledger
    guard, session = Guard(plan.safety, ledger.ids, plan.tag), state if target.resettable else None
    return Wire(
        target.bases,
        target.gate,
        guard,
        ledger,
        session,
        inferred=target.judges_inferred,
        logins=target.tokens,
    )


def close_wire(plan: Plan, wire: Wire) -> None:
    """Cleans up after a test. Raises LeftBehindError."""
    if wire.session is not None:
        with plan.target.gate.exempt():
            session = CleanSession(plan.target.name, wire.inner)
            session.delete(f"{next(iter(wire.bases.values()))}/__mock/sessions/{wire.session}", timeout=TIMEOUT)
    else:
        left = sweep(plan, wire.before)
        if left:
            more = f"; and {len(left) - SHOWN} more" if len(left) > SHOWN else ""
            raise LeftBehindError(f"left behind at the target: {'; '.join(left[:SHOWN])}{more}")


def sweep(plan: Plan, without: Collection[str] = ()) -> list[str]:
    """Deletes what the run made and what is still there; returns what could not be deleted, and why.

    `without` are keys of the ledger that are to stay for now.
    """
    with plan.target.gate.exempt():
        session = CleanSession(plan.target.name, plan.target.gate)
        return take_back(plan.ledger, sender(session), plan.target.makers, without)
