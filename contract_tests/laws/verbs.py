"""Which verbs the paths of an API have, and what they say of those that they lack."""

from collections import defaultdict

from contract_tests.actors.caller import Caller
from contract_tests.contract.operations import operations
from contract_tests.transport.wire import TIMEOUT, WireSession, answering

BESIDES = {"HEAD", "OPTIONS"}  # what any path may have
LACKING = "PATCH"  # no path has it


def each_path_tells_its_verbs(caller: Caller, home: object) -> None:
    """Asks each path for a verb that it lacks; `home` stands for every parameter. Raises AssertionError."""
    paths: defaultdict[str, set[str]] = defaultdict(set)
    for operation in operations(caller.api).values():
        paths[operation.url_path(dict.fromkeys(operation.parameters, home))].add(operation.method)
    session = WireSession(caller.wire)
    for path, verbs in paths.items():
        with answering(f"{LACKING} {path}"):
            reply = session.request(
                LACKING, caller.wire.bases[caller.api] + path, headers=caller.login, timeout=TIMEOUT, allow_redirects=False
            )
        assert reply.status_code == 405, f"{LACKING} {path}: status {reply.status_code} where 405 is the contract"
        named = {verb.strip().upper() for verb in reply.headers.get("Allow", "").split(",")} - BESIDES
        assert named == verbs, f"{LACKING} {path}: Allow names {sorted(named)} where {sorted(verbs)} is the contract"
