"""The command `mock-server record-to-scenario`: recorded traffic becomes a scenario."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import yaml

from mock_server.config import API_NAMES
from mock_server.errors import BootError
from mock_server.recordings import Exchange, Notes, read_archive, recognised, renamed
from mock_server.spec import Api, Operation, load_apis

_ABOUT = """\
Make a scenario of the objects that recorded traffic shows: an HTTP archive (HAR) of the contract suite, a browser or a proxy.
Ids, people and texts get new ones; what could not be placed is told."""
_HEADER = "Made by mock-server record-to-scenario: ids, people and what they wrote have been replaced."
_DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


def record_to_scenario(arguments: Sequence[str]) -> int:
    """Raises BootError where a file is no archive, or shows nothing of the APIs."""
    parser = make_parser()
    chosen = parser.parse_args(arguments)
    notes, exchanges = Notes(), list[Exchange]()
    for path in chosen.archives:
        found, odd = read_archive(path)
        exchanges += found
        notes.add("entries without a request and an answer", odd)
    scenario = scenario_of(exchanges, chosen.overlay or (), chosen.base_url, notes)
    if not scenario:
        told = "; ".join(notes.lines()) or "they hold no requests"
        raise BootError(
            f"{', '.join(map(str, chosen.archives))}: nothing in it is an object of {' or '.join(API_NAMES)} ({told})"
        )
    _write(_text(scenario, notes.lines()), chosen.output)
    for line in notes.lines():
        print(f"not placed: {line}", file=sys.stderr)
    return 0


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("mock-server record-to-scenario", description=_ABOUT)
    parser.add_argument("archives", nargs="+", type=Path, metavar="FILE.har")
    parser.add_argument("--output", type=Path, metavar="FILE", help="where to write the scenario (default: standard output)")
    parser.add_argument(
        "--base-url",
        metavar="URL",
        help="whose traffic to take, if there is that of several servers (default: that of which there is most)",
    )
    parser.add_argument(
        "--overlay", action="append", metavar="FILE", help="OpenAPI Overlay that changes the specs, such as paths; repeatable"
    )
    return parser


def scenario_of(exchanges: Sequence[Exchange], overlays: Sequence[str], base: str | None, notes: Notes) -> Mapping[str, Any]:
    """The scenario as a value; empty if there is nothing in it."""
    apis = {name: (api, _operations(api)) for name, api in load_apis(API_NAMES, overlays).items()}
    parts, people = {}, {}
    for name, calls in recognised(exchanges, apis, base, notes).items():
        part, known = import_module(f"mock_server.apis.{name}.recorded").record(calls, notes)
        people.update({(name, identifier): person for identifier, person in known.items()})
        parts.update({name: part} if part else {})
    scenario: Mapping[str, Any] = renamed(parts, people)
    return scenario


def _operations(api: Api) -> tuple[Operation, ...]:
    """Those of the spec, and those that are beside it in the API's world."""
    beside: tuple[Operation, ...] = import_module(f"mock_server.apis.{api.name}").BEHAVIOUR.extras(api)
    return *api.operations, *beside


def _text(scenario: Mapping[str, Any], notes: Sequence[str]) -> str:
    lines = [_HEADER, *(["Not placed:"] if notes else []), *(f"- {line}" for line in notes)]
    comments = "".join(f"# {line}\n" for line in lines)
    return comments + yaml.dump(dict(scenario), Dumper=_DUMPER, sort_keys=False, allow_unicode=True, width=120)


def _write(text: str, output: Path | None) -> None:
    try:
        if output is None:
            print(text, end="", flush=True)
        else:
            output.write_text(text, encoding="utf-8")
    except BrokenPipeError:  # whoever read has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise BootError(f"{output or 'the scenario'} cannot be written: {error.strerror}") from error
