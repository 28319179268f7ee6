"""Servers as processes: on a core of their own, and what they and their children use."""

from __future__ import annotations

import contextlib
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

import psutil

_OWN = psutil.Process()
_CORES = _OWN.cpu_affinity() if hasattr(_OWN, "cpu_affinity") else []
# With a single core, or on a system that binds no process to one, nobody has one of their own.
SERVER_CORE, LOAD_CORE = (min(_CORES), max(_CORES)) if len(_CORES) > 1 else (None, None)
_SECONDS_TO_END = 5


def pin(core: int | None) -> None:
    """Keep this process, and those that it starts from now on, on that core; None leaves it where it may be."""
    if core is not None:
        psutil.Process().cpu_affinity([core])


@dataclass(frozen=True, slots=True)
class Tree:
    """A process and all its descendants; output is what they write."""

    process: subprocess.Popen[bytes]
    output: IO[bytes]

    def cpu_seconds(self) -> float:
        """What those that still run have used so far."""
        times = [member.cpu_times() for member in self._members()]
        return sum(time.user + time.system for time in times)

    def megabytes(self) -> float:
        """Memory. Where the system tells it, what processes share counts once (PSS); elsewhere only what is their own (USS)."""
        memory = [member.memory_full_info() for member in self._members()]
        return sum(getattr(info, "pss", info.uss) for info in memory) / 1e6

    def last_line(self) -> str | None:
        """Why the process has ended, as far as it says so; None while it runs."""
        status = self.process.poll()
        if status is None:
            return None
        self.output.seek(0)
        lines = self.output.read().decode(errors="replace").strip().splitlines()
        return lines[-1] if lines else f"it ended with exit status {status}"

    def end(self) -> None:
        members = self._members() if self.process.poll() is None else []
        self.process.terminate()
        _, alive = psutil.wait_procs(members, timeout=_SECONDS_TO_END)
        for member in alive:
            member.kill()
        self.process.wait()

    def _members(self) -> list[psutil.Process]:
        root = psutil.Process(self.process.pid)
        return [root, *root.children(recursive=True)]


@contextlib.contextmanager
def started(command: Sequence[str], environment: Mapping[str, str], *, spread: bool = False) -> Iterator[Tree]:
    """The running command, on the servers' core, or spread over all; all of it is ended at the end of the block."""
    with tempfile.TemporaryFile() as output:
        pin(None if spread else SERVER_CORE)
        try:
            process = subprocess.Popen(command, stdout=output, stderr=output, env=environment)  # noqa: S603 - of servers.py
        finally:
            if SERVER_CORE is not None:
                psutil.Process().cpu_affinity(_CORES)
        tree = Tree(process, output)
        try:
            yield tree
        finally:
            tree.end()
