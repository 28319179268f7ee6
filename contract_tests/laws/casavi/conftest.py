"""The people of the casavi laws."""

import pytest

from contract_tests.client import Caller
from contract_tests.town import Town


@pytest.fixture
def anonymous(town: Town) -> Caller:
    """Nobody: sends no credentials."""
    return town["anonymous"]
