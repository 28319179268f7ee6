"""What findings have in common: one cause is met in many answers, by many tests and judges, and told once."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

from contract_tests.contract.finding import Finding, Kind, Place

SUCCESSES, CLIENT_ERROR, SERVER_ERROR = range(200, 300), 400, 500
STATUS = "status"  # the keyword of a finding that is about the status itself
ANYWHERE = frozenset({"login", "method", "path", "query", "header"})  # parts of a request that many operations share
# What else is wrong with one answer says nothing more, once it is wrong in this way.
SETTLED_BY = {
    Kind.SERVER_ERROR: frozenset(Kind) - {Kind.SERVER_ERROR},
    Kind.STATUS: frozenset({Kind.CONTENT_TYPE, Kind.SCHEMA, Kind.HEADER, Kind.ACCEPTED, Kind.REJECTED, Kind.BODY}),
    Kind.ACCEPTED: frozenset({Kind.SCHEMA}),
    Kind.CONTENT_TYPE: frozenset({Kind.SCHEMA, Kind.BODY}),
}
RANKS = (
    Kind.NO_ANSWER,
    Kind.SERVER_ERROR,
    Kind.STATUS,
    Kind.CONTENT_TYPE,
    Kind.BODY,
    Kind.ACCEPTED,
    Kind.REJECTED,
    Kind.HEADER,
    Kind.SCHEMA,
    Kind.BEHAVIOUR,
    Kind.REQUEST,
)
READABLE = frozenset({"empty", "length"})  # what may be wrong with a body that can be read all the same


@dataclass(frozen=True)
class Cause:
    """Why answers break the contract, with what tells it from other causes; a field that does not is empty.

    `operation` is empty where one behaviour shows in many operations. `expected` and `got` are statuses or media types, `flaw`
    is the part of a request and its name, such as `query limit`; `after` is the operation whose effect is missing.
    """

    kind: Kind
    api: str
    operation: str = ""
    after: str = ""
    status: int | None = None
    expected: str = ""
    got: str = ""
    component: str = ""
    property: str = ""
    keyword: str = ""
    flaw: str = ""
    law: str = ""


def cause_of(finding: Finding) -> Cause:
    """The cause that a single finding speaks for."""
    return Cause(finding.kind, finding.api, **_TELLING.get(finding.kind, _behaviour)(finding))


def _schema(finding: Finding) -> dict[str, Any]:
    place = finding.place
    where = {"component": place.component} if place.component else {"operation": finding.operation}
    return where | {"property": place.property, "keyword": finding.keyword}


def _content_type(finding: Finding) -> dict[str, Any]:
    return {"status": _refusal(finding), "got": str(finding.got)}


def _header(finding: Finding) -> dict[str, Any]:
    return {"status": _refusal(finding), "property": finding.place.property.lower(), "keyword": finding.keyword}


def _body(finding: Finding) -> dict[str, Any]:
    return {"status": finding.status, "keyword": finding.keyword}


def _accepted(finding: Finding) -> dict[str, Any]:
    return {"operation": _one(finding), "flaw": str(finding.flaw)}


def _server_error(finding: Finding) -> dict[str, Any]:
    # Which property of a body breaks a server does not matter.
    flaw = finding.flaw.part if finding.flaw.part == "body" else str(finding.flaw)
    return {"operation": _one(finding), "flaw": flaw}


def _status(finding: Finding) -> dict[str, Any]:
    expected = shown(finding.expected) if finding.flaw else ""
    return {"operation": _one(finding), "flaw": str(finding.flaw), "expected": expected, "got": _got(finding)}


def _rejected(finding: Finding) -> dict[str, Any]:
    return {"operation": finding.operation, "got": str(finding.status)}


def _request(finding: Finding) -> dict[str, Any]:
    # Where it is sent to no operation, the verb and the path tell it from others.
    return {"operation": finding.operation, "flaw": str(finding.flaw), "got": "" if finding.operation else str(finding.got)}


def _no_answer(finding: Finding) -> dict[str, Any]:
    return {"keyword": finding.keyword}


def _behaviour(finding: Finding) -> dict[str, Any]:
    law = "" if finding.operation else finding.law
    return {"operation": finding.operation, "after": finding.after, "law": law}


_TELLING: dict[Kind, Callable[[Finding], dict[str, Any]]] = {
    Kind.SCHEMA: _schema,
    Kind.CONTENT_TYPE: _content_type,
    Kind.HEADER: _header,
    Kind.BODY: _body,
    Kind.ACCEPTED: _accepted,
    Kind.SERVER_ERROR: _server_error,
    Kind.STATUS: _status,
    Kind.REJECTED: _rejected,
    Kind.REQUEST: _request,
    Kind.NO_ANSWER: _no_answer,
}


def _one(finding: Finding) -> str:
    return "" if finding.flaw.part in ANYWHERE else finding.operation


def _refusal(finding: Finding) -> int | None:
    return finding.status if (finding.status or 0) >= CLIENT_ERROR else None


def _got(finding: Finding) -> str:
    # Who is let in without a login gets whatever success the operation has.
    return "2xx" if finding.flaw.part == "login" and finding.status in SUCCESSES else str(finding.got)


def shown(statuses: object) -> str:
    """Statuses in words: `200 or 201`."""
    return " or ".join(map(str, statuses)) if isinstance(statuses, list | tuple) else str(statuses)


def wrong_status(finding: Finding, documented: Collection[int]) -> Finding:
    """The finding of a wrong status by its kind: a broken server, a flaw that was accepted, or one that is not documented."""
    got = finding.status or 0
    if got >= SERVER_ERROR:
        kind = Kind.SERVER_ERROR
    elif finding.flaw and finding.flaw.part != "login" and got in SUCCESSES:
        kind = Kind.ACCEPTED
    elif finding.flaw or got not in documented:
        kind = Kind.STATUS
    else:
        kind = Kind.BEHAVIOUR
    return replace(finding, kind=kind, keyword=STATUS)


def settled(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """What is wrong with one answer, without what only follows from something else that is; each cause once."""
    by_cause: dict[Cause, Finding] = {}
    for one in findings:
        by_cause.setdefault(cause_of(one), one)
    kept: list[Cause] = []
    for cause in sorted(by_cause, key=lambda cause: _rank(by_cause[cause])):
        # Only what stays settles anything: two that follow from each other would both be gone.
        if not any(_follows(by_cause[cause], by_cause[other]) for other in kept):
            kept.append(cause)
    return tuple(one for cause, one in by_cause.items() if cause in kept)


def _rank(finding: Finding) -> int:
    """What settles others comes before them."""
    alien = finding.kind is Kind.CONTENT_TYPE and finding.status in SUCCESSES
    return 0 if alien else 1 + RANKS.index(finding.kind)


def _follows(one: Finding, other: Finding) -> bool:
    """Whether a finding says nothing more than another one about the same answer."""
    if one.kind is other.kind:
        return False
    success = other.status in SUCCESSES
    if other.kind is Kind.CONTENT_TYPE and success:  # it does not come from the API at all
        return True
    if one.kind is Kind.BEHAVIOUR and other.kind is Kind.SCHEMA:
        return bool(one.place.pointer) and one.place.pointer == other.place.pointer
    unreadable = other.kind is Kind.BODY and other.keyword not in READABLE
    return one.kind in SETTLED_BY.get(other.kind, ()) or (unreadable and one.kind is not Kind.NO_ANSWER and one.keyword != STATUS)


def header(name: str) -> Place:
    """The place of a header."""
    return Place(property=name)
