"""Several processes on one database, and processes that die in the middle of their work."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import NullPool, create_engine, text

from mock_server import Config, create_app
from mock_server.tests.processes import HURRIED, Client, end, eventually, serving
from mock_server.tests.residents import CHECK, DAMAGE, LINDENHOF, REGISTER, TICKETS, inside


class Resident:
    """A resident over HTTP; each request has a connection of its own, so that workers take turns."""

    def __init__(self, url: str, name: str = "max") -> None:
        self.url = url
        principals = self.send("GET", "/__mock/credentials").json()["casavi"]["principals"]
        self.headers = {"Authorization": f"Bearer {next(p['bearer'] for p in principals if p['name'] == name)}"}

    def send(self, method: str, path: str, **options: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, f"{self.url}{path}", timeout=30, **options)

    def __call__(self, method: str, path: str, **options: Any) -> requests.Response:
        return self.send(method, path, headers=self.headers, **options)

    def open_ticket(self, text: str) -> requests.Response:
        body = {"communityId": LINDENHOF, "ticketTypeId": DAMAGE, "fields": {"17": text}}
        return self("POST", TICKETS, json=body)

    def titles(self) -> list[str]:
        return [ticket["title"] for ticket in self("GET", TICKETS).json()]


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in text.split()]


def _processor_ticks(workers: list[int]) -> list[int]:
    """User and system time of each worker so far: fields 14 and 15 of /proc/PID/stat."""
    fields = [Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split() for pid in workers]
    return [int(field[11]) + int(field[12]) for field in fields]


Server = tuple[subprocess.Popen[str], str]


@pytest.fixture(scope="module")
def two_workers(module_database_url: str) -> Iterator[Server]:
    """One server of two workers on each kind of database."""
    with serving("--workers", "2", "--database-url", module_database_url) as server:
        yield server


def test_both_serve_one_state(two_workers: Server) -> None:
    process, url = two_workers
    client = Client(url)
    workers = _children(process.pid)
    assert len(workers) == 2
    before = _processor_ticks(workers)
    with ThreadPoolExecutor(8) as pool:
        statuses = Counter(answer.status_code for answer in pool.map(client.create, ["Contested"] * 8))
        made = list(pool.map(client.create, [f"Title {number}" for number in range(16)]))
    assert statuses == {201: 1, 409: 7}
    assert {answer.status_code for answer in made} == {201}
    assert len({answer.json()["_id"] for answer in made}) == 16
    lists = [client.titles() for _ in range(30)]
    assert all(titles == lists[0] for titles in lists)
    assert {"Contested", *(f"Title {number}" for number in range(16))} <= set(lists[0])
    assert all(later > earlier for earlier, later in zip(before, _processor_ticks(workers), strict=True)), "one was idle"


def test_nothing_is_lost_that_residents_do_at_once(two_workers: Server) -> None:
    everybody = [Resident(two_workers[1], name) for name in ("max", "erika", "paula")]
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda n: everybody[n % 3].open_ticket(f"Ticket {n}"), range(12)))
        comments = list(pool.map(lambda n: everybody[n % 2]("POST", f"{TICKETS}/7001/comments", json={"text": f"{n}"}), range(8)))
        body = {"email": "new@x.example", "clientId": "casavi-web", "inviteCode": "fb7asb64", "providerKey": "somekey"}
        registered = Counter(pool.map(lambda _: everybody[0].send("POST", REGISTER, json=body).status_code, range(8)))
        marked = list(pool.map(lambda n: everybody[n % 3]("PUT", inside("notifications/read")).status_code, range(6)))
        guessed = Counter(pool.map(lambda _: everybody[0].send("GET", f"{CHECK}?invite_token=x").status_code, range(6)))
    assert {answer.status_code for answer in (*opened, *comments)} == {201}
    assert len({answer.json()["id"] for answer in (*opened, *comments)}) == 20
    assert registered == {201: 1, 409: 7}
    assert marked == [204] * 6
    # The waits are known to both workers. The clock goes on, so a slow one may let one more through.
    assert guessed[404] in (3, 4)
    assert guessed[429] == 6 - guessed[404]
    found = [everybody[1].titles() for _ in range(10)]
    assert all(titles == found[0] for titles in found)
    assert {f"Ticket {number}" for number in range(12)} <= set(found[0])
    counts = [person("GET", inside("notifications/unread-count")).json() for person in everybody]
    assert counts == [{"count": 0}] * 3
    assert len(everybody[0]("GET", f"{TICKETS}/7001").json()["TicketComments"]) == 10


def test_killing_the_server_during_writes_loses_no_answered_creation(tmp_path: Path) -> None:
    database = ("--workers", "2", "--database-url", f"sqlite:///{tmp_path / 'state.db'}")
    answered: list[str] = []
    with serving(*database) as (process, url):
        client = Client(url)
        enough = threading.Event()

        def write(writer: int) -> None:
            for number in range(10_000):
                try:
                    answer = client.create(f"Writer {writer} number {number}")
                except requests.RequestException:
                    return
                if answer.status_code == 201:
                    answered.append(answer.json()["title"])
                if len(answered) >= 60:
                    enough.set()

        writers = [threading.Thread(target=write, args=(writer,)) for writer in range(4)]
        for writer in writers:
            writer.start()
        assert enough.wait(20)
        for pid in (process.pid, *_children(process.pid)):
            os.kill(pid, signal.SIGKILL)
        for writer in writers:
            writer.join(20)
    with serving(*database) as (process, url):
        kept = Client(url).titles()
        assert set(answered) <= set(kept)
        assert len(kept) == len(set(kept))
        assert end(process, signal.SIGTERM)[0] == 0


def _kill_one(parent: int) -> None:
    """The younger of two workers; returns when there are two again."""
    dead = max(_children(parent))
    os.kill(dead, signal.SIGKILL)
    assert eventually(lambda: len(set(_children(parent)) - {dead}) == 2, 15)


def test_a_worker_that_dies_is_replaced_and_nothing_that_was_answered_is_lost(tmp_path: Path) -> None:
    database = ("--workers", "2", "--database-url", f"sqlite:///{tmp_path / 'state.db'}")
    with serving(*database, command=HURRIED) as (process, url):
        client = Client(url)
        assert client.create("Kept").status_code == 201
        for _ in range(4):
            _kill_one(process.pid)
        for _ in range(20):
            assert "Kept" in client.titles()
        assert client.create("New").status_code == 201
        # Of whichever worker, including those that are gone.
        counted = 'mock_server_requests_total{operation="createCommunity",status="201"} 2.0\n'
        assert all(counted in client.request("GET", "/__mock/metrics").text for _ in range(6))
        assert end(process, signal.SIGTERM)[0] == 0


def test_what_is_being_answered_when_the_server_is_told_to_end_is_answered(tmp_path: Path) -> None:
    database = f"sqlite:///{tmp_path / 'state.db'}"
    with serving("--api", "linagora", "--workers", "2", "--database-url", database) as (process, url):
        port = url.rpartition(":")[2]
        clients = [Client(f"http://{host}:{port}") for host in ("127.0.0.1", "[::1]")]
        late = clients[0].request("POST", "/__mock/faults", json={"operation": "listCommunities", "delay": 60_000})
        assert late.status_code < 300
        streams = [socket.create_connection(("127.0.0.1", int(port))) for _ in range(2)]
        for stream in streams:
            stream.sendall(b"GET /__mock/journal/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert stream.recv(12) == b"HTTP/1.1 200"
        engine = create_engine(database, poolclass=NullPool)
        with ThreadPoolExecutor(6) as pool, engine.connect() as connection:
            reads = [pool.submit(client.titles) for client in clients]
            time.sleep(0.3)
            connection.execute(text("BEGIN IMMEDIATE"))  # whoever writes now has to wait
            writes = [pool.submit(client.create, f"Last of {number}") for number in range(2) for client in clients]
            time.sleep(0.3)
            process.send_signal(signal.SIGTERM)
            begun = time.monotonic()
            assert all(read.result() for read in reads), "what a fault keeps back is answered before its time"
            time.sleep(0.4)
            connection.rollback()
            assert Counter(write.result().status_code for write in writes) == {201: 2, 409: 2}
        assert process.wait(10) == 0
        assert time.monotonic() - begun < 4
        for stream in streams:
            stream.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    app = create_app(Config(database_url=database, apis=("linagora",)))
    # All that was answered is in the journal too.
    entries = app.test_client().get("/__mock/journal").get_json()
    assert Counter((entry["operationId"], entry["status"]) for entry in entries) == {
        ("createCommunity", 201): 2,
        ("createCommunity", 409): 2,
        ("listCommunities", 200): 2,
    }
    app.close()
