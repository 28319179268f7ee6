"""Pure matchers: each takes an answer and returns what is wrong with it; an empty list is a match."""

from collections.abc import Callable, Sequence
from typing import Any

from contract_tests.actors.caller import Answer
from contract_tests.contract.cause import STATUS, SUCCESSES
from contract_tests.contract.cause import header as place_of_header
from contract_tests.contract.checks import errors_have_their_shape
from contract_tests.contract.finding import ContractError, Finding, Kind, Place

Matcher = Callable[[Answer], list[Finding]]


def status(*allowed: int) -> Matcher:
    """One of these statuses."""
    return lambda answer: (
        []
        if answer.status in allowed
        else [answer.wrong(Kind.BEHAVIOUR, expected=list(allowed), got=answer.status, keyword=STATUS)]
    )


def json_is(expected: Any) -> Matcher:
    """Exactly this JSON body."""

    def match(answer: Answer) -> list[Finding]:
        values = {"expected": expected, "got": answer.json, "detail": "answers another body than expected"}
        return [] if answer.json == expected else [answer.wrong(Kind.BEHAVIOUR, **values)]

    return match


def has(**expected: Any) -> Matcher:
    """A JSON object with these members, whatever else it has."""

    def match(answer: Answer) -> list[Finding]:
        body = answer.json if isinstance(answer.json, dict) else {}
        return [
            answer.wrong(Kind.BEHAVIOUR, expected=value, got=body.get(name), place=Place(f"/{name}", "", name))
            for name, value in expected.items()
            if name not in body or body[name] != value
        ]

    return match


def header(name: str, expected: object) -> Matcher:
    """A header with this value."""

    def match(answer: Answer) -> list[Finding]:
        got, place = answer.headers.get(name), place_of_header(name)
        if got is None:
            return [answer.wrong(Kind.HEADER, expected=str(expected), keyword="required", place=place)]
        return [] if got == str(expected) else [answer.wrong(Kind.BEHAVIOUR, expected=str(expected), got=got, place=place)]

    return match


def body_is(expected: bytes) -> Matcher:
    """Exactly these bytes."""

    def match(answer: Answer) -> list[Finding]:
        said = {"expected": f"{len(expected)} bytes", "got": f"{len(answer.body)} other bytes"}
        detail = "answers other bytes than expected"
        return [] if answer.body == expected else [answer.wrong(Kind.BEHAVIOUR, detail=detail, **said)]

    return match


def error_shape(answer: Answer) -> list[Finding]:
    """The error object of the API, saying the status of the answer again."""
    step = answer.operation, answer.operation.method, answer.status, answer.headers, answer.body
    return list(errors_have_their_shape(*step))


def refusal(code: int) -> Matcher:
    """This status, and the error object with it."""
    return lambda answer: status(code)(answer) or error_shape(answer)


def expect(answer: Answer, *matchers: Matcher) -> Answer:
    """The edge where a mismatch ends a test that is about it. Raises ContractError.

    Where only the success is another one than expected, or the answer has another shape, the test goes on and keeps the finding.
    """
    return _met(answer, matchers, own=True)


def need(answer: Answer, *matchers: Matcher) -> Answer:
    """As `expect`, for a step that a test only stands on: without it nothing can be judged. Raises ContractError."""
    return _met(answer, matchers, own=False)


def same(got: Any, expected: Any, operation: str, detail: str = "", *, own: bool = True) -> None:
    """As `require`, that two JSON values are equal; `operation` is what showed `got`."""
    require(got == expected, operation, detail, expected=expected, got=got, own=own)


def require(held: object, operation: str, detail: str, *, expected: Any = None, got: Any = None, own: bool = True) -> None:
    """Raises ContractError unless something held.

    `operation` is what showed otherwise, and `detail` goes on from its name: "shows a deleted community". Not `own` is a step
    that a test only stands on.
    """
    if not held:
        raise ContractError([Finding("", operation, Kind.BEHAVIOUR, expected, got, detail=detail)], own=own)


def each_once(ids: Sequence[Any], operation: str) -> None:
    """Raises ContractError if an operation shows something twice."""
    twice = sorted({one for one in ids if ids.count(one) > 1})
    same(twice, [], operation, "shows something twice")


def _met(answer: Answer, matchers: tuple[Matcher, ...], *, own: bool) -> Answer:
    found = answer.witnessed(error for matcher in matchers for error in matcher(answer))
    ending = [one for one in found if not _may_go_on(one)]
    if ending:
        raise ContractError(found, own=own and any(one.kind is Kind.BEHAVIOUR for one in ending))
    if found:
        answer.wire.on_finding(found)
    return answer


def _may_go_on(finding: Finding) -> bool:
    """Whether what comes next can be judged all the same: the request has had its effect, or is refused as it has to be."""
    if finding.keyword == STATUS:
        return finding.status in SUCCESSES and all(one in SUCCESSES for one in finding.expected)
    return finding.kind in {Kind.SCHEMA, Kind.CONTENT_TYPE, Kind.HEADER, Kind.BODY}
