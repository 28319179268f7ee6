"""Every planted fault is caught, and a sound server passes the same tests."""

from collections.abc import Iterator

import pytest

from contract_tests.selftests import casavi_faults, linagora_faults
from contract_tests.selftests.faults import ANYTHING, Fault
from contract_tests.selftests.runs import run
from contract_tests.selftests.servers import mock, serve
from contract_tests.specs import operations
from contract_tests.targets import mock_target
from contract_tests.wire import WsgiApp

FAULTS = {"linagora": linagora_faults.FAULTS, "casavi": casavi_faults.FAULTS}
OWNERS = {"linagora": "alice", "casavi": "max"}


@pytest.fixture(scope="module")
def sound() -> WsgiApp:
    return mock()


@pytest.fixture(scope="module")
def logins() -> dict[str, str]:
    """The header with which the owner of each API's things logs in."""
    people = mock_target().profile.principals
    return {p.api: p.headers["Authorization"] for p in people if OWNERS[p.api] == p.name}


@pytest.fixture(scope="module")
def sound_url(sound: WsgiApp) -> Iterator[str]:
    with serve(sound) as url:
        yield url


@pytest.mark.parametrize(
    ("api", "fault"),
    [pytest.param(api, fault, id=f"{api}-{fault.operation}-{fault.name}") for api, faults in FAULTS.items() for fault in faults],
)
def test_a_fault_is_caught(api: str, fault: Fault, sound: WsgiApp, logins: dict[str, str]) -> None:
    with serve(fault.around(sound, logins[api])) as url:
        result = run(list(fault.tests), "--target", url, "--api", api)
    assert result.status == pytest.ExitCode.TESTS_FAILED, f"{fault.name}: {result}"
    named = {operation for operation in operations(api) if operation in result.failures}
    assert fault.operation in {ANYTHING, *named}, f"the failure does not name {fault.operation}: {result.failures}"


@pytest.mark.parametrize("api", list(FAULTS))
def test_a_sound_server_passes_the_same_tests(api: str, sound_url: str) -> None:
    tests = sorted({test for fault in FAULTS[api] for test in fault.tests})
    result = run(tests, "--target", sound_url, "--api", api)
    assert result.status == pytest.ExitCode.OK, result.failures
    assert set(result.outcomes.values()) == {"passed"}


def test_every_operation_has_a_fault() -> None:
    known = {operation for api in FAULTS for operation in operations(api)}
    assert known <= {fault.operation for faults in FAULTS.values() for fault in faults}


def test_both_ways_to_the_mock_lead_to_the_same_outcomes(sound_url: str) -> None:
    tests = ["laws/linagora/test_paging.py", "laws/casavi/test_lists.py", "test_conformance.py"]
    narrow = ["-k", "not conformance or (alice and (get or upload or delete)) or (resident and (Count or upload))"]
    in_process, over_http = run(tests, *narrow), run(tests, "--target", sound_url, *narrow)
    assert in_process.outcomes == over_http.outcomes
    assert len(in_process.outcomes) > 40
