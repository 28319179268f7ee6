"""From what was recorded of linagora-rse to the shape of a scenario, with marks for ids, people and texts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from mock_server.recordings import Hex, Label, Notes, OfPerson, Person, Text, Unknown

_NOBODY, _NOWHERE = Unknown("nobody", 0), Unknown("domain", 0)
_LONG_AGO = "2000-01-01T00:00:00.000Z"


@dataclass(slots=True)
class Community:
    """members and requests have times. shown is whether the community itself was ever seen."""

    title: str = ""
    description: str | None = None
    type: str = "open"
    creator: Any = None
    domains: list[Any] = field(default_factory=list)
    time: str | None = None
    members: dict[Any, str] = field(default_factory=dict)
    requests: dict[Any, str] = field(default_factory=dict)
    shown: bool = False
    has_avatar: bool = False


@dataclass(slots=True)
class User:
    """domains are those that a user object names; near are communities in whose domains they are too."""

    name: Person = field(default_factory=Person)
    job_title: str | None = None
    avatar: bool = False
    domains: list[str] = field(default_factory=list)
    near: dict[str, None] = field(default_factory=dict)


def part(
    communities: Mapping[str, Community],
    users: dict[Any, User],
    acting: Iterable[tuple[Any, str]],
    logins: Iterable[Any],
    notes: Notes,
) -> dict[str, Any] | None:
    """The scenario's part, None where there is nothing in it. acting are who managed what, logins who can log in."""
    notes.add("communities that were asked about and never seen themselves", sum(not one.shown for one in communities.values()))
    shown = {identifier: one for identifier, one in communities.items() if one.shown}
    if not (shown or users):
        return None
    notes.add("avatars of communities, which scenarios do not have", sum(one.has_avatar for one in shown.values()))
    for identifier, one in shown.items():
        _complete(identifier, one, users, notes)
    homes = {identifier: _homes(user, shown) for identifier, user in users.items()}
    administrated = _administrated(acting, shown, homes)
    domains = dict.fromkeys(
        [*(one for each in homes.values() for one in each), *(one for each in shown.values() for one in each.domains)]
    ) or {_NOWHERE: None}
    can_log_in, titles = set(logins), _titles(shown, notes)
    in_order = sorted(shown, key=lambda identifier: shown[identifier].time or "")
    times = [one.time for one in shown.values() if one.time]
    return {
        "time": min(times, default=_LONG_AGO),
        "domains": [{"name": Label("domain", one), "id": Hex("domain", one)} for one in domains],
        "users": [
            _user(
                identifier,
                users[identifier],
                homes[identifier],
                administrated.get(identifier, {}),
                logs_in=identifier in can_log_in,
            )
            for identifier in users
        ],
        "communities": [_community(identifier, shown[identifier], titles[identifier]) for identifier in in_order],
    }


def _complete(identifier: str, community: Community, users: dict[Any, User], notes: Notes) -> None:
    """Its creator and domains, if nobody ever saw them; and all of its people are known."""
    if community.creator is None:
        notes.add("communities of which nobody saw the creator; their first member is it")
        community.creator = next(iter(community.members), _NOBODY)
    if not community.domains:
        notes.add("communities of which nobody saw the domains")
        community.domains = [_NOWHERE]
    for user_id in (community.creator, *community.members, *community.requests):
        users.setdefault(user_id, User()).near[identifier] = None


def _homes(user: User, communities: Mapping[str, Community]) -> list[Any]:
    """The domains that a user is in, and for each community that they had to do with one of its domains at least."""
    homes = list(user.domains)
    for one in (communities[identifier] for identifier in user.near if identifier in communities):
        homes += [] if set(homes) & set(one.domains) else one.domains[:1]
    return homes


def _administrated(
    acting: Iterable[tuple[Any, str]], communities: Mapping[str, Community], homes: Mapping[Any, list[Any]]
) -> dict[Any, dict[Any, None]]:
    """Whoever manages a community that is somebody else's is an administrator of one of its domains."""
    found: dict[Any, dict[Any, None]] = {}
    for who, community_id in acting:
        community = communities.get(community_id)
        if community and community.creator != who:
            domain = next((one for one in community.domains if one in homes[who]), None)
            found.setdefault(who, {}).update({domain: None} if domain else {})
    return found


def _user(identifier: Any, user: User, homes: list[Any], administrated: Mapping[Any, None], *, logs_in: bool) -> dict[str, Any]:
    names = {what: OfPerson(what, "linagora", identifier) for what in ("name", "firstname", "lastname", "email")}
    return {
        "name": names["name"],
        "id": Hex("user", identifier),
        **names,
        **({"password": OfPerson("password", "linagora", identifier)} if logs_in else {}),
        **({"job_title": Text("job title", user.job_title, 255)} if user.job_title else {}),
        **({"avatar": True} if user.avatar else {}),
        "domains": [Label("domain", one) for one in homes],
        **({"administrator_of": [Label("domain", one) for one in administrated]} if administrated else {}),
    }


def _titles(communities: Mapping[str, Community], notes: Notes) -> dict[str, Text]:
    """A title of its own for each that has the title of another one in its domain."""
    taken: set[tuple[str, Any]] = set()
    titles = {}
    for identifier, one in communities.items():
        places = {(one.title, domain) for domain in one.domains}
        titles[identifier] = Text("community", f"{one.title}\0{identifier}" if places & taken else one.title, 255)
        notes.add("communities with the title of another one in their domain; they got their own", bool(places & taken))
        taken |= places
    return titles


def _community(identifier: str, community: Community, title: Text) -> dict[str, Any]:
    optional = {} if community.description is None else {"description": Text("description", community.description)}
    members = sorted((one for one in community.members if one != community.creator), key=lambda one: community.members[one])
    requests = sorted(
        (one for one in community.requests if one not in community.members), key=lambda one: community.requests[one]
    )
    return {
        "id": Hex("community", identifier),
        "title": title,
        **optional,
        "type": community.type,
        "creator": OfPerson("name", "linagora", community.creator),
        "domains": [Label("domain", one) for one in community.domains],
        **({"time": community.time} if community.time else {}),
        **({"members": [OfPerson("name", "linagora", one) for one in members]} if members else {}),
        **({"requests": [OfPerson("name", "linagora", one) for one in requests]} if requests else {}),
    }
