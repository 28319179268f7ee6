"""What the machines share: the way to run one, and how an answer is held against the model."""

from dataclasses import replace
from typing import Any, NamedTuple

import hypothesis
from hypothesis.errors import Flaky, UnsatisfiedAssumption
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from contract_tests.actors.caller import Answer
from contract_tests.actors.expectations import error_shape
from contract_tests.contract.basis import NotAsked, not_judged
from contract_tests.contract.cause import STATUS
from contract_tests.contract.finding import ContractError, Finding, Kind
from contract_tests.run.plan import Plan
from contract_tests.run.plugin import property_settings
from contract_tests.run.walks import Walks
from contract_tests.transport.guard import Need, Refused

Json = dict[str, Any]

NO_CONTENT, NOT_MODIFIED, CLIENT_ERROR = 204, 304, 400
BATCH = 9  # walks of one seed; from the tenth on, Hypothesis varies walks that it knows more than it takes new ones
UNSTEADY = Finding("", "", Kind.BEHAVIOUR, detail="answers the same requests differently the second time")
MORE, LONGER = 4, 2  # walks and steps than along the links: each walk does a few things only, in many orders


class Expected(NamedTuple):
    """The status that the model expects, and the reason in a few words."""

    code: int
    why: str


def done(code: int = 200) -> Expected:
    return Expected(code, "the caller may, and all that is named is there")


class Walker(RuleBasedStateMachine):
    """A machine that begins in a fresh state and leaves nothing behind."""

    def __init__(self, walks: Walks) -> None:
        super().__init__()
        self.walks, self.wire = walks, walks.begin()

    def teardown(self) -> None:
        self.walks.end(self.wire)

    def answered(self, answer: Answer, expected: Expected) -> Answer:
        """Ends the walk for another status than the model's, for an error of a wrong shape and for a body where none may be."""
        if answer.status != expected.code:
            self.broken(
                answer,
                answer.wrong(Kind.BEHAVIOUR, expected=[expected.code], got=answer.status, keyword=STATUS, detail=expected.why),
            )
        wrong = error_shape(answer) if expected.code >= CLIENT_ERROR else []
        if expected.code in {NO_CONTENT, NOT_MODIFIED} and answer.body:
            wrong = [answer.wrong(Kind.BODY, keyword="empty", expected="no body")]
        if wrong:
            self.broken(answer, *wrong)
        return answer

    def agree(self, answer: Answer, what: str, expected: Any, got: Any) -> None:
        """Ends the walk at the first place where the answer is not what the model holds; `what` is such as "the ticket"."""
        found = difference(expected, got)
        if found is not None:
            where, wanted, came = found
            at = f", at {_shown(where)}" if where else ""
            detail = f"shows {what} differently than the model{at}"
            self.broken(answer, answer.wrong(Kind.BEHAVIOUR, expected=wanted, got=came, detail=detail))

    def hold(self, answer: Answer, held: object, detail: str, *, expected: Any = None, got: Any = None) -> None:
        """Ends the walk unless something holds; `detail` goes on from the operation's name."""
        if not held:
            self.broken(answer, answer.wrong(Kind.BEHAVIOUR, expected=expected, got=got, detail=detail))

    def broken(self, answer: Answer, *findings: Finding) -> None:
        """Raises ContractError; where the cause is known or told, the walk just ends, for the model would not fit any more."""
        self.wire.on_finding(replace(one, judge="model") for one in answer.witnessed(findings))
        # Not `reject()`: the scout of a walk is not yet in a property-based test.
        raise UnsatisfiedAssumption("what came does not fit the model")


Difference = tuple[tuple[str | int, ...], Any, Any]


def difference(expected: Any, got: Any, where: tuple[str | int, ...] = ()) -> Difference | None:
    """The first place where two JSON values differ, with what was expected there and what came."""
    if isinstance(expected, dict) and isinstance(got, dict) and expected.keys() == got.keys():
        return next(filter(None, (difference(expected[key], got[key], (*where, key)) for key in expected)), None)
    if isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        pairs = enumerate(zip(expected, got, strict=True))
        return next(filter(None, (difference(*pair, (*where, index)) for index, pair in pairs)), None)
    # True == 1, but not in JSON.
    same = expected == got and isinstance(expected, bool) == isinstance(got, bool)
    return None if same else (where, expected, got)


def _shown(where: tuple[str | int, ...]) -> str:
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in where).removeprefix(".")


def skip_unless_repeatable(plan: Plan) -> None:
    """Skips where no machine can work: it writes at random, foretells what is inferred, and goes back to the beginning."""
    if not plan.target.judges_inferred:
        raise not_judged("inferred")
    if plan.safety != "full":
        raise Refused(Need("full"))
    if not plan.target.resettable:
        raise NotAsked("each walk has to begin in the same state", "a target that can be reset")


def walk(plan: Plan, walks: Walks, machine: type[Walker]) -> None:
    """Runs a machine as often and as far as the depth of the run says. Raises ContractError with what a walk found."""
    for batch in range(-(-plan.depth.walks * MORE // BATCH)):
        settings = hypothesis.settings(
            property_settings(BATCH, shrink=plan.shrink),
            stateful_step_count=plan.depth.steps * LONGER,
            report_multiple_bugs=False,
        )
        try:
            run_state_machine_as_test(hypothesis.seed(plan.seed + batch)(machine), settings=settings)
        except Flaky:
            # A target that remembers from one walk to the next repeats none of them; what it answered wrongly stays wrong.
            raise walks.broken or ContractError([UNSTEADY]) from None
