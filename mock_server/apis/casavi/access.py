"""Who the caller is, and which communities they may look into."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, bindparam, select

from mock_server.apis.casavi.tables import communities, grants, members, users
from mock_server.auth import Login
from mock_server.dispatch import Call
from mock_server.errors import forbidden, not_found
from mock_server.statements import Connection


@dataclass(frozen=True, slots=True)
class Resident:
    """A user with the ids of their communities, and of those that they administer."""

    id: int
    community_ids: frozenset[int]
    administered: frozenset[int]


_RESIDENT = (
    select(users.c.id, members.c.community_id, members.c.administrator)
    .outerjoin(members, and_(members.c.session == users.c.session, members.c.user_id == users.c.id))
    .where(users.c.session == bindparam("key"), users.c.id == bindparam("user_id"))
)
_ENDED = select(grants.c.ended).where(grants.c.session == bindparam("key"), grants.c.id == bindparam("grant"))
_KNOWN = select(communities.c.id).where(communities.c.session == bindparam("key"), communities.c.id == bindparam("community_id"))

_MAX_ID = 2**31 - 1


def load_caller(connection: Connection, session: str, login: Login) -> Resident | None:
    """The user of a login that has not ended. A login that the session has forgotten, for instance by a reset, stays valid."""
    if login.grant is not None and connection.execute(_ENDED, {"key": session, "grant": login.grant}).scalar():
        return None
    if not login.user_id.isdecimal():
        return None
    rows = connection.execute(_RESIDENT, {"key": session, "user_id": int(login.user_id)}).all()
    if not rows:
        return None
    administered = frozenset(row.community_id for row in rows if row.administrator)
    return Resident(rows[0].id, frozenset(row.community_id for row in rows if row.community_id is not None), administered)


def enter_community(call: Call, community_id: int) -> int:
    """The id of a community that the caller is in. Raises Problem 404 for an unknown one, 403 for one of others."""
    if community_id in call.caller.community_ids:
        return community_id
    known = _KNOWN, {"key": call.session, "community_id": community_id}
    # Filters that are strings let numbers through that are larger than any id, and than PostgreSQL takes.
    if community_id > _MAX_ID or call.connection.execute(*known).first() is None:
        raise not_found("community", community_id)
    raise forbidden(f"you are not in community {community_id}")


def asked_communities(call: Call) -> list[int]:
    """The community that the filter `community_id` names, in digits or as a number, or all of the caller's."""
    asked = call.parameters["community_id"]
    return sorted(call.caller.community_ids) if asked is None else [enter_community(call, int(asked))]
