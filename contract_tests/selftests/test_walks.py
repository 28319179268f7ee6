"""Walks that fail are told by the shortest that was found, after a time that a person is willing to wait."""

import hypothesis
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from contract_tests.actors.real_values import RealValues
from contract_tests.conformance.cases import find, make_consistent
from contract_tests.contract.finding import ContractError, Finding, Kind
from contract_tests.contract.operations import operations
from contract_tests.run import walks as stages
from contract_tests.run.isolation import open_wire
from contract_tests.run.plan import Plan, make_plan
from contract_tests.run.plugin import property_settings
from contract_tests.run.walks import Walks


@pytest.fixture
def walks() -> Walks:
    plan: Plan = make_plan({"target": "mock"}, 0)
    return Walks(plan, open_wire(plan, "walks"))


def _walk(walks: Walks) -> list[int]:
    """Walks until three numbers are above 10; the lengths of the walks that failed."""
    lengths = []

    class Walk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.wire, self.high, self.steps = walks.begin(), 0, 0

        @rule(number=st.integers(0, 20))
        def step(self, number: int) -> None:
            self.steps += 1
            self.high += number > 10
            if self.high == 3:
                lengths.append(self.steps)
                self.wire.last.extend([object()] * self.steps)  # type: ignore[list-item]  # only their number matters
                self.wire.on_finding([Finding("", "", Kind.BEHAVIOUR, got=self.steps, detail="three are high")])

        def teardown(self) -> None:
            walks.end(self.wire)

    settings = hypothesis.settings(property_settings(30), stateful_step_count=20)
    with pytest.raises((ContractError, hypothesis.errors.Flaky)):
        run_state_machine_as_test(hypothesis.seed(3)(Walk), settings=settings)
    return lengths


def _steps(walks: Walks) -> int:
    assert walks.broken is not None
    return int(walks.broken.findings[0].got)


def test_a_failing_walk_is_made_as_short_as_can_be(walks: Walks) -> None:
    assert min(_walk(walks)) == 3
    assert _steps(walks) == 3
    assert len(walks.wire.last) == 3


def test_nobody_waits_for_long(walks: Walks, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stages, "PATIENCE", 0.0)
    lengths = _walk(walks)
    assert len(lengths) <= 2
    assert _steps(walks) == min(lengths)


@pytest.mark.parametrize("media_type", ["multipart/form-data", "multipart/mixed"])
def test_a_file_is_sent_as_such_where_any_media_type_is_taken(media_type: str) -> None:
    upload = find(operations("casavi")["uploadFile"], 0, "full")
    case = upload.Case(media_type=media_type, body=b"x")
    make_consistent(case, RealValues())
    assert case.media_type == "application/octet-stream"
