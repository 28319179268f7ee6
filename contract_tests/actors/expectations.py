"""Pure matchers: each takes a reply and returns what is wrong with it, as sentences; an empty list is a match."""

from collections.abc import Callable
from typing import Any

from contract_tests.actors.caller import Answer
from contract_tests.contract.checks import errors_have_their_shape
from contract_tests.contract.finding import STATUS, STATUSES, ContractError, Finding
from contract_tests.report.curl import shown

Matcher = Callable[[Answer], list[str]]


def status(*allowed: int) -> Matcher:
    """One of these statuses."""
    wanted = " or ".join(map(str, allowed))
    return lambda reply: [] if reply.status in allowed else [f"status {reply.status} where {wanted} is the contract"]


def json_is(expected: Any) -> Matcher:
    """Exactly this JSON body."""
    return lambda reply: [] if reply.json == expected else [f"body {reply.json!r} where {expected!r} is the contract"]


def has(**expected: Any) -> Matcher:
    """A JSON object with these members, whatever else it has."""

    def match(reply: Answer) -> list[str]:
        body = reply.json if isinstance(reply.json, dict) else {}
        wrong = [name for name, value in expected.items() if name not in body or body[name] != value]
        return [f"{name} is {body.get(name, '(missing)')!r} where {expected[name]!r} is the contract" for name in wrong]

    return match


def header(name: str, expected: object) -> Matcher:
    """A header with this value."""
    return lambda reply: (
        []
        if reply.headers.get(name) == str(expected)
        else [f"header {name} is {reply.headers.get(name)!r} where {str(expected)!r} is the contract"]
    )


def body_is(expected: bytes) -> Matcher:
    """Exactly these bytes."""
    return lambda reply: [] if reply.body == expected else [f"{len(reply.body)} bytes that are not the {len(expected)} expected"]


def error_shape(reply: Answer) -> list[str]:
    """The error object of the API, saying the status of the answer again."""
    return errors_have_their_shape(reply.operation.method, reply.status, reply.headers, reply.body)


def refusal(code: int) -> Matcher:
    """This status, and the error object with it."""
    return lambda reply: status(code)(reply) or error_shape(reply)


def expect(reply: Answer, *matchers: Matcher) -> Answer:
    """The edge where a mismatch becomes a failure of the test. Raises ContractError.

    A status that is wrong in its last digits alone is no reason to stop where it is known of the target.
    """
    errors = [error for matcher in matchers for error in matcher(reply)]
    if errors:
        told = "\n".join([f"{reply.what}: {errors[0]}", *errors[1:], f"answer: {shown(reply.body)}"])
        checks = [STATUS if _is_near(error) else "law" for error in errors]
        findings = [Finding(str(reply.operation), *pair, reply.status) for pair in zip(checks, errors, strict=True)]
        reply.wire.on_wrong(ContractError(told, findings), may_go_on=set(checks) == {STATUS})
    return reply


def _is_near(error: str) -> bool:
    """Whether a wrong status means the same as one that was expected: 200 for 201, 422 for 400."""
    found = STATUSES.fullmatch(error)
    return found is not None and any(expected.startswith(found[1]) for expected in found[2].split(" or "))
