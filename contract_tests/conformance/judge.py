"""Sends generated requests and judges the answers, by Schemathesis' checks and our own."""

from collections.abc import Sequence
from typing import Any

import requests
from requests.structures import CaseInsensitiveDict
from schemathesis import CheckFunction, Response

from contract_tests.actors.caller import Caller
from contract_tests.actors.real_values import RealValues
from contract_tests.conformance.cases import AnyCase, is_valid, make_consistent
from contract_tests.conformance.failures import JUDGE, Judged, findings_of
from contract_tests.contract.cause import STATUS, settled
from contract_tests.contract.checks import checks, faults
from contract_tests.contract.counts import Checked
from contract_tests.contract.finding import Finding, Kind
from contract_tests.contract.operations import Operation, find_operation, has_documented_answers, wrong_logins
from contract_tests.insides.of_schemathesis import FailureGroup, ScenarioRecorder, not_a_server_error, openapi_checks
from contract_tests.transport.network import answering
from contract_tests.transport.session import TIMEOUT
from contract_tests.transport.wire import WireSession

UNAUTHORIZED, CLIENT_ERROR = 401, 400
# RFC 9110, 9.1: 501 is right for a method that a server does not know, as 405 is for one that a path does not have.
NOT_IMPLEMENTED = 501
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"})

# What the source documents leave open: the limits of most values, which verbs a path lacks, and how an error looks.
INFERRED = (openapi_checks.negative_data_rejection, openapi_checks.positive_data_acceptance, openapi_checks.unsupported_method)
INFERRED_OF_ERRORS = (
    openapi_checks.response_schema_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
)
# Some have no status, and no answer whole.
INFERRED_OF_ANSWERS = (*INFERRED, *INFERRED_OF_ERRORS, openapi_checks.status_code_conformance)


# What looks at which answers, beside the checks of our own.
EVERY_CASE = (
    not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
)
VALID_CASES = (openapi_checks.positive_data_acceptance,)
INVALID_CASES = (
    openapi_checks.negative_data_rejection,
    openapi_checks.missing_required_header,
    openapi_checks.unsupported_method,
)
ON_WALKS = (openapi_checks.use_after_free, openapi_checks.ensure_resource_availability)
CHECKS: tuple[CheckFunction, ...] = (*EVERY_CASE, *VALID_CASES, *INVALID_CASES, *ON_WALKS)


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
        with answering(f"{case.operation.label} as {self.caller.name}", self._operation(case)):
            return case.call(self.caller.wire.bases[self.caller.api], headers=dict(self.caller.login), **options)

    def _options(self) -> dict[str, Any]:
        return {"session": self._session, "timeout": TIMEOUT, "allow_redirects": False}

    def judge(
        self, case: AnyCase, response: Response, recorder: ScenarioRecorder | None = None, without: Sequence[CheckFunction] = ()
    ) -> tuple[Finding, ...]:
        """What is wrong with an answer; `without` are checks that do not apply."""
        status, operation = response.status_code, self._operation(case)
        headers = CaseInsensitiveDict({name: ", ".join(values) for name, values in response.headers.items()})
        method = response.request.method or ""
        if status == NOT_IMPLEMENTED and method not in KNOWN_METHODS:
            return ()
        wrong = faults(operation, method, status, headers, response.content, inferred=self.inferred)
        left_out = {*without, *self._unjudged(status)}
        self._count(case, left_out, recorder)
        try:
            # ignored_auth would send its requests past our session, and so past the guard; see judge_login.
            case.validate_response(
                response,
                headers=self.caller.login,
                excluded_checks=[openapi_checks.ignored_auth, *left_out],
                transport_kwargs=self._options(),
                recorder=recorder,
            )
        except FailureGroup as group:
            answer = Judged(operation, status, headers.get("Content-Type", ""), response.content, headers)
            wrong += [one for failure in group.exceptions for one in findings_of(failure, answer)]
        return self.caller.wire.witnessed(wrong, self._received(response))

    def _operation(self, case: AnyCase) -> Operation:
        found = find_operation(case.operation.method.upper(), case.operation.path)
        assert found is not None
        return found

    def _received(self, response: Response) -> requests.Response:
        """The answer as it came over the wire, from the copy that Schemathesis makes of it."""
        return next(one for one in reversed(self.caller.wire.last) if one.request is response.request)

    def _count(self, case: AnyCase, left_out: set[CheckFunction], recorder: ScenarioRecorder | None) -> None:
        """Notes which checks look at the answer to a case."""
        applying = [*EVERY_CASE, *(VALID_CASES if is_valid(case) else INVALID_CASES), *(ON_WALKS if recorder else ())]
        names = [
            *(check.__name__ for check in applying if check not in left_out),
            *(check.__name__ for check in checks(inferred=self.inferred)),
        ]
        operation = case.operation.definition.raw["operationId"]
        self.caller.wire.counts.checked.update(Checked(self.caller.api, operation, name) for name in names)

    def _unjudged(self, status: int) -> tuple[CheckFunction, ...]:
        if self.inferred:
            return ()
        if not has_documented_answers(self.caller.api):
            return INFERRED_OF_ANSWERS
        return INFERRED + (INFERRED_OF_ERRORS if status >= CLIENT_ERROR else ())

    def judge_login(self, response: Response) -> tuple[Finding, ...]:
        """What is wrong with the login of an operation: the request, sent again without a login, has to be refused."""
        wire, operation = self.caller.wire, self.caller.wire.operation_of(response.request)
        assert operation is not None
        wire.counts.checked[Checked(self.caller.api, operation.id, openapi_checks.ignored_auth.__name__)] += 1
        found: list[Finding] = []
        for login in wrong_logins(self.caller.api).values():
            request = response.request.copy()
            kept = {name: value for name, value in request.headers.items() if name not in {"Authorization", "Cookie"}}
            request.headers = CaseInsensitiveDict(kept | login)
            answer = self._session.send(request, timeout=TIMEOUT, allow_redirects=False)
            if answer.status_code != UNAUTHORIZED:
                wrong = Finding(
                    operation.api,
                    operation.id,
                    Kind.STATUS,
                    [UNAUTHORIZED],
                    answer.status_code,
                    status=answer.status_code,
                    keyword=STATUS,
                    judge=JUDGE,
                )
                found += wire.witnessed([wrong], answer)
        return settled(found)
