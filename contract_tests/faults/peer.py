"""The peer: stock `schemathesis run` at the same faulty server over HTTP, for as many seconds as our quick run takes."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contract_tests.contract.operations import document, find_operation
from contract_tests.faults.forks import run_forked
from contract_tests.faults.planting import Fault
from contract_tests.faults.runner import Judgement, Runner
from contract_tests.faults.servers import serve
from contract_tests.transport.in_process import WsgiApp

PROGRAM = "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())"
SLACK = 30.0  # seconds for the program itself to start and to be stopped
Pair = tuple[str, str]  # an operation, and a check that it fails


class Peer:
    """Stock Schemathesis. What it says about the sound server does not count: only what is new beside that finds a fault."""

    def __init__(self, runner: Runner, seed: int) -> None:
        self._runner, self._seed = runner, seed
        self._app: Any = runner.plan.target.gate.inner.app.app  # type: ignore[attr-defined]  # the mock in this process
        self._known: dict[str, set[Pair]] = {}

    def ask(self, faults: Sequence[Fault], at_once: int) -> Generator[tuple[Fault, Judgement], None, None]:
        """A judgement of each fault, as they come."""
        apis = sorted({fault.api for fault in faults})
        longest = max(map(self._budget, apis)) + SLACK
        for ended in run_forked([partial(self._sound, api) for api in apis], at_once, longest):
            self._known[apis[ended.number]] = ended.result or set()
        jobs = [partial(self._judge, fault) for fault in faults]
        for ended in run_forked(jobs, at_once, longest):
            yield faults[ended.number], ended.result or Judgement(killed=False, message=ended.why)

    def _budget(self, api: str) -> float:
        return self._runner.baseline.seconds_of(api)

    def _sound(self, api: str) -> set[Pair]:
        return {pair for _, pairs in self._events(api, self._app) for pair in pairs}

    def _judge(self, fault: Fault) -> Judgement:
        started, requests = time.monotonic(), 0
        for sent, pairs in self._events(fault.api, fault.plant(self._app, self._runner.owner(fault.api))):
            requests += sent
            new = sorted(set(pairs) - self._known[fault.api])
            if new:
                operation, check = new[0]
                return Judgement(
                    True, requests, time.monotonic() - started, f"{operation} {check}", f"{check} fails for {operation}"
                )
        return Judgement(False, requests, round(time.monotonic() - started, 3))

    def _events(self, api: str, app: WsgiApp) -> Iterator[tuple[int, list[Pair]]]:
        """Of each finished scenario, until the time is up: requests sent, and what failed."""
        with serve(app) as url, tempfile.TemporaryDirectory() as folder:
            events, spec = Path(folder) / "events.ndjson", Path(folder) / "spec.json"
            spec.write_text(json.dumps(document(api)), "utf-8")  # as our own walks have it: links with their bodies
            options = ["--url", url, "-H", f"Authorization: {self._runner.owner(api)}", "--seed", str(self._seed)]
            report = ["--report", "ndjson", "--report-ndjson-path", str(events)]
            command = [sys.executable, "-c", PROGRAM, "run", str(spec), *options, *report]
            with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
                try:
                    for line in _lines(events, process, time.monotonic() + self._budget(api)):
                        event = json.loads(line).get("ScenarioFinished")
                        if event:
                            yield len(event["recorder"].get("interactions", ())), _failed(event["recorder"])
                finally:
                    process.kill()


def _lines(file: Path, process: "subprocess.Popen[bytes]", end: float) -> Iterator[str]:
    """The whole lines of a file that grows."""
    done, text = False, ""
    while not file.exists() and process.poll() is None and time.monotonic() < end:
        time.sleep(0.05)
    if not file.exists():
        return
    with file.open(encoding="utf-8") as stream:
        while not done:
            done = process.poll() is not None or time.monotonic() > end  # and what is there by then is still read
            text += stream.read()
            *lines, text = text.split("\n")
            yield from lines
            time.sleep(0.05)


def _failed(recorder: dict[str, Any]) -> list[Pair]:
    found = []
    for case, checks in recorder.get("checks", {}).items():
        asked = recorder.get("interactions", {}).get(case, {}).get("request", {})
        operation = find_operation(asked.get("method", ""), urlsplit(asked.get("uri", "")).path)
        name = operation.id if operation else recorder.get("label", "")
        found += [(name, check["name"]) for check in checks if check["status"] == "failure"]
    return found
