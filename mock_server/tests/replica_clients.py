"""Who writes to several servers while they die: each client sends every request to any of them, as behind a load balancer without
stickiness, and a judge looks afterwards whether all that was answered is there exactly once, and what was not at most once.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

THINKING = 0.01  # seconds between two requests of a client
ROUND = 5.0  # seconds for which the clients write into the same session
PATIENCE = 20.0  # seconds for which a client waits for an answer
_OF_BALANCERS = (502, 504)  # a connection broke behind them
Happened = tuple[str, float, float]  # what, from when, until when


@dataclass
class Round:
    """What the clients have written into one session: titles of communities, and texts of comments."""

    answered: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)  # sent, and nobody told whether it was done
    ids: list[str] = field(default_factory=list)


class Watch:
    """What all clients have seen: requests that were refused and whose connection broke, and what was away."""

    def __init__(self, minutes: float, victims: int) -> None:
        self._victims = victims
        self.begun = time.monotonic()
        self.seconds = minutes * 60
        self.statuses: Counter[int] = Counter()
        self.faults: Counter[str] = Counter()
        self.rounds: dict[int, Round] = {}
        self.refused: list[Happened] = []
        self.broken: list[Happened] = []
        self.away: list[Happened] = []
        self.written: Counter[str] = Counter()
        self.longest = 0.0  # seconds between two answers that a client got

    def age(self) -> float:
        return time.monotonic() - self.begun

    def over(self) -> bool:
        """Not before each has died once."""
        return self.age() > self.seconds and len({what for what, _, _ in self.away}) == self._victims

    def present(self) -> int:
        return int(self.age() / ROUND)

    @contextlib.contextmanager
    def without(self, what: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.away.append((what, begun, time.monotonic()))


class Client:
    """One person, who sends each request to any of the doors, and keeps a connection to each."""

    def __init__(self, name: str, doors: Sequence[int], watch: Watch) -> None:
        self._name = name
        self._doors = doors
        self._watch = watch
        self._random = random.Random(name)
        self._numbers = itertools.count()
        self._connections: dict[int, http.client.HTTPConnection] = {}
        self._people: dict[str, dict[str, Any]] = {}
        self._last = time.monotonic()
        self.round = 0

    def log_in(self) -> None:
        known = self.insist("/__mock/credentials", "default")
        for api, name in (("linagora", "alice"), ("casavi", "max")):
            self._people[api] = next(person for person in known[api]["principals"] if person["name"] == name)

    def live(self) -> None:
        try:
            while not self._watch.over():
                self.round = self._watch.present()
                self._random.choice((self._create, self._comment))()
                time.sleep(THINKING)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told at the end
            self._watch.faults[f"{self._name}: {error!r}"] += 1
        finally:
            self.round = sys.maxsize

    def _create(self) -> None:
        new = {"title": self._text(), "domain_ids": self._people["linagora"]["domain_ids"]}
        self._write("/api/communities", new, new["title"])

    def _comment(self) -> None:
        text = self._text()
        self._write("/api/v1/tickets/7001/comments", {"text": text}, text)

    def _text(self) -> str:
        return f"{self._name} {next(self._numbers)}"

    def _write(self, path: str, body: Any, text: str) -> None:
        written = self._watch.rounds.setdefault(self.round, Round())
        status, answer = self.ask("POST", path, f"round-{self.round}", body)
        if status == 201:
            now = time.monotonic()
            self._watch.longest, self._last = max(self._watch.longest, now - self._last), now
            written.answered.add(text)
            written.ids.append(str(answer.get("_id") or answer["id"]) + path)
        else:
            written.unknown.add(text)

    def ask(self, method: str, path: str, session: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of the answer; status 0 where the connection broke."""
        begun, door = time.monotonic(), self._random.choice(self._doors)
        try:
            status, answer = self._sent(door, method, path, session, body)
        except (OSError, http.client.HTTPException) as error:
            self._connections.pop(door).close()
            self._watch.broken.append((f"{method} {path}: {error!r}", begun, time.monotonic()))
            return 0, None
        self._watch.statuses[status] += 1
        if status in _OF_BALANCERS:
            self._watch.broken.append((f"{method} {path}: {status}", begun, time.monotonic()))
        elif status >= 500:
            self._watch.refused.append((f"{method} {path}: {status} {answer}", begun, time.monotonic()))
        elif status >= 400:
            self._watch.faults[f"{method} {path}: {status} {answer}"] += 1
        return status, answer

    def _sent(self, door: int, method: str, path: str, session: str, body: Any) -> tuple[int, Any]:
        connection = self._connections.get(door)
        if connection is None:
            connection = self._connections[door] = http.client.HTTPConnection("127.0.0.1", door, timeout=PATIENCE)
        headers = {"X-Mock-Session": session, "Content-Type": "application/json"}
        person = self._people.get("linagora" if path.startswith("/api/communities") else "casavi")
        if person and path.startswith("/api/"):
            headers["Authorization"] = f"Bearer {person['bearer']}"
        connection.request(method, path, body and json.dumps(body), headers)
        response = connection.getresponse()
        data = response.read()
        return response.status, json.loads(data) if data and response.headers.get_content_type() == "application/json" else data

    def insist(self, path: str, session: str) -> Any:
        """The answer, which may be long in coming."""
        for _ in range(100):
            status, answer = self.ask("GET", path, session)
            if status == 200:
                return answer
            time.sleep(0.1)
        raise TimeoutError(f"GET {path} is not answered any more")

    def judge(self, number: int) -> None:
        """Look whether all that was written into a session is there."""
        session, written = f"round-{number}", self._watch.rounds.pop(number)
        # Since the last round, whoever they lead to may have died.
        self._connections.clear()
        domain = self._people["linagora"]["domain_ids"][0]
        communities = self.insist(f"/api/communities?domain_id={domain}", session)
        found = Counter(community["title"] for community in communities)
        ticket = self.insist("/api/v1/tickets/7001", session)
        found.update(comment["text"] for comment in ticket["TicketComments"])
        for what, texts, good in (("answered", written.answered, (1,)), ("not answered", written.unknown, (0, 1))):
            self._watch.written[what] += len(texts)
            wrong = [text for text in texts if found[text] not in good]
            if wrong:
                self._watch.faults[f"{what}, but there {found[wrong[0]]} times: {wrong[0]}"] += len(wrong)
        self._watch.written["not answered, but done"] += sum(found[text] for text in written.unknown)
        if len(written.ids) != len(set(written.ids)):
            self._watch.faults["an id was given twice"] += 1
