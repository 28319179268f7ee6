"""The people of the linagora laws."""

import pytest

from contract_tests.client import Caller
from contract_tests.world import World


@pytest.fixture
def anonymous(world: World) -> Caller:
    """Nobody: sends no credentials."""
    return world["anonymous"]
