"""What a failure of Schemathesis means, as findings: from its fields, never from its words."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from contract_tests.contract.cause import STATUS, header
from contract_tests.contract.checks import media_type
from contract_tests.contract.finding import Finding, Flaw, Kind
from contract_tests.contract.operations import Operation
from contract_tests.contract.place import place
from contract_tests.contract.shape import violations
from contract_tests.insides.of_schemathesis import (
    AcceptedNegativeData,
    ContentDeserializationError,
    EnsureResourceAvailability,
    Failure,
    JsonSchemaError,
    MalformedJson,
    MalformedMediaType,
    MissingContentType,
    MissingHeaderNotRejected,
    MissingHeaders,
    RejectedPositiveData,
    ServerError,
    UndefinedContentType,
    UndefinedStatusCode,
    UnsupportedMethodResponse,
    UseAfterFree,
)

JUDGE = "schemathesis"
NOT_ALLOWED = 405


@dataclass(frozen=True)
class Judged:
    """The answer that a failure is about."""

    operation: Operation
    status: int
    content_type: str
    body: bytes
    headers: Mapping[str, str]

    def wrong(self, kind: Kind, **more: Any) -> Finding:
        return Finding(self.operation.api, self.operation.id, kind, status=self.status, **more)


def findings_of(failure: Exception, answer: Judged) -> list[Finding]:
    """What a failure of a check says of an answer."""
    read = next((read for kind, read in _READ.items() if isinstance(failure, kind)), _other)
    return [replace(one, judge=JUDGE) for one in read(failure, answer)]


def _schema(failure: Any, answer: Judged) -> list[Finding]:
    if failure.title != JsonSchemaError.kind_title:  # the same class is used for headers, which it does not name
        name = next((name for name, value in answer.headers.items() if value == str(failure.instance)), "")
        return [answer.wrong(Kind.HEADER, keyword="schema", place=header(name), got=failure.instance)]
    found = violations(answer.operation, answer.status, answer.content_type, answer.body)
    where = place(answer.operation, answer.status, failure.instance_path)
    return found or [answer.wrong(Kind.SCHEMA, keyword=str(failure.schema_path[-1]), place=where)]


def _method(failure: Any, answer: Judged) -> list[Finding]:
    if answer.status == NOT_ALLOWED:
        return [answer.wrong(Kind.HEADER, keyword="required", place=header("Allow"))]
    return [answer.wrong(Kind.STATUS, keyword=STATUS, expected=[NOT_ALLOWED], got=answer.status)]


def _undocumented(failure: Any, answer: Judged) -> list[Finding]:
    documented = [int(one) for one in failure.defined_status_codes if one.isdigit()]
    return [answer.wrong(Kind.STATUS, keyword=STATUS, expected=documented, got=answer.status)]


def _content_type(failure: Any, answer: Judged) -> list[Finding]:
    expected = getattr(failure, "defined_content_types", None) or getattr(failure, "media_types", None)
    return [answer.wrong(Kind.CONTENT_TYPE, expected=expected, got=media_type(answer.content_type))]


def _headers(failure: Any, answer: Judged) -> list[Finding]:
    return [answer.wrong(Kind.HEADER, keyword="required", place=header(name)) for name in failure.missing_headers]


def _body(failure: Any, answer: Judged) -> list[Finding]:
    return [answer.wrong(Kind.BODY, keyword="json")]


def _accepted(failure: Any, answer: Judged) -> list[Finding]:
    flaw = Flaw("header", failure.header_name) if isinstance(failure, MissingHeaderNotRejected) else Flaw()
    return [answer.wrong(Kind.ACCEPTED, got=answer.status, flaw=flaw)]


def _rejected(failure: Any, answer: Judged) -> list[Finding]:
    return [answer.wrong(Kind.REJECTED, expected=failure.allowed_statuses, got=answer.status)]


def _server_error(failure: Any, answer: Judged) -> list[Finding]:
    return [answer.wrong(Kind.SERVER_ERROR, got=answer.status)]


def _still_there(failure: Any, answer: Judged) -> list[Finding]:
    return [answer.wrong(Kind.BEHAVIOUR, detail="answers for what has been deleted", got=answer.status)]


def _not_there(failure: Any, answer: Judged) -> list[Finding]:
    return [answer.wrong(Kind.BEHAVIOUR, detail="does not find what has just been created", got=answer.status)]


def _other(failure: Any, answer: Judged) -> list[Finding]:
    return [answer.wrong(Kind.BEHAVIOUR, detail=str(failure.title if isinstance(failure, Failure) else failure))]


_READ: dict[type[Exception], Callable[[Any, Judged], list[Finding]]] = {
    JsonSchemaError: _schema,
    UnsupportedMethodResponse: _method,
    UndefinedStatusCode: _undocumented,
    UndefinedContentType: _content_type,
    MissingContentType: _content_type,
    MalformedMediaType: _content_type,
    MissingHeaders: _headers,
    MalformedJson: _body,
    ContentDeserializationError: _body,
    AcceptedNegativeData: _accepted,
    MissingHeaderNotRejected: _accepted,
    RejectedPositiveData: _rejected,
    ServerError: _server_error,
    UseAfterFree: _still_there,
    EnsureResourceAvailability: _not_there,
}
