"""A caller: one principal (or nobody) who calls operations by their ids."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from requests import Response
from requests.structures import CaseInsensitiveDict

from contract_tests.contract.checks import NO_JSON, parsed
from contract_tests.contract.counts import Checked
from contract_tests.contract.finding import Finding, Kind
from contract_tests.contract.operations import Operation, operations
from contract_tests.contract.second_judge import JUDGE, disagreements
from contract_tests.transport.network import answering
from contract_tests.transport.session import TIMEOUT
from contract_tests.transport.wire import Wire, WireSession


def operation_of(api: str, id_: str) -> Operation:
    """The operation; the test is skipped if there is none any more: a deployment without it breaks no law about it."""
    return operations(api).get(id_) or pytest.skip(f"an overlay has taken {id_} out of the spec")


@dataclass(frozen=True)
class Answer:
    """An answer, and who asked for what over which wire."""

    response: Response
    operation: Operation
    caller: str
    wire: Wire

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def headers(self) -> CaseInsensitiveDict[str]:
        return self.response.headers

    @property
    def body(self) -> bytes:
        return self.response.content

    @property
    def json(self) -> Any:
        """The JSON body, or None where there is no such thing."""
        data = parsed(self.body)
        return None if data is NO_JSON else data

    def wrong(self, kind: Kind, **more: Any) -> Finding:
        """A finding about this answer."""
        return Finding(self.operation.api, self.operation.id, kind, status=self.status, **more)

    def witnessed(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """Findings about this answer, with what led to it."""
        return self.wire.witnessed(findings, self.response)


class Caller:
    """Calls operations of one API as one principal; each thread needs a caller of its own.

    `known` is whether the login is somebody's, as far as the test can tell.
    """

    def __init__(self, api: str, wire: Wire, name: str, login: dict[str, str], user_id: str = "", *, known: bool = False) -> None:
        self.api, self.name, self.login, self.user_id = api, name, login, user_id
        self.wire, self.known = wire, known
        self._session = WireSession(wire)
        wire.names.update(dict.fromkeys(login.values(), name))
        wire.logged_in.update(login.values() if known else ())

    def twin(self) -> "Caller":
        """The same principal for another thread."""
        return Caller(self.api, self.wire, self.name, self.login, self.user_id, known=self.known)

    def call(
        self,
        operation_id: str,
        body: Any = None,
        *,
        data: bytes | None = None,
        query: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        **path: str | int,
    ) -> Answer:
        """Sends one request: `body` as JSON or `data` as it is; `path` is what the path may ask for.

        Raises Refused for what the safety of the run does not allow, Stopped and NoAnswerError. An answer that is not what the
        spec says is kept as a finding, and the test goes on.
        """
        operation = operation_of(self.api, operation_id)
        with answering(f"{operation.id} as {self.name}", operation):
            response = self._session.request(
                operation.method,
                self.wire.bases[self.api] + operation.url_path(path),
                json=body,
                data=data,
                params=query,
                headers=self.login | (headers or {}),
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        answer = Answer(response, operation, self.name, self.wire)
        self.wire.counts.checked[Checked(self.api, operation_id, JUDGE)] += 1
        wrong = disagreements(operation, path.items(), response, inferred=self.wire.inferred)
        if wrong:
            self.wire.on_finding(answer.witnessed(wrong))
        return answer

    def fetch(self, named: Answer, url: str) -> Answer:
        """Gets what an answer named, without a login: it may lie on another host. Raises NoAnswerError."""
        with answering(f"{url}, which {named.operation.id} named", named.operation):
            response = self._session.get(url, timeout=TIMEOUT, allow_redirects=False)
        return Answer(response, named.operation, f"{self.name}, fetching what it named", self.wire)
