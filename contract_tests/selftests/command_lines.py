"""Command lines in files for people: whether the commands would take them."""

import argparse
import re
import shlex

from contract_tests.cli import _parser
from contract_tests.faults.matrix import _parser as faults_parser
from contract_tests.proxy.options import parser as proxy_parser
from contract_tests.run.options import OPTIONS
from contract_tests.transport.gate import parse_rate
from mock_server.cli import read_config
from mock_server.options import COMMANDS
from mock_server.recording import make_parser
from mock_server.resetting import _parser as reset_parser

COMMAND = re.compile(r"(?:^|[\s`/])((?:contract-tests|mock-server) [^|&;>`#\n]*)")


def check(command: str) -> None:
    """Raises SystemExit or ValueError for a command line that would not be taken."""
    name, *arguments = shlex.split(command)
    if "--help" in arguments or arguments[0] == "mcp" or (len(arguments) == 1 and arguments[0] in COMMANDS):
        return
    if name == "mock-server" and arguments[0] == "proxy":
        proxy_parser().parse_args(arguments[1:])
    elif arguments[0] == "reset-database":
        reset_parser().parse_args(arguments[1:])
    elif arguments[0] == "record-to-scenario":
        make_parser().parse_args(arguments[1:])
    elif name == "mock-server":
        read_config(arguments, {})
    elif arguments[0] == "run":
        chosen = _suite_options().parse_args(arguments[1:])
        parse_rate(chosen.rate or "1/s")
    elif arguments[0] == "faults":
        faults_parser().parse_args(arguments[1:])
    else:
        _parser().parse_args(arguments)


def _suite_options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(allow_abbrev=False)
    for name, option in OPTIONS.items():
        parser.add_argument(f"--{name}", **option)
    return parser
