"""The verbs of each path."""

from contract_tests.actors.caller import Caller
from contract_tests.actors.linagora import UNKNOWN_ID
from contract_tests.contract.basis import inferred
from contract_tests.laws.verbs import each_path_tells_its_verbs


@inferred("a path has the verbs of its operations and no others; 405 says in Allow which these are (RFC 9110, 15.5.6)")
def test_a_path_tells_its_verbs(alice: Caller) -> None:
    each_path_tells_its_verbs(alice, UNKNOWN_ID)
