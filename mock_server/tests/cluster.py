"""A PostgreSQL of one's own, to be killed at will."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


class Cluster:
    """Its files are in a folder that is deleted at the end. PostgreSQL does not run as root, so then it runs as `postgres`."""

    def __init__(self, folder: Path) -> None:
        (self._programs, *_) = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True) or [Path()]
        self._folder = folder / "data"
        self._as = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
        if self._as:
            shutil.chown(folder, "postgres")
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port = free.getsockname()[1]
        self.url = f"postgresql://postgres@127.0.0.1:{self._port}/postgres"
        self._run("initdb", "-D", self._folder, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")

    def start(self) -> None:
        """Returns once it can be used."""
        # What was committed is there after a kill all the same: only the machine may not lose its power.
        options = f"-p {self._port} -h 127.0.0.1 -k {self._folder} -c fsync=off -c max_connections=200"
        self._run("pg_ctl", "-D", self._folder, "-w", "-l", self._folder.parent / "log", "-o", options, "start")

    def kill(self) -> None:
        """At once, as if it had crashed: connections are cut off, and the next start has to recover."""
        self._run("pg_ctl", "-D", self._folder, "-m", "immediate", "stop")

    def _run(self, program: str, *arguments: str | Path) -> None:
        where = self._folder.parent
        subprocess.run([*self._as, self._programs / program, *arguments], check=True, stdout=subprocess.DEVNULL, cwd=where)


@contextlib.contextmanager
def cluster() -> Iterator[Cluster]:
    """It runs until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="mock-server-") as folder:
        made = Cluster(Path(folder))
        made.start()
        try:
            yield made
        finally:
            made.kill()
