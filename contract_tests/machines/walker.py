"""What the machines share: the way to run one, and how an answer is held against the model."""

from typing import Any, NamedTuple

import hypothesis
import pytest
from hypothesis.errors import Flaky
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from contract_tests.actors.caller import Answer
from contract_tests.actors.expectations import error_shape
from contract_tests.contract.finding import ContractError, Finding
from contract_tests.report.collected import UNJUDGED
from contract_tests.run.plan import Plan
from contract_tests.run.plugin import property_settings
from contract_tests.run.walks import Walks
from contract_tests.transport.guard import Refused

Json = dict[str, Any]

LONGEST = 400  # characters of a value in a message
NO_CONTENT, NOT_MODIFIED, CLIENT_ERROR = 204, 304, 400
BATCH = 9  # walks of one seed; from the tenth on, Hypothesis varies walks that it knows more than it takes new ones
MORE, LONGER = 4, 2  # walks and steps than along the links: each walk does a few things only, in many orders


class Expected(NamedTuple):
    """The status that the model expects, and the reason in a few words."""

    code: int
    why: str


def done(code: int = 200) -> Expected:
    return Expected(code, "the caller may, and all that is named is there")


class DisagreementError(ContractError):
    """An answer that is not the model's."""


class Walker(RuleBasedStateMachine):
    """A machine that begins on a fresh state and leaves none."""

    def __init__(self, walks: Walks) -> None:
        super().__init__()
        self.walks, self.wire = walks, walks.begin()
        self.written = ""  # what was done last, of all that may change something

    def teardown(self) -> None:
        self.walks.end(self.wire)

    def answered(self, reply: Answer, verdict: Expected) -> Answer:
        """Raises DisagreementError for another status than the model's, and for an error or an empty answer of a wrong shape."""
        if reply.status != verdict.code:
            self.broken(reply, f"expected {verdict.code} ({verdict.why}), got {reply.status} {reply.body[:300]!r}")
        wrong = error_shape(reply) if verdict.code >= CLIENT_ERROR else []
        if verdict.code in {NO_CONTENT, NOT_MODIFIED} and reply.body:
            wrong = [f"expected no body with {verdict.code}, got {reply.body[:100]!r}"]
        if wrong:
            self.broken(reply, "; ".join(wrong))
        if reply.operation.writes:
            self.written = f"{reply.operation.id} as {reply.caller} ({reply.status})"
        return reply

    def agree(self, reply: Answer, what: str, expected: Any, got: Any) -> None:
        """Raises DisagreementError for the first place where the answer is not what the model holds."""
        found = difference(expected, got)
        if found is not None:
            self.broken(reply, f"{what}{found}")

    def broken(self, reply: Answer, text: str) -> None:
        """Raises DisagreementError; where that is known of the target, the walk ends, for the model would not fit any more."""
        after = f", after {self.written}" if self.written and not reply.operation.writes else ""
        finding = Finding(str(reply.operation), "model", text, reply.status)
        self.wire.on_broken(DisagreementError(f"{reply.what}{after}: {text}", [finding]))
        hypothesis.reject()


def difference(expected: Any, got: Any, where: str = "") -> str | None:
    """The first place where two JSON values differ, as `[2].title: expected …, got …`."""
    if isinstance(expected, dict) and isinstance(got, dict) and expected.keys() == got.keys():
        found = (difference(expected[key], got[key], f"{where}.{key}") for key in expected)
        return next(filter(None, found), None)
    if isinstance(expected, list) and isinstance(got, list):
        found = (difference(*pair, f"{where}[{index}]") for index, pair in enumerate(zip(expected, got, strict=False)))
        lengths = f"{where}: expected {len(expected)} items, got {len(got)}" if len(expected) != len(got) else None
        return ", ".join(filter(None, (lengths, next(filter(None, found), None)))) or None
    # True == 1, but not in JSON.
    same = expected == got and isinstance(expected, bool) == isinstance(got, bool)
    return None if same else f"{where}: expected {_short(expected)}, got {_short(got)}"


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def skip_unless_repeatable(plan: Plan) -> None:
    """Skips where no machine can work: it writes at random, foretells what is inferred, and goes back to the beginning."""
    if not plan.target.judges_inferred:
        pytest.skip(f"{UNJUDGED}inferred, and this target is held to the documents alone (judge_inferred)")
    if plan.safety != "full":
        raise Refused("needs --safety full")
    if not plan.target.resettable:
        pytest.skip("needs a target that can be reset, so that each walk begins in the same state")


def walk(plan: Plan, walks: Walks, machine: type[Walker]) -> None:
    """Runs a machine as often and as far as the depth of the run says. Raises what a walk found."""
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
            raise walks.broken or AssertionError("the same walk was answered differently the second time") from None
