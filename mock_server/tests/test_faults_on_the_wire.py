"""Answers that come late, slowly, in part or not at all, from the real server and from the one in a thread."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from mock_server import Config, run_in_thread
from mock_server.delivering import hang_up
from mock_server.tests.processes import end, serving

DISCOVERY = "/.well-known/openid-configuration"


@pytest.fixture(scope="module", params=["command", "thread"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "command":
        yield request.getfixturevalue("command_url")
    else:
        with run_in_thread(Config(port=0, apis=("casavi",))) as server:
            yield server.url


@contextlib.contextmanager
def _connected(url: str) -> Iterator[http.client.HTTPConnection]:
    parts = urlsplit(url)
    assert parts.hostname
    with contextlib.closing(http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)) as connection:
        yield connection


def _send(url: str, method: str, path: str, body: Any = None, **headers: str) -> http.client.HTTPResponse:
    with _connected(url) as connection:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        answer.headers["X-Read"] = answer.read().decode()
        return answer


def _break(url: str, session: str, **fault: Any) -> None:
    assert _send(url, "POST", f"/_s/{session}/__mock/faults", fault).status == 201


def test_of_a_dropped_answer_nothing_arrives_and_the_next_one_does(url: str) -> None:
    _break(url, "dropped", operation="getOpenIdConfiguration", drop=True, times=1)
    with _connected(url) as beside:
        beside.connect()
        with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
            _send(url, "GET", f"/_s/dropped{DISCOVERY}")
        beside.request("GET", f"/_s/dropped{DISCOVERY}")
        assert beside.getresponse().status == 200


def test_to_look_for_a_connection_leaves_no_file_open() -> None:
    before = len(list(Path("/dev/fd").iterdir()))
    hang_up(("192.0.2.1", 1))
    assert len(list(Path("/dev/fd").iterdir())) == before


def test_a_truncated_answer_promises_more_than_comes(url: str) -> None:
    _break(url, "cut", truncate=True, slow=50)
    with _connected(url) as connection:
        connection.request("GET", f"/_s/cut{DISCOVERY}")
        answer = connection.getresponse()
        with pytest.raises(http.client.IncompleteRead) as caught:
            answer.read()
    promised = int(answer.headers["Content-Length"])
    assert (answer.status, len(caught.value.partial)) == (200, promised // 2)


def test_a_slow_answer_is_whole_in_the_end_and_begins_at_once(url: str) -> None:
    _break(url, "slow", slow=300)
    with _connected(url) as connection:
        started = time.perf_counter()
        connection.request("GET", f"/_s/slow{DISCOVERY}")
        answer = connection.getresponse()
        first = (answer.read(1), time.perf_counter() - started)
        rest, seconds = answer.read(), time.perf_counter() - started
    assert json.loads(first[0] + rest)["issuer"] == f"{url}/_s/slow"
    assert first[1] < seconds - 0.15
    assert seconds >= 0.3


def test_twenty_late_answers_keep_nobody_else_waiting(url: str) -> None:
    def late(_: int) -> tuple[int, float]:
        started = time.perf_counter()
        return _send(url, "GET", DISCOVERY, Prefer="code=503, delay=800").status, time.perf_counter() - started

    with ThreadPoolExecutor(20) as pool:
        started = time.perf_counter()
        waiting = [pool.submit(late, number) for number in range(20)]
        time.sleep(0.2)
        health = []
        while time.perf_counter() - started < 0.7:
            asked = time.perf_counter()
            assert _send(url, "GET", "/__mock/health").status == 200
            health.append(time.perf_counter() - asked)
        answers = [future.result() for future in waiting]
        assert time.perf_counter() - started < 4
    assert {status for status, _ in answers} == {503}
    assert min(seconds for _, seconds in answers) >= 0.8
    # The quickest: the machine may be busy, while a thread that is held would keep all of them waiting.
    assert min(health) <= 0.05, health


def test_the_server_ends_at_once_while_answers_are_late() -> None:
    with serving("--api", "casavi") as (process, url), ThreadPoolExecutor(1) as pool:
        late = pool.submit(_send, url, "GET", DISCOVERY, Prefer="delay=60000")
        time.sleep(0.5)
        status, seconds = end(process, signal.SIGTERM)
        assert status == 0
        assert seconds < 3
        assert late.result().status == 200, "before its time"
