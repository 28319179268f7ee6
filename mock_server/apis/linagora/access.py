"""Who the caller is, and which communities they may see and manage."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from mock_server.apis.linagora.tables import communities, community_domains, members, membership_requests, user_domains, users
from mock_server.auth import Login
from mock_server.dispatch import Call
from mock_server.errors import forbidden, not_found
from mock_server.statements import Connection, Row


@dataclass(frozen=True, slots=True)
class Person:
    """A user with the ids of their domains, and of those that they administer."""

    id: str
    domain_ids: frozenset[str]
    administrated: frozenset[str]


@dataclass(frozen=True, slots=True)
class Community:
    """A community as one caller sees it: is_member and requested_at are the caller's. The defaults are those of a new one, seen
    by its creator."""

    id: str
    title: str
    description: str | None
    type: str
    creator: str
    created_at: str
    activity_uuid: str
    domain_ids: tuple[str, ...]
    avatar: str | None = None
    avatar_changed: int | None = None
    is_member: bool = True
    requested_at: str | None = None

    def is_managed_by(self, person: Person) -> bool:
        """Managers are the creator and the administrators of its domains (inferred)."""
        return person.id == self.creator or not person.administrated.isdisjoint(self.domain_ids)

    def may_hold(self, person: Person) -> bool:
        """Only users of its domains can be members."""
        return not person.domain_ids.isdisjoint(self.domain_ids)

    def is_visible_to(self, person: Person) -> bool:
        """The caller must share a domain, and be a member of a confidential community."""
        return self.may_hold(person) and (self.is_member or self.type != "confidential")

    def shape(self) -> dict[str, Any]:
        """The community object of the document."""
        optional = {"description": self.description, "avatar": self.avatar, "membershipRequest": self.requested_at}
        return {
            "_id": self.id,
            "title": self.title,
            "type": self.type,
            "creator": self.creator,
            "domain_ids": list(self.domain_ids),
            "timestamps": {"creation": self.created_at},
            "activity_stream": {"uuid": self.activity_uuid, "timestamps": {"creation": self.created_at}},
            **{name: value for name, value in optional.items() if value is not None},
        }


_PERSON = (
    select(users.c.id, user_domains.c.domain_id, user_domains.c.administrator)
    .outerjoin(user_domains, and_(user_domains.c.session == users.c.session, user_domains.c.user_id == users.c.id))
    .where(users.c.session == bindparam("key"), users.c.id == bindparam("user_id"))
)


def load_caller(connection: Connection, session: str, login: Login) -> Person | None:
    return load_person(connection, session, login.user_id)


def load_person(connection: Connection, session: str, user_id: str) -> Person | None:
    rows = connection.execute(_PERSON, {"key": session, "user_id": user_id}).all()
    if not rows:
        return None
    domain_ids = frozenset(row.domain_id for row in rows if row.domain_id)
    return Person(user_id, domain_ids, frozenset(row.domain_id for row in rows if row.administrator))


def person(call: Call, user_id: str) -> Person:
    """The user, or Problem 404."""
    found = load_person(call.connection, call.session, user_id)
    if found is None:
        raise not_found("user", user_id)
    return found


# One row for each domain of a community: the rows of a community follow each other.
COMMUNITIES: Select[Any] = (
    select(communities, community_domains.c.domain_id, members.c.user_id.label("member"), membership_requests.c.requested_at)
    .join(
        community_domains,
        and_(community_domains.c.session == communities.c.session, community_domains.c.community_id == communities.c.id),
    )
    .outerjoin(
        members,
        and_(
            members.c.session == communities.c.session,
            members.c.community_id == communities.c.id,
            members.c.user_id == bindparam("caller"),
        ),
    )
    .outerjoin(
        membership_requests,
        and_(
            membership_requests.c.session == communities.c.session,
            membership_requests.c.community_id == communities.c.id,
            membership_requests.c.user_id == bindparam("caller"),
        ),
    )
    .where(communities.c.session == bindparam("key"))
    .order_by(communities.c.title, communities.c.rank, community_domains.c.position)
)
_COMMUNITY = COMMUNITIES.where(communities.c.id == bindparam("community_id"))


def read_communities(call: Call, query: Select[Any], **values: object) -> Iterator[Community]:
    """Run a narrowed COMMUNITIES for the caller."""
    rows = call.connection.execute(query, {"key": call.session, "caller": call.caller.id, **values})
    for _, group in itertools.groupby(rows, key=lambda row: row.id):
        yield _community(list(group))


def _community(rows: list[Row]) -> Community:
    row = rows[0]
    return Community(
        id=row.id,
        title=row.title,
        description=row.description,
        type=row.type,
        creator=row.creator,
        avatar=row.avatar,
        avatar_changed=row.avatar_changed,
        created_at=row.created_at,
        activity_uuid=row.activity_uuid,
        domain_ids=tuple(r.domain_id for r in rows),
        is_member=row.member is not None,
        requested_at=row.requested_at,
    )


def visible_community(call: Call) -> Community:
    """The community of the path parameter. Raises Problem 404 if there is none, 403 if the caller may not see it
    (linagora document, GET /api/communities/{community_id}: "User may not belong to the domain")."""
    community_id = call.parameters["community_id"]
    community = next(read_communities(call, _COMMUNITY, community_id=community_id), None)
    if community is None:
        raise not_found("community", community_id)
    if not community.may_hold(call.caller):
        raise forbidden("you do not belong to a domain of this community")
    if not community.is_visible_to(call.caller):
        raise forbidden("only members may see a confidential community")
    return community


def managed_community(call: Call) -> Community:
    """The same for managers; Problem 403 for others."""
    community = visible_community(call)
    if not community.is_managed_by(call.caller):
        raise forbidden("only a manager of the community may do this")
    return community
