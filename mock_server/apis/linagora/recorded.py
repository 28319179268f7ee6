"""What recorded traffic shows of linagora-rse, as a scenario's part: later answers count, and what was deleted is gone."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from mock_server.apis.linagora.recorded_part import Community, User, part
from mock_server.recordings import Logins, Notes, Person, Seen, moment_of

_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_TYPES = ("open", "restricted", "private", "confidential")
_MANAGERS_ALONE = ("listMembershipRequests", "updateCommunity", "uploadCommunityAvatar")
_ABOUT_SOMEBODY = ("addMember", "removeMember", "cancelMembershipRequest")


class World:
    """managed are who acted as a manager of what, looked who saw its members, and joined who ever was a member."""

    def __init__(self, calls: Sequence[Seen], notes: Notes) -> None:
        self.notes = notes
        self.users: dict[Any, User] = {}
        self.communities: dict[str, Community] = {}
        self.managed: dict[tuple[Any, str], None] = {}
        self.looked: dict[tuple[Any, str], None] = {}
        self.joined: set[tuple[Any, str]] = set()
        self.logins = Logins(calls, _identify, notes)
        for person in self.logins.people:
            self.user(person)
        for seen in calls:
            if 200 <= seen.status < 300 or seen.status == 404:
                self._take(seen)

    def user(self, identifier: Any) -> User:
        return self.users.setdefault(identifier, User())

    def acting(self) -> list[tuple[Any, str]]:
        """Who acted as a manager of which community, or saw members that are shown to managers and members alone."""
        looked = [pair for pair in self.looked if pair not in self.joined and self._is_closed(pair[1])]
        return [*self.managed, *looked]

    def _is_closed(self, community_id: str) -> bool:
        return community_id in self.communities and self.communities[community_id].type in ("private", "confidential")

    def _take(self, seen: Seen) -> None:
        community_id, who = seen.path.get("community_id", ""), self.logins.of(seen)
        if seen.status == 404:
            self._missing(seen, community_id)
            return
        if community_id:
            self._asked(seen, community_id, who)
        if seen.operation in _TELL:
            place = self.communities.setdefault(community_id, Community()) if community_id else None
            _TELL[seen.operation](self, seen, place, who)

    def _missing(self, seen: Seen, community_id: str) -> None:
        if seen.operation == "getCommunity":
            self.communities.pop(community_id, None)
        elif seen.operation == "getMember" and community_id in self.communities:
            self.communities[community_id].members.pop(seen.path["user_id"], None)

    def _asked(self, seen: Seen, community_id: str, who: Any) -> None:
        if who is None:
            return
        self.user(who).near[community_id] = None
        other = seen.operation in _ABOUT_SOMEBODY and seen.path["user_id"] != who
        if other or seen.operation in _MANAGERS_ALONE:
            self.managed[who, community_id] = None
        elif seen.operation in ("listMembers", "getMember"):
            self.looked[who, community_id] = None

    # One for each operation that tells of something.

    def list_communities(self, seen: Seen, _: None, who: Any) -> None:
        domain = seen.query.get("domain_id", "")
        if who is not None and _is_id(domain) and domain not in self.user(who).domains:
            self.user(who).domains.append(domain)
        for answer in _objects(seen.answer):
            self._show(answer, seen, who)

    def get_community(self, seen: Seen, _: Community, who: Any) -> None:
        self._show(seen.answer, seen, who)

    def create_community(self, seen: Seen, _: None, who: Any) -> None:
        community = self._show(seen.answer, seen, who)
        if community and community.creator:
            self.user(community.creator).domains += [
                one for one in community.domains if one not in self.user(community.creator).domains
            ]
            self._join(seen.answer["_id"], community.creator, community.time or "")

    def update_community(self, seen: Seen, community: Community, _: Any) -> None:
        changes = seen.sent if isinstance(seen.sent, dict) else {}
        for key in ("title", "description"):
            if isinstance(changes.get(key), str):
                setattr(community, key, changes[key])
        for user_id in _ids(changes.get("newMembers")):
            self._join(seen.path["community_id"], user_id, moment_of(seen.time) or "")
        for user_id in _ids(changes.get("deleteMembers")):
            community.members.pop(user_id, None)

    def delete_community(self, seen: Seen, _: Community, __: Any) -> None:
        del self.communities[seen.path["community_id"]]

    def upload_community_avatar(self, _: Seen, community: Community, __: Any) -> None:
        community.has_avatar = True

    def list_members(self, seen: Seen, community: Community, _: Any) -> None:
        rows = [row for row in _objects(seen.answer) if self._see_user(row.get("user"))]
        if _is_whole(seen, len(rows)):
            community.members.clear()
        for row in rows:
            user_id, time = row["user"]["_id"], _at(row, "metadata", "timestamps", "creation")
            community.members.pop(user_id, None)
            self._join(seen.path["community_id"], user_id, time)

    def get_member(self, seen: Seen, community: Community, _: Any) -> None:
        if self._see_user(seen.answer):
            user_id = seen.answer["_id"]
            self._join(seen.path["community_id"], user_id, community.members.get(user_id) or moment_of(seen.time) or "")

    def add_member(self, seen: Seen, _: Community, __: Any) -> None:
        self._join(seen.path["community_id"], seen.path["user_id"], moment_of(seen.time) or "")

    def remove_member(self, seen: Seen, community: Community, _: Any) -> None:
        community.members.pop(seen.path["user_id"], None)

    def list_membership_requests(self, seen: Seen, community: Community, _: Any) -> None:
        rows = [row for row in _objects(seen.answer) if self._see_user(row.get("user"))]
        if _is_whole(seen, len(rows)):
            community.requests.clear()
        for row in rows:
            community.requests[row["user"]["_id"]] = _at(row, "timestamps", "creation")

    def request_membership(self, seen: Seen, community: Community, _: Any) -> None:
        self._show(seen.answer, seen, None)
        community.requests[seen.path["user_id"]] = moment_of(seen.time) or ""

    def cancel_membership_request(self, seen: Seen, community: Community, _: Any) -> None:
        community.requests.pop(seen.path["user_id"], None)

    def list_invitable_people(self, seen: Seen, community: Community, _: Any) -> None:
        for answer in _objects(seen.answer):
            if self._see_user(answer):
                self.users[answer["_id"]].near[seen.path["community_id"]] = None
                community.members.pop(answer["_id"], None)

    def log_in(self, seen: Seen, _: None, __: Any) -> None:
        self._see_user(seen.answer)

    # What objects in answers tell.

    def _show(self, answer: Any, seen: Seen, who: Any) -> Community | None:
        if not isinstance(answer, dict) or not _is_id(answer.get("_id")) or not isinstance(answer.get("title"), str):
            self.notes.add(f"answers of {seen.operation} with a community that has no id or title")
            return None
        community = self.communities.setdefault(answer["_id"], Community())
        community.shown, community.title, community.description = True, answer["title"], _text(answer.get("description"))
        community.type = answer["type"] if answer.get("type") in _TYPES else community.type
        community.creator = answer["creator"] if _is_id(answer.get("creator")) else community.creator
        community.domains = _ids(answer.get("domain_ids")) or community.domains
        community.time = _at(answer, "timestamps", "creation") or community.time
        community.has_avatar = "avatar" in answer
        if who is not None:
            self._show_to(answer, community, seen, who)
        return community

    def _show_to(self, answer: Any, community: Community, seen: Seen, who: Any) -> None:
        self.user(who).near[answer["_id"]] = None
        if community.type == "confidential" and who not in community.members:
            self._join(answer["_id"], who, moment_of(seen.time) or "")
        if "membershipRequest" in answer:
            community.requests[who] = _at(answer, "membershipRequest")
        else:
            community.requests.pop(who, None)

    def _join(self, community_id: str, user_id: Any, time: str) -> None:
        community = self.communities.setdefault(community_id, Community())
        community.members[user_id] = time
        community.requests.pop(user_id, None)
        self.joined.add((user_id, community_id))
        self.user(user_id).near[community_id] = None

    def _see_user(self, answer: Any) -> bool:
        """Whether it is one."""
        if not isinstance(answer, dict) or not _is_id(answer.get("_id")):
            self.notes.add("answers with a user who has no id")
            return False
        user = self.user(answer["_id"])
        for key in ("firstname", "lastname"):
            if isinstance(answer.get(key), str) and answer[key]:
                setattr(user.name, key, answer[key])
        user.avatar = bool(answer.get("currentAvatar") or answer.get("avatar") or user.avatar)
        user.job_title = _text(answer.get("job_title")) or user.job_title
        homes = _ids([one.get("domain_id") for one in _objects(answer.get("domains"))])
        user.domains = homes or user.domains
        return True


# What each operation tells. Of the others nothing is to be had for a scenario.
_TELL: Mapping[str, Callable[[World, Seen, Any, Any], None]] = {
    "listCommunities": World.list_communities,
    "getCommunity": World.get_community,
    "createCommunity": World.create_community,
    "updateCommunity": World.update_community,
    "deleteCommunity": World.delete_community,
    "uploadCommunityAvatar": World.upload_community_avatar,
    "listMembers": World.list_members,
    "getMember": World.get_member,
    "addMember": World.add_member,
    "removeMember": World.remove_member,
    "listMembershipRequests": World.list_membership_requests,
    "requestMembership": World.request_membership,
    "cancelMembershipRequest": World.cancel_membership_request,
    "listInvitablePeople": World.list_invitable_people,
    "logIn": World.log_in,
}


def record(calls: Sequence[Seen], notes: Notes) -> tuple[dict[str, Any] | None, dict[Any, Person]]:
    """The scenario's part, with marks, and the people in it; None where nothing was seen."""
    world = World(calls, notes)
    return part(world.communities, world.users, world.acting(), world.logins.people, notes), {
        identifier: user.name for identifier, user in world.users.items()
    }


def _identify(seen: Seen) -> Iterator[tuple[str, Any]]:
    """Users ask for themselves alone to become members, and who creates a community is its creator."""
    answer = seen.answer if isinstance(seen.answer, dict) else {}
    found = {
        "createCommunity": (seen.who, answer.get("creator")),
        "requestMembership": (seen.who, seen.path.get("user_id")),
        "logIn": (seen.gave, answer.get("_id")),
    }.get(seen.operation)
    if found and _is_id(found[1]) and 200 <= seen.status < 300:
        yield found


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and _ID.fullmatch(value) is not None


def _ids(value: Any) -> list[str]:
    return list(dict.fromkeys(one for one in value if _is_id(one))) if isinstance(value, list) else []


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _at(value: Any, *keys: str) -> str:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return moment_of(value) or ""


def _is_whole(seen: Seen, rows: int) -> bool:
    """Whether the page is all that there is."""
    count = seen.headers.get("x-esn-items-count", "")
    limit = seen.query.get("limit", "50")
    whole = int(count) <= rows if count.isdecimal() else limit.isdecimal() and rows < int(limit)
    return whole and seen.query.get("offset", "0") == "0"
