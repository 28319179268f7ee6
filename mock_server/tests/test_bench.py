"""The bench's own parts: what it reads off the wire, what it makes of its turns, and what it says where something is missing."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, ClassVar

import pytest

from mock_server import run_in_thread
from mock_server.bench import load, node
from mock_server.bench.comparison import Comparison, Turn
from mock_server.bench.http1 import answer_end
from mock_server.bench.report import comparison_text
from mock_server.bench.requests import Request
from mock_server.bench.running import running
from mock_server.bench.servers import Server
from mock_server.bench.summary import summarize
from mock_server.bench.workloads import NUMBER

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"


@pytest.mark.parametrize(
    ("received", "end"),
    [
        (HEAD, None),
        (HEAD + b"content-length: 4\r\n\r\nab", len(HEAD) + 25),
        (HEAD + b"Content-Length: 0\r\n\r\n", len(HEAD) + 21),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 49),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n", None),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", len(HEAD) + 42),
    ],
)
def test_the_end_of_an_answer_is_found(received: bytes, end: int | None) -> None:
    assert answer_end(received) == end


class Counting(BaseHTTPRequestHandler):
    """Refuses every second request."""

    protocol_version = "HTTP/1.1"
    seen: ClassVar[list[bytes]] = []

    def do_POST(self) -> None:
        self.seen.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(201 if len(self.seen) % 2 else 409)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *arguments: Any) -> None:
        """Nothing."""


def test_a_load_sends_numbered_requests_and_counts_what_was_answered() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Counting) as server:
        Thread(target=server.serve_forever).start()
        found = load.run(server.server_port, Request("", "POST", "/", body=b"no. " + NUMBER), 0.1, connections=3)
        server.shutdown()
    assert found.seconds >= 0.1
    assert found.requests == len(Counting.seen) == len(set(Counting.seen)) > 3
    assert found.statuses.keys() == {201, 409}


def test_a_server_that_closes_connections_cannot_be_measured() -> None:
    with run_in_thread() as server:
        port = int(server.url.rpartition(":")[2])
        with pytest.raises(ConnectionError, match="closes"):
            load.run(port, Request("", "GET", "/__mock/health"), 1.0, connections=1)
    with pytest.raises(OSError, match="refused"):
        load.run(port, Request("", "GET", "/__mock/health"), 1.0, connections=1)


def turn(number: int, server: str, rate: float) -> Turn:
    return Turn(number, "get", server, rate, 1e6 / rate, {200: 10}, 0.1)


def test_servers_are_compared_round_by_round() -> None:
    # The machine is half as fast in the second round, and the mock lags behind in the third.
    rates = {"flask": (1000.0, 500.0, 1000.0), "mock": (500.0, 250.0, 100.0)}
    turns = [turn(number, name, rates[name][number]) for number in range(3) for name in rates]
    flask, mock = summarize(Comparison(turns))
    assert (flask.rate, flask.low, flask.high, flask.ratio) == (1000, 500, 1000, 1)
    assert (mock.rate, mock.low, mock.high, mock.ratio, mock.cpu) == (250, 100, 500, 0.5, 4000)


def test_what_is_missing_is_told_with_its_reason() -> None:
    found = Comparison([turn(1, "mock", 100.0)], skipped={"prism": "there is no npm on this machine"})
    found.missing["get", "json-server"] = "it answers 404"
    text = comparison_text(found)
    assert "prism is not there: there is no npm on this machine." in text
    assert "json-server took no part in get: it answers 404." in text


def test_without_npm_there_is_a_reason(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(RuntimeError, match="no npm"):
        node.install(["prism"])


def test_a_server_that_ends_says_why() -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('no such spec')")
    with pytest.raises(RuntimeError, match="no such spec"), running(Server("broken", command)):
        pytest.fail("it cannot run")
