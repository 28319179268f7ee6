"""A caller: one principal (or nobody) who calls operations by their ids."""

import json
from dataclasses import dataclass
from typing import Any

from requests import Response
from requests.structures import CaseInsensitiveDict

from contract_tests.specs import Operation, operations
from contract_tests.wire import TIMEOUT, Wire, WireSession, answering


@dataclass(frozen=True)
class Reply:
    """An answer, and who asked for what."""

    response: Response
    operation: Operation
    caller: str

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
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def what(self) -> str:
        return f"{self.operation} as {self.caller}"


class Caller:
    """Calls operations of one API as one principal; each thread needs a caller of its own."""

    def __init__(self, api: str, wire: Wire, name: str, login: dict[str, str], user_id: str = "") -> None:
        self.api, self.name, self.login, self.user_id = api, name, login, user_id
        self.wire = wire
        self._session = WireSession(wire)

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
    ) -> Reply:
        """Sends one request: `body` as JSON or `data` as it is; `path` is what the path may ask for.

        Raises Refused for what the safety of the run does not allow, and NoAnswerError.
        """
        operation = operations(self.api)[operation_id]
        with answering(f"{operation} as {self.name}"):
            response = self._session.request(
                operation.method,
                self.wire.base_url + operation.url_path(path),
                json=body,
                data=data,
                params=query,
                headers=self.login | (headers or {}),
                timeout=TIMEOUT,
                allow_redirects=False,
            )
        return Reply(response, operation, self.name)

    def fetch(self, named: Reply, url: str) -> Reply:
        """Gets what an answer named, without a login: it may lie on another host. Raises NoAnswerError."""
        with answering(f"{url}, which {named.operation} named"):
            response = self._session.get(url, timeout=TIMEOUT, allow_redirects=False)
        return Reply(response, named.operation, f"{self.name}, fetching what it named")
