"""Every law says where it stands, and what is only inferred is judged only where that is wanted."""

import pytest

from contract_tests.plan import Plan
from contract_tests.report import UNJUDGED


@pytest.fixture(autouse=True)
def basis(plan: Plan, request: pytest.FixtureRequest) -> str:
    """`documented` or `inferred`; skips a law that this target is not held to."""
    law = request.node.get_closest_marker("law")
    if law is None:
        pytest.fail("a law has to say where it stands: @documented or @inferred")
    kind: str = law.args[0]
    if kind == "inferred" and not plan.target.judges_inferred:
        pytest.skip(f"{UNJUDGED}inferred, and this target is held to the documents alone (judge_inferred)")
    return kind
