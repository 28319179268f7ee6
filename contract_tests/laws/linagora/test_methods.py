"""The verbs of each path."""

from contract_tests.basis import inferred
from contract_tests.client import Caller
from contract_tests.laws.verbs import each_path_tells_its_verbs
from contract_tests.world import UNKNOWN_ID


@inferred("a path has the verbs of its operations and no others; 405 says in Allow which these are (RFC 9110, 15.5.6)")
def test_a_path_tells_its_verbs(alice: Caller) -> None:
    each_path_tells_its_verbs(alice, UNKNOWN_ID)
