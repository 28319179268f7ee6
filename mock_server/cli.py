"""The command `mock-server`: what its options and the environment make of a Config."""

from __future__ import annotations

import argparse
import logging
import os
import runpy
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, NoReturn
from urllib.parse import urlsplit

from mock_server import logs
from mock_server.config import API_NAMES, BOUNDS, LOCAL_ORIGINS, Config
from mock_server.databases import without_password
from mock_server.errors import BootError
from mock_server.options import COMMANDS, GROUPS, LOG_FORMATS, LOG_LEVELS
from mock_server.resetting import reset_database
from mock_server.scenarios import example_scenario
from mock_server.server import serve

_ABOUT = "A stateful mock of the casavi and linagora-rse APIs."
_ENVIRONMENT = "MOCK_SERVER_"
_ENDING = "\n".join(
    [
        f"Each option is also an environment variable: {_ENVIRONMENT}PORT, {_ENVIRONMENT}TLS=1 and so on.",
        "",
        "commands:",
        *(f"  {name:<21} {purpose}" for name, purpose in COMMANDS.items()),
    ]
)
_ON = ("1", "true", "yes", "on")
# Both loopback addresses, so that the server is wherever a client looks for `localhost`.
_DEFAULTS = Config(host="localhost")


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C. The exit status is 0 then, and 2 if the server cannot start."""
    arguments = sys.argv[1:] if arguments is None else arguments
    try:
        if arguments and arguments[0] in COMMANDS:
            return _RUN[arguments[0]](arguments[1:])
        config = read_config(arguments, os.environ)
        logs.set_up(config.log_level, config.log_format)
        serve(config)
        return 0
    except BootError as error:
        logs.tell(str(error), logging.ERROR)
        return 2


def _print_example(arguments: Sequence[str]) -> int:
    argparse.ArgumentParser("mock-server example-scenario", description="Print a scenario file to start from.").parse_args(
        arguments
    )
    print(example_scenario(), end="")
    return 0


def _become_proxy(arguments: Sequence[str]) -> NoReturn:
    """The judge knows the judged, not the other way round: what goes on in this process is what `python -m` would run."""
    if find_spec("contract_tests") is None:
        raise BootError("mock-server proxy needs the contract suite, and the package contract_tests is not installed")
    sys.argv[1:] = arguments
    runpy.run_module("contract_tests.proxy", run_name="__main__", alter_sys=True)
    sys.exit()


def _record(arguments: Sequence[str]) -> int:
    from mock_server.recording import record_to_scenario  # here, since it is a thirtieth of a start that does not need it

    return record_to_scenario(arguments)


def _assist(arguments: Sequence[str]) -> int:
    try:
        from mock_server.assistant import assist  # here, since it is an extra that takes a second to load
    except ModuleNotFoundError as error:
        raise BootError("mock-server mcp needs an extra: pip install 'community-contracts[mcp]'") from error
    return assist(arguments)


# What runs each command, with the arguments after its name; the result is the exit status.
_RUN: Mapping[str, Callable[[Sequence[str]], int]] = {
    "example-scenario": _print_example,
    "mcp": _assist,
    "proxy": _become_proxy,
    "record-to-scenario": _record,
    "reset-database": reset_database,
}


def read_config(arguments: Sequence[str], environment: Any) -> Config:
    """Options win over environment variables (MOCK_SERVER_PORT, …; several values with commas), those over defaults.

    Exits as argparse does on a bad option. Raises BootError for values that do not fit each other.
    """
    values = vars(_parser(environment).parse_args(arguments))
    chosen = values.pop("api") or _several(environment, "API") or API_NAMES
    if not set(chosen) <= set(API_NAMES):
        raise BootError(f"{_ENVIRONMENT}API may be {' or '.join(API_NAMES)} or both, not {','.join(chosen)}")
    overlays = tuple(values.pop("overlay") or _several(environment, "OVERLAY"))
    values["cors_origins"] = tuple(values.pop("cors_origin") or _several(environment, "CORS_ORIGIN") or LOCAL_ORIGINS)
    return _checked(Config(**values, overlays=overlays, apis=tuple(name for name in API_NAMES if name in chosen)))


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        self.exit(2, f"mock-server: {message}\n")


def _parser(environment: Any) -> argparse.ArgumentParser:
    parser = _Parser(
        "mock-server",
        usage="%(prog)s [options]\n       %(prog)s COMMAND ...",
        description=_ABOUT,
        epilog=_ENDING,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    for title, options in GROUPS.items():
        group = parser.add_argument_group(title)
        for name, option in options.items():
            short = ("-h",) if name == "help" else ()
            group.add_argument(*short, f"--{name}", **_with_default(name, option, environment))
    return parser


def _with_default(name: str, option: Mapping[str, Any], environment: Any) -> dict[str, Any]:
    """The option with what holds where it is not given; the help tells that, except nothing and secrets."""
    field = name.replace("-", "_")
    given = environment.get(_ENVIRONMENT + field.upper())
    if option.get("action") == "store_true":
        return {**option, "default": (given or "").lower() in _ON}
    if "action" in option:
        return dict(option)
    default = getattr(_DEFAULTS, field) if given is None else given
    shown = without_password(str(default)).replace("%", "%%")
    suffix = "" if default is None or name == "control-token" else f" (default: {shown})"
    return {**option, "default": default, "help": f"{option['help']}{suffix}"}


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
    # Of an option, argparse has checked it; not of an environment variable.
    for name, known in (("log_level", LOG_LEVELS), ("log_format", LOG_FORMATS)):
        _check_choice(config, name, known)
    return config


def _check_choice(config: Config, name: str, known: Sequence[str]) -> None:
    if getattr(config, name) not in known:
        raise BootError(f"{_ENVIRONMENT}{name.upper()} must be one of {', '.join(known)}")


def _is_base_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    alone = not (parts.query or parts.fragment or parts.username)
    return parts.scheme in ("http", "https") and bool(parts.hostname) and alone


if __name__ == "__main__":
    sys.exit(main())
