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
    "What to test": {
        "target": {"metavar": "mock|URL", "help": "The mock server, started for this run (default), or the URL of a deployment."},
        "profile": {"metavar": "FILE.toml", "help": "Who can log in at the deployment, and how far the tests may go."},
        "api": {"action": "append", "choices": APIS, "help": "Test this API alone. Repeatable; by default both are tested."},
        "overlay": {"action": "append", "metavar": "FILE", "help": "An OpenAPI Overlay that adapts the specs. Repeatable."},
    },
    "How far to go": {
        "safety": {
            "choices": SAFETIES,
            "help": "read-only sends nothing but reads; sandbox also changes what the run itself created; full sends everything."
            " The default is full at the mock and read-only at a URL.",
        },
        "allow-full": {"metavar": "HOST", "help": "Confirm --safety full by naming the host of the deployment once more."},
        "depth": {"choices": tuple(DEPTHS), "help": "How many requests are generated (default: quick)."},
    },
    "When to slow down or stop": {
        "rate": {"metavar": "N/s", "help": "Never send more requests than this: 20/s, 300/m or 1000/h."},
        "max-requests": {"metavar": "N", "help": "Stop after N requests; the remaining tests are skipped."},
        "max-minutes": {"metavar": "N", "help": "Stop after N minutes; the remaining tests are skipped."},
        "max-failures": {"metavar": "N", "help": "Stop after N failed tests; the remaining tests are skipped."},
    },
    "What to make of the results": {
        "report": {
            "metavar": "DIR",
            "help": "Write report.html, report.json, report.md, junit.xml, traffic.har and failures/ to this folder.",
        },
        "deviations": {"metavar": "FILE.toml", "help": "Known differences of the target: they are reported, but fail nothing."},
        "write-deviations": {"metavar": "FILE.toml", "help": "Draft an entry for each new finding; you add the reasons."},
    },
}
OPTIONS = {name: option for group in GROUPS.values() for name, option in group.items()}
PLUGIN = "contract_tests.run.plugin"  # which adds them to pytest

# The options of plugins that can be switched off (`-p no:terminal`), and what holds without them.
ABSENT = {"numprocesses": 0, "tbstyle": "auto", "usepdb": False, "xmlpath": None}


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
    owners = list(dict.fromkeys(_owners(taken, plugins))) or ["another plugin"]
    conftests = [owner for owner in owners if owner.endswith(".py")]
    switches = " ".join(f"-p no:{'NAME' if ' ' in owner else owner}" for owner in owners if owner not in conftests)
    ways = ["use `contract-tests run`, which loads no conftest but its own"] if conftests else []
    ways += [f"add {switches}"] if switches else []
    return f"{', '.join(taken)}: already taken by {', '.join(owners)}; {', and '.join(ways)}"


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
