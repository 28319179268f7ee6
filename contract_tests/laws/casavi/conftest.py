"""The people of the casavi laws."""

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi


@pytest.fixture
def anonymous(casavi: Casavi) -> Caller:
    """A caller who sends no credentials."""
    return casavi["anonymous"]
