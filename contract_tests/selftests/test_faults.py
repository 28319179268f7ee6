"""Every planted fault is caught, and a sound server passes the same tests."""

from collections.abc import Iterator

import pytest

from contract_tests.selftests.fault_table import FAULTS
from contract_tests.selftests.faults import ANYTHING, Fault
from contract_tests.selftests.runs import run
from contract_tests.selftests.servers import mock, serve
from contract_tests.specs import operations
from contract_tests.targets import mock_target
from contract_tests.wire import WsgiApp


@pytest.fixture(scope="module")
def sound() -> WsgiApp:
    return mock()


@pytest.fixture(scope="module")
def login() -> str:
    """The header with which alice logs in."""
    alice = next(person for person in mock_target().profile.of("linagora") if person.name == "alice")
    return alice.headers["Authorization"]


@pytest.fixture(scope="module")
def sound_url(sound: WsgiApp) -> Iterator[str]:
    with serve(sound) as url:
        yield url


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_is_caught(fault: Fault, sound: WsgiApp, login: str) -> None:
    with serve(fault.around(sound, login)) as url:
        result = run(list(fault.tests), "--target", url, "--api", "linagora")
    assert result.status == pytest.ExitCode.TESTS_FAILED, f"{fault.name}: {result}"
    assert fault.operation in {ANYTHING, *_named(result.failures)}, (
        f"the failure does not name {fault.operation}: {result.failures}"
    )


def _named(text: str) -> set[str]:
    return {operation for operation in operations("linagora") if operation in text}


def test_a_sound_server_passes_the_same_tests(sound_url: str) -> None:
    tests = sorted({test for fault in FAULTS for test in fault.tests})
    result = run(tests, "--target", sound_url, "--api", "linagora")
    assert result.status == pytest.ExitCode.OK, result.failures
    assert set(result.outcomes.values()) == {"passed"}


def test_both_ways_to_the_mock_lead_to_the_same_outcomes(sound_url: str) -> None:
    tests = ["laws/test_paging.py", "laws/test_joining.py", "test_conformance.py"]
    narrow = ["--api", "linagora", "-k", "not conformance or (alice and (get or upload or delete))"]
    in_process, over_http = run(tests, *narrow), run(tests, "--target", sound_url, *narrow)
    assert in_process.outcomes == over_http.outcomes
    assert len(in_process.outcomes) > 30
