"""The command `mock-server`: its options."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn
from urllib.parse import urlsplit

from mock_server import logs
from mock_server.config import API_NAMES, BOUNDS, LOCAL_ORIGINS, Config
from mock_server.errors import BootError
from mock_server.scenarios import example_scenario
from mock_server.server import serve
from mock_server.store import without_password
from mock_server.version import VERSION

EXAMPLE = "example-scenario"
_ENVIRONMENT = "MOCK_SERVER_"
_ON = ("1", "true", "yes", "on")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C. The exit status is 0 then, and 2 if the server cannot start."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if list(arguments) == [EXAMPLE]:
        print(example_scenario(), end="")
        return 0
    try:
        config = read_config(arguments, os.environ)
        logs.set_up(config.log_level)
        serve(config)
        return 0
    except BootError as error:
        print(f"mock-server: {error}", file=sys.stderr)
        return 2


def read_config(arguments: Sequence[str], environment: Any) -> Config:
    """Options win over environment variables (MOCK_SERVER_PORT, …; several values with commas), those over defaults.

    Exits as argparse does on a bad option. Raises BootError for values that do not fit each other.
    """
    # Both loopback addresses, so that the server is wherever a client looks for `localhost`.
    defaults = Config(host="localhost")
    about = f"A stateful mock of the casavi and linagora-rse APIs. `mock-server {EXAMPLE}` prints a scenario file to start from."
    parser = _Parser("mock-server", description=about)
    for name, text, kind in _OPTIONS:
        option = f"--{name.replace('_', '-')}"
        given = environment.get(_ENVIRONMENT + name.upper())
        default = getattr(defaults, name) if given is None else given
        choices = _LOG_LEVELS if name == "log_level" else None
        shown = without_password(str(default)).replace("%", "%%")
        suffix = "" if default is None or name == "control_token" else f" (default: {shown})"
        parser.add_argument(option, type=kind, default=default, choices=choices, help=f"{text}{suffix}")
    for name, text in _SWITCHES:
        given = environment.get(_ENVIRONMENT + name.upper(), "")
        parser.add_argument(f"--{name.replace('_', '-')}", action="store_true", default=given.lower() in _ON, help=text)
    parser.add_argument("--cors-origin", action="append", metavar="ORIGIN", help=_CORS_HELP)
    parser.add_argument("--overlay", action="append", metavar="FILE", help="OpenAPI Overlay that changes the specs; repeatable")
    parser.add_argument("--api", action="append", choices=API_NAMES, help="serve this API alone; repeatable (default: both)")
    parser.add_argument("--version", action="version", version=f"mock-server {VERSION}")
    values = vars(parser.parse_args(arguments))
    chosen = values.pop("api") or _several(environment, "API") or API_NAMES
    if not set(chosen) <= set(API_NAMES):
        raise BootError(f"{_ENVIRONMENT}API may be {' or '.join(API_NAMES)} or both, not {','.join(chosen)}")
    overlays = tuple(values.pop("overlay") or _several(environment, "OVERLAY"))
    values["cors_origins"] = tuple(values.pop("cors_origin") or _several(environment, "CORS_ORIGIN") or LOCAL_ORIGINS)
    return _checked(Config(**values, overlays=overlays, apis=tuple(name for name in API_NAMES if name in chosen)))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"mock-server: {message}\n")


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from error


def _several(environment: Any, name: str) -> list[str]:
    given = environment.get(_ENVIRONMENT + name)
    return given.split(",") if given else []


def _checked(config: Config) -> Config:
    if config.workers > 1 and (config.database_url is None or config.database_url in ("sqlite://", "sqlite:///:memory:")):
        raise BootError("more than one of --workers need a --database-url that they can share: an SQLite file or PostgreSQL")
    if config.base_url is not None and not _is_base_url(config.base_url):
        raise BootError(f"--base-url {config.base_url} is not a URL like https://mock.example or https://mock.example/path")
    if config.tls_key and not config.tls_certificate:
        raise BootError("--tls-key needs the --tls-certificate that it belongs to")
    if config.control_token and config.insecure_control:
        raise BootError("--control-token and --insecure-control exclude each other")
    if config.trusted_proxies < 0:
        raise BootError("--trusted-proxies is too small")
    if not 0 <= config.port <= 65535:
        raise BootError(f"--port {config.port} is not between 0 and 65535")
    for name in ("workers", "body_timeout", *BOUNDS):
        if not getattr(config, name) >= (1 if isinstance(getattr(config, name), int) else 0.01):
            raise BootError(f"--{name.replace('_', '-')} is too small")
    if config.log_level not in _LOG_LEVELS:
        raise BootError(f"{_ENVIRONMENT}LOG_LEVEL must be one of {', '.join(_LOG_LEVELS)}")
    return config


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    alone = not (parts.query or parts.fragment or parts.username)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and alone


_LOG_LEVELS = ("debug", "info", "warning", "error")
_CORS_HELP = f"whose pages may call the server; repeatable, instead of the defaults: {', '.join(LOCAL_ORIGINS)}"
_SWITCHES = (
    ("tls", "serve https with a certificate made for this run"),
    ("insecure_control", "ask for no control token although others may reach the server"),
)
_OPTIONS: tuple[tuple[str, str, Any], ...] = (
    ("host", "address to listen on; localhost is both 127.0.0.1 and [::1]", str),
    ("port", "port to listen on, 0 for a free one", _number),
    ("base_url", "where clients see the server, if not there: the issuer of OpenID logins", str),
    ("trusted_proxies", "proxies in front, whose Forwarded or X-Forwarded-* headers are believed", _number),
    ("tls_certificate", "PEM file of a certificate to serve https with", str),
    ("tls_key", "PEM file of its key, unless that is in the same file", str),
    ("control_token", "what control calls have to show; beyond loopback, one is made and printed", str),
    ("scenario", "what a session starts from: a name in fixtures/scenarios or a YAML file", str),
    ("database_url", "SQLite file or PostgreSQL; state then outlives the process", str),
    ("workers", "processes; more than 1 needs --database-url", _number),
    ("body_timeout", "seconds that a client may be silent in the middle of a request body", float),
    ("max_sessions", "sessions kept; beyond that number, the one that was not used for longest is dropped", _number),
    ("max_idle_days", "days after which a session that nobody uses is dropped", float),
    ("max_snapshots", "snapshots of a session; beyond that number, the one that was not used for longest is dropped", _number),
    (
        "max_stored_mb",
        "megabytes of uploaded files; beyond that, the session with the most loses its oldest",
        float,
    ),
    ("max_journal_mb", "megabytes of journal; beyond that, the oldest entries of all sessions are dropped", float),
    ("seed", "ids, tokens and generated data are the same for the same seed", _number),
    ("log_level", "debug (with a line for each request), info (with one on a terminal), warning or error", str),
)


if __name__ == "__main__":
    sys.exit(main())
