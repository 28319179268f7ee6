"""The options of the command `mock-server`, in the groups in which its help shows them; the values are what argparse takes."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any

from mock_server.config import API_NAMES, LOCAL_ORIGINS
from mock_server.version import VERSION

# Each has a function of its own in cli.py; without one, the server is started.
COMMANDS = {
    "example-scenario": "print a scenario file to start from",
    "mcp": "let an assistant use a mock, by the Model Context Protocol",
    "proxy": "pass requests on to a real server, and judge both directions",
    "record-to-scenario": "make a scenario file of recorded traffic (HAR)",
    "reset-database": "delete what the mock server has in a database",
}
LOG_LEVELS = ("debug", "info", "warning", "error")
LOG_FORMATS = ("text", "json")


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from error


class _PrintCompletion(argparse.Action):
    """Prints what makes a shell complete the command, and exits."""

    def __call__(self, parser: argparse.ArgumentParser, _namespace: object, shell: Any, _option: object = None) -> None:
        import shtab  # here, since no start of the server needs it

        parser.add_argument("command", nargs="?", choices=list(COMMANDS))
        for action in parser._actions:  # noqa: SLF001 - as shtab itself finds them
            if "FILE" in str(action.metavar):
                action.complete = shtab.FILE  # type: ignore[attr-defined]  # where shtab looks for it
        print(shtab.complete(parser, shell))
        parser.exit()


_SHELLS = ("bash", "fish", "powershell", "tcsh", "zsh")
_COUNT = {"type": _number, "metavar": "N"}
_AMOUNT = {"type": float, "metavar": "MB"}

GROUPS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "what is served": {
        "api": {"action": "append", "choices": API_NAMES, "help": "serve this API alone; repeatable (default: both)"},
        "overlay": {"action": "append", "metavar": "FILE", "help": "OpenAPI Overlay that changes the specs; repeatable"},
        "scenario": {"metavar": "NAME|FILE", "help": "what a session starts from: a name in fixtures/scenarios or a YAML file"},
        "reload": {"action": "store_true", "help": "serve the specs, overlays and scenario anew when their files change"},
        "seed": {**_COUNT, "help": "ids, tokens and generated data are the same for the same seed"},
    },
    "where it is served": {
        "host": {"help": "address to listen on; localhost is both 127.0.0.1 and [::1]"},
        "port": {**_COUNT, "help": "port to listen on, 0 for a free one"},
        "base-url": {"metavar": "URL", "help": "where clients see the server, if not there: the issuer of OpenID logins"},
        "trusted-proxies": {**_COUNT, "help": "proxies in front, whose Forwarded or X-Forwarded-* headers are believed"},
        "tls": {"action": "store_true", "help": "serve https with a certificate made for this run"},
        "tls-certificate": {"metavar": "FILE", "help": "PEM file of a certificate to serve https with"},
        "tls-key": {"metavar": "FILE", "help": "PEM file of its key, unless that is in the same file"},
        "body-timeout": {
            "type": float,
            "metavar": "SECONDS",
            "help": "seconds that a client may be silent in the middle of a request body",
        },
    },
    "who may use it": {
        "cors-origin": {
            "action": "append",
            "metavar": "ORIGIN",
            "help": f"whose pages may call the server; repeatable, instead of the defaults: {', '.join(LOCAL_ORIGINS)}",
        },
        "control-token": {
            "metavar": "TOKEN",
            "help": "what control calls have to show; beyond loopback, one is made and printed",
        },
        "insecure-control": {"action": "store_true", "help": "ask for no control token although others may reach the server"},
    },
    "where the state is": {
        "database-url": {"metavar": "URL", "help": "SQLite file or PostgreSQL; state then outlives the process"},
        "workers": {**_COUNT, "help": "processes; more than 1 needs --database-url"},
    },
    "how much is kept": {
        "max-sessions": {**_COUNT, "help": "sessions; beyond that number, the one that was not used for longest is dropped"},
        "max-idle-days": {"type": float, "metavar": "DAYS", "help": "days after which a session that nobody uses is dropped"},
        "max-snapshots": {
            **_COUNT,
            "help": "snapshots of a session; beyond that number, the one that was not used for longest is dropped",
        },
        "max-stored-mb": {
            **_AMOUNT,
            "help": "megabytes of uploaded files; beyond that, the session with the most loses its oldest",
        },
        "max-journal-mb": {
            **_AMOUNT,
            "help": "megabytes of journal; beyond that, the oldest entries of all sessions are dropped",
        },
    },
    "what it tells": {
        "log-level": {
            "choices": LOG_LEVELS,
            "help": "debug (with a line for each request), info (with one on a terminal), warning or error",
        },
        "log-format": {"choices": LOG_FORMATS, "help": "text, or json: an object a line, at info with one for each request"},
        "print-completion": {
            "action": _PrintCompletion,
            "choices": _SHELLS,
            "default": argparse.SUPPRESS,
            "help": "print a script that completes the options in that shell, and exit",
        },
        "help": {"action": "help", "help": "show this and exit"},
        "version": {"action": "version", "version": f"mock-server {VERSION}", "help": "show the version and exit"},
    },
}
