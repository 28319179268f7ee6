"""What is wrong with a request, and with the answer to it, as findings: those that the suite would tell of them too."""

import io
from collections.abc import Iterator
from dataclasses import replace

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import HTTPError

from contract_tests.contract.cause import STATUS, SUCCESSES, settled, wrong_status
from contract_tests.contract.checks import faults
from contract_tests.contract.choices import APIS
from contract_tests.contract.finding import Finding, Flaw, Kind, Step
from contract_tests.contract.flaw import Login, flaws, malformed
from contract_tests.contract.masking import without_secrets
from contract_tests.contract.operations import READS, Operation, find_route, operations, statuses
from contract_tests.contract.second_judge import disagreements
from contract_tests.proxy.passing import Passing

LOGINS = frozenset({"authorization", "cookie"})
# curl writes them itself.
NOT_SHOWN = LOGINS | {"host", "connection"}
UNAUTHORIZED, NOT_MODIFIED, SERVER_ERROR, CLIENT_ERROR = 401, 304, 500, 400
UNFOLDED = 64 * 1024 * 1024  # bytes of an answer
KEPT_OF_STEP = 100_001  # bytes of a body: one more than a report shows whole
CONDITIONS = frozenset({"if-none-match", "if-modified-since"})


def of_request(passing: Passing) -> tuple[Finding, ...]:
    """What the app does wrong, whatever it is answered. A request without a login is none of it: it may want to be refused."""
    operation = passing.operation
    if operation is None:
        return tuple(_of_unknown_method(passing))
    step = step_of(passing)
    found = malformed(step, passing.path, operation) if passing.body.whole else ()
    return settled(replace(one, judge="proxy", steps=(step,)) for one in found)


def of_answer(passing: Passing, response: Response, *, inferred: bool) -> tuple[Finding, ...]:
    """What the target does wrong in an answer that is there whole; `response` is it, unfolded."""
    operation, status = passing.operation, response.status_code
    if operation is None or (status == NOT_MODIFIED and any(name.lower() in CONDITIONS for name, _ in passing.sent)):
        return ()
    route = find_route(passing.path)
    wrong = faults(operation, passing.method, status, response.headers, response.content, inferred=inferred)
    wrong += disagreements(operation, route[1].items() if route else (), response, inferred=inferred)
    step = step_of(passing, response.content)
    # To openapi-core, a parameter that is there and empty is malformed, whatever its schema.
    malformed_too = {one.flaw for one in malformed(step, passing.path, operation)}
    wrong = [one for one in wrong if one.kind is not Kind.ACCEPTED or one.flaw.part == "body" or one.flaw in malformed_too]
    login = Login.KNOWN if LOGINS & {name.lower() for name, _ in passing.sent} else Login.MISSING
    flawed = list(flaws(step, passing.path, operation, login))
    if flawed and flawed[0].part == "login" and status in SUCCESSES:
        wrong.append(Finding(operation.api, operation.id, Kind.STATUS, [UNAUTHORIZED], status, status, STATUS))
    if status >= SERVER_ERROR:
        flawed = [one for one in flawed if one.part != "login"]
    flaw = flawed[0] if flawed else Flaw()
    documented = [int(one) for one in statuses(operation) if one.isdigit()]
    whole = (replace(one, flaw=one.flaw or flaw, steps=(step,)) for one in wrong)
    return settled(wrong_status(one, documented) if one.keyword == STATUS else one for one in whole)


def silence(passing: Passing) -> Finding:
    """That there is no answer, or no whole one."""
    asked = passing.operation
    return Finding(asked.api if asked else "", asked.id if asked else "", Kind.NO_ANSWER, detail=passing.failure)


def unreadable(operation: Operation, status: int) -> Finding:
    """That an answer cannot be unfolded."""
    return Finding(operation.api, operation.id, Kind.BODY, status=status, keyword="unreadable", judge="proxy")


def response_of(passing: Passing) -> Response:
    """The answer as requests has it, unfolded. Raises HTTPError of urllib3 if it cannot be, or is too much."""
    came = passing.came
    assert came is not None
    request = PreparedRequest()
    request.method, request.url, request.body = passing.method, passing.url, bytes(passing.body.start)
    request.headers = CaseInsensitiveDict(HTTPHeaderDict(passing.sent))
    raw = HTTPResponse(
        io.BytesIO(bytes(came.body.start)),
        HTTPHeaderDict(came.headers),
        came.status,
        preload_content=False,
        enforce_content_length=False,
        request_method=passing.method,
    )
    response = HTTPAdapter().build_response(request, raw)
    content = raw.read(UNFOLDED + 1, decode_content=True)
    if len(content) > UNFOLDED:
        raise HTTPError(f"more than {UNFOLDED} bytes")
    vars(response).update(_content=content, _content_consumed=True)
    return response


def step_of(passing: Passing, answer: bytes = b"") -> Step:
    """The request with its answer as a value that logs nobody in; `answer` is the body of the answer, unfolded."""
    operation, login = passing.operation, next((one for one in passing.sent if one[0].lower() in LOGINS), ("", ""))
    status = passing.came.status if passing.came else passing.answer.status
    return Step(
        api=operation.api if operation else "",
        caller="",
        operation=operation.id if operation else "",
        method=passing.method,
        url=without_secrets(passing.url),
        headers=tuple((name, without_secrets(value)) for name, value in passing.asked if name.lower() not in NOT_SHOWN),
        body=bytes(passing.body.start),
        status=status,
        answer_headers=(),
        answer=answer,
        login=login[0].title(),
        scheme=f"{login[1].partition(' ')[0]} " if login[0].lower() == "authorization" and " " in login[1] else "",
        wrote=bool(operation and operation.writes and status < CLIENT_ERROR),
    )


def kept(finding: Finding) -> Finding:
    """The finding as it may be kept for long: with the beginning of its bodies alone, and without secrets."""
    return replace(finding, steps=tuple(replace(one, body=_clean(one.body), answer=_clean(one.answer)) for one in finding.steps))


def _clean(body: bytes) -> bytes:
    try:
        return without_secrets(body.decode())[:KEPT_OF_STEP].encode()
    except UnicodeDecodeError:
        return body[:KEPT_OF_STEP]


def _of_unknown_method(passing: Passing) -> Iterator[Finding]:
    route = find_route(passing.path)
    if route is None or passing.method in READS - {"GET"}:
        return
    api = next(api for api in APIS if any(one.path == route[0] for one in operations(api).values()))
    sent = f"{passing.method} {route[0]}"
    yield Finding(api, "", Kind.REQUEST, got=sent, flaw=Flaw("method"), judge="proxy", steps=(step_of(passing),))
