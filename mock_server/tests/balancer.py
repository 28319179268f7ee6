"""HAProxy in front of servers on this machine, as in the recipe for a team."""

from __future__ import annotations

import contextlib
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO

_TEMPLATE = re.compile(r"^( *)server-template .*$", re.MULTILINE)


@contextlib.contextmanager
def balancing(recipe: Path, ports: Sequence[int], log: IO[str]) -> Iterator[int]:
    """The port of a HAProxy that does what the recipe says, with the servers at those ports for those of Docker."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    text = recipe.read_text(encoding="utf-8").replace("bind :8000", f"bind 127.0.0.1:{port}")
    servers = "\n".join(rf"\1server mock-{one} 127.0.0.1:{one}" for one in ports)
    with tempfile.NamedTemporaryFile("w", suffix=".cfg") as file:
        file.write(_TEMPLATE.sub(servers, text) + "\n")
        file.flush()
        with subprocess.Popen(["haproxy", "-db", "-f", file.name], stdout=log, stderr=log) as process:
            try:
                time.sleep(2)  # until it has looked at the servers
                yield port
            finally:
                process.terminate()
