"""Operations that the target does not have, which the mock answers in its place."""

import json
import re
import secrets
from collections.abc import Mapping
from typing import Any, ClassVar

from contract_tests.contract.operations import Operation
from contract_tests.proxy.mock import Mock
from contract_tests.proxy.passing import Answer, Kept, Passing
from contract_tests.proxy.target import SilentError, Target

NOT_FOUND, UNAUTHORIZED = 404, 401
LOOKED_AT = 20_000  # bytes of a body
# What differs between two answers that say the same: times, ids, numbers.
_VARYING = re.compile(r"[0-9a-f]{8,}|\d+", re.IGNORECASE)


class Absence:
    """Tells an operation that is absent from an object that is.

    405 and 501 say it themselves. A 404 does if it looks like the one that the target gives for a path which surely is nowhere
    (that is asked for once for each beginning of a path), and the operation has never been answered in another way. Where such a
    404 is in the error shape of the APIs, one of the mock's own decides: then nobody has the object, and the target's stands.
    """

    STATUSES: ClassVar = frozenset({NOT_FOUND, 405, 501})

    def __init__(self, target: Target, mock: Mock) -> None:
        self._target, self._mock = target, mock
        self._nowhere: dict[str, str] = {}
        self._present: set[Operation] = set()

    def is_possible(self, passing: Passing) -> bool:
        """Whether the answer, of which no more than the head has to be there, may be that of an absent operation."""
        assert passing.came is not None
        assert passing.operation is not None
        if passing.came.status not in self.STATUSES:
            self._present.add(passing.operation)
        return passing.operation not in self._present

    async def filled(self, passing: Passing, scope: Mapping[str, Any]) -> Answer | None:
        """The mock's answer where the target has no such operation."""
        came, operation = passing.came, passing.operation
        if came is None or operation is None or not passing.whole or not self.is_possible(passing):
            return None
        if came.status == NOT_FOUND and not await self._is_nowhere(passing, came, operation):
            self._present.add(operation)
            return None
        answer = await self._mock.answer(scope, bytes(passing.body.start))
        if answer.status == UNAUTHORIZED and any(passing.header(name) for name in ("authorization", "cookie")):
            # Whoever is logged in at the target is nobody to the mock.
            answer = await self._mock.answer(scope, bytes(passing.body.start), self._mock.logins[operation.api])
        return None if came.status == answer.status == NOT_FOUND and _is_error_of_an_api(came) else answer

    async def _is_nowhere(self, passing: Passing, came: Answer, operation: Operation) -> bool:
        beginning = operation.path.partition("/{")[0]
        path = f"{beginning}-{secrets.token_hex(4)}"
        if beginning not in self._nowhere:
            self._nowhere[beginning] = await self._look_at(path, passing)
        return _look(passing.path, passing.method, came) == self._nowhere[beginning]

    async def _look_at(self, path: str, passing: Passing) -> str:
        """What the target says of a path, asked by a GET with the login of a client."""
        headers = [one for one in passing.sent if one[0].lower() not in ("content-length", "content-type", "transfer-encoding")]
        try:
            response = await self._target.send("GET", path, headers, None)
        except SilentError:
            return ""
        try:
            body = Kept()
            async for part in response.aiter_stream():
                body.add(part)
        finally:
            await response.aclose()
        found = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers]
        return _look(path, "GET", Answer(response.status, found, body))


def _is_error_of_an_api(answer: Answer) -> bool:
    try:
        data = json.loads(answer.body.start)
    except ValueError:
        return False
    return isinstance(data, dict) and isinstance(data.get("error"), dict)


def _look(path: str, method: str, answer: Answer) -> str:
    """An answer without what is of this request alone."""
    kind = next((value.partition(";")[0] for name, value in answer.headers if name.lower() == "content-type"), "")
    text = answer.body.start[:LOOKED_AT].decode("latin-1").replace(path, "PATH").replace(method, "METHOD")
    return f"{answer.status} {kind} {_VARYING.sub('0', text)}"
