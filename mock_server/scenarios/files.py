"""Finds scenarios by name or path, reads them again when they change, and puts each together with what it extends."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from mock_server.config import data_folder
from mock_server.errors import BootError, Problem
from mock_server.hints import did_you_mean, shown
from mock_server.scenarios.extending import extend
from mock_server.scenarios.mistakes import Mistake, Mistakes
from mock_server.scenarios.shape import check_shape
from mock_server.scenarios.tree import children, empty_tree, mark_of, read_tree, tree_of, value_of, without

_SENT = "the request body"
_MOST_TOLD = 30


@dataclass(frozen=True, slots=True)
class Scenario:
    """name is what people know it by, source all of its text, with that of what it extends; parts maps names of APIs to what each
    loads, tree is what they were read from; mistakes are those that were found so far."""

    name: str
    source: str
    parts: Mapping[str, Any]
    tree: yaml.Node
    mistakes: tuple[Mistake, ...]

    def refuse(self, more: Sequence[Mistake]) -> None:
        """Raises BootError where there are mistakes, these included: a sentence each, with file and line."""
        found = sorted(self._located(mistake) for mistake in (*self.mistakes, *more))
        told = list(dict.fromkeys(text for _, _, _, text in found))
        if len(told) == 1:
            raise BootError(told[0])
        if told:
            rest = [f"and {len(told) - _MOST_TOLD} more"] if len(told) > _MOST_TOLD else []
            raise BootError("\n  ".join((f"{self.name} has {len(told)} mistakes:", *told[:_MOST_TOLD], *rest)))

    def _located(self, mistake: Mistake) -> tuple[bool, str, int, str]:
        """Whether it is in an extended file, which file, the line, and the sentence."""
        mark = mistake.mark or mark_of(self.tree, mistake.place)
        file, line = (mark.name, mark.line + 1) if mark else (self.name, 0)
        place = "/".join(map(str, mistake.place))
        where = f"{file}:{line}" if line else file
        remedy = "" if file == self.name else f"; {self.name}, which extends it, has to change or remove this too"
        return file != self.name, file, line, ": ".join(filter(None, (where, place, mistake.text))) + remedy


@dataclass(frozen=True, slots=True, eq=False)
class _Text:
    """One file, or what was sent as one; base is the node that says what it extends."""

    name: str
    source: str
    tree: yaml.Node
    base: yaml.Node | None
    mistakes: tuple[Mistake, ...] = ()


def scenario_names() -> list[str]:
    """The scenarios that come with the server."""
    return sorted(path.stem for path in _folder().glob("*.yaml"))


def example_scenario() -> str:
    """A file with comments to start from."""
    return (data_folder("fixtures") / "example.yaml").read_text(encoding="utf-8")


def read_scenario(name: str, configured: str) -> Scenario:
    """The scenario of that name; configured is the one from the command line, which alone may be a path to a file.

    Raises Problem 404 for an unknown name, BootError for a file that cannot be read.
    """
    path = scenario_path(name, configured)
    if path is None:
        names = sorted({*scenario_names(), configured})
        raise Problem(404, f"scenario {shown(name)} does not exist; there are {', '.join(names)}{did_you_mean(name, names)}")
    try:
        text = _file(path)
    except OSError as error:
        known = ", ".join(scenario_names())
        raise BootError(f"scenario {name} is not one of {known}, and cannot be read as a file: {error}") from error
    return _together(tuple(_layers(text, configured, (path,))))


def sent_scenario(body: bytes | Mapping[str, Any], configured: str) -> Scenario:
    """The scenario that somebody sent, as YAML or as a JSON value. Raises BootError where it cannot be read."""
    if isinstance(body, bytes):
        text = _parsed(_SENT, body)
    else:
        tree = tree_of(body)
        text = _Text(_SENT, yaml.serialize(tree), tree, dict(children(tree)).get("extends"))
    return _combined(tuple(_layers(text, configured, ())))


def scenario_path(name: str, configured: str) -> Path | None:
    """Where the scenario of that name is, if there is one; configured as for read_scenario()."""
    if name in scenario_names():
        return _folder() / f"{name}.yaml"
    return Path(name) if name == configured else None


def _folder() -> Path:
    return data_folder("fixtures") / "scenarios"


def _file(path: Path) -> _Text:
    found = path.stat()
    return _read(path, found.st_mtime_ns, found.st_size)


@functools.lru_cache(maxsize=16)
def _read(path: Path, _changed: int, _size: int) -> _Text:
    return _parsed(str(path), path.read_bytes())


def _parsed(name: str, data: bytes) -> _Text:
    mistakes = Mistakes()
    try:
        source = data.decode()
        tree = read_tree(source, name, mistakes) or empty_tree()
    except UnicodeDecodeError as error:
        raise BootError(f"{name}:{_line(data, error.start)}: this is not UTF-8, which scenarios are written in") from error
    except yaml.reader.ReaderError as error:
        raise BootError(f"{name}:{_line(data, error.position)}: a control character cannot stand here as it is") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        # That of PyYAML itself; the reader's own say what is to be done.
        if type(error) is not yaml.MarkedYAMLError:
            error.problem = f"this is not YAML: {error.problem}; {_HINT}"
        raise BootError(f"{name}:{line}: {error.problem}") from error
    return _Text(name, source, tree, dict(children(tree)).get("extends"), tuple(mistakes.found))


_HINT = "look for an open bracket or quote, the indentation, a tab, or a text that needs quotes"


def _line(data: bytes, position: int) -> int:
    return data[:position].count(b"\n") + 1


def _layers(text: _Text, configured: str, above: tuple[Path, ...]) -> Iterator[_Text]:
    """A text, and what it extends, and what that extends; above are the paths from the first one to that of the text.

    Raises BootError where one cannot be read, or extends itself.
    """
    yield text
    if text.base is None:
        return
    name = text.base.value if isinstance(text.base, yaml.ScalarNode) else ""
    mark = text.base.start_mark
    where = f"{text.name}:{mark.line + 1}: extends" if mark else f"{text.name}: extends"
    path = _extended(name, configured, above)
    if path and path.resolve() in map(Path.resolve, above):
        raise BootError(f"{where}: {' extends '.join(map(str, (*above, path)))}, which is a circle")
    try:
        base = _file(path) if path else None
    except OSError as error:
        raise BootError(f"{where}: {name} cannot be read as a file: {error}") from error
    if path is None or base is None:
        names = scenario_names()
        raise BootError(f"{where}: no scenario is named {shown(name)}; there are {', '.join(names)}{did_you_mean(name, names)}")
    yield from _layers(base, configured, (*above, path))


def _extended(name: str, configured: str, above: tuple[Path, ...]) -> Path | None:
    """What was sent may extend what can be loaded by name; a file may also extend another one, as seen from its folder."""
    if name in scenario_names() or not above:
        return scenario_path(name, configured)
    return above[-1].parent / name if name else None


def _combined(texts: tuple[_Text, ...]) -> Scenario:
    """One scenario of a text and what it extends, in this order."""
    mistakes = Mistakes()
    tree = texts[-1].tree
    for text in reversed(texts[:-1]):
        tree = extend(tree, text.tree, mistakes)
    tree = without(tree, "extends")
    value = value_of(tree, mistakes)
    check_shape(value, tree, mistakes)
    found = (*(mistake for text in texts for mistake in text.mistakes), *mistakes.found)
    source = "\n".join(text.source for text in texts)
    return Scenario(texts[0].name, source, value if isinstance(value, dict) else {}, tree, found)


_together = functools.lru_cache(maxsize=8)(_combined)
