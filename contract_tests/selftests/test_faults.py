"""Every law that is named by a fault finds it, and a sound server passes the same laws."""

import re
from collections.abc import Iterator
from os import cpu_count

import pytest

from contract_tests.contract.choices import APIS
from contract_tests.contract.operations import operations
from contract_tests.faults.catalogue import BY_HAND, CATCHERS, FAULTS, OPERATORS
from contract_tests.faults.planting import Fault
from contract_tests.faults.runner import Baseline, Judgement, Runner, run_suite
from contract_tests.faults.servers import near, serve, shared_mock
from contract_tests.selftests.runs import run

# Faults inside the server that are generated, each with a law that finds it.
LAWS_INSIDE = {
    "linagora-updateCommunity-refused, and done": "what_is_refused_changes_nothing[dave outside-open]",
    "linagora-removeMember-DELETE FROM lin_members lost": "the_count_of_members_follows_joining_and_leaving",
    "casavi-addTicketComment-done twice": "comments_stand_in_the_order_of_writing",
    "casavi-addTicketComment-INSERT INTO cas_notifications lost": "who_commented_before_is_told_once",
    "casavi-getUnreadNotificationCount-the caller belongs everywhere": "a_community_is_closed_to_strangers",
}
NAMED = {
    f"{fault} by {law}": (fault, law) for fault in FAULTS for law in (*fault.laws, *filter(None, [LAWS_INSIDE.get(str(fault))]))
}
LAWS = frozenset(law for _, law in NAMED.values())
TOGETHER = 16  # faults that share a process: starting one takes longer than most laws
SLOW = ("machine",)  # a run of the suite has them anyway
OVER_HTTP = [name for name, (fault, law) in NAMED.items() if fault.operator in {3, 9, 39, 40} and "conformance" not in law]
BY_A_MACHINE = [name for name, (_, law) in NAMED.items() if law == "every_answer_is_the_models"]
DISAGREEMENT = r"expected .*\n.*got  |answers \d+ where \d+ is the contract"


class Proof:
    """Each fault that names laws beside each of them."""

    def __init__(self) -> None:
        self.judgements: dict[str, Judgement] = {}
        self.baseline = Baseline()
        self.owners: dict[str, str] = {}
        self.status = run_suite(Runner(self._use, only=LAWS, trusted=SLOW))

    def _use(self, runner: Runner) -> None:
        self.baseline = runner.baseline
        self.owners = {api: runner.owner(api) for api in APIS}
        questions = [(fault, runner.of_law(fault, law)) for fault, law in NAMED.values()]
        names = list(NAMED)
        self.judgements = {names[number]: said for number, said in runner.ask(questions, cpu_count() or 1, together=TOGETHER)}


@pytest.fixture(scope="module")
def proof() -> Proof:
    return Proof()


@pytest.fixture(scope="module")
def sound_url() -> Iterator[str]:
    with serve(shared_mock()) as url:
        yield url


@pytest.mark.parametrize("name", NAMED)
def test_a_fault_is_caught(name: str, proof: Proof) -> None:
    (fault, law), judgement = NAMED[name], proof.judgements[name]
    assert judgement.killed, f"{fault}: {law} passes, or there is no such law. {judgement.message}"
    assert fault.everywhere or fault.operation in judgement.full, f"the failure does not name {fault.operation}: {judgement.full}"


@pytest.mark.parametrize("name", BY_A_MACHINE)
def test_a_machine_says_what_it_expected(name: str, proof: Proof) -> None:
    assert re.search(DISAGREEMENT, proof.judgements[name].full)


def test_a_sound_server_passes_the_same_tests(proof: Proof) -> None:
    assert proof.status == pytest.ExitCode.OK
    assert {known.name: known.outcome for known in proof.baseline.tests if known.outcome != "passed"} == {}
    assert proof.baseline.laws >= LAWS


@pytest.mark.parametrize("name", OVER_HTTP)
def test_a_fault_is_caught_over_http(name: str, proof: Proof) -> None:
    fault, _ = NAMED[name]
    with serve(fault.around(shared_mock(), proof.owners[fault.api])) as url:
        result = run([proof.judgements[name].test], "--target", url, "--api", fault.api)
    assert result.status == pytest.ExitCode.TESTS_FAILED, f"{fault}: {result}"
    assert fault.operation in result.failures


def test_every_operation_has_a_fault() -> None:
    known = {operation for api in APIS for operation in operations(api)}
    assert known <= {fault.operation for fault in BY_HAND}


def test_every_operator_is_planted_and_no_fault_twice() -> None:
    assert {fault.operator for fault in FAULTS} == set(OPERATORS)
    assert len({str(fault) for fault in FAULTS}) == len(FAULTS)


def test_what_has_to_be_caught_is_planted() -> None:
    assert set(LAWS_INSIDE) <= {str(fault) for fault in FAULTS}
    assert set(CATCHERS) <= {str(fault) for fault in FAULTS}
    assert all(fault.laws for fault in BY_HAND)


def test_a_change_that_changes_nothing_is_no_fault() -> None:
    nothing = Fault("listMembers", 29, "nothing at all", lambda asked, send: send(asked))
    with near(nothing.around(shared_mock(), "")) as url:
        result = run(["laws/linagora/test_malformed.py"], "--target", url, "--api", "linagora")
    assert result.status == pytest.ExitCode.OK, result.failures


def test_both_ways_to_the_mock_lead_to_the_same_outcomes(sound_url: str) -> None:
    tests = ["laws/linagora/test_paging.py", "laws/casavi/test_lists.py", "conformance/test_conformance.py"]
    narrow = ["-k", "not conformance or (alice and (get or upload or delete)) or (resident and (Count or upload))"]
    in_process, over_http = run(tests, *narrow), run(tests, "--target", sound_url, *narrow)
    assert in_process.outcomes == over_http.outcomes
    assert len(in_process.outcomes) > 40
