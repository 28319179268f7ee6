"""What the server is told at its start, and where its data files lie."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_PACKAGE = Path(__file__).parent


def data_folder(name: str) -> Path:
    """The folder `specs` or `fixtures`: inside the package when installed from a wheel, beside it in a checkout."""
    inside = _PACKAGE / name
    return inside if inside.is_dir() else _PACKAGE.parent / name


API_NAMES = tuple(sorted(file.stem for file in data_folder("specs").glob("*.yaml")))


# What is listed of a Config beside what the sessions take.
BOUNDS = ("max_sessions", "max_idle_days", "max_snapshots", "max_stored_mb", "max_journal_mb")


# Where front ends run while they are developed, and the shells of hybrid apps. Others are for their own servers.
LOCAL_ORIGINS = (
    "localhost",
    "*.localhost",
    "127.0.0.1",
    "[::1]",
    "capacitor://localhost",
    "ionic://localhost",
    "tauri://localhost",
)


def url_of(host: str, port: int, *, tls: bool = False) -> str:
    """`http://127.0.0.1:8000`, with brackets around an IPv6 address."""
    return f"{'https' if tls else 'http'}://{f'[{host}]' if ':' in host else host}:{port}"


def family_of(host: str) -> socket.AddressFamily:
    """IPv6 for its addresses, IPv4 for all other hosts."""
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def parse_yaml(source: str | bytes) -> Any:
    """The value of a YAML text that comes with the server; as safe as yaml.safe_load and ten times as fast.

    Raises yaml.YAMLError where it is none.
    """
    return yaml.load(source, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both loaders are safe


@dataclass(frozen=True, slots=True)
class Config:
    """One run of the server.

    host, port: where to listen; port 0 takes a free one.
    base_url: where clients see the server, if that is not where it listens; its path, if any, is taken off by a proxy.
    trusted_proxies: how many proxies may say in headers what a request was before it came to them.
    tls: whether to make a certificate and serve https; tls_certificate: the PEM file of a given one, which means the same;
        tls_key: that of its key, unless it is in the same file.
    cors_origins: whose pages may call the server, as cors.Origins takes them.
    control_token: what calls of the control API have to show; None asks for nothing.
    insecure_control: whether they need not show anything although others than this machine may reach the server.
    apis: which of API_NAMES to serve.
    overlays: OpenAPI Overlay files that change the specs, in this order.
    scenario: a name in fixtures/scenarios or the path of a YAML file; what a new session starts from.
    reload: whether the command serves specs, overlays and the scenario anew when their files change.
    database_url: an SQLAlchemy URL of SQLite or PostgreSQL; None keeps the state in memory.
    workers: number of processes; more than one needs a database_url.
    body_timeout: how many seconds a client may be silent in the middle of a request body.
    max_sessions, max_idle_days: the session that was not used for longest is dropped beyond that number, any session that
        was not used for so many days; the session `default` never.
    max_snapshots: of the snapshots of a session, the one that was not used for longest is dropped beyond that number.
    max_stored_mb: beyond so many megabytes of uploaded files in all, the session with the most loses its oldest.
    max_journal_mb: beyond so many megabytes of journal in all, the oldest entries are dropped.
    seed: ids, tokens and generated data are the same for the same seed.
    log_level: debug, info, warning or error; log_format: text or json.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    base_url: str | None = None
    trusted_proxies: int = 0
    tls: bool = False
    tls_certificate: str | None = None
    tls_key: str | None = None
    cors_origins: tuple[str, ...] = LOCAL_ORIGINS
    control_token: str | None = None
    insecure_control: bool = False
    apis: tuple[str, ...] = API_NAMES
    overlays: tuple[str, ...] = ()
    scenario: str = "default"
    reload: bool = False
    database_url: str | None = None
    workers: int = 1
    body_timeout: float = 30.0
    max_sessions: int = 1000
    max_idle_days: float = 7.0
    max_snapshots: int = 50
    max_stored_mb: float = 500.0
    max_journal_mb: float = 64.0
    seed: int = 0
    log_level: str = "info"
    log_format: str = "text"
