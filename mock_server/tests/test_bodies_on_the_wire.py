"""Bodies of slow, careless and broken clients, at the command's server."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from mock_server.tests.processes import Client, serving
from mock_server.tests.wire import HEALTH, NAMED, answer, ask, connect, details, head

LIMIT = 10 * 1024 * 1024
SILENCE = 1.0


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with serving("--body-timeout", str(SILENCE)) as (_, served):
        yield served


def _health(url: str) -> float:
    """How long a health check takes, in seconds."""
    start = time.perf_counter()
    assert ask(url, head(HEALTH, b"Host: localhost"))[0] == 200
    return time.perf_counter() - start


def _stored(url: str, name: bytes) -> bool:
    """Whether the session has something that only a write makes."""
    _, sessions = ask(url, head(b"GET /__mock/sessions HTTP/1.1", b"Host: localhost"))
    return name.decode() in [session["name"] for session in sessions]


def test_two_hundred_uploads_that_do_not_come_stop_nobody(url: str) -> None:
    with ExitStack() as stack:
        for _ in range(200):
            stack.enter_context(connect(url)).sendall(head(*NAMED, b"Content-Length: 100") + b"abc")
        times = sorted(_health(url) for _ in range(21))
    assert times[10] < SILENCE / 2, times


def test_a_body_that_stops_coming_is_408_and_a_slow_one_that_keeps_coming_is_taken(url: str) -> None:
    with connect(url) as stopped, connect(url) as stopped_in_chunks, connect(url) as slow:
        stopped.sendall(head(*NAMED, b"Content-Length: 100") + b"abc")
        stopped_in_chunks.sendall(head(*NAMED, b"Transfer-Encoding: chunked") + b"3\r\nabc\r\n")
        slow.sendall(head(*NAMED, b"Content-Length: 6"))
        for number in range(6):
            time.sleep(SILENCE / 4)
            slow.sendall(b"%d" % number)
        status, body = answer(slow)
        assert (status, body["fileSize"]) == (201, 6)
        for connection in (stopped, stopped_in_chunks):
            status, said = details(answer(connection))
            assert (status, "in time" in said) == (408, True)


@pytest.mark.parametrize("size", [LIMIT + 1, 11_000_000, 32_000_000])
@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunks"])
def test_a_client_that_looks_only_after_it_has_written_sees_the_413(url: str, size: int, chunked: bool) -> None:
    length = b"Transfer-Encoding: chunked" if chunked else b"Content-Length: %d" % size
    body = b"%x\r\n%s\r\n0\r\n\r\n" % (size, bytes(size)) if chunked else bytes(size)
    assert details(ask(url, head(*NAMED, length) + body)) == (413, f"the request body may have at most {LIMIT} bytes")


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no node to try its fetch with")
def test_fetch_of_node_sees_the_413(url: str) -> None:
    script = f"""
        const body = new Uint8Array(11_000_000), headers = {{"X-Filename": "a", "Content-Type": "x/y"}};
        for (let turn = 0; turn < 8; turn++) {{
            const answer = await fetch("{url}/api/v1/uploads", {{method: "POST", body, headers}});
            console.log(answer.status, (await answer.json()).error.code);
        }}"""
    done = subprocess.run(["node", "--input-type=module", "-e", script], capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == ("413 413\n" * 8, "")


@pytest.mark.parametrize("data", [b"Content-Length: 10\r\n\r\nshort", b"Transfer-Encoding: chunked\r\n\r\n5\r\nshort\r\n"])
@pytest.mark.parametrize("how", ["half-closed", "closed"])
def test_a_body_that_breaks_off_is_never_stored(url: str, data: bytes, how: str) -> None:
    session = b"broken-%d" % time.monotonic_ns()
    with connect(url) as connection:
        connection.sendall(b"\r\n".join((*NAMED, b"X-Mock-Session: " + session, data)))
        if how == "half-closed":
            connection.shutdown(socket.SHUT_WR)
            assert details(answer(connection)) == (400, "the request body breaks off after 5 bytes")
    if how == "closed":
        time.sleep(0.2)  # nobody is told when the server has noticed
    assert not _stored(url, session)


@pytest.mark.parametrize("line", [b"POST /__mock/reset", b"DELETE /api/communities/%b", b"PUT /__mock/snapshots/broken"])
def test_a_request_that_breaks_off_does_nothing_though_it_needs_no_body(url: str, line: bytes) -> None:
    client = Client(url)
    made = client.create(f"Whole at {line!r}").json()["_id"]
    request = line.replace(b"%b", made.encode())
    credentials = f"Authorization: {client.headers['Authorization']}".encode()
    with connect(url) as connection:
        connection.sendall(head(request + b" HTTP/1.1", b"Host: localhost", credentials, b"Content-Length: 10") + b"abc")
        connection.shutdown(socket.SHUT_WR)
        assert details(answer(connection)) == (400, "the request body breaks off after 3 bytes")
    assert f"Whole at {line!r}" in client.titles()
    assert ask(url, head(b"GET /__mock/snapshots HTTP/1.1", b"Host: localhost")) == (200, [])


REFUSED = {
    "a gzipped body": (b"Content-Encoding: gzip", "Content-Encoding gzip is not supported"),
    "gzipped chunks": (b"Transfer-Encoding: gzip, chunked", "Transfer-Encoding gzip, chunked is not supported"),
    "a form": (b"Content-Type: multipart/form-data; boundary=x", "not a form"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_body_in_another_wrapping_is_refused_by_name(url: str, name: str) -> None:
    header, words = REFUSED[name]
    lines = [line for line in NAMED if not line.startswith(header.split(b":")[0])]
    chunked = header.startswith(b"Transfer")
    body = head(*lines, header) + b"3\r\nabc\r\n0\r\n\r\n" if chunked else head(*lines, header, b"Content-Length: 3") + b"abc"
    status, said = details(ask(url, body))
    assert (status, words in said) == (400, True), said
