"""The command `mock-server` as a process of its own, and plain requests to it."""

from __future__ import annotations

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import requests

READY = re.compile(r"^mock-server ready on (https?://\S+:(\d+))\n$")
COMMAND = (sys.executable, "-m", "mock_server.cli")
# Looks for changed files, and replaces workers that die, with shorter pauses.
_SHORTER = "reloading._EVERY_SECONDS = server._SECONDS_BETWEEN_DEATHS = 0.1"
HURRIED = (sys.executable, "-c", f"from mock_server import cli, reloading, server; {_SHORTER}; cli.main()")


def clean_environment(**variables: str) -> dict[str, str]:
    """This process's environment without settings of the mock server, plus the given ones."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_SERVER_")}
    return {**kept, **variables}


@contextlib.contextmanager
def serving(
    *arguments: str, command: Sequence[str] = COMMAND, log: Any = subprocess.PIPE, **variables: str
) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The running process and the URL of its ready line; it is killed at the end. log is the file for its error output."""
    arguments = arguments if "--port" in arguments or "MOCK_SERVER_PORT" in variables else ("--port", "0", *arguments)
    process = subprocess.Popen(
        [*command, *arguments],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env=clean_environment(**variables),
        start_new_session=True,
    )
    try:
        yield process, _ready_url(process)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        # The whole group: a worker that outlives its parent must not outlive the test.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(5)
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()


def _ready_url(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], 20)
    line = process.stdout.readline() if readable else ""
    match = READY.match(line)
    assert match, (line, process.poll())
    return match[1]


def eventually(what: Callable[[], bool], seconds: float = 3.0) -> bool:
    """Whether it comes true within that time."""
    end = time.monotonic() + seconds
    while not what():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def port_is_free(url: str) -> bool:
    """Whether nobody listens on the port of the URL."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) != 0


def end(process: subprocess.Popen[str], number: signal.Signals) -> tuple[int, float]:
    """Exit status after the signal, and the seconds it took."""
    start = time.monotonic()
    process.send_signal(number)
    return process.wait(10), time.monotonic() - start


class Client:
    """alice of linagora over HTTP; each request has a connection of its own, so that workers take turns."""

    def __init__(self, url: str) -> None:
        self.url = url
        session = requests.Session()
        session.trust_env = False
        credentials = session.get(f"{url}/__mock/credentials", timeout=10).json()["linagora"]
        alice = next(p for p in credentials["principals"] if p["name"] == "alice")
        self.domain = alice["domain_ids"][0]
        self.headers = {"Authorization": f"Bearer {alice['bearer']}", "Connection": "close"}

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, f"{self.url}{path}", headers=self.headers, timeout=10, **options)

    def create(self, title: str) -> requests.Response:
        return self.request("POST", "/api/communities", json={"title": title, "domain_ids": [self.domain]})

    def titles(self) -> list[str]:
        answer = self.request("GET", f"/api/communities?domain_id={self.domain}")
        assert answer.status_code == 200, answer.text
        return [community["title"] for community in answer.json()]
