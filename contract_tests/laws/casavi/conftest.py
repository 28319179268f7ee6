"""The people of the casavi laws."""

import pytest

from contract_tests.client import Caller
from contract_tests.town import Town


@pytest.fixture
def resident(town: Town) -> Caller:
    """A resident of the community that the tests are about."""
    return town["resident"]


@pytest.fixture
def neighbour(town: Town) -> Caller:
    """Another resident of the same community."""
    return town["neighbour"]


@pytest.fixture
def stranger(town: Town) -> Caller:
    """A resident of another community alone."""
    return town["stranger"]


@pytest.fixture
def commuter(town: Town) -> Caller:
    """A resident of the community and of another one."""
    return town["commuter"]


@pytest.fixture
def anonymous(town: Town) -> Caller:
    """Nobody: sends no credentials."""
    return town["anonymous"]
