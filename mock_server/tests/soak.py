"""A long day of the server: `python -m mock_server.tests.soak --minutes 30`, with more options passed on to the server.

Eight clients read, write, upload, reset, and leave sessions behind, while others never finish what they send. Exit status 1 if an
answer was wrong or a 5xx, an update was lost, memory still grew in the second half, or requests came to cost more.
"""

from __future__ import annotations

import argparse
import http.client
import itertools
import json
import os
import random
import sys
import threading
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, NamedTuple

from mock_server.tests import replicas
from mock_server.tests.processes import serving
from mock_server.tests.wire import NAMED, answer, connect, head

CLIENTS, SLOW_CLIENTS = 8, 20
THINKING = 0.005  # seconds between two requests of a client
# A short run has to reach the bounds too.
SHORT = ("--max-sessions", "40", "--max-stored-mb", "20", "--max-journal-mb", "6")
ROUND = 2.0  # seconds for which the clients write into the same session
LONG = 5  # minutes from which the bounds are the server's own, and other people's work on the machine does not decide a p99
GROWTH = 1.1  # of the memory's level from the third to the last quarter
DEARER = 1.5  # processor time of a request in the last quarter, by that in the first
LOGGED = 500  # lines of what the servers said, where something is wrong
SLOWER = 2.0  # p99 of a GET in the last minute, by that in the first


class Sample(NamedTuple):
    """What the server's processes had taken by then: memory in MB, shared memory counted once, and processor time in seconds."""

    requests: int
    memory: float
    processor: float


class Watch:
    """What all clients have seen: faults by their kind, and when each GET began and how long it took, in seconds."""

    def __init__(self, seconds: float) -> None:
        self.begun = time.monotonic()
        self.seconds = seconds
        self.requests = 0
        self.faults: Counter[str] = Counter()
        self.gets: list[tuple[float, float]] = []
        self.samples: list[Sample] = []
        self.commented: defaultdict[int, list[str]] = defaultdict(list)

    def age(self) -> float:
        return time.monotonic() - self.begun

    def over(self) -> bool:
        return self.age() > self.seconds

    def check(self, what: str, *, holds: bool) -> None:
        if not holds:
            self.faults[what] += 1


class Client:
    """One person at a keep-alive connection, with a session of their own in which they know what they have made."""

    def __init__(self, url: str, number: int, watch: Watch) -> None:
        host, _, port = url.removeprefix("http://").rpartition(":")
        self._connection = http.client.HTTPConnection(host, int(port), timeout=60)
        self._watch = watch
        self._session = f"client-{number}"
        self._random = random.Random(number)
        self._numbers = itertools.count()
        known = self.ask("GET", "/__mock/credentials", 200)
        self._people = {api: known[api]["principals"] for api in ("linagora", "casavi")}
        self._alice, self._max = (self._find(*who) for who in (("linagora", "alice"), ("casavi", "max")))
        self._communities = f"/api/communities?domain_id={self._alice['domain_ids'][0]}&limit=500"
        self._made: set[str] = set()

    def _find(self, api: str, name: str) -> dict[str, Any]:
        return next(person for person in self._people[api] if person["name"] == name)

    def ask(self, method: str, path: str, expected: int, body: Any = None, session: str | None = None, **headers: str) -> Any:
        """The JSON or the bytes of an answer, whose status has to be the expected one."""
        sent = {"X-Mock-Session": session or self._session, **{name.replace("_", "-"): value for name, value in headers.items()}}
        if path.startswith("/api/"):
            person = self._alice if path.startswith("/api/communities") else self._max
            sent["Authorization"] = f"Bearer {person['bearer']}"
        if not isinstance(body, bytes | None):
            body, sent["Content-Type"] = json.dumps(body), "application/json"
        begun = time.perf_counter()
        self._connection.request(method, path, body, sent)
        response = self._connection.getresponse()
        data = response.read()
        self._watch.requests += 1
        if method == "GET" and path.startswith("/api/communities"):
            self._watch.gets.append((self._watch.age(), time.perf_counter() - begun))
        is_json = response.headers.get_content_type() == "application/json"
        self._watch.check(
            f"{method} {path.partition('?')[0]}: {response.status} {data[:200]!r}", holds=response.status == expected
        )
        return json.loads(data) if is_json and data else data

    def live(self) -> None:
        acts = [self.read] * 12 + [self.create, self.comment] * 3 + [self.upload] + [self.leave_a_session] + [self.start_again]
        while not self._watch.over():
            self._random.choice(acts)()
            time.sleep(THINKING)

    def read(self) -> None:
        titles = {community["title"] for community in self.ask("GET", self._communities, 200)}
        self._watch.check("a community that was made is not in the list", holds=self._made <= titles)

    def create(self) -> None:
        title = f"{self._session} {next(self._numbers)}"
        domain = self._alice["domain_ids"][0]
        self.ask("POST", "/api/communities", 201, {"title": title, "domain_ids": [domain]})
        self._made.add(title)

    def comment(self) -> None:
        """All clients write to one ticket of one session."""
        text, number = f"{self._session} {next(self._numbers)}", int(self._watch.age() / ROUND)
        self.ask("POST", "/api/v1/tickets/7001/comments", 201, {"text": text}, session=f"round-{number}")
        self._watch.commented[number].append(text)

    def touch(self, number: int) -> None:
        """So that the round's session is not taken for one that was left."""
        self.ask("GET", "/api/v1/units", 200, session=f"round-{number}")

    def look_at_round(self, number: int) -> None:
        ticket = self.ask("GET", "/api/v1/tickets/7001", 200, session=f"round-{number}")
        found = Counter(comment["text"] for comment in ticket.get("TicketComments", ()))
        lost = [text for text in self._watch.commented.pop(number) if found[text] != 1]
        self._watch.check("an answered comment is not there exactly once", holds=not lost)
        self.ask("DELETE", f"/__mock/sessions/round-{number}", 204)

    def upload(self, session: str | None = None) -> None:
        data = self._random.randbytes(1_000) * 500
        headers = {"Content_Type": "application/octet-stream", "X_Filename": "a.bin"}
        path = self.ask("POST", "/api/v1/uploads", 201, data, session, **headers)["path"]
        back = self.ask("GET", f"/api/v1/uploads/{path}", 200, session=session)
        self._watch.check("a file came back changed", holds=back == data)

    def leave_a_session(self) -> None:
        name = f"{self._session}-left-{next(self._numbers)}"
        self.ask("GET", self._communities, 200, session=name)
        self.upload(name)
        self.ask("GET", "/nowhere", 404, session=f"{name}-never-made")

    def start_again(self) -> None:
        verbs = (("POST", "/__mock/reset"), ("PUT", "/__mock/snapshots/kept"), ("POST", "/__mock/snapshots/kept/restore"))
        for method, path in verbs:
            self.ask(method, path, 204)
        self._made.clear()


def dawdle(url: str, watch: Watch) -> None:
    """Uploads of which the most never comes, one after the other."""
    while not watch.over():
        with connect(url) as connection:
            connection.sendall(head(*NAMED, b"Content-Length: 100") + b"abc")
            watch.check("a body that does not come is not 408", holds=answer(connection)[0] == 408)


def sample(parent: int, requests: int) -> Sample:
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text("ascii").split()
    memory, ticks = 0, 0
    for pid in (parent, *children):
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines()
        memory += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        ticks += sum(map(int, Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[11:13]))
    return Sample(requests, memory / 1024, ticks / os.sysconf("SC_CLK_TCK"))


def soak(minutes: float, arguments: Sequence[str], log: IO[str]) -> Watch:
    bounds = SHORT if minutes < LONG else ()
    with serving("--body-timeout", "2", *bounds, *arguments, log=log) as (process, url):
        watch = Watch(minutes * 60)
        clients = [Client(url, number, watch) for number in range(CLIENTS)]
        jobs: list[tuple[Callable[..., None], Any]] = [(client.live, ()) for client in clients]
        jobs += [(dawdle, (url, watch))] * SLOW_CLIENTS
        threads = [threading.Thread(target=_noted, args=(watch, *job)) for job in jobs]
        for thread in threads:
            thread.start()
        judge, done = Client(url, CLIENTS, watch), 0
        while not watch.over():
            time.sleep(0.25)
            watch.samples.append(sample(process.pid, watch.requests))
            present = int(watch.age() / ROUND)
            for number in range(done, present):
                judge.touch(number)
            # A comment may be on its way for a while after its round has ended.
            while done < present - 3:
                judge.look_at_round(done)
                done += 1
        for thread in threads:
            thread.join(60)
    return watch


def _noted(watch: Watch, job: Callable[..., None], arguments: Sequence[Any]) -> None:
    try:
        job(*arguments)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told at the end
        watch.faults[f"{job.__name__}: {error!r}"] += 1


def verdict(watch: Watch) -> list[str]:
    """What is wrong, in sentences."""
    quarters = [watch.samples[number * len(watch.samples) // 4 :][: len(watch.samples) // 4] for number in range(4)]
    memory = [_median([one.memory for one in quarter]) for quarter in quarters]
    cost = [(quarter[-1].processor - quarter[0].processor) / (quarter[-1].requests - quarter[0].requests) for quarter in quarters]
    minute = min(60, watch.seconds / 4)
    early = _p99([took for begun, took in watch.gets if begun < minute])
    late = _p99([took for begun, took in watch.gets if begun > watch.seconds - minute])
    print(f"{watch.requests} requests, {len(watch.gets)} of them the GET that is timed")
    print(f"by quarters: memory {[round(one) for one in memory]} MB")
    print(f"             processor time of a request {[round(one * 1e6) for one in cost]} µs")
    print(f"p99 of the GET: {early * 1000:.1f} ms at first, {late * 1000:.1f} ms at last")
    wrong = [f"{times} times: {fault}" for fault, times in watch.faults.most_common(20)]
    if memory[3] > memory[2] * GROWTH:
        wrong.append("memory grew in the second half")
    if cost[3] > cost[0] * DEARER:
        wrong.append("a request came to cost more")
    if watch.seconds >= LONG * 60 and late > early * SLOWER:
        wrong.append("GETs became slower")
    return wrong


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def _p99(values: list[float]) -> float:
    return sorted(values)[len(values) * 99 // 100]


@contextmanager
def _log() -> Iterator[IO[str]]:
    """What the servers say is kept, and printed where the block raises something or exits with a status."""
    with TemporaryFile("a+", encoding="utf-8", errors="replace") as log:
        try:
            yield log
        except BaseException:
            log.seek(0)
            sys.stderr.writelines(["what the servers logged at last:\n", *deque(log, LOGGED)])
            raise


def main() -> None:
    """Exits with status 1 if something is wrong."""
    parser = argparse.ArgumentParser(description="Let clients work with a server for a while, and judge it.")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--replicas", type=int, help="servers on a PostgreSQL of their own; they and it are killed in turn")
    parser.add_argument("--balancer", type=Path, metavar="FILE", help="haproxy.cfg of the recipes: clients go through it")
    options, arguments = parser.parse_known_args()
    with _log() as log:
        if options.replicas:
            wrong = replicas.verdict(replicas.run(options.minutes, options.replicas, options.balancer, log))
        else:
            wrong = verdict(soak(options.minutes, arguments, log))
        print("\n".join(wrong) or "all held")
        if wrong:
            sys.exit(1)


if __name__ == "__main__":
    main()
