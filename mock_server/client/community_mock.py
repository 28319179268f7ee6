"""A session of a running mock server: who can log in, its state, its faults, its clock, and what was asked of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Self

from mock_server.client.http import Answer, Caller

__tracebackhide__ = True  # pytest shows where in the test it was, not where in here
_LINES = 20
_ANY: Any = object()


class CommunityMock:
    """The session of that name at the server with that URL; close() forgets it.

    url is where an app, or a browser, finds the session: `http://localhost:8000/_s/NAME`. token is the server's --control-token,
    if it has one. What the server refuses to do raises ValueError, which says why.
    """

    def __init__(self, server: str, session: str, token: str | None = None) -> None:
        self.url = f"{server}/_s/{session}"
        self.clock = Clock(self)
        self._session = session
        self._server = server
        self._shown = {"Authorization": f"Bearer {token}"} if token else {}
        self._known: dict[str, Any] = {}

    def __repr__(self) -> str:
        return f"<community_mock at {self.url}>"

    def login(self, name: str, api: str | None = None) -> dict[str, str]:
        """The headers of requests by that person. Raises ValueError as person() does."""
        return {"Authorization": f"Bearer {self.person(name, api)['bearer']}"}

    def as_(self, name: str | None = None, api: str | None = None) -> Caller:
        """Sends requests as that person, or as nobody: `as_("alice").post("/api/communities", json={…})`."""
        return Caller(self.url, self.login(name, api), name) if name else Caller(self.url)

    def person(self, name: str, api: str | None = None) -> dict[str, Any]:
        """What the credentials tell of somebody: `user_id`, `email`, `password`, `bearer`, `cookie` and so on.

        api is needed where both have a person of that name. Raises ValueError where there is none, or two.
        """
        people = [(of, one) for of, known in self.credentials().items() for one in known["principals"] if api in (None, of)]
        found = [(of, one) for of, one in people if one["name"] == name]
        if len(found) > 1:
            raise ValueError(f"a {name} is in {' and in '.join(of for of, _ in found)}: say which, such as api={found[0][0]!r}")
        if not found:
            near = get_close_matches(name, [one["name"] for _, one in people], 1)
            raise ValueError(f"nobody named {name} can log in{f'; did you mean {near[0]}?' if near else ''}")
        person: dict[str, Any] = found[0][1]
        return person

    def credentials(self) -> dict[str, Any]:
        """Of each API, the people who can log in as `principals`, and the `domains` or `communities`."""
        self._known = self._known or dict(self.control("GET", "/credentials").json())
        return self._known

    def fail(self, operation: str | None = None, **fault: Any) -> Fault:
        """Let requests fail, as the README says of faults: `fail("createTicket", status=503, times=2)`.

        In a `with` statement, the fault ends with the block.
        """
        asked = {**fault, "operation": operation} if operation else fault
        return Fault(self, self.control("POST", "/faults", asked).json()["name"])

    def reset(self) -> None:
        """Back to the scenario, with an empty journal, the real time and no faults."""
        self.control("POST", "/reset")
        self._known = {}

    def load_scenario(self, scenario: str | Path | Mapping[str, Any]) -> None:
        """Start anew from the scenario of that name, from a file (.yaml or .yml), or from what such a file would have."""
        if isinstance(scenario, str | Path) and Path(scenario).suffix in (".yaml", ".yml"):
            try:
                self.control("PUT", "/scenario", Path(scenario).read_bytes())
            except ValueError as error:
                raise ValueError(f"{scenario}: {error}") from None
        else:
            self.control("PUT", "/scenario", scenario if isinstance(scenario, Mapping) else {"name": str(scenario)})
        self._known = {}

    def journal(self, **filters: Any) -> list[dict[str, Any]]:
        """What was asked and answered, newest last; filters are api, operation, status and since."""
        entries: list[dict[str, Any]] = self.control("GET", "/journal", params=filters).json()
        return entries

    def assert_called(
        self,
        operation: str | None = None,
        *,
        times: int | None = None,
        body: Any = _ANY,
        path: str | None = None,
        query: Mapping[str, Any] | None = None,
        status: int | None = None,
        caller: str | None = None,
    ) -> None:
        """The operation was called so many times, or at least once, with all that is given here.

        Of the objects in body and query only the given keys have to be there. Raises AssertionError, which names the nearest
        request and what is different in it; ValueError where there is no such operation or caller.
        """
        asked = {"operation": operation, "times": times, "path": path, "status": status, "caller": caller}
        asked["query"] = None if query is None else json.dumps(query)
        asked["body"] = None if body is _ANY else json.dumps(body)
        given = {name: value for name, value in asked.items() if value is not None}
        answer = self._answer("GET", "/journal/verify", params=given)
        if answer.status == 409:
            raise AssertionError(_reason(answer))
        _checked(answer)

    def assert_not_called(self, operation: str | None = None, **conditions: Any) -> None:
        """The operation was not called, or not with all that is given, as for assert_called()."""
        self.assert_called(operation, times=0, **conditions)

    def requests(self) -> str:
        """The last requests, a line each, for people: with what was wrong with those that were refused."""
        entries = self.journal()
        left_out = [f"({len(entries) - _LINES} before these)"] if len(entries) > _LINES else []
        return "\n".join([*left_out, *map(_line, entries[-_LINES:])])

    def close(self) -> None:
        """Forget the session, with its state and its journal."""
        if (answer := Caller(self._server, self._shown).delete(f"/__mock/sessions/{self._session}")).status != 404:
            _checked(answer)  # 404 says that nobody has used it

    def control(self, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None) -> Answer:
        """A call of the control API, below /__mock; body is a JSON value, or bytes. Raises ValueError where it is refused."""
        return _checked(self._answer(method, path, body, params))

    def _answer(self, method: str, path: str, body: Any = None, params: Mapping[str, Any] | None = None) -> Answer:
        content = {"data": body} if isinstance(body, bytes) else {"json": body}
        return Caller(self.url, self._shown).request(method, f"/__mock{path}", params=params, **content)


@dataclass(frozen=True, slots=True)
class Fault:
    """One of a session's faults; it ends by itself if it has `times`, and otherwise by end() or a reset."""

    mock: CommunityMock
    name: str

    def end(self) -> None:
        self.mock.control("DELETE", f"/faults/{self.name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()


@dataclass(frozen=True, slots=True)
class Clock:
    """A session's clock: it shows the real time until it is set, and what has a time follows it."""

    mock: CommunityMock

    def now(self) -> datetime:
        """What it shows."""
        return _time(self.mock.control("GET", "/clock"))

    def advance(self, **units: float) -> datetime:
        """Move it on by days, hours, minutes, seconds, or back if they are negative."""
        return _time(self.mock.control("POST", "/clock/advance", units))

    def set(self, moment: datetime, *, frozen: bool = False) -> datetime:
        """Set it, to stand still there or to go on."""
        return _time(self.mock.control("PUT", "/clock", {"now": moment.isoformat(), "frozen": frozen}))

    def freeze(self) -> datetime:
        """Let it stand still."""
        return _time(self.mock.control("PUT", "/clock", {"frozen": True}))


def _time(answer: Answer) -> datetime:
    return datetime.fromisoformat(answer.json()["now"])


def _checked(answer: Answer) -> Answer:
    if answer.status >= 400:
        raise ValueError(_reason(answer))
    return answer


def _reason(answer: Answer) -> str:
    """What a refusal says; details are where both APIs and the control API have it."""
    details: str = answer.json()["error"]["details"]
    return details


def _line(entry: Mapping[str, Any]) -> str:
    """`POST /api/v1/tickets (createTicket) -> 403 you are not in community 2`."""
    request, operation = entry["request"], entry["operationId"]
    match entry["response"]["body"]:
        case {"error": {"details": str(details)}}:
            reason = f" {details}"
        case _:
            reason = ""
    return f"{request['method']} {request['url']}{f' ({operation})' if operation else ''} -> {entry['status']}{reason}"
