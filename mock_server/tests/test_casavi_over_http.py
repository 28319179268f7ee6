"""casavi over a real socket: long uploads, and several processes on one database."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from mock_server import Config, run_in_thread
from mock_server.tests.processes import serving
from mock_server.tests.residents import CHECK, DAMAGE, LINDENHOF, REGISTER, TICKETS, UPLOADS, inside

LIMIT = 10_485_760
FILE = {"X-Filename": "long.bin", "Content-Type": "application/octet-stream"}


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


class Long:
    """A file of zeros that counts how much of it was asked for."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.sent = 0

    def __len__(self) -> int:
        return self.size

    def read(self, size: int = -1) -> bytes:
        size = min(self.size - self.sent, 65_536 if size < 0 else size)
        self.sent += size
        return bytes(size)

    def __iter__(self) -> Iterator[bytes]:
        return iter(partial(self.read, 65_536), b"")

    def in_chunks(self) -> Iterator[bytes]:
        """Without a length: what requests then sends as chunks."""
        yield from self


@pytest.fixture(scope="module")
def thread_url() -> Iterator[str]:
    with run_in_thread(Config(port=0, apis=("casavi",))) as server:
        yield server.url


@pytest.fixture(params=["command_url", "thread_url"])
def url(request: pytest.FixtureRequest) -> str:
    """A server of each kind: the command's, and the one for tests."""
    served: str = request.getfixturevalue(request.param)
    return served


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_an_upload_of_10_mb_is_taken_and_one_byte_more_is_413(url: str, chunked: bool) -> None:
    with requests.Session() as session:
        session.trust_env = False
        for size, status in ((LIMIT, 201), (LIMIT + 1, 413), (LIMIT, 201)):
            body: Any = Long(size).in_chunks() if chunked else Long(size)
            answer = session.post(f"{url}{UPLOADS}", headers=FILE, data=body, timeout=30)
            assert answer.status_code == status, answer.text
            if status == 201:
                assert answer.json()["fileSize"] == size
                fetched = session.get(f"{url}{UPLOADS}/{answer.json()['path']}", timeout=30)
                assert len(fetched.content) == size
            else:
                assert str(LIMIT) in answer.json()["error"]["details"]


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_of_a_body_much_too_long_the_client_sees_the_413_and_the_server_goes_on(url: str, chunked: bool) -> None:
    for _ in range(2):
        body = Long(200_000_000)
        with requests.Session() as session:
            session.trust_env = False
            data: Any = body.in_chunks() if chunked else body
            assert session.post(f"{url}{UPLOADS}", headers=FILE, data=data, timeout=30).status_code == 413
            assert session.get(f"{url}/__mock/health", timeout=30).status_code == 200


def test_the_command_does_not_read_a_long_body_to_its_end(command_url: str) -> None:
    # The server for tests does: Werkzeug empties the socket before it closes it.
    body = Long(200_000_000)
    with requests.Session() as session:
        session.trust_env = False
        assert session.post(f"{command_url}{UPLOADS}", headers=FILE, data=body, timeout=30).status_code == 413
    assert body.sent < 50_000_000


def test_an_upload_that_breaks_off_is_400_and_not_stored(url: str) -> None:
    address = urlsplit(url)
    lines = (f"POST {UPLOADS} HTTP/1.1", "Host: localhost", "X-Filename: a", "Content-Type: x/y", "X-Mock-Session: broken")
    with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
        connection.sendall("\r\n".join((*lines, "Content-Length: 10", "", "short")).encode())
        connection.shutdown(socket.SHUT_WR)
        assert connection.recv(20).startswith(b"HTTP/1.1 400 ")
    with requests.Session() as session:
        session.trust_env = False
        names = [one["name"] for one in session.get(f"{url}/__mock/sessions", timeout=30).json()]
        assert "broken" not in names


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl to try it with")
@pytest.mark.parametrize("header", ["Expect: 100-continue", "Expect:", "Transfer-Encoding: chunked"])
def test_curl_sees_the_413_of_a_long_body_too(url: str, tmp_path: Path, header: str) -> None:
    file = tmp_path / "long.bin"
    with file.open("wb") as stream:
        stream.truncate(60_000_000)  # a hole: it takes no room
    headers = [part for line in (header, "X-Filename: a", "Content-Type: x/y") for part in ("-H", line)]
    command = ["curl", "-sS", "--noproxy", "*", "-w", "\n%{http_code}", "-X", "POST", *headers, "--data-binary", f"@{file}"]
    done = subprocess.run([*command, f"{url}{UPLOADS}"], capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout.rpartition("\n")[2]) == (0, "413"), done


def test_two_workers_lose_nothing_that_residents_do_at_once(shared_database_url: str) -> None:
    with serving("--api", "casavi", "--workers", "2", "--database-url", shared_database_url) as (_, served):
        everybody = [Resident(served, name) for name in ("max", "erika", "paula")]
        with ThreadPoolExecutor(8) as pool:
            opened = list(pool.map(lambda n: everybody[n % 3].open_ticket(f"Ticket {n}"), range(12)))
            comments = list(
                pool.map(lambda n: everybody[n % 2]("POST", f"{TICKETS}/7001/comments", json={"text": f"{n}"}), range(8))
            )
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
