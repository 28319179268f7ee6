"""What a run says as a whole: one function makes the sentence at its top and the exit status."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from contract_tests.report.numbers import counted

NEXT = 3  # steps that are named


class State(StrEnum):
    """How a run ended."""

    HELD = "held"  # all that was to be judged was judged, and held
    PARTIAL = "partial"  # what was asked held, and there is more to ask
    ATTENTION = "attention"  # the same, and somebody has to look at deviations, or at what was left behind
    BROKEN = "broken"
    ERROR = "error"  # tests could not be carried out
    STOPPED = "stopped"  # before its end, and nothing was broken until then
    NOTHING = "nothing"  # no test judged anything


# As pytest has them: 1 tests failed, 2 interrupted, 5 no tests.
EXIT = {State.HELD: 0, State.PARTIAL: 0, State.STOPPED: 2, State.NOTHING: 5}
FAILED = 1


@dataclass(frozen=True)
class Ended:
    """What counts of a run: how its tests ended, and what is to be looked at.

    `broken`, `known`, `errors` and `left_behind` are numbers, `found_by` that of the tests that met a broken contract.
    `outcomes` are numbers of tests by outcome, `deviations` those by state, and `needs` how many tests something would add.
    `reached` of `operations` operations answered. `unit` is what an outcome is one of, if no test.
    """

    target: str = "mock"
    outcomes: Mapping[str, int] = field(default_factory=dict)
    broken: int = 0
    found_by: int = 0
    known: int = 0
    errors: int = 0
    stopped: str = ""
    left_behind: int = 0
    deviations: Mapping[str, int] = field(default_factory=dict)
    needs: Mapping[str, int] = field(default_factory=dict)
    reached: int = 0
    operations: int = 0
    unit: str = "test"

    @property
    def tests(self) -> int:
        return sum(self.outcomes.values())

    @property
    def judged(self) -> int:
        return sum(self.outcomes.get(name, 0) for name in ("passed", "failed", "known"))


@dataclass(frozen=True)
class Verdict:
    """The state of a run, in a sentence or two, and the exit status that goes with it."""

    state: State
    text: str

    @property
    def status(self) -> int:
        return EXIT.get(self.state, FAILED)


def verdict(ended: Ended) -> Verdict:
    """What a run says."""
    state = _state(ended)
    stopped = f" The run was stopped: {ended.stopped}." if state is State.BROKEN and ended.stopped else ""
    return Verdict(state, _TEXTS[state](ended) + stopped + _attention(ended))


def _state(ended: Ended) -> State:
    if ended.broken:
        return State.BROKEN
    if ended.errors:
        return State.ERROR
    if ended.stopped:
        return State.STOPPED
    if not ended.judged:
        return State.NOTHING
    if _attention(ended):
        return State.ATTENTION
    return State.PARTIAL if ended.needs or ended.reached < ended.operations else State.HELD


def _attention(ended: Ended) -> str:
    """What somebody has to do, whatever the tests say."""
    states = ("vanished", "overdue")
    numbers = [f"{counted(ended.deviations[name], 'known deviation')} {name}" for name in states if ended.deviations.get(name)]
    numbers += [f"{counted(ended.left_behind, 'object')} left behind"] if ended.left_behind else []
    return f" To be looked at: {', '.join(numbers)}." if numbers else ""


def next_steps(ended: Ended) -> list[str]:
    """What would have more judged, what adds most first."""
    return [f"{what}: {counted(number, 'test')}" for what, number in Counter(ended.needs).most_common(NEXT)]


def _broken(ended: Ended) -> str:
    what = "One contract is" if ended.broken == 1 else f"{ended.broken} contracts are"
    return f"{what} broken at {_target(ended)}, met by {counted(ended.found_by, ended.unit)} of {ended.tests}."


def _error(ended: Ended) -> str:
    return f"No verdict on {_target(ended)}: {counted(ended.errors, ended.unit)} could not be carried out."


def _stopped(ended: Ended) -> str:
    return f"No verdict on {_target(ended)}: the run was stopped ({ended.stopped}). Nothing was broken until then."


def _nothing(ended: Ended) -> str:
    return f"Nothing was judged at {_target(ended)}: of {counted(ended.tests, ended.unit)} none could say anything."


def _held(ended: Ended) -> str:
    known = f", but for {counted(ended.known, 'known deviation')}" if ended.known else ""
    return f"The contract holds at {_target(ended)}{known}: {_numbers(ended)}."


def _partial(ended: Ended) -> str:
    known = f", but for {counted(ended.known, 'known deviation')}" if ended.known else ""
    more = f" To ask more: {'; '.join(next_steps(ended))}." if ended.needs else ""
    return f"As far as it was asked, {_target(ended)} keeps the contract{known}: {_numbers(ended)}.{more}"


def _numbers(ended: Ended) -> str:
    answered = f"{ended.reached} of {ended.operations} operations answered"
    passed, left = counted(ended.outcomes.get("passed", 0), ended.unit), ended.tests - ended.judged
    return f"{passed} passed, {f'{left} did not run, ' if left else ''}{answered}"


_TEXTS = {
    State.BROKEN: _broken,
    State.ERROR: _error,
    State.STOPPED: _stopped,
    State.NOTHING: _nothing,
    State.ATTENTION: _partial,
    State.PARTIAL: _partial,
    State.HELD: _held,
}


def _target(ended: Ended) -> str:
    return "the mock" if ended.target == "mock" else ended.target
