"""Which verbs the paths of an API have, and what they say of those that they lack."""

from collections import defaultdict
from collections.abc import Iterator

from requests import Response

from contract_tests.actors.caller import Caller
from contract_tests.contract.cause import STATUS, header
from contract_tests.contract.finding import ContractError, Finding, Kind
from contract_tests.contract.operations import operations
from contract_tests.transport.network import answering
from contract_tests.transport.session import TIMEOUT
from contract_tests.transport.wire import WireSession

BESIDES = {"HEAD", "OPTIONS"}  # what any path may have
NOT_ALLOWED = 405
LACKING = "PATCH"  # no path has it


def each_path_tells_its_verbs(caller: Caller, home: object) -> None:
    """Asks each path for a verb that it lacks; `home` stands for every parameter. Raises ContractError."""
    paths: defaultdict[str, set[str]] = defaultdict(set)
    for operation in operations(caller.api).values():
        paths[operation.url_path(dict.fromkeys(operation.parameters, home))].add(operation.method)
    session = WireSession(caller.wire)
    for path, verbs in paths.items():
        with answering(f"{LACKING} {path}"):
            reply = session.request(
                LACKING, caller.wire.bases[caller.api] + path, headers=caller.login, timeout=TIMEOUT, allow_redirects=False
            )
        found = list(_wrong(caller.api, reply, verbs))
        if found:
            raise ContractError(caller.wire.witnessed(found, reply))


def _wrong(api: str, reply: Response, verbs: set[str]) -> Iterator[Finding]:
    if reply.status_code != NOT_ALLOWED:
        status = reply.status_code
        yield Finding(api, "", Kind.STATUS, [NOT_ALLOWED], status, status=status, keyword=STATUS)
        return
    named = {verb.strip().upper() for verb in reply.headers.get("Allow", "").split(",")} - BESIDES
    if named != verbs:
        yield Finding(api, "", Kind.HEADER, sorted(verbs), sorted(named), NOT_ALLOWED, "value", header("Allow"))
