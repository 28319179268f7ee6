"""Adds the suite's options to pytest's, beside those of other plugins."""

from argparse import ArgumentError
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import pytest

from contract_tests.run.options import GROUPS, PLUGIN

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
