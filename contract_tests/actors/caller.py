"""A caller: one principal (or nobody) who calls operations by their ids."""

from dataclasses import dataclass
from typing import Any

import pytest
from requests import Response
from requests.structures import CaseInsensitiveDict

from contract_tests.contract.finding import ContractError, Finding
from contract_tests.contract.operations import Operation, operations
from contract_tests.contract.second_judge import disagreements
from contract_tests.report.curl import shown
from contract_tests.transport.network import json_of
from contract_tests.transport.wire import TIMEOUT, Wire, WireSession, answering


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
        return json_of(self.response)

    @property
    def what(self) -> str:
        return f"{self.operation} as {self.caller}"


class Caller:
    """Calls operations of one API as one principal; each thread needs a caller of its own."""

    def __init__(self, api: str, wire: Wire, name: str, login: dict[str, str], user_id: str = "") -> None:
        self.api, self.name, self.login, self.user_id = api, name, login, user_id
        self.wire = wire
        self._session = WireSession(wire)
        wire.names.update(dict.fromkeys(login.values(), name))

    def twin(self) -> "Caller":
        """The same principal for another thread."""
        return Caller(self.api, self.wire, self.name, self.login, self.user_id)

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
        spec says fails the test in the end; it goes on all the same.
        """
        operation = operation_of(self.api, operation_id)
        with answering(f"{operation} as {self.name}"):
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
        reply = Answer(response, operation, self.name, self.wire)
        self.wire.checked[f"{self.api} {operation_id} openapi-core"] += 1
        wrong = disagreements(operation, path.items(), response, inferred=self.wire.inferred)
        if wrong:
            findings = [Finding(str(operation), "openapi-core", one.text, reply.status, one.pointer) for one in wrong]
            told = f"{reply.what}: {'; '.join(one.text for one in wrong)}\nanswer: {reply.status} {shown(reply.body)}"
            self.wire.on_broken(ContractError(told, findings))
        return reply

    def fetch(self, named: Answer, url: str) -> Answer:
        """Gets what an answer named, without a login: it may lie on another host. Raises NoAnswerError."""
        with answering(f"{url}, which {named.operation} named"):
            response = self._session.get(url, timeout=TIMEOUT, allow_redirects=False)
        return Answer(response, named.operation, f"{self.name}, fetching what it named", self.wire)
