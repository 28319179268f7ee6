"""Sends generated requests and judges the answers: Schemathesis' checks and our own, as texts by kind of fault."""

from collections.abc import Sequence
from typing import Any

from requests.structures import CaseInsensitiveDict
from schemathesis import CheckFunction, Response
from schemathesis.core.failures import FailureGroup
from schemathesis.engine.recorder import ScenarioRecorder
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from contract_tests.cases import AnyCase, Known, make_consistent
from contract_tests.checks import faults
from contract_tests.client import Caller
from contract_tests.curl import curl
from contract_tests.specs import wrong_logins
from contract_tests.wire import TIMEOUT, WireSession, answering

UNAUTHORIZED, CLIENT_ERROR = 401, 400

# What the source documents leave open: the limits of most values, which verbs a path lacks, and how an error looks.
INFERRED = (negative_data_rejection, positive_data_acceptance, unsupported_method)
INFERRED_OF_ERRORS = (response_schema_conformance, content_type_conformance, response_headers_conformance)
# That of casavi has no status, and no answer whole.
INFERRED_OF_CASAVI = (*INFERRED, *INFERRED_OF_ERRORS, status_code_conformance)

Verdicts = dict[str, str]


class Sender:
    """Sends cases as one caller over his wire, so that every request passes the guard.

    `inferred` is whether our own reading of the documents counts, or only what they say.
    """

    def __init__(self, caller: Caller, *, inferred: bool) -> None:
        self.caller, self.inferred = caller, inferred
        self._session = WireSession(caller.wire)

    def send(self, case: AnyCase, known: Known) -> Response:
        """Raises Refused for a case that the safety of the run does not allow, and NoAnswerError."""
        options = self._options() | make_consistent(case, known)
        with answering(f"{case.operation.label} as {self.caller.name}"):
            return case.call(self.caller.wire.base_url, headers=dict(self.caller.login), **options)

    def _options(self) -> dict[str, Any]:
        return {"session": self._session, "timeout": TIMEOUT, "allow_redirects": False}

    def judge(
        self, case: AnyCase, response: Response, recorder: ScenarioRecorder | None = None, without: Sequence[CheckFunction] = ()
    ) -> Verdicts:
        """What is wrong with an answer; `without` are checks that do not apply."""
        status, method = response.status_code, response.request.method or ""
        errors = faults(method, status, _flat(response), response.content, inferred=self.inferred)
        wrong = {error.partition(":")[0]: error for error in errors}
        try:
            # ignored_auth would send its requests past our session, and so past the guard; see judge_login.
            case.validate_response(
                response,
                headers=self.caller.login,
                excluded_checks=[ignored_auth, *without, *self._unjudged(status)],
                transport_kwargs=self._options(),
                recorder=recorder,
            )
        except FailureGroup as group:
            wrong |= {type(failure).__name__: _told(failure) for failure in group.exceptions}
        answer = f"answer {response.status_code}: {response.content[:300]!r}\nReproduce with: {curl(response.request)}"
        return {kind: f"{text}\n{answer}" for kind, text in wrong.items()}

    def _unjudged(self, status: int) -> tuple[CheckFunction, ...]:
        if self.inferred:
            return ()
        if self.caller.api == "casavi":
            return INFERRED_OF_CASAVI
        return INFERRED + (INFERRED_OF_ERRORS if status >= CLIENT_ERROR else ())

    def judge_login(self, response: Response) -> Verdicts:
        """What is wrong with the login of an operation: the request, sent again without a login, has to be refused."""
        verdicts = {}
        for what, login in wrong_logins(self.caller.api).items():
            request = response.request.copy()
            kept = {name: value for name, value in request.headers.items() if name not in {"Authorization", "Cookie"}}
            request.headers = CaseInsensitiveDict(kept | login)
            status = self._session.send(request, timeout=TIMEOUT, allow_redirects=False).status_code
            if status != UNAUTHORIZED:
                verdicts[what] = f"{status} for {what} where 401 is the contract\nReproduce with: {curl(request)}"
        return verdicts


def _told(failure: Exception) -> str:
    title, message = getattr(failure, "title", type(failure).__name__), getattr(failure, "message", str(failure))
    return f"{title}: {message}"


def _flat(response: Response) -> "CaseInsensitiveDict[str]":
    return CaseInsensitiveDict({name: ", ".join(values) for name, values in response.headers.items()})
