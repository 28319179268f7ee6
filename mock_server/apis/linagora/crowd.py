"""Makes many people and communities out of a few numbers: for lists that scroll, pages that turn, and load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.apis.linagora.folding import fold

Item = dict[str, Any]

_FIRST_NAMES = ("Adèle", "Bruno", "Chloé", "Damien", "Élodie", "Farid", "Gaëlle", "Hugo", "Inès", "Jérôme")
_LAST_NAMES = ("Álvarez", "Bernard", "Castañeda", "Dubois", "Esposito", "Fournier", "Garnier", "Hébert", "Ivanov", "Jansen")
_THEMES = ("Chess", "Choir", "Cycling", "Gardening", "Go players", "Photography", "Running", "Sourdough", "Tea", "Theatre")
_TYPES = ("open", "restricted", "open", "private")


def grow(data: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario with what its crowds ask for, in the shape of all the rest."""
    crowds = data.get("crowds", [])
    people = [person for crowd in crowds for person in _people(crowd["domain"], crowd["count"])]
    made = [community for crowd in crowds for community in _communities(crowd)]
    named = [_with_crowd(community) for community in data.get("communities", [])]
    return {**data, "users": [*data["users"], *people], "communities": [*named, *made]}


def names(domain: str, count: int) -> list[str]:
    """What the people of a domain's crowd are called."""
    return [_name(domain, number) for number in range(count)]


def titles(count: int) -> list[str]:
    """What the first communities that a crowd has created are called."""
    return [f"{_THEMES[number % len(_THEMES)]} {number + 1}" for number in range(count)]


def _name(domain: str, number: int) -> str:
    return f"{domain}-{number + 1:03d}"


def _people(domain: str, count: int) -> Iterator[Item]:
    # Names repeat every hundred people; name and address do not.
    for number in range(count):
        first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
        last = _LAST_NAMES[number // len(_FIRST_NAMES) % len(_LAST_NAMES)]
        email = f"{fold(first)}.{fold(last)}.{number + 1}@{domain}.example"
        yield {"name": _name(domain, number), "firstname": first, "lastname": last, "email": email, "domains": [domain]}


def _communities(crowd: Mapping[str, Any]) -> Iterator[Item]:
    for number, title in enumerate(titles(crowd.get("communities", 0))):
        yield {
            "title": title,
            "type": _TYPES[number % len(_TYPES)],
            "creator": _name(crowd["domain"], number % crowd["count"]),
            "domains": [crowd["domain"]],
        }


def _with_crowd(community: Mapping[str, Any]) -> Item:
    """The first people of its domain's crowd are its members, those after them ask to be."""
    domain = community["domains"][0]
    members, requests = (community.get("crowd", {}).get(key, 0) for key in ("members", "requests"))
    return {
        **community,
        "members": [*community.get("members", []), *(_name(domain, number) for number in range(members))],
        "requests": [*community.get("requests", []), *(_name(domain, members + number) for number in range(requests))],
    }
