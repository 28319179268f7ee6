"""How a test leaves nothing behind: a state of its own at a mock, deleting what it created everywhere else."""

from contract_tests.ledger import Ledger
from contract_tests.plan import Plan
from contract_tests.safety import Guard
from contract_tests.wire import TIMEOUT, CleanSession, Wire, WireSession


def open_wire(plan: Plan, state: str) -> Wire:
    """A way to the target; `state` names what it sees at a mock, and is not used elsewhere."""
    target = plan.target
    file = plan.report_dir / f"contract-ledger-{plan.run_id}.jsonl" if plan.report_dir and not target.resettable else None
    ledger = Ledger(file)
    guard, session = Guard(plan.safety, ledger.ids), state if target.resettable else None
    return Wire(target.base_url, target.adapter, guard, ledger, session, inferred=target.judges_inferred)


def close_wire(wire: Wire) -> None:
    """Cleans up after a test. Raises AssertionError for what could not be deleted."""
    if wire.session is not None:
        _forget_state(wire)
    else:
        _remove_created(wire)


def _forget_state(wire: Wire) -> None:
    CleanSession(wire.base_url, wire.inner).delete(f"{wire.base_url}/__mock/sessions/{wire.session}", timeout=TIMEOUT)


def _remove_created(wire: Wire) -> None:
    session = WireSession(wire)
    for entry in list(wire.ledger.entries.values()):
        session.delete(entry.url, headers=entry.headers, timeout=TIMEOUT)
    if wire.ledger.entries:
        left = ", ".join(entry.url for entry in wire.ledger.entries.values())
        raise AssertionError(f"left behind at the target: {left}")
