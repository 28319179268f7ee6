"""The last thing before the network: session isolation, the guard, the ledger and the record of what was sent."""

import json
import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any, Protocol
from urllib.parse import parse_qsl, urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter

from contract_tests.contract.cause import STATUS, Cause, cause_of, settled, wrong_status
from contract_tests.contract.choices import APIS
from contract_tests.contract.counts import Counts, Seen, Sent
from contract_tests.contract.finding import Finding, Flaw, Step
from contract_tests.contract.flaw import Login, flaws
from contract_tests.contract.operations import (
    READS,
    Operation,
    find_operation,
    find_route,
    parameters,
    statuses,
    wrong_logins,
)
from contract_tests.transport.guard import Guard
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.network import path_below
from contract_tests.transport.session import CleanSession

SESSION_HEADER = "X-Mock-Session"
LOGINS = {"Authorization", "Cookie"}
UNAUTHORIZED = 401
REMEMBERED = 300
CLIENT_ERROR, SERVER_ERROR = 400, 500
LARGEST = 65536  # bytes of a body that is looked into
SHOWN_READS = 3  # before a finding
NOBODYS = frozenset(value for api in APIS for login in wrong_logins(api).values() for value in login.values())


def held(operation: Operation, request: PreparedRequest) -> Iterator[tuple[str, str]]:
    """Which of the parameters of an operation a request holds."""
    query = dict(parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True))
    body = _properties(request)
    given = {"path": operation.parameters, "query": query, "header": request.headers, "body": body}
    kind = str(request.headers.get("Content-Type", "")).partition(";")[0]
    for place, name in parameters(operation):
        if name in given.get(place, ()) or (place == "body" and name in {kind, "*/*"} and request.body):
            yield place, name


def _properties(request: PreparedRequest) -> Collection[str]:
    if not request.body or len(request.body) > LARGEST:
        return ()
    try:
        body = json.loads(request.body)
    except (ValueError, RecursionError):
        return ()
    return body if isinstance(body, dict) else ()


def _text(value: bytes | str) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


class LoginRenewal(Protocol):
    """Renews the values of headers that log somebody in."""

    def fresh(self, value: str) -> str:
        """The value, or another one where what it holds is about to expire. Raises NoAnswerError."""

    def renew(self, value: str) -> str | None:
        """Another value after a 401, or None where that would not help."""


class _FixedLogins:
    """Where nothing expires that could be renewed."""

    def fresh(self, value: str) -> str:
        return value

    def renew(self, value: str) -> str | None:
        return None


FIXED_LOGINS = _FixedLogins()


class Wire(BaseAdapter):
    """One test's way to the target.

    `bases` are the base URLs by API, and `logins` renews the headers that log somebody in. `session` is the name of the state it
    sees at a mock, `last` holds the newest answers, and `counts` what was seen, sent and checked. `names` are those of the
    callers, by the value of the header that logs them in, `logged_in` the values that are somebody's, and `known` are ids of what
    is there. `inferred` is whether our own reading of the documents counts. `kept` are findings that did not end the test, by
    cause; `on_finding` is what keeps them, and may raise instead.
    """

    def __init__(
        self,
        bases: Mapping[str, str],
        inner: BaseAdapter,
        guard: Guard,
        ledger: Ledger,
        session: str | None = None,
        *,
        inferred: bool = True,
        logins: LoginRenewal = FIXED_LOGINS,
    ) -> None:
        super().__init__()
        self.bases, self.inner, self.guard, self.ledger, self.session = bases, inner, guard, ledger, session
        self.before = frozenset(ledger.entries)  # what earlier tests could not remove is theirs to tell
        self.last: deque[Response] = deque(maxlen=REMEMBERED)
        self.names: dict[str, str] = {}
        self.logged_in: set[str] = set()
        self.known: set[str] = set()
        self.inferred = inferred
        self.kept: dict[Cause, Finding] = {}
        self.on_finding: Callable[[Iterable[Finding]], None] = self.keep
        self.counts = Counts()
        self._logins = logins
        self._lock = Lock()

    def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
        path = self._path(request)
        self.guard.check(request.method or "", path, request.body)
        operation = None if path is None else find_operation(request.method or "", path)
        if self.session is not None:
            request.headers[SESSION_HEADER] = self.session
        self._log_in(request, self._logins.fresh)
        key = self.ledger.begin(operation, request, self._who(request))
        response = self.inner.send(request, *args, **options)
        if response.status_code == UNAUTHORIZED and self._log_in(request, self._logins.renew):
            response = self.inner.send(request, *args, **options)
        self.ledger.end(key, response)
        self._note(operation, request, response)
        return response

    def keep(self, findings: Iterable[Finding]) -> None:
        """Keeps what is broken; of each cause the first."""
        with self._lock:
            for finding in findings:
                self.kept.setdefault(cause_of(finding), finding)

    def witnessed(self, findings: Iterable[Finding], response: Response) -> tuple[Finding, ...]:
        """Findings about one answer with what led there, and without what only follows from others of them."""
        many = list(findings)
        if not many:
            return ()
        operation = self.operation_of(response.request)
        flawed = self._flaw(response, operation)
        documented = [int(one) for one in statuses(operation) if one.isdigit()] if operation else []
        steps, after = self.steps(response), self._written_before(response)
        whole = (replace(one, flaw=one.flaw or flawed, after=one.after or after, steps=one.steps or steps) for one in many)
        return settled(wrong_status(one, documented) if one.keyword == STATUS else one for one in whole)

    def _flaw(self, response: Response, operation: Operation | None) -> Flaw:
        """What is not in order in a request: what it was sent for, or what a server that broke could not stand."""
        path = self._path(response.request) or ""
        found = list(flaws(self.step(response), path, operation, self._login(response.request)))
        if response.status_code < SERVER_ERROR or operation is None:
            return found[0] if found else Flaw()
        others = (one for one in found if one.part != "login")
        return self._unknown_in(path, response) or next(others, Flaw())

    def _unknown_in(self, path: str, response: Response) -> Flaw | None:
        """The parameter of a path that names nothing which the test has seen."""
        _, values = find_route(path) or ("", {})
        seen = b" ".join(one.content for one in self._until(response))
        unknown = ((name, re.escape(value.encode())) for name, value in values.items() if value not in self.known)
        return next((Flaw("path", name) for name, text in unknown if not re.search(rb"(?<!\w)%s(?!\w)" % text, seen)), None)

    def _login(self, request: PreparedRequest) -> Login:
        values = {_text(request.headers[name]) for name in LOGINS & request.headers.keys()}
        return Login.KNOWN if values & self.logged_in else Login.WRONG if values else Login.MISSING

    def steps(self, response: Response) -> tuple[Step, ...]:
        """What led to an answer, oldest first: all that may have changed something, and the last reads."""
        kept: deque[Step] = deque([self.step(response)])
        reads = 0
        for one in reversed(self._until(response)):
            reads += one.request.method in READS
            if one.request.method not in READS or reads < SHOWN_READS:
                kept.appendleft(self.step(one))
        return tuple(kept)

    def step(self, response: Response) -> Step:
        """An answer with its request, as a value that logs nobody in."""
        request, operation = response.request, self.operation_of(response.request)
        login = next((name for name in LOGINS if name in request.headers), "")
        value = self._value_of(login, request)
        nobodys = value in NOBODYS  # which is no secret, and part of what is wrong
        body = request.body.encode() if isinstance(request.body, str) else request.body
        return Step(
            api=operation.api if operation else self._api(request.url or ""),
            caller=self.names.get(value, ""),
            operation=operation.id if operation else "",
            method=request.method or "",
            url=request.url or "",
            headers=tuple((name, _text(text)) for name, text in request.headers.items() if nobodys or name not in LOGINS),
            body=body if isinstance(body, bytes) else b"",
            status=response.status_code,
            answer_headers=tuple(response.headers.items()),
            answer=response.content,
            login="" if nobodys else login,
            wrote=operation is not None and operation.writes and response.status_code < CLIENT_ERROR,
            scheme=value[: len(value.partition(" ")[0]) + 1] if login == "Authorization" and " " in value else "",
        )

    def _api(self, url: str) -> str:
        return next((api for api, base in self.bases.items() if url.startswith(f"{base}/")), "")

    def _value_of(self, login: str, request: PreparedRequest) -> str:
        return _text(request.headers.get(login, "")) if login else ""

    def _until(self, response: Response) -> list[Response]:
        """What was answered before."""
        before = list(self.last)
        place = next((number for number, one in enumerate(before) if one is response), len(before))
        return before[:place]

    def _written_before(self, response: Response) -> str:
        """The operation that wrote last before an answer, empty if none did."""
        for one in reversed(self._until(response)):
            operation = self.operation_of(one.request)
            if operation is not None and operation.writes and one.status_code < CLIENT_ERROR:
                return operation.id
        return ""

    def absorb(self, other: "Wire") -> None:
        """Takes over what another one counted and kept."""
        self.counts.add(other.counts)
        self.names.update(other.names)
        self.logged_in |= other.logged_in
        self.keep(other.kept.values())

    def close(self) -> None:
        """Nothing: the inner adapter outlives the test."""

    def operation_of(self, request: PreparedRequest) -> Operation | None:
        """The operation that a request reaches."""
        path = self._path(request)
        return None if path is None else find_operation(request.method or "", path)

    def _path(self, request: PreparedRequest) -> str | None:
        return path_below(self.bases, request.url or "")

    def _log_in(self, request: PreparedRequest, renewed: Callable[[str], str | None]) -> bool:
        """Whether a login of the request was renewed."""
        changed = False
        for header in LOGINS & request.headers.keys():
            given = str(request.headers[header])
            value = renewed(given)
            if value is not None and value != given:
                changed, request.headers[header] = True, value
                self.names[value] = self.names.get(given, "")
                self.logged_in |= {value} if given in self.logged_in else set()
        return changed

    def _who(self, request: PreparedRequest) -> str:
        """The name of who sends a request; empty if it has no login that somebody has."""
        return next((self.names[str(value)] for value in request.headers.values() if str(value) in self.names), "")

    def _note(self, operation: Operation | None, request: PreparedRequest, response: Response) -> None:
        with self._lock:
            self.last.append(response)
            if operation is None:
                return
            if operation.method == "DELETE" and response.ok:
                self._note_removal((request.url or "").partition("?")[0])
            accepted = response.status_code < CLIENT_ERROR
            self.counts.seen[Seen(operation.api, operation.id, response.status_code)] += 1
            sent = (Sent(operation.api, operation.id, *one, accepted) for one in held(operation, request))
            self.counts.sent.update(sent)

    def _note_removal(self, url: str) -> None:
        entry = self.ledger.owner_of(url)
        if entry is not None:
            self.ledger.gone(entry)


class WireSession(CleanSession):
    """The session of one caller on one thread, over a wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(next(iter(wire.bases.values())), wire)
