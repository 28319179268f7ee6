"""casavi over a real socket: long uploads."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from mock_server import Config, run_in_thread
from mock_server.tests.residents import UPLOADS

LIMIT = 10_485_760
FILE = {"X-Filename": "long.bin", "Content-Type": "application/octet-stream"}


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
