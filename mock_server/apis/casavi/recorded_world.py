"""What there is in casavi as far as recorded traffic shows it, with the ids, names and texts that it has there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.recordings import Notes, Person

Row = Mapping[str, Any]
_MAX_ID = 2**31 - 1


@dataclass(slots=True)
class Invitation:
    """contact is the id of whom it is for; email is folded."""

    contact: Any
    email: str = ""
    token: Any = None
    unit: int | None = None
    administrator: bool = False


@dataclass(slots=True)
class Ticket:
    """row is all that answers said of it."""

    community: int
    type: int
    row: dict[str, Any] = field(default_factory=dict)
    comments: dict[Any, Row] = field(default_factory=dict)


@dataclass(slots=True)
class Community:
    """units have residents; notifications, chats and counts of unread ones are by person; the rest are rows by their ids."""

    name: str | None = None
    tenant: str | None = None
    members: dict[Any, None] = field(default_factory=dict)
    administrators: dict[Any, None] = field(default_factory=dict)
    units: dict[int, dict[Any, None]] = field(default_factory=dict)
    invitations: dict[Any, Invitation] = field(default_factory=dict)
    types: dict[int, None] = field(default_factory=dict)
    appointments: dict[Any, Row] = field(default_factory=dict)
    posts: dict[Any, Row] = field(default_factory=dict)
    activities: dict[Any, Row] = field(default_factory=dict)
    contacts: dict[Any, Row] = field(default_factory=dict)
    groups: dict[Any, Row] = field(default_factory=dict)
    articles: dict[Any, Row] = field(default_factory=dict)
    notifications: dict[Any, dict[Any, Row]] = field(default_factory=dict)
    chats: dict[Any, int] = field(default_factory=dict)
    unread: dict[Any, int] = field(default_factory=dict)


@dataclass(slots=True)
class World:
    """users are the people who can log in; the other people are contacts. early are comments on tickets that are not seen yet."""

    notes: Notes
    users: dict[Any, None]
    people: dict[Any, Person] = field(default_factory=dict)
    communities: dict[int, Community] = field(default_factory=dict)
    tickets: dict[Any, Ticket] = field(default_factory=dict)
    early: dict[Any, list[Any]] = field(default_factory=dict)
    types: dict[int, Row] = field(default_factory=dict)
    unit_names: dict[int, str] = field(default_factory=dict)
    clients: dict[str, None] = field(default_factory=dict)
    providers: dict[str, None] = field(default_factory=dict)

    def community(self, identifier: int, who: Any = None) -> Community:
        """The one of that id, of which whoever was let in there is a member."""
        community = self.communities.setdefault(identifier, Community())
        if who is not None:
            community.members[who] = None
        return community

    def named(self, identifier: int, row: Any) -> Community:
        community = self.community(identifier)
        if isinstance(row.get("name"), str):
            community.name = row["name"]
        return community

    def person(self, row: Any) -> int | None:
        """The id of a person whom an answer tells of."""
        identifier = number_in(row)
        if identifier is not None:
            self.see(identifier, row)
        return identifier

    def see(self, identifier: Any, row: Any) -> None:
        person = self.people.setdefault(identifier, Person())
        for key, name in (("firstName", "firstname"), ("lastName", "lastname")):
            if isinstance(row.get(key), str):
                setattr(person, name, row[key])

    def unit(self, told: Any, home: int | None) -> int | None:
        """The id of a unit that a row or its id tells of."""
        identifier = number(told.get("id") if isinstance(told, dict) else told)
        if identifier is None or home is None:
            return None
        self.community(home).units.setdefault(identifier, {})
        if isinstance(told, dict) and isinstance(told.get("name"), str):
            self.unit_names[identifier] = told["name"]
        return identifier


def number(value: Any) -> int | None:
    """An id, as a number or in digits; None for what is none."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 10:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MAX_ID else None


def number_in(row: Any, key: str = "id") -> int | None:
    """The id that a row has under the key."""
    return number(row.get(key)) if isinstance(row, Mapping) else None


def rows_of(value: Any) -> list[dict[str, Any]]:
    """The objects in a list."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
