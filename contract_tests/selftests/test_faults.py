"""Every fault made by hand is found by its test, and a sound server passes the same tests."""

import re
from collections.abc import Iterator

import pytest

from contract_tests.contract.operations import APIS, operations
from contract_tests.faults.catalogue import BY_HAND, FAULTS, OPERATORS
from contract_tests.faults.planting import ANYTHING, Fault
from contract_tests.faults.runner import Baseline, Judgement, Runner, run_suite
from contract_tests.faults.servers import mock, serve
from contract_tests.selftests.runs import run

TESTS = frozenset(test for fault in BY_HAND for test in fault.tests)
OVER_HTTP = tuple(fault for fault in BY_HAND if fault.operator in {3, 9, 39, 40} and "conformance" not in fault.tests[0])
DISAGREEMENT = r"\((GET|PUT|POST|DELETE) /api/.*\) as \w+.*: .*expected .*, got "


class Proof:
    """Each fault made by hand beside its own tests, in this process: all of them stand around the server, so none stays in it."""

    def __init__(self) -> None:
        self.verdicts: dict[str, Judgement] = {}
        self.baseline = Baseline()
        self.login: dict[str, str] = {}
        runner = Runner(
            self._use, only=TESTS, trusted=("conformance", "machine")
        )  # a run of the suite has these slow ones anyway
        self.status = run_suite(runner, sorted({test.partition("::")[0] for test in TESTS}))

    def _use(self, runner: Runner) -> None:
        self.baseline = runner.baseline
        self.login = {api: runner.login(api) for api in APIS}
        for fault in BY_HAND:
            self.verdicts[str(fault)] = runner.judge(fault, own_tests=True)


@pytest.fixture(scope="module")
def proof() -> Proof:
    return Proof()


@pytest.fixture(scope="module")
def sound_url() -> Iterator[str]:
    with serve(mock()) as url:
        yield url


@pytest.mark.parametrize("fault", BY_HAND, ids=str)
def test_a_fault_is_caught(fault: Fault, proof: Proof) -> None:
    verdict = proof.verdicts[str(fault)]
    assert verdict.killed, f"{fault}: {fault.tests} pass"
    assert fault.operation in {ANYTHING, *_named(fault, verdict.full)}, (
        f"the failure does not name {fault.operation}: {verdict.full}"
    )


@pytest.mark.parametrize("fault", [fault for fault in BY_HAND if "machines" in fault.tests[0]], ids=str)
def test_a_machine_says_what_it_expected(fault: Fault, proof: Proof) -> None:
    assert re.search(DISAGREEMENT, proof.verdicts[str(fault)].full)


def _named(fault: Fault, text: str) -> set[str]:
    return {operation for operation in operations(fault.api) if operation in text}


def test_a_sound_server_passes_the_same_tests(proof: Proof) -> None:
    assert proof.status == pytest.ExitCode.OK
    assert {known.name: known.outcome for known in proof.baseline.tests if known.outcome != "passed"} == {}
    assert {test.partition("[")[0] for test in TESTS} == {known.name.partition("[")[0] for known in proof.baseline.tests}


@pytest.mark.parametrize("fault", OVER_HTTP, ids=str)
def test_a_fault_is_caught_over_http(fault: Fault, proof: Proof) -> None:
    with serve(fault.around(mock(), proof.login[fault.api])) as url:
        result = run(list(fault.tests), "--target", url, "--api", fault.api)
    assert result.status == pytest.ExitCode.TESTS_FAILED, f"{fault}: {result}"
    assert fault.operation in result.failures


def test_every_operation_has_a_fault() -> None:
    known = {operation for api in APIS for operation in operations(api)}
    assert known <= {fault.operation for fault in BY_HAND}


def test_every_kind_of_fault_is_planted_and_no_fault_twice() -> None:
    assert {fault.operator for fault in FAULTS} == set(OPERATORS)
    assert len({str(fault) for fault in FAULTS}) == len(FAULTS)


def test_both_ways_to_the_mock_lead_to_the_same_outcomes(sound_url: str) -> None:
    tests = ["laws/linagora/test_paging.py", "laws/casavi/test_lists.py", "conformance/test_conformance.py"]
    narrow = ["-k", "not conformance or (alice and (get or upload or delete)) or (resident and (Count or upload))"]
    in_process, over_http = run(tests, *narrow), run(tests, "--target", sound_url, *narrow)
    assert in_process.outcomes == over_http.outcomes
    assert len(in_process.outcomes) > 40
