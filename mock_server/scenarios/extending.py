"""One scenario extends another: fixtures/README.md has the rules."""

from __future__ import annotations

import yaml

from mock_server.scenarios.mistakes import Mistakes
from mock_server.scenarios.tree import children, is_null

# By what the entries of a list are known: the first of these that an entry gives. Entries of other lists are always new.
KNOWN_BY = {
    "domains": ("name",),
    "users": ("name",),
    "crowds": ("domain",),
    "communities": ("id", "title", "name"),
    "tenants": ("id", "name"),
    "clients": ("client_id",),
    "contacts": ("id", "name"),
    "units": ("id", "name"),
    "invitations": ("token",),
    "ticket_types": ("id", "name"),
    "fields": ("id",),
    "tickets": ("id",),
    "important_contacts": ("name",),
    "faq_groups": ("name",),
    "articles": ("question",),
    "unread_chats": ("of",),
}


def extend(base: yaml.Node, own: yaml.Node, mistakes: Mistakes, key: str = "") -> yaml.Node:
    """The tree of a scenario that extends another one, of which neither is changed; key is what they stand under."""
    if isinstance(base, yaml.MappingNode) and isinstance(own, yaml.MappingNode):
        return _mapping(base, own, mistakes)
    if isinstance(base, yaml.SequenceNode) and _has_entries(own):
        return _entries(base, own, mistakes, KNOWN_BY.get(key, ()))
    return own


def _has_entries(node: yaml.Node) -> bool:
    return isinstance(node, yaml.SequenceNode) and any(isinstance(entry, yaml.MappingNode) for entry in node.value)


def _mapping(base: yaml.MappingNode, own: yaml.MappingNode, mistakes: Mistakes) -> yaml.Node:
    pairs = {key.value: (key, value) for key, value in base.value}
    for key, value in own.value:
        if key.value not in pairs:
            pairs[key.value] = key, value
        elif is_null(value):
            del pairs[key.value]
        else:
            pairs[key.value] = key, extend(pairs[key.value][1], value, mistakes, key.value)
    return yaml.MappingNode(own.tag, list(pairs.values()), own.start_mark, own.end_mark)


def _entries(base: yaml.Node, own: yaml.Node, mistakes: Mistakes, keys: tuple[str, ...]) -> yaml.Node:
    entries: list[yaml.Node | None] = list(base.value)
    named = {key: [_text(old, key) for old in base.value] for key in keys}
    for entry in own.value:
        key = next((key for key in keys if _text(entry, key) is not None), "")
        name, known = _text(entry, key), named.get(key, [])
        number = known.index(name) if name is not None and name in known else len(entries)
        if number == len(entries) and _is_removal(entry):
            found = f"none of these has the {key} {name}" if key else f"these are known by {' or '.join(keys) or 'nothing'}"
            mistakes.tell_at(entry.start_mark, f"{found}, so this removes nothing{mistakes.near(name, known)}")
        else:
            if number == len(entries):
                mistakes.new[id(entry)] = name, known
            entries[number : number + 1] = [_changed(entries, number, entry, mistakes)]
    return yaml.SequenceNode(own.tag, [entry for entry in entries if entry is not None], own.start_mark, own.end_mark)


def _changed(entries: list[yaml.Node | None], number: int, entry: yaml.Node, mistakes: Mistakes) -> yaml.Node | None:
    """What becomes of the entry of that number, None if it goes."""
    old = entries[number] if number < len(entries) else None
    if _is_removal(entry):
        return None
    return entry if old is None else extend(old, entry, mistakes)


def _is_removal(entry: yaml.Node) -> bool:
    return _text(entry, "remove") in ("true", "yes")


def _text(entry: yaml.Node, key: str) -> str | None:
    """What an entry has under the key, as it is written."""
    found = dict(children(entry)).get(key)
    return found.value if isinstance(found, yaml.ScalarNode) else None
