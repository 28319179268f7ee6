"""The servers that are compared, and how each is started."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mock_server.bench import bare, node
from mock_server.bench.files import Files

MOCK, DATABASE = "mock", "mock-database"
NAMES = (MOCK, "flask", "prism", "json-server", "openapi-backend")
_OPENAPI_BACKEND = Path(__file__).parent / "openapi_backend.cjs"
_GRANIAN = ("granian", "--interface", "wsgi", "--blocking-threads", "4", "--http", "1", "--no-log", "--factory")
# Settings of somebody's mock server are not those of this one.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("MOCK_SERVER_")}


@dataclass(frozen=True, slots=True)
class Server:
    """command starts it on 127.0.0.1, where {port} stands for a port; lacks are the workloads that it has no answer to; one that
    is spread runs on all cores."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    lacks: Collection[str] = ()
    spread: bool = False

    @property
    def is_mock(self) -> bool:
        return self.name.startswith(MOCK)


def choose(names: Collection[str], files: Files, database_url: str | None, workers: int) -> tuple[list[Server], dict[str, str]]:
    """The servers of these names, and for those that cannot be had the reason why. On the database there is the mock in one
    process, and in so many workers if that is more."""
    skipped = {}
    modules = Path()
    wanted = [name for name in names if name in node.PACKAGES]
    try:
        modules = node.install(wanted)
    except RuntimeError as error:
        skipped = dict.fromkeys(wanted, str(error))
    found = {server.name: server for server in (mock(), _flask(files), *_on_node(modules, files))}
    chosen = [found[name] for name in names if name not in skipped]
    return chosen + (_on_database(database_url, workers) if database_url else []), skipped


def mock(name: str = MOCK, database_url: str | None = None, workers: int = 1) -> Server:
    """The mock server, in memory or on a database; several workers are spread over all cores."""
    command = (sys.executable, "-m", "mock_server.cli", "--port", "{port}", "--workers", str(workers))
    # Not an option: its password would be in the list of processes.
    database = {"MOCK_SERVER_DATABASE_URL": database_url} if database_url else {}
    return Server(name, command, {**_ENVIRONMENT, **database}, spread=workers > 1)


def _on_database(database_url: str, workers: int) -> list[Server]:
    alone = mock(DATABASE, database_url)
    return [alone, mock(f"{DATABASE}-{workers}", database_url, workers)] if workers > 1 else [alone]


def _flask(files: Files) -> Server:
    command = (sys.executable, "-m", *_GRANIAN, "--port", "{port}", f"{bare.__name__}:{bare.create_seeded.__name__}")
    return Server("flask", command, {**_ENVIRONMENT, bare.SEED: str(files.seed)})


def _on_node(modules: Path, files: Files) -> tuple[Server, Server, Server]:
    programs = modules / ".bin"
    prism = (str(programs / "prism"), "mock", "-v", "silent", "-p", "{port}", str(files.spec))
    json_server = (str(programs / "json-server"), "--quiet", "-H", "127.0.0.1", "-p", "{port}", "-r", str(files.routes))
    backend = ("node", str(_OPENAPI_BACKEND), "{port}", str(files.spec), str(files.seed))
    return (
        Server("prism", prism, _ENVIRONMENT),
        Server("json-server", (*json_server, str(files.collections)), _ENVIRONMENT, files.not_in_collections),
        Server("openapi-backend", backend, {**_ENVIRONMENT, "NODE_PATH": str(modules)}),
    )
