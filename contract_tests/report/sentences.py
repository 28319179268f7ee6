"""A cause in one sentence of everyday words: what is wrong, and where."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from contract_tests.contract.cause import STATUS, Cause, shown
from contract_tests.contract.finding import Finding, Kind
from contract_tests.contract.operations import operations

LONGEST = 120  # characters of a value
FEW = 3  # operations that are named; of more, the number is
FLAWS = {
    "login missing": "a request without a login",
    "login wrong": "a request with a login that is nobody's",
    "method": "a method that the path does not have",
    "body": "a body that is not as the spec says",
}
KEYWORDS = {
    "required": "is missing",
    "type": "has the wrong type",
    "format": "has the wrong format",
    "enum": "has a value that there is not",
    "const": "has another value",
    "pattern": "is written in another way",
    "additionalProperties": "is not known there",
    "object": "is another object altogether",
    "minItems": "has too few items",
    "maxItems": "has too many items",
    "uniqueItems": "has an item twice",
    "json": "is no JSON",
    "media type": "is not sent as JSON",
}
BODIES = {
    "empty": "has a body where none may be",
    "length": "announces another length than its body has",
    "json": "is said to be JSON and is none",
    "surrogate": "has a text with half of a character in it",
    "unreadable": "has a body that cannot be read",
}


def sentence(cause: Cause, findings: Sequence[Finding]) -> str:
    """What a cause means, without a full stop; `findings` are those that speak for it, the first of them the plainest."""
    said = _SAY.get(cause.kind, _behaviour)(cause, findings)
    return f"T{said[1:]}" if said.startswith("the ") else said  # else it begins with a name, which stays as it is written


def operations_in(findings: Sequence[Finding]) -> list[str]:
    """The operations that findings are about, each once."""
    return list(dict.fromkeys(one.operation for one in findings if one.operation))


def in_spec(finding: Finding) -> str:
    """Where the spec says otherwise: `specs/linagora.yaml, createCommunity: POST /api/communities`."""
    if finding.place.component:
        return f"specs/{finding.api}.yaml, schema {finding.place.component}"
    operation = operations(finding.api).get(finding.operation) if finding.api else None
    return f"specs/{finding.api}.yaml, {operation.id}: {operation.method} {operation.path}" if operation else ""


def where(cause: Cause, findings: Sequence[Finding]) -> str:
    """The operation of a cause, or a few, or how many."""
    names = [cause.operation] if cause.operation else operations_in(findings)
    if not names:
        return "the server"
    if len(names) > FEW:
        return f"{len(names)} operations"
    return " and ".join([*([", ".join(names[:-1])] if names[:-1] else []), names[-1]])


def _who(cause: Cause, findings: Sequence[Finding], verb: str) -> str:
    """The operations of a cause and what they do."""
    many = not cause.operation and len(operations_in(findings)) > 1
    return f"{where(cause, findings)} {verb}{'' if many else 's'}"


def value(anything: Any) -> str:
    """A JSON value, as far as it is short."""
    text = anything if isinstance(anything, str) else json.dumps(anything, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _flaw(flaw: str) -> str:
    if flaw in FLAWS:
        return FLAWS[flaw]
    part, _, name = flaw.partition(" ")
    return {
        "path": f"a malformed {name} in the path",
        "query": f"a missing or malformed query parameter {name}",
        "header": f"a missing or malformed header {name}",
        "body": f"a body whose {name} is missing or malformed",
    }.get(part, flaw)


def _schema(cause: Cause, findings: Sequence[Finding]) -> str:
    what = f"{cause.component}.{cause.property}".strip(".") or "the answer"
    return f"{what} {_how(cause.keyword, findings)}, in the answer of {where(cause, findings)}"


def _how(keyword: str, findings: Sequence[Finding]) -> str:
    """In which way a value breaks a rule."""
    first = findings[0] if findings else None
    if keyword == "type" and first is not None:
        return f"is {value(first.got)} where the type is {shown(first.expected)}"
    if keyword in {"const", "format", "enum", "pattern"} and first is not None:
        return f"is {value(first.got)} where {value(first.expected)} is the contract"
    return KEYWORDS.get(keyword, f"breaks the rule {keyword}")


def _content_type(cause: Cause, findings: Sequence[Finding]) -> str:
    got = "has no media type" if cause.got == "none" else f"is {cause.got}"
    expected = findings[0].expected if findings else None
    right = f" where {shown(expected)} is the contract" if expected else ""
    which = f"the {cause.status} of {where(cause, findings)}" if cause.status else f"the answer of {where(cause, findings)}"
    return f"{which} {got}{right}"


def _header(cause: Cause, findings: Sequence[Finding]) -> str:
    name = findings[0].place.property if findings else cause.property
    which = f"the {cause.status} of {where(cause, findings)}" if cause.status else f"the answer of {where(cause, findings)}"
    if cause.keyword == "required":
        return f"{which} lacks the header {name}"
    got = f" ({value(findings[0].got)})" if findings and findings[0].got is not None else ""
    return f"the header {name} of {which} is not as the spec says{got}"


def _body(cause: Cause, findings: Sequence[Finding]) -> str:
    return f"the {cause.status or 'answer'} of {where(cause, findings)} {BODIES.get(cause.keyword, 'has a broken body')}"


def _accepted(cause: Cause, findings: Sequence[Finding]) -> str:
    return f"{_who(cause, findings, 'accept')} {_flaw(cause.flaw) or 'a malformed request'}"


def _rejected(cause: Cause, findings: Sequence[Finding]) -> str:
    return f"{_who(cause, findings, 'answer')} {cause.got} to a request that the spec allows"


def _request(cause: Cause, findings: Sequence[Finding]) -> str:
    if not findings or not cause.operation:
        return f"the app sends {cause.got or 'a request'} with {_flaw(cause.flaw)}"
    first = findings[0]
    if first.flaw.part != "body":
        named = f"{first.flaw.part} parameter {first.flaw.name}" if first.flaw.part != "header" else str(first.flaw)
        how = f"without the {named}" if first.keyword == "required" else f"with a {named} that {_how(first.keyword, findings)}"
        return f"the app calls {cause.operation} {how}"
    what = first.place.property or "the whole of it"
    return f"the app calls {cause.operation} with a body in which {what} {_how(first.keyword, findings)}"


def _server_error(cause: Cause, findings: Sequence[Finding]) -> str:
    statuses = sorted({one.status for one in findings if one.status}) or [500]
    to = f" to {_flaw(cause.flaw)}" if cause.flaw else ""
    return f"{_who(cause, findings, 'break')} with {shown(statuses)}{to}"


def _status(cause: Cause, findings: Sequence[Finding]) -> str:
    got = "a success" if cause.got == "2xx" else cause.got
    expected = cause.expected or (shown(_alike(findings[0])) if findings else "another status")
    to = f" to {_flaw(cause.flaw)}" if cause.flaw else ""
    return f"{_who(cause, findings, 'answer')} {got}{to} where {expected} is the contract"


def _alike(finding: Finding) -> list[int]:
    """The documented statuses that mean the same as the one that came, or all of them."""
    every = list(finding.expected or ())
    return [one for one in every if one // 100 == (finding.status or 0) // 100] or every


def _no_answer(cause: Cause, findings: Sequence[Finding]) -> str:
    return findings[0].detail if findings else "the target does not answer"


def _behaviour(cause: Cause, findings: Sequence[Finding]) -> str:
    first = findings[0] if findings else None
    if first is None:
        return f"{cause.operation or 'the server'} does something else than the contract says"
    if cause.after and not cause.operation:
        return f"{cause.after} does not do what it says, as {where(cause, findings)} {_shows(findings)}"
    if first.keyword == STATUS:
        said = f"answers {first.got} where {shown(first.expected)} is the contract"
    elif first.detail:
        said = first.detail
    else:
        said = f"{first.place.property or 'the answer'} is {value(first.got)} where {value(first.expected)} is the contract"
    after = f" after {cause.after}" if cause.after and cause.after not in said else ""
    return f"{first.operation or 'the server'} {said}{after}"


def _shows(findings: Sequence[Finding]) -> str:
    return "show" if len(operations_in(findings)) > 1 else "shows"


_SAY: dict[Kind, Callable[[Cause, Sequence[Finding]], str]] = {
    Kind.SCHEMA: _schema,
    Kind.CONTENT_TYPE: _content_type,
    Kind.HEADER: _header,
    Kind.BODY: _body,
    Kind.ACCEPTED: _accepted,
    Kind.REJECTED: _rejected,
    Kind.REQUEST: _request,
    Kind.SERVER_ERROR: _server_error,
    Kind.STATUS: _status,
    Kind.NO_ANSWER: _no_answer,
}
