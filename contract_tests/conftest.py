"""Fixtures: the plan of the run, and for each test a wire of its own that leaves nothing behind."""

import zlib
from collections.abc import Iterator

import pytest

from contract_tests.client import Caller
from contract_tests.explain import HANDED, WIRE
from contract_tests.isolation import close_wire, open_wire
from contract_tests.plan import Plan
from contract_tests.plugin import PLAN, has_basis
from contract_tests.report import UNJUDGED
from contract_tests.town import Town, choose_residents
from contract_tests.wire import Wire
from contract_tests.world import World, choose_cast


@pytest.fixture(scope="session")
def plan(pytestconfig: pytest.Config) -> Plan:
    return pytestconfig.stash[PLAN]


@pytest.fixture(autouse=True)
def basis(plan: Plan, request: pytest.FixtureRequest) -> None:
    """Skips what is only inferred where the target is held to the documents; laws and security tests say which they are."""
    marker = request.node.get_closest_marker("basis")
    if marker is None and has_basis(request.path):
        pytest.fail("a test of this layer has to say where it stands: @documented or @inferred")
    if marker is not None and marker.args[0] == "inferred" and not plan.target.judges_inferred:
        pytest.skip(f"{UNJUDGED}inferred, and this target is held to the documents alone (judge_inferred)")


@pytest.fixture
def mark(plan: Plan, request: pytest.FixtureRequest) -> str:
    """A name for this run of this test."""
    return f"contract-{plan.run_id}-{zlib.crc32(request.node.nodeid.encode()):08x}"


@pytest.fixture
def prefix(plan: Plan, mark: str) -> str:
    """What names begin with at a real deployment, where they outlive the test; a mock gets the same ones in each run."""
    return f"{mark} " if plan.tag else ""


@pytest.fixture
def wire(plan: Plan, mark: str, request: pytest.FixtureRequest) -> Iterator[Wire]:
    """The way to the target; it tells the report what went over it, and cleans up."""
    opened = open_wire(plan, mark)
    request.node.stash[WIRE] = opened
    yield opened
    counted = {name: dict(getattr(opened, name)) for name in ("seen", "sent", "checked")}
    request.node.stash[HANDED].update(counted, refused=opened.guard.refused)
    close_wire(plan, opened)


@pytest.fixture
def world(plan: Plan, wire: Wire, prefix: str) -> World:
    """The people of the linagora API and what they can make."""
    if "linagora" not in plan.apis:
        pytest.skip("not chosen: --api linagora")
    cast = choose_cast(plan.target.profile.of("linagora"))
    if isinstance(cast, str):
        pytest.skip(cast)
    return World(wire, cast, prefix, plan.target.profile.known.get("linagora", {}))


@pytest.fixture
def town(plan: Plan, wire: Wire, prefix: str) -> Town:
    """The people of the casavi API and what they can make."""
    if "casavi" not in plan.apis:
        pytest.skip("not chosen: --api casavi")
    profile = plan.target.profile
    cast = choose_residents(profile.of("casavi"))
    if isinstance(cast, str):
        pytest.skip(cast)
    return Town(wire, cast, prefix, profile.known.get("casavi", {}), profile=profile)


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
