"""The command `python -m mock_server.bench`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import Any

import orjson

from mock_server.bench.comparison import compare
from mock_server.bench.in_process import measure
from mock_server.bench.memory import weigh
from mock_server.bench.node import PACKAGES
from mock_server.bench.report import comparison_text, costs_text, machine, memory_text
from mock_server.bench.servers import NAMES
from mock_server.bench.summary import summarize
from mock_server.errors import BootError

_SECONDS, _ROUNDS, _ROUNDS_IN_PROCESS = 0.55, 3, 10


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status is 0, 1 where the mock or Flask could not be measured, and 2 for bad options."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.seconds <= 0 or (options.rounds is not None and options.rounds < 1):
        parser.error("--seconds and --rounds have to be greater than 0")
    try:
        text, value, whole = _measurement(options)(options)
    except BootError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(orjson.dumps({"machine": machine(), **value}, option=orjson.OPT_INDENT_2).decode() if options.json else text)
    return 0 if whole else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m mock_server.bench", description="What the mock server costs, beside others.")
    parser.add_argument("--servers", type=_servers, default=NAMES, metavar="NAME,…", help=f"some of {', '.join(NAMES)}")
    parser.add_argument("--seconds", type=float, default=_SECONDS, help=f"of each turn (default: {_SECONDS})")
    parser.add_argument("--rounds", type=int, help=f"turns of each (default: {_ROUNDS}; in process {_ROUNDS_IN_PROCESS})")
    parser.add_argument("--database-url", help="measure the mock on this database too, or with --in-process on this one alone")
    parser.add_argument("--workers", type=int, default=1, help="measure it there in so many processes too, spread over all cores")
    parser.add_argument("--in-process", action="store_true", help="every operation by itself, without HTTP")
    parser.add_argument("--memory-after", type=int, metavar="N", help="only the mock's memory, before and after N requests")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser


def _servers(text: str) -> tuple[str, ...]:
    names = tuple(text.split(","))
    if not set(names) <= set(NAMES):
        raise argparse.ArgumentTypeError(f"{text!r}: the servers are {', '.join(NAMES)}")
    return names


def _measurement(options: argparse.Namespace) -> Callable[[argparse.Namespace], tuple[str, dict[str, Any], bool]]:
    if options.memory_after:
        return _memory
    return _in_process if options.in_process else _over_http


def _memory(options: argparse.Namespace) -> tuple[str, dict[str, Any], bool]:
    found = weigh(options.memory_after, options.database_url)
    return memory_text(found), asdict(found), True


def _in_process(options: argparse.Namespace) -> tuple[str, dict[str, Any], bool]:
    """The result as text, as a value, and whether all was measured that has to be."""
    costs = measure(options.database_url, options.rounds or _ROUNDS_IN_PROCESS)
    return costs_text(costs), {"operations": [asdict(cost) for cost in costs]}, True


def _over_http(options: argparse.Namespace) -> tuple[str, dict[str, Any], bool]:
    found = compare(options.servers, options.database_url, options.workers, options.seconds, options.rounds or _ROUNDS)
    value = {
        "lines": [asdict(line) for line in summarize(found)],
        "footprints": {name: asdict(footprint) for name, footprint in found.footprints.items()},
        "load_generator_busy": found.busiest,
        "skipped": found.skipped,
        "missing": [
            {"workload": workload, "server": server, "reason": reason} for (workload, server), reason in found.missing.items()
        ],
    }
    # What needs npm may be absent.
    absent = {*found.skipped, *(server for _, server in found.missing)} - PACKAGES.keys()
    return comparison_text(found), value, not absent


if __name__ == "__main__":
    sys.exit(main())
