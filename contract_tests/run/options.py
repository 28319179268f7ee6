"""The suite's options: what each is called and means, and how it comes by the command line or the environment."""

import os
from argparse import ArgumentError
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from contract_tests.contract.operations import APIS
from contract_tests.profile import SAFETIES
from contract_tests.transport.target import TargetError


@dataclass(frozen=True)
class Depth:
    """How much a run generates: examples of a law, of the fuzzer (0: it stays off), and walks along the links."""

    laws: int
    fuzz: int
    walks: int
    steps: int


DEPTHS = {
    "quick": Depth(8, 0, 9, 10),
    "standard": Depth(30, 30, 40, 12),
    "deep": Depth(150, 300, 250, 15),
}

# As argparse takes them, in the groups of --help. Each takes one value.
GROUPS: dict[str, dict[str, dict[str, Any]]] = {
    "what to test": {
        "target": {"metavar": "mock|URL", "help": "the mock server, started for this run (the default), or a deployment's URL"},
        "profile": {"metavar": "FILE.toml", "help": "who can log in at the deployment, and how far the tests may go"},
        "api": {"action": "append", "choices": APIS, "help": "test only this API; repeatable (default: both)"},
        "overlay": {
            "action": "append",
            "metavar": "FILE",
            "help": "OpenAPI Overlay that fits the spec to the target; repeatable",
        },
    },
    "how far to go": {
        "safety": {
            "choices": SAFETIES,
            "help": "read-only sends nothing but reads, sandbox also changes what the run itself created, full sends everything"
            " (default: full at the mock, read-only at a URL)",
        },
        "allow-full": {"metavar": "HOST", "help": "confirm --safety full by naming the deployment's host again"},
        "depth": {"choices": tuple(DEPTHS), "help": "how many requests to generate (default: quick)"},
    },
    "when to slow down or stop": {
        "rate": {"metavar": "N/s", "help": "never send more requests than this: 20/s, 300/m or 1000/h"},
        "max-requests": {"metavar": "N", "help": "stop after this many requests and skip the remaining tests"},
        "max-minutes": {"metavar": "N", "help": "stop after this many minutes and skip the remaining tests"},
        "max-failures": {"metavar": "N", "help": "stop after this many failed tests and skip the rest"},
    },
    "what comes out": {
        "report": {
            "metavar": "DIR",
            "help": "write the reports there: report.html, report.json, report.md, junit.xml, traffic.har, failures/",
        },
        "deviations": {
            "metavar": "FILE.toml",
            "help": "known differences of the target: reported, but no failures",
        },
        "write-deviations": {"metavar": "FILE.toml", "help": "draft each new finding as a known difference, for you to explain"},
    },
}
OPTIONS = {name: option for group in GROUPS.values() for name, option in group.items()}
PLUGIN = "contract_tests.run.plugin"  # which adds them to pytest

# The options of plugins that can be switched off (`-p no:terminal`), and what holds without them.
ABSENT = {"numprocesses": None, "tbstyle": "auto", "usepdb": False, "xmlpath": None}


def add_options(parser: pytest.Parser, plugins: pytest.PytestPluginManager) -> None:
    """Adds the options to pytest's. Raises UsageError if one of them is another plugin's already."""
    taken = []
    for title, options in GROUPS.items():
        group = parser.getgroup(f"contract tests: {title}")
        for name, option in options.items():
            try:
                group.addoption(f"--{name}", dest=f"contract_{name}", default=None, **option)
            except (ArgumentError, ValueError):
                taken.append(f"--{name}")
    if taken:
        raise pytest.UsageError(_conflict(taken, plugins))


def _conflict(taken: Iterable[str], plugins: pytest.PytestPluginManager) -> str:
    """Whose options these are, and how to do without them, in one sentence."""
    owners = list(dict.fromkeys(_owners(taken, plugins)))
    conftests = [owner for owner in owners if owner.endswith(".py")]
    ways = ["use `contract-tests run`, which loads no conftest but its own"] if conftests else []
    ways += [f"add {' '.join(f'-p no:{owner}' for owner in owners if owner not in conftests)}"] if conftests != owners else []
    return f"{' and '.join(taken)}: {' and '.join(owners)} has an option of that name too; {', and '.join(ways)}"


def _owners(taken: Iterable[str], plugins: pytest.PytestPluginManager) -> Iterable[str]:
    """The names of the plugins that add one of these options; a conftest's is its path."""
    for hook in plugins.hook.pytest_addoption.get_hookimpls():
        names = _Names()
        given = {"parser": names, "pluginmanager": plugins}
        with suppress(Exception):  # of a plugin that wants more of a parser than its options
            hook.function(*(given[name] for name in hook.argnames))
        if hook.plugin_name != PLUGIN and not names.isdisjoint(taken):
            yield hook.plugin_name


class _Names(set[str]):
    """Takes the place of pytest's parser and of its groups, and keeps the names of the options alone."""

    def addoption(self, *names: str, **_: Any) -> None:
        self.update(names)

    _addoption = addoption

    def getgroup(self, *_: Any, **__: Any) -> "_Names":
        return self

    def addini(self, *_: Any, **__: Any) -> None:
        """Is no option."""


def fill_in(config: pytest.Config) -> None:
    """Gives each option of a plugin that was switched off the value that stands for it."""
    for name, value in ABSENT.items():
        if not hasattr(config.option, name):
            setattr(config.option, name, value)


def given(config: pytest.Config, name: str) -> str | None:
    """The value of an option of ours, as the command line or the environment has it."""
    value: str | None = config.getoption(f"contract_{name}") or os.environ.get(variable(name))
    return value


def variable(name: str) -> str:
    """The environment variable of an option."""
    return f"CONTRACT_{name.upper().replace('-', '_')}"


def from_environment(name: str) -> Any:
    """The value of an option by its environment variable, None if there is none. Raises TargetError."""
    value = os.environ.get(variable(name))
    if not value:
        return None
    several = OPTIONS[name].get("action") == "append"
    values = value.replace(",", " ").split() if several else [value]
    allowed = OPTIONS[name].get("choices")
    for item in values:
        if allowed and item not in allowed:
            raise TargetError(f"{variable(name)}={value}: one of {', '.join(allowed)} is needed")
    return values if several else value
