"""Makes many of everything out of a few numbers: for lists that scroll, pages that turn, and load."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from mock_server.clock import iso_time

Item = dict[str, Any]

_FIRST_NAMES = ("Anna", "Björn", "Çağla", "David", "Elif", "Friederike", "Günter", "Hannah", "Iwan", "Jürgen", "Käthe", "Łukasz")
_LAST_NAMES = ("Albrecht", "Böhm", "Çelik", "Dvořák", "Engel", "Fuß", "Großmann", "Hübner", "Ivanović", "Jäger", "Kühn")
_MATTERS = ("The tap drips", "The lift stands still", "No light in the stairwell", "The heating stays cold", "A window is broken")
_NEWS = ("New bins", "Chimney sweep", "Works on the roof", "Summer party", "Bicycle cellar", "House meeting", "Meter reading")


def grow(data: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario plus what the `crowd` of each community asks for, in the same shape."""
    users = list(data["users"])
    communities = []
    for community in data["communities"]:
        crowd = _Crowd(community, datetime.fromisoformat(data["time"]))
        users += crowd.users()
        communities.append({**community, **crowd.parts()})
    return {**data, "users": users, "communities": communities}


def resident_names(community_id: int, count: int) -> list[str]:
    """What the made-up residents of a community are called."""
    return [f"resident-{community_id}-{number + 1}" for number in range(count)]


class _Crowd:
    def __init__(self, community: Mapping[str, Any], time: datetime) -> None:
        self._community = community
        self._numbers: Mapping[str, int] = community.get("crowd", {})
        self._residents = resident_names(community["id"], self._numbers.get("residents", 0))
        self._time = time
        # The people whom the scenario names: they are the ones who log in and look.
        self._named = list(dict.fromkeys(name for unit in community.get("units", []) for name in unit.get("residents", [])))

    def users(self) -> Iterator[Item]:
        for number, name in enumerate(self._residents):
            first = _FIRST_NAMES[number % len(_FIRST_NAMES)]
            last = _LAST_NAMES[number // len(_FIRST_NAMES) % len(_LAST_NAMES)]
            yield {"name": name, "firstname": first, "lastname": last, "email": f"{name}@resident.example"}

    def parts(self) -> dict[str, list[Item]]:
        makers: dict[str, Callable[[int], Item]] = {
            "units": self._unit,
            "tickets": self._ticket,
            "official_posts": self._post,
            "appointments": self._appointment,
            "activities": self._activity,
            "notifications": self._notification,
        }
        numbers = {**self._numbers, "units": len(self._residents)}
        return {
            key: [*self._community.get(key, []), *(make(number) for number in range(numbers.get(key, 0)))]
            for key, make in makers.items()
        }

    def _ago(self, hours: int) -> str:
        return iso_time(self._time - timedelta(hours=hours))

    def _unit(self, number: int) -> Item:
        return {"name": f"House {number // 20 + 1}, flat {number % 20 + 1}", "residents": [self._residents[number]]}

    def _ticket(self, number: int) -> Item:
        matter = _MATTERS[number % len(_MATTERS)]
        comments = [
            {"by": self._community["manager"], "text": f"We look after it ({turn + 1}).", "time": self._ago(2 * number - turn)}
            for turn in range(number % 4)
        ]
        kinds = self._community["ticket_types"]
        return {
            "type": kinds[number % len(kinds)]["name"],
            "by": self._residents[number % len(self._residents)] if self._residents else self._named[0],
            "title": f"{matter} ({number + 1})",
            "text": f"{matter}.\n\nPlease have a look.",
            "status": ("OPEN", "IN_PROGRESS", "CLOSED")[number % 3],
            "comments": comments,
        }

    def _post(self, number: int) -> Item:
        title = f"{_NEWS[number % len(_NEWS)]} ({number + 1})"
        text = f"{title}: all that you need to know hangs in the stairwell."
        return {"by": self._community["manager"], "title": title, "text": text, "time": self._ago(24 * (number + 1))}

    def _appointment(self, number: int) -> Item:
        start = self._time + timedelta(days=number + 1)
        title = f"{_NEWS[number % len(_NEWS)]} ({number + 1})"
        return {"title": title, "start": iso_time(start), "end": iso_time(start + timedelta(hours=2)), "location": "Courtyard"}

    def _activity(self, number: int) -> Item:
        title = f"{_NEWS[number % len(_NEWS)]} ({number + 1})"
        return {"type": "neighborhood", "title": title, "text": "Somebody posted something.", "time": self._ago(6 * (number + 1))}

    def _notification(self, number: int) -> Item:
        title = f"{_NEWS[number % len(_NEWS)]} ({number + 1})"
        shape = {"type": "neighborhood", "title": title, "text": "There is something new.", "time": self._ago(3 * (number + 1))}
        return {**shape, "to": self._named, "read": number % 3 == 2}
