"""Several servers on one PostgreSQL, while their workers, they themselves and the database are killed in turn.

A 5xx may come only while the database is away, and a connection break only while something is.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import random
import signal
import subprocess
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from mock_server.tests.balancer import balancing
from mock_server.tests.cluster import Cluster, cluster
from mock_server.tests.processes import COMMAND, clean_environment
from mock_server.tests.replica_clients import Client, Happened, Watch

CLIENTS, WORKERS = 6, 2
AWAY = 1.5  # seconds for which the database is
LONGEST = 15.0  # seconds from one death to the next
AFTERWARDS = 2.0  # seconds for which a death may still be noticed
RECOVERED = 10.0  # seconds within which every client has to be answered again


class Replica:
    """A `mock-server` with several workers, at a port that it keeps when it is started again."""

    def __init__(self, database_url: str, log: IO[str]) -> None:
        self._database_url, self._log = database_url, log
        self.port = 0
        self.start()

    def start(self) -> None:
        """Returns once it answers."""
        where = f"--database-url {self._database_url} --host 127.0.0.1 --port {self.port}"
        options = f"{where} --workers {WORKERS} --trusted-proxies 1 --insecure-control".split()
        self.process = subprocess.Popen(
            [*COMMAND, *options],
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            env=clean_environment(),
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline().rpartition(":")[2])

    def kill_worker(self) -> None:
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text("ascii").split()
        os.kill(int(random.choice(children)), signal.SIGKILL)

    def end(self, number: signal.Signals) -> None:
        self.process.send_signal(number)
        self.process.wait(30)


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


def run(minutes: float, number: int, balancer: Path | None, log: IO[str]) -> Watch:
    """balancer is the recipe of the one that clients go through; None has them go to the servers by themselves.

    log gets what all of them say.
    """
    with cluster() as database, contextlib.ExitStack() as stack:
        replicas = [Replica(database.url, log) for _ in range(number)]
        for replica in replicas:
            stack.callback(replica.end, signal.SIGKILL)
        doors = [replica.port for replica in replicas]
        if balancer:
            doors = [stack.enter_context(balancing(balancer, doors, log))]
        watch = Watch(minutes, len(VICTIMS))
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
