"""Several servers on one PostgreSQL, while their workers, they themselves and the database are killed in turn.

Clients write to whichever of them, as behind a load balancer without stickiness. What was answered has to be there exactly once,
what was not at most once. A 5xx may come only while the database is away, and a connection break only while something is.
"""

from __future__ import annotations

import contextlib
import http.client
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mock_server.tests.balancer import balancing
from mock_server.tests.cluster import Cluster, cluster
from mock_server.tests.processes import COMMAND, clean_environment

CLIENTS, WORKERS = 6, 2
THINKING = 0.01  # seconds between two requests of a client
ROUND = 5.0  # seconds for which the clients write into the same session
AWAY = 1.5  # seconds for which the database is
LONGEST = 15.0  # seconds from one death to the next
AFTERWARDS = 2.0  # seconds for which a death may still be noticed
RECOVERED = 10.0  # seconds within which every client has to be answered again
Happened = tuple[str, float, float]  # what, from when, until when
_OF_BALANCERS = (502, 504)  # a connection broke behind them
PATIENCE = 20.0  # seconds for which a client waits for an answer


class Replica:
    """A `mock-server` with several workers, at a port that it keeps when it is started again."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        self.port = 0
        self.start()

    def start(self) -> None:
        """Returns once it answers."""
        where = f"--database-url {self._database_url} --host 127.0.0.1 --port {self.port}"
        options = f"{where} --workers {WORKERS} --trusted-proxies 1 --insecure-control".split()
        self.process = subprocess.Popen(
            [*COMMAND, *options], stdout=subprocess.PIPE, text=True, env=clean_environment(), start_new_session=True
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rpartition(":")[2])

    def kill_worker(self) -> None:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
        os.kill(int(random.choice(children)), signal.SIGKILL)

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(30)


@dataclass
class Round:
    """What the clients have written into one session: titles of communities, and texts of comments."""

    answered: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)  # sent, and nobody told whether it was done
    ids: list[str] = field(default_factory=list)


class Watch:
    """What all clients have seen: requests that were refused and whose connection broke, and what was away."""

    def __init__(self, minutes: float) -> None:
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
        return self.age() > self.seconds and len({what for what, _, _ in self.away}) == len(VICTIMS)

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


def _restart(replica: Replica, number: signal.Signals) -> None:
    replica.end(number)
    replica.start()


def _crash(database: Cluster) -> None:
    database.kill()
    time.sleep(AWAY)
    database.start()


VICTIMS: dict[str, Callable[[Replica, Cluster], None]] = {
    "worker": lambda replica, _: replica.kill_worker(),
    "server": lambda replica, _: _restart(replica, signal.SIGKILL),
    "database": lambda _, database: _crash(database),
    "server, in good order": lambda replica, _: _restart(replica, signal.SIGTERM),
}


def _kill(watch: Watch, replicas: Sequence[Replica], database: Cluster) -> None:
    """One after the other dies and comes back, as long as the clients write."""
    pause = min(LONGEST, watch.seconds / 2 / len(VICTIMS))
    for replica in itertools.cycle(replicas):
        for what, die in VICTIMS.items():
            time.sleep(pause)
            if watch.over():
                return
            with watch.without(what):
                die(replica, database)


def run(minutes: float, number: int, balancer: Path | None) -> Watch:
    """balancer is the recipe of the one that clients go through; None has them go to the servers by themselves."""
    with cluster() as database, contextlib.ExitStack() as stack:
        replicas = [Replica(database.url) for _ in range(number)]
        for replica in replicas:
            stack.callback(replica.end, signal.SIGKILL)
        doors = [replica.port for replica in replicas]
        if balancer:
            doors = [stack.enter_context(balancing(balancer, doors))]
        watch = Watch(minutes)
        clients = [Client(f"client-{one}", doors, watch) for one in range(CLIENTS)]
        judge = Client("judge", doors, watch)
        for client in (*clients, judge):
            client.log_in()
        threads = [threading.Thread(target=client.live, daemon=True) for client in clients]
        threads.append(threading.Thread(target=_kill, args=(watch, replicas, database), daemon=True))
        for thread in threads:
            thread.start()
        while watch.rounds or any(thread.is_alive() for thread in threads):
            # Whoever has begun a round has nothing on its way for the one before.
            over = [number for number in list(watch.rounds) if number < min(client.round for client in clients)]
            for number in over:
                judge.judge(number)
            time.sleep(0.1)
    return watch


def verdict(watch: Watch) -> list[str]:
    """What is wrong, in sentences."""
    broken, refused = _during(watch.broken, watch.away), _during(watch.refused, watch.away)
    print(f"{sum(watch.statuses.values())} answers {dict(watch.statuses)}; written: {dict(watch.written)}")
    for name in VICTIMS:
        times = sum(what == name for what, _, _ in watch.away)
        print(f"{times} times died: {name}; {len(broken[name])} connections broke, {len(refused[name])} answers were a 5xx")
    print(f"the longest that a client went without an answer: {watch.longest:.1f} s")
    wrong = [f"{times} times: {fault}" for fault, times in watch.faults.most_common(20)]
    wrong += [f"while nothing was away: {what}" for what in broken[None][:10]]
    wrong += [f"while the database was there: {what}" for name in refused if name != "database" for what in refused[name][:5]]
    if watch.longest > RECOVERED:
        wrong.append("a client was not answered any more")
    return wrong


def _during(seen: Sequence[Happened], away: Sequence[Happened]) -> dict[str | None, list[str]]:
    """What has happened, by what was away then; None is nothing."""
    found: defaultdict[str | None, list[str]] = defaultdict(list)
    for what, begun, ended in seen:
        names = [name for name, gone, back in away if begun < back + AFTERWARDS and gone < ended]
        # Of two that were close to each other it may be either.
        found["database" if "database" in names else names[0] if names else None].append(what)
    return found
