"""Fixtures: the plan of the run, and for each test a wire of its own that leaves nothing behind."""

import zlib
from collections.abc import Iterator

import pytest

from contract_tests.client import Caller
from contract_tests.isolation import close_wire, open_wire
from contract_tests.plan import Plan
from contract_tests.plugin import PLAN, WIRE
from contract_tests.report import PROPERTY
from contract_tests.wire import Wire
from contract_tests.world import World, choose_cast


@pytest.fixture(scope="session")
def plan(pytestconfig: pytest.Config) -> Plan:
    return pytestconfig.stash[PLAN]


@pytest.fixture
def wire(plan: Plan, request: pytest.FixtureRequest) -> Iterator[Wire]:
    """The way to the target; it tells the report what went over it, and cleans up."""
    opened = open_wire(plan, f"contract-{plan.run_id}-{zlib.crc32(request.node.nodeid.encode()):08x}")
    request.node.stash[WIRE] = opened
    yield opened
    dict(request.node.user_properties)[PROPERTY].update(seen=dict(opened.seen), refused=opened.guard.refused)
    close_wire(opened)


@pytest.fixture
def world(plan: Plan, wire: Wire) -> World:
    """The people of the linagora API and what they can make."""
    if "linagora" not in plan.apis:
        pytest.skip("not chosen: --api linagora")
    cast = choose_cast(plan.target.profile.of("linagora"))
    if isinstance(cast, str):
        pytest.skip(cast)
    return World(wire, cast, prefix="" if plan.target.resettable else f"contract-{plan.run_id} ")


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
