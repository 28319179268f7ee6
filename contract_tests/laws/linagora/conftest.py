"""The people of the linagora laws."""

import pytest

from contract_tests.client import Caller
from contract_tests.world import World


@pytest.fixture
def alice(world: World) -> Caller:
    """An ordinary user, who creates what a test needs."""
    return world["alice"]


@pytest.fixture
def bob(world: World) -> Caller:
    """An ordinary user of the same domain."""
    return world["bob"]


@pytest.fixture
def carol(world: World) -> Caller:
    """Another ordinary user of the same domain."""
    return world["carol"]


@pytest.fixture
def dave(world: World) -> Caller:
    """Yet another ordinary user of the same domain."""
    return world["dave"]


@pytest.fixture
def admin(world: World) -> Caller:
    """An administrator of the domain."""
    return world["admin"]


@pytest.fixture
def outsider(world: World) -> Caller:
    """A user who has no domain in common with the others."""
    return world["outsider"]


@pytest.fixture
def anonymous(world: World) -> Caller:
    """Nobody: sends no credentials."""
    return world["anonymous"]
