"""The last thing before the network: session isolation, the guard, the ledger and the record of what was sent."""

import json
import os
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import Lock
from typing import Any, NamedTuple, Protocol
from urllib.parse import parse_qsl, urlsplit

import requests
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.cookies import RequestsCookieJar
from requests.utils import get_environ_proxies

from contract_tests.contract.finding import ContractError, Finding
from contract_tests.contract.operations import Operation, find_operation, parameters
from contract_tests.transport.guard import Guard
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.network import path_below, sentence

IN_PROCESS_URL = "http://mock.invalid"  # the mock in this process
SESSION_HEADER = "X-Mock-Session"
LOGINS = {"Authorization", "Cookie"}
UNAUTHORIZED = 401
TIMEOUT = 30.0
REMEMBERED = 300
CLIENT_ERROR = 400
LARGEST = 65536  # bytes of a body that is looked into


def _held(operation: Operation, request: PreparedRequest) -> Iterator[tuple[str, str]]:
    """Which of the parameters of an operation a request holds."""
    query = dict(parse_qsl(urlsplit(request.url or "").query, keep_blank_values=True))
    body = _properties(request)
    held = {"path": operation.parameters, "query": query, "header": request.headers, "body": body}
    kind = str(request.headers.get("Content-Type", "")).partition(";")[0]
    for place, name in parameters(operation):
        if name in held.get(place, ()) or (place == "body" and name in {kind, "*/*"} and request.body):
            yield place, name


def _properties(request: PreparedRequest) -> Collection[str]:
    if not request.body or len(request.body) > LARGEST:
        return ()
    try:
        body = json.loads(request.body)
    except ValueError:
        return ()
    return body if isinstance(body, dict) else ()


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


class Exchange(NamedTuple):
    """An answer with its request, and the operation that was reached, if it is one."""

    response: Response
    operation: Operation | None


class Wire(BaseAdapter):
    """One test's way to the target.

    `bases` are the base URLs by API, and `logins` renews the headers that log somebody in.
    `session` is the name of the state it sees at a mock, `last` holds the newest exchanges. It counts: `seen` what was answered,
    by "api operation status", `sent` what requests held, by "api operation place name outcome", and `checked` who looked at
    answers, by "api operation check". `names` are those of the callers, by the value of the header that logs them in;
    `inferred` is whether our own reading of the documents counts. `on_broken` is told of an answer that is not what the spec
    says; where it does not raise, the test goes on, and `broken` keeps what fails it in the end. `tolerates` says of findings
    whether they may be kept as well.
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
        tolerates: Callable[[Iterable[Finding]], bool] = lambda _: False,
    ) -> None:
        super().__init__()
        self.bases, self.inner, self.guard, self.ledger, self.session = bases, inner, guard, ledger, session
        self.before = frozenset(ledger.entries)  # what earlier tests could not remove is theirs to tell
        self.last: deque[Exchange] = deque(maxlen=REMEMBERED)
        self.names: dict[str, str] = {}
        self.inferred = inferred
        self.broken: dict[object, ContractError] = {}
        self.on_broken: Callable[[ContractError], None] = self.keep
        self.seen: Counter[str] = Counter()
        self.sent: Counter[str] = Counter()
        self.checked: Counter[str] = Counter()
        self.tolerates, self._logins = tolerates, logins
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

    def on_wrong(self, error: ContractError, *, may_go_on: bool) -> None:
        """Raises what a law found, unless the test may go on and the finding is no news at the target."""
        if not (may_go_on and self.tolerates(error.findings)):
            raise error
        self.keep(error)

    def keep(self, error: ContractError) -> None:
        """Keeps what is broken; of equal faults the first."""
        with self._lock:
            self.broken.setdefault(tuple(finding.key for finding in error.findings), error)

    def absorb(self, other: "Wire") -> None:
        """Takes over what another one counted and kept."""
        for name in ("seen", "sent", "checked"):
            getattr(self, name).update(getattr(other, name))
        self.names.update(other.names)
        for error in other.broken.values():
            self.keep(error)

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
        return changed

    def _who(self, request: PreparedRequest) -> str:
        """The name of who sends a request; empty if it has no login that somebody has."""
        return next((self.names[str(value)] for value in request.headers.values() if str(value) in self.names), "")

    def _note(self, operation: Operation | None, request: PreparedRequest, response: Response) -> None:
        with self._lock:
            self.last.append(Exchange(response, operation))
            if operation is None:
                return
            if operation.method == "DELETE" and response.ok:
                self._note_removal((request.url or "").partition("?")[0])
            what = f"{operation.api} {operation.id}"
            outcome = "accepted" if response.status_code < CLIENT_ERROR else "refused"
            self.seen[f"{what} {response.status_code}"] += 1
            self.sent.update(f"{what} {place} {name} {outcome}" for place, name in _held(operation, request))

    def _note_removal(self, url: str) -> None:
        entry = self.ledger.owner_of(url)
        if entry is not None:
            self.ledger.gone(entry)


class NoAnswerError(Exception):
    """The target did not answer; the text is one line for a person, without the headers that log somebody in.

    `why` is the part of it that is the same whatever was asked.
    """

    def __init__(self, why: str, what: str = "") -> None:
        super().__init__(f"{what}: {why}" if what else why)
        self.why = why


@contextmanager
def answering(what: str) -> Iterator[None]:
    """Turns an error of the network into one line, because its traceback would print the headers. Raises NoAnswerError."""
    try:
        yield
    except requests.RequestException as error:
        url = error.request.url if error.request is not None else ""
        raise NoAnswerError(sentence(error, url or ""), what) from None


@cache
def _proxies(base_url: str) -> dict[str, str]:
    proxies: dict[str, str] = get_environ_proxies(base_url)  # reads the whole environment each time
    return proxies


class CleanSession(requests.Session):
    """A requests session that logs nobody in by itself: it keeps no cookies and reads no .netrc.

    Proxies and REQUESTS_CA_BUNDLE of the environment apply, as everywhere with requests.
    """

    def __init__(self, base_url: str, adapter: BaseAdapter) -> None:
        super().__init__()
        self.trust_env = False
        self.proxies.update(_proxies(base_url))
        self.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        self.mount("http://", adapter)
        self.mount("https://", adapter)
        self.cookies = _NoCookies()

    def get_redirect_target(self, _: Response) -> None:
        """None: a session of requests follows redirects, and fails where a Location is no text."""


class WireSession(CleanSession):
    """The session of one caller on one thread, over a wire."""

    def __init__(self, wire: Wire) -> None:
        super().__init__(next(iter(wire.bases.values())), wire)


class _NoCookies(RequestsCookieJar):
    def extract_cookies(self, *_: Any, **__: Any) -> None:
        """Forgets."""
