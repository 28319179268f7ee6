"""The people of the linagora laws."""

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.linagora import Linagora


@pytest.fixture
def anonymous(linagora: Linagora) -> Caller:
    """A caller who sends no credentials."""
    return linagora["anonymous"]
