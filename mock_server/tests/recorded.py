"""Traffic as an HTTP archive, made by people who do this and that at a mock, and comparisons of what two mocks answer."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import random
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from mock_server.tests.client import Mock

JSON = {"Content-Type": "application/json"}


class Recorder:
    """Sends requests to a mock and keeps them as entries of an archive, in the manner of the suite, or of a browser."""

    def __init__(self, mock: Mock, manner: str = "suite", base: str = "https://staging.example/rse") -> None:
        self.mock, self.manner, self.base = mock, manner, base
        self.entries: list[dict[str, Any]] = []

    def __call__(self, method: str, path: str, person: str | None = None, sent: Any = None, **query: Any) -> Any:
        url = f"{path}?{urlencode(query)}" if query else path
        body = {} if sent is None else {"data": json.dumps(sent), "content_type": "application/json"}
        response = self.mock(method, url, person, **body)
        login = self.mock.principal(person)["bearer"] if person else None
        self.entries.append(self._entry(method, url, login, sent, response))
        return response.get_json() if response.data and "json" in (response.mimetype or "") else None

    def _entry(self, method: str, url: str, login: str | None, sent: Any, response: Any) -> dict[str, Any]:
        shown = {"name": "Authorization", "value": f"Bearer {login}"}
        if self.manner == "suite":
            shown = {"name": "Authorization", "value": "…", "comment": hashlib.sha256((login or "").encode()).hexdigest()[:8]}
        content: dict[str, Any] = {
            "size": len(response.data),
            "mimeType": response.mimetype or "",
            "text": response.get_data(as_text=True),
        }
        if self.manner == "browser":
            content |= {"text": base64.b64encode(response.data).decode(), "encoding": "base64"}
        posted = None if sent is None else json.dumps(sent)
        if self.manner == "suite":
            content["text"], posted = _masked(content["text"]), posted and _masked(posted)
        return {
            "startedDateTime": datetime.now(UTC).isoformat(),
            "request": {
                "method": method,
                "url": self.base + url,
                "headers": [shown] if login else [],
                **({"postData": {"mimeType": "application/json", "text": posted}} if posted else {}),
            },
            "response": {
                "status": response.status_code,
                "headers": [{"name": name, "value": value} for name, value in response.headers],
                "content": content,
            },
        }

    def save(self, path: Path) -> Path:
        path.write_text(json.dumps({"log": {"version": "1.2", "creator": {}, "entries": self.entries}}), encoding="utf-8")
        return path


def _masked(text: str) -> str:
    return re.sub(r'("\w*(?:[tT]oken|[cC]ode)": ?")[^"]+', r"\1…", text)


def do_linagora(recorder: Recorder, chance: random.Random, steps: int) -> None:
    """People of the default scenario create communities, join and leave them, ask to be let in, and change and delete them."""
    names = ["alice", "bob", "carol"]
    made = [(_create(recorder, name, f"Circle {len(recorder.entries)} of {name}", "open"), name) for name in names]
    for number in range(steps):
        name, (path, owner) = chance.choice(names), chance.choice(made)
        mine, other = recorder.mock.id_of(name), recorder.mock.id_of(chance.choice(names))
        if chance.random() < 0.1:
            kind = chance.choice(["open", "restricted", "private", "confidential"])
            made.append((_create(recorder, name, f"{chance.choice('ZYabÄ')} talk {number}", kind), name))
            continue
        acts: list[tuple[str, str, str, Any]] = [
            ("PUT", f"{path}/members/{mine}", name, None),
            ("DELETE", f"{path}/members/{mine}", name, None),
            ("PUT", f"{path}/membership/{mine}", name, None),
            ("DELETE", f"{path}/membership/{mine}", name, None),
            ("PUT", path, owner, {"title": f"Renamed {number}", "description": f"Written by {name}\n\nat {number}"}),
            ("PUT", path, owner, {"newMembers": [other]}),
            ("PUT", path, owner, {"deleteMembers": [other]}),
            ("PUT", f"{path}/members/{other}", owner, None),
            ("GET", f"{path}/members", name, None),
            *([("DELETE", path, owner, None)] if len(made) > len(names) else []),
        ]
        act = chance.choice(acts)
        recorder(*act)
        if act[:2] == ("DELETE", path):
            made.remove((path, owner))


def _create(recorder: Recorder, name: str, title: str, kind: str) -> str:
    body = {"title": title, "description": f"By {name}", "type": kind, "domain_ids": [recorder.mock.domain()]}
    return f"/api/communities/{recorder('POST', '/api/communities', name, body)['_id']}"


def do_casavi(recorder: Recorder, chance: random.Random, steps: int) -> None:
    """Residents of the default scenario open tickets and comment on them, read what is new, and invite people who register."""
    homes = {"casavi:max": [1], "casavi:erika": [1], "casavi:hans": [2], "casavi:paula": [1, 2]}
    tickets: dict[int, list[int]] = {1: [], 2: []}
    for name, places in homes.items():
        for place in places:
            tickets[place].append(_open(recorder, name, place, f"First of {name}")["id"])
    for number in range(steps):
        name = chance.choice(list(homes))
        place = chance.choice(homes[name])
        ticket, inside = chance.choice(tickets[place]), f"/api/v1/communities/{place}"
        match chance.randrange(5):
            case 0:
                tickets[place].append(_open(recorder, name, place, f"Trouble {number}\n\nwith {name}")["id"])
            case 1 | 2:
                recorder("POST", f"/api/v1/tickets/{ticket}/comments", name, {"text": f"Comment {number} of {name}"})
            case 3:
                rows = recorder("GET", f"{inside}/notifications", name)["rows"]
                read = [f"{row['id']}/read" for row in rows] or ["read"]
                recorder("PUT", f"{inside}/notifications/{chance.choice([*read, 'read'])}", name)
            case _:
                _invite(recorder, name, inside, f"guest{number}@private.example", registers=chance.random() < 0.5)


def _invite(recorder: Recorder, name: str, inside: str, email: str, *, registers: bool) -> None:
    invited = recorder("POST", f"{inside}/invitations", name, {"email": email, "firstName": "Gisela", "lastName": "Gastmann"})
    if registers:
        code = {"inviteCode": invited["inviteToken"], "clientId": "casavi-web", "providerKey": "casavi"}
        recorder("POST", "/api/v1/openid/users", None, {"email": email, **code})


def _open(recorder: Recorder, name: str, place: int, text: str) -> Any:
    kinds = recorder("GET", f"/api/v1/communities/{place}/ticket-types", name)
    kind = next(kind for kind in kinds if [field["type"] for field in kind["fields"] if field["required"]] in ([], ["text"]))
    field = next(field for field in kind["fields"] if field["type"] == "text")
    return recorder(
        "POST", "/api/v1/tickets", name, {"communityId": place, "ticketTypeId": kind["id"], "fields": {str(field["id"]): text}}
    )


EQUAL = """
type status statusText createdAt start end allDay read required label category options count page pageCount pageSize
rowsOnPage isAdmin code
"""


class Renaming:
    """Finds out which new value stands for which old one; the same old ones have the same new ones, and the other way round."""

    EQUAL = frozenset(EQUAL.split())
    # Scenarios have neither the times nor the pictures of users.
    LEFT_OUT = frozenset({"timestamps", "activity_stream", "joined_at", "currentAvatar", "avatar", "membershipRequest"})

    def __init__(self) -> None:
        self.new: dict[tuple[str, Any], Any] = {}
        self._old: dict[tuple[str, Any], Any] = {}

    def path(self, path: str) -> str:
        """A path with the new ids."""
        parts = path.split("/")
        kinds = {"communities": "Community", "tickets": "ticket"}
        for number, (before, part) in enumerate(itertools.pairwise(parts), start=1):
            if part.isdecimal():
                parts[number] = str(self.new[kinds[before], int(part)])
        return "/".join(self.new.get(("text", part), part) for part in parts)

    def query(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The same of a query."""
        kinds = {"domain_id": "text", "community_id": "Community"}
        return {name: self.new[kinds[name], value] if name in kinds else value for name, value in query.items()}

    def differences(self, old: Any, new: Any, place: str) -> Iterator[str]:
        key = place.rpartition("/")[2]
        if isinstance(old, dict) and isinstance(new, dict):
            old, new = self._comparable(old), self._comparable(new)
            if old.keys() != new.keys():
                yield f"{place} has {sorted(old)} and then {sorted(new)}"
            for name in old.keys() & new.keys():
                yield from self.differences(old[name], new[name], f"{place}/{name}")
        elif isinstance(old, list) and isinstance(new, list):
            if len(old) != len(new):
                yield f"{place} has {len(old)} and then {len(new)}"
            for one, other in zip(old, new, strict=False):
                yield from self.differences(one, other, place)
        elif key in self.EQUAL or isinstance(old, bool | None) or not isinstance(new, type(old)):
            if old != new:
                yield f"{place} is {old!r} and then {new!r}"
        else:
            kind = _kind(place) if isinstance(old, int) else key.lower() if key.lower() in ("firstname", "lastname") else "text"
            if self.new.setdefault((kind, old), new) != new or self._old.setdefault((kind, new), old) != old:
                yield f"{place} is {old!r} and then {new!r}, and one of them was paired with another one"

    def _comparable(self, value: dict[str, Any]) -> dict[str, Any]:
        if "error" in value:
            return {"code": value["error"]["code"]}
        other = {"objectId"} if value.get("type") != "ticket" else set()
        return {name: item for name, item in value.items() if name not in self.LEFT_OUT | other}


def _kind(place: str) -> str:
    """Whose id it is."""
    above, _, key = place.rpartition("/")
    kinds = {"communityId": "Community", "ticketTypeId": "TicketType", "objectId": "ticket", "identifier": "ticket"}
    people = dict.fromkeys(("CreatedBy", "Contact", "AssignedTo"), "person")
    owner = above.rpartition("/")[2]
    return kinds.get(key) or people.get(owner, owner)


ODD: list[Any] = [
    None,
    True,
    -1,
    10**12,
    1.5,
    "",
    "x",
    "…",
    "\0",
    "ä" * 300,
    "9999-12-31T23:59:59-23:00",
    [],
    {},
    [[]],
    [{}],
    "a@b.c",
    "- x: y",
    "🏡",
]


def damaged(value: Any, chance: random.Random, often: float) -> Any:
    """The value with some of what is in it gone, twice, elsewhere or something else."""
    if chance.random() < often:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: damaged(item, chance, often) for key, item in value.items() if chance.random() >= often}
    if isinstance(value, list):
        items = [damaged(item, chance, often) for item in value if chance.random() >= often]
        twice = chance.sample(items, min(len(items), chance.random() < often * 5))
        return chance.sample(items, len(items)) + twice if chance.random() < often * 5 else items + twice
    return value
