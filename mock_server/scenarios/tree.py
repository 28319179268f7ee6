"""YAML as a tree of nodes that know their file and line; and its value, with what a scenario cannot hold told.

A node stands for a mapping, a list, or a text, number, truth value or null.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, ClassVar

import yaml
from yaml.composer import Composer
from yaml.representer import SafeRepresenter

from mock_server.hints import shown
from mock_server.nesting import MAX_DEPTH
from mock_server.scenarios.mistakes import Mark, Mistakes, Part, Place

_MAX_VALUES = 1_000_000
_TAG = "tag:yaml.org,2002:"
_NULL, _STRUCTURES = f"{_TAG}null", {f"{_TAG}map": yaml.MappingNode, f"{_TAG}seq": yaml.SequenceNode}
_SCALARS = {
    f"{_TAG}str": "construct_yaml_str",
    f"{_TAG}int": "construct_yaml_int",
    f"{_TAG}float": "construct_yaml_float",
    f"{_TAG}bool": "construct_yaml_bool",
    _NULL: "construct_yaml_null",
}
_MERGE = f"{_TAG}merge"
_VALUES = yaml.constructor.SafeConstructor()

_PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Not libyaml's composer: that one follows brackets down until the process dies.
_BASES = (_PARSER,) if issubclass(_PARSER, Composer) else (Composer, _PARSER)


class _Reader(*_BASES):  # type: ignore[misc]
    """Times stay texts. twice has the keys that a mapping has already, each with the first."""

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag not in (f"{_TAG}timestamp", f"{_TAG}value")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def __init__(self, stream: io.StringIO) -> None:
        _PARSER.__init__(self, stream)
        self.anchors: dict[str, yaml.Node] = {}
        self.twice: list[tuple[yaml.Node, yaml.Node]] = []
        self._open: list[str | None] = []
        self._sizes: dict[int, int] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node:
        event = self.peek_event()
        is_alias = isinstance(event, yaml.AliasEvent)
        if is_alias and event.anchor in self._open:
            raise _unreadable("an anchor contains itself", event)
        if len(self._open) >= MAX_DEPTH:
            raise _unreadable(f"it is nested more than {MAX_DEPTH} levels deep", event)
        self._open.append(None if is_alias else event.anchor)
        node: yaml.Node = super().compose_node(parent, index)
        self._open.pop()
        if not is_alias:
            self._sizes[id(node)] = 1 + sum(self._sizes[id(child)] for _, child in children(node))
            if self._sizes[id(node)] > _MAX_VALUES:
                raise _unreadable(f"its aliases unfold into more than {_MAX_VALUES} values", event)
        return node

    def compose_mapping_node(self, anchor: str | None) -> yaml.MappingNode:
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        first: dict[str, yaml.Node] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _unreadable("a key has to be a text", key)
            if key.value in first and key.tag != _MERGE:
                self.twice.append((key, first[key.value]))
            first.setdefault(key.value, key)
        self.flatten_mapping(node)
        # Of what is merged in by `<<` and said here too, this is the last. A key with nothing behind it says nothing.
        last = {key.value: (key, value) for key, value in node.value}
        node.value = [pair for pair in last.values() if not _is_empty(pair[1])]
        return node


def _unreadable(problem: str, where: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=where.start_mark)


def is_null(node: yaml.Node) -> bool:
    return bool(node.tag == _NULL)


def _is_empty(node: yaml.Node) -> bool:
    return is_null(node) and not node.value


def children(node: yaml.Node) -> Iterator[tuple[str | int, yaml.Node]]:
    """What a mapping or a list holds, each with its key or number; nothing for anything else."""
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, value) for key, value in node.value)
    elif isinstance(node, yaml.SequenceNode):
        yield from enumerate(node.value)


class _Named(io.StringIO):
    """A text that tells the parser where it is from."""

    def __init__(self, text: str, name: str) -> None:
        super().__init__(text)
        self.name = name


def read_tree(text: str, name: str, mistakes: Mistakes) -> yaml.Node | None:
    """The tree of a YAML text, None of an empty one; name is what its marks call it.

    Raises yaml.YAMLError for what is no YAML, and for anchors or nesting without measure.
    """
    reader = _Reader(_Named(text, name))
    try:
        tree: yaml.Node | None = reader.get_single_node()
    except yaml.scanner.ScannerError as error:
        # libyaml looks ahead, and has had a limit of its own since 0.2.6.
        if "nesting depth" not in str(error.problem):
            raise
        problem = f"it is nested more than {MAX_DEPTH} levels deep"
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=error.problem_mark) from error
    for key, first in reader.twice:
        mistakes.tell_at(key.start_mark, f"{shown(key.value)} is here twice, first in line {first.start_mark.line + 1}")
    return tree


def tree_of(value: Any) -> yaml.Node:
    """The tree of a JSON value; its nodes know no line."""
    return SafeRepresenter(sort_keys=False).represent_data(value)


def empty_tree() -> yaml.Node:
    return yaml.MappingNode(f"{_TAG}map", [])


def without(tree: yaml.Node, name: str) -> yaml.Node:
    """The tree less one key of its root."""
    if not isinstance(tree, yaml.MappingNode):
        return tree
    return yaml.MappingNode(tree.tag, [(key, value) for key, value in tree.value if key.value != name], tree.start_mark)


def value_of(node: yaml.Node, mistakes: Mistakes, place: Place = ()) -> Any:
    """The value, in the types that JSON has; what is not in them is told, and stands for its text."""
    if isinstance(node, yaml.ScalarNode) and node.tag in _SCALARS:
        return _scalar(node, mistakes, place)
    if not isinstance(node, _STRUCTURES.get(node.tag, ())):
        mistakes.tell(Part(None, place), f"the tag {shown(node.tag.replace(_TAG, '!!'))} does not fit here; leave it out")
    if isinstance(node, yaml.ScalarNode):
        return node.value
    values = [(key, value_of(child, mistakes, (*place, key))) for key, child in children(node)]
    return dict(values) if isinstance(node, yaml.MappingNode) else [value for _, value in values]


def _scalar(node: yaml.ScalarNode, mistakes: Mistakes, place: Place) -> Any:
    if "\0" in node.value:
        mistakes.tell(Part(None, place), "no text may contain the NUL character")
    try:
        value = getattr(_VALUES, _SCALARS[node.tag])(node)
        # JSON Schema takes 1.0 for a whole number, and so it has to be one.
        return int(value) if isinstance(value, float) and value.is_integer() else value
    except (ValueError, KeyError):  # as of `!!int x`, and of `0x_`, which YAML takes for a number
        mistakes.tell(Part(None, place), f"{shown(node.value)} is not a value; put it in quotes if it is a text")
        return node.value


def mark_of(tree: yaml.Node, place: Place) -> Mark | None:
    """Where the place is: its key, or the item of the list; of what is not there, where it should be. None if nobody knows."""
    key, value = tree, tree
    for step in place:
        found = _below(value, step)
        if found is None:
            break
        key, value = found
    return key.start_mark


def node_at(tree: yaml.Node, place: Place) -> yaml.Node | None:
    """What stands at a place."""
    for step in place:
        found = _below(tree, step)
        if found is None:
            return None
        tree = found[1]
    return tree


def _below(tree: yaml.Node, step: str | int) -> tuple[yaml.Node, yaml.Node] | None:
    """The key and the value in a mapping; an item of a list for both."""
    if isinstance(tree, yaml.MappingNode):
        return next((pair for pair in tree.value if pair[0].value == step), None)
    if isinstance(tree, yaml.SequenceNode) and isinstance(step, int) and step < len(tree.value):
        return tree.value[step], tree.value[step]
    return None
