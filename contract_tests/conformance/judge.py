"""Sends generated requests and judges the answers: Schemathesis' checks and our own, as texts by kind of fault."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict
from schemathesis import CheckFunction, Response
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ensure_resource_availability,
    ignored_auth,
    missing_required_header,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
    use_after_free,
)

from contract_tests.actors.caller import Caller
from contract_tests.conformance.cases import AnyCase, RealValues, is_valid, make_consistent
from contract_tests.contract.checks import checks, faults
from contract_tests.contract.finding import ContractError, Finding, pointer
from contract_tests.contract.operations import Operation, wrong_logins
from contract_tests.report.curl import curl, shown
from contract_tests.transport.wire import TIMEOUT, WireSession, answering

UNAUTHORIZED, CLIENT_ERROR = 401, 400

# What the source documents leave open: the limits of most values, which verbs a path lacks, and how an error looks.
INFERRED = (negative_data_rejection, positive_data_acceptance, unsupported_method)
INFERRED_OF_ERRORS = (response_schema_conformance, content_type_conformance, response_headers_conformance)
# That of casavi has no status, and no answer whole.
INFERRED_OF_CASAVI = (*INFERRED, *INFERRED_OF_ERRORS, status_code_conformance)


class Verdict(NamedTuple):
    """What a check says, in a sentence, and the exchange that it is about; `pointer` is where in the answer's body."""

    check: str
    text: str
    exchange: str
    status: int
    pointer: str = ""


# What looks at which answers, beside the checks of our own.
EVERY_CASE = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
VALID_CASES = (positive_data_acceptance,)
INVALID_CASES = (negative_data_rejection, missing_required_header, unsupported_method)
ON_WALKS = (use_after_free, ensure_resource_availability)

Verdicts = dict[object, Verdict]  # of each kind of fault the first


def broken(operation: Operation, caller: str, verdicts: Verdicts, *, complete: bool = False) -> ContractError:
    """The failure of a test that these verdicts are; `complete` is whether they show all the requests that lead there."""
    told = [f"{operation} as {caller} breaks its contract:", *(f"{one.text}\n{one.exchange}" for one in verdicts.values())]
    findings = [
        Finding(str(operation), one.check, one.text, one.status, one.pointer, requests=one.exchange) for one in verdicts.values()
    ]
    return ContractError("\n\n".join(told), findings, complete=complete)


class Sender:
    """Sends cases as one caller over his wire, so that every request passes the guard.

    `inferred` is whether our own reading of the documents counts, or only what they say.
    """

    def __init__(self, caller: Caller, *, inferred: bool) -> None:
        self.caller, self.inferred = caller, inferred
        self._session = WireSession(caller.wire)

    def send(self, case: AnyCase, known: RealValues) -> Response:
        """Raises Refused for a case that the safety of the run does not allow, and NoAnswerError."""
        options = self._options() | make_consistent(case, known)
        with answering(f"{case.operation.label} as {self.caller.name}"):
            return case.call(self.caller.wire.bases[self.caller.api], headers=dict(self.caller.login), **options)

    def _options(self) -> dict[str, Any]:
        return {"session": self._session, "timeout": TIMEOUT, "allow_redirects": False}

    def judge(
        self, case: AnyCase, response: Response, recorder: ScenarioRecorder | None = None, without: Sequence[CheckFunction] = ()
    ) -> Verdicts:
        """What is wrong with an answer; `without` are checks that do not apply."""
        status, method = response.status_code, response.request.method or ""
        found = faults(method, status, _flat(response), response.content, inferred=self.inferred)
        wrong = [(check, text, "") for check, text in found.items()]
        left_out = {*without, *self._unjudged(status)}
        self._count(case, left_out, recorder)
        try:
            # ignored_auth would send its requests past our session, and so past the guard; see judge_login.
            case.validate_response(
                response,
                headers=self.caller.login,
                excluded_checks=[ignored_auth, *left_out],
                transport_kwargs=self._options(),
                recorder=recorder,
            )
        except FailureGroup as group:
            wrong += [(type(failure).__name__, _told(failure), _place(failure)) for failure in group.exceptions]
        answer = f"{self._replay(response.request)}\n-> {status} {shown(response.content)}"
        return {(check, status, place): Verdict(check, text, answer, status, place) for check, text, place in wrong}

    def _count(self, case: AnyCase, left_out: set[CheckFunction], recorder: ScenarioRecorder | None) -> None:
        """Notes which checks look at the answer to a case."""
        applying = [*EVERY_CASE, *(VALID_CASES if is_valid(case) else INVALID_CASES), *(ON_WALKS if recorder else ())]
        names = [
            *(check.__name__ for check in applying if check not in left_out),
            *(check.__name__ for check in checks(inferred=self.inferred)),
        ]
        what = f"{self.caller.api} {case.operation.definition.raw['operationId']}"
        self.caller.wire.checked.update(f"{what} {name}" for name in names)

    def _replay(self, request: PreparedRequest) -> str:
        return curl(request, self.caller.wire.names)

    def _unjudged(self, status: int) -> tuple[CheckFunction, ...]:
        if self.inferred:
            return ()
        if self.caller.api == "casavi":
            return INFERRED_OF_CASAVI
        return INFERRED + (INFERRED_OF_ERRORS if status >= CLIENT_ERROR else ())

    def judge_login(self, response: Response) -> Verdicts:
        """What is wrong with the login of an operation: the request, sent again without a login, has to be refused."""
        verdicts: Verdicts = {}
        operation = self.caller.wire.operation_of(response.request)
        self.caller.wire.checked[f"{self.caller.api} {operation.id if operation else '?'} ignored_auth"] += 1
        for what, login in wrong_logins(self.caller.api).items():
            request = response.request.copy()
            kept = {name: value for name, value in request.headers.items() if name not in {"Authorization", "Cookie"}}
            request.headers = CaseInsensitiveDict(kept | login)
            status = self._session.send(request, timeout=TIMEOUT, allow_redirects=False).status_code
            if status != UNAUTHORIZED:
                text = f"status {status} for {what} where 401 is the contract"
                verdicts[what, status] = Verdict(what, text, self._replay(request), status)
        return verdicts


def _told(failure: Exception) -> str:
    title, message = getattr(failure, "title", type(failure).__name__), getattr(failure, "message", str(failure))
    return f"{title}: {message}".replace("\n", " ")[:500]


def _place(failure: Exception) -> str:
    """Where in the answer it is wrong, of a failure that says so."""
    return pointer(getattr(failure, "instance_path", ()), getattr(failure, "validation_message", ""))


def _flat(response: Response) -> "CaseInsensitiveDict[str]":
    return CaseInsensitiveDict({name: ", ".join(values) for name, values in response.headers.items()})
