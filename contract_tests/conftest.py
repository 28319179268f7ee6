"""Fixtures: the plan of the run, and for each test a wire of its own that leaves nothing behind."""

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contract_tests.actors.api import api
from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi
from contract_tests.actors.linagora import Linagora
from contract_tests.contract.basis import NotAsked, not_judged
from contract_tests.run import plugin
from contract_tests.run.explain import HANDED, WIRE
from contract_tests.run.isolation import close_wire, open_wire
from contract_tests.run.options import PLUGIN
from contract_tests.run.plan import Plan
from contract_tests.run.plugin import PLAN, has_basis
from contract_tests.transport.wire import Wire


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Loads pytest's side of the suite wherever the suite is given as a path, with or without its entry point."""
    if not pluginmanager.has_plugin(PLUGIN):
        pluginmanager.register(plugin, PLUGIN)


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
        raise not_judged("inferred")


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
    request.node.stash[HANDED].update(counts=opened.counts.plain, refused=opened.guard.refused)
    close_wire(plan, opened)


@pytest.fixture
def people(plan: Plan, wire: Wire, prefix: str) -> Callable[[str], Any]:
    """The people of an API by its name, and what they can make; the test is skipped if a profile names nobody."""

    def of(name: str) -> Any:
        profile = plan.target.profile
        cast = api(name).choose(profile.of(name))
        if isinstance(cast, str):
            raise NotAsked(cast, f"people of {name}")
        return api(name).people(wire, cast, prefix, profile)

    return of


@pytest.fixture
def linagora(people: Callable[[str], Any]) -> Linagora:
    """The people of linagora."""
    found: Linagora = people("linagora")
    return found


@pytest.fixture
def casavi(people: Callable[[str], Any]) -> Casavi:
    """The people of casavi."""
    found: Casavi = people("casavi")
    return found


@pytest.fixture
def alice(linagora: Linagora) -> Caller:
    """An ordinary user, who creates what a test needs."""
    return linagora["alice"]


@pytest.fixture
def bob(linagora: Linagora) -> Caller:
    """An ordinary user of the same domain."""
    return linagora["bob"]


@pytest.fixture
def carol(linagora: Linagora) -> Caller:
    """Another ordinary user of the same domain."""
    return linagora["carol"]


@pytest.fixture
def dave(linagora: Linagora) -> Caller:
    """Yet another ordinary user of the same domain."""
    return linagora["dave"]


@pytest.fixture
def admin(linagora: Linagora) -> Caller:
    """An administrator of the domain."""
    return linagora["admin"]


@pytest.fixture
def outsider(linagora: Linagora) -> Caller:
    """A user who has no domain in common with the others."""
    return linagora["outsider"]


@pytest.fixture
def resident(casavi: Casavi) -> Caller:
    """A resident of the community that the tests are about."""
    return casavi["resident"]


@pytest.fixture
def neighbour(casavi: Casavi) -> Caller:
    """Another resident of the same community."""
    return casavi["neighbour"]


@pytest.fixture
def stranger(casavi: Casavi) -> Caller:
    """A resident of another community alone."""
    return casavi["stranger"]


@pytest.fixture
def commuter(casavi: Casavi) -> Caller:
    """A resident of the community and of another one."""
    return casavi["commuter"]
