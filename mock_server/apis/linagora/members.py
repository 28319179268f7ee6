"""Members of a community: list, ask, join and admit, leave and remove."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, and_, bindparam, delete, func, insert, select

from mock_server.apis.linagora.access import Community, Person, person, visible_community
from mock_server.apis.linagora.profiles import profile, select_users, user_shapes
from mock_server.apis.linagora.tables import members, membership_requests, users
from mock_server.dispatch import NO_CONTENT, Call, Reply
from mock_server.errors import Problem, forbidden
from mock_server.statements import Connection

_HIDDEN_MEMBERS = ("private", "confidential")


def _of_user(statement: Any, table: Table) -> Any:
    """The statement for one user in one community; bound values: key, community_id, user_id."""
    return statement.where(
        table.c.session == bindparam("key"),
        table.c.community_id == bindparam("community_id"),
        table.c.user_id == bindparam("user_id"),
    )


_COUNT = select(func.count()).where(members.c.session == bindparam("key"), members.c.community_id == bindparam("community_id"))
_PAGE = select_users(members, members.c.joined_at)
_IS_MEMBER = _of_user(select(members.c.rank), members)
_PROFILE = (
    select(users)
    .join(
        members,
        and_(
            members.c.session == users.c.session,
            members.c.user_id == users.c.id,
            members.c.community_id == bindparam("community_id"),
        ),
    )
    .where(users.c.session == bindparam("key"), users.c.id == bindparam("user_id"))
)


_ENTER = insert(members)
_LEAVE = _of_user(delete(members), members)
_CANCEL = _of_user(delete(membership_requests), membership_requests)


def list_members(call: Call) -> Reply:
    """linagora document, GET …/members: X-ESN-Items-Count is the number of all members, whatever the page."""
    community = visible_community(call)
    if community.type in _HIDDEN_MEMBERS:
        _need_member_or_manager(community, call.caller)
    key = {"key": call.session, "community_id": community.id}
    count = call.connection.execute(_COUNT, key).scalar_one()
    page = user_shapes(call.connection, _PAGE, key, call.parameters)
    body = [{"user": user, "metadata": {"timestamps": {"creation": joined_at}}} for user, joined_at in page]
    return Reply(200, body, {"X-ESN-Items-Count": str(count)})


def get_member(call: Call) -> Reply:
    """linagora document, GET …/members/{user_id}: for members of the community; 404 says that the user is none."""
    community = visible_community(call)
    user_id = call.parameters["user_id"]
    row = call.connection.execute(_PROFILE, {"key": call.session, "community_id": community.id, "user_id": user_id}).first()
    if row is None:
        person(call, user_id)  # an unknown user comes before missing rights
    _need_member_or_manager(community, call.caller)
    if row is None:
        raise Problem(404, f"user {user_id} is not a member of the community")
    return Reply(200, profile(row))


def add_member(call: Call) -> Reply:
    """linagora document, PUT …/members/{user_id}: no effect where the user is a member. Who may is inferred: anyone joins an
    open community, managers admit whomever they like from its domains."""
    community = visible_community(call)
    user = person(call, call.parameters["user_id"])
    if not community.is_managed_by(call.caller):
        _check_join(community, call.caller, user)
    if not community.may_hold(user):
        raise forbidden(f"user {user.id} does not belong to a domain of this community")
    admit(call.connection, call.session, community.id, user.id, call.ids.next_rank(), call.timestamp)
    return NO_CONTENT


def remove_member(call: Call) -> Reply:
    """linagora document, DELETE …/members/{user_id}: the creator cannot leave; no effect where the user is no member."""
    community = visible_community(call)
    user = person(call, call.parameters["user_id"])
    if user.id != call.caller.id and not community.is_managed_by(call.caller):
        raise forbidden("only a manager may remove other members")
    if user.id == community.creator:
        raise forbidden("the creator cannot leave the community")
    remove(call, community.id, user.id)
    return NO_CONTENT


def admit(connection: Connection, session: str, community_id: str, user_id: str, rank: int, joined_at: str) -> None:
    """Make the user a member unless they are one, and settle their membership request."""
    if is_member(connection, session, community_id, user_id):
        return
    enter(connection, session, community_id, user_id, rank, joined_at)
    cancel_request(connection, session, community_id, user_id)


def enter(connection: Connection, session: str, community_id: str, user_id: str, rank: int, joined_at: str) -> None:
    """Make a user a member who is not one yet and has no membership request."""
    row = {"session": session, "community_id": community_id, "user_id": user_id, "rank": rank, "joined_at": joined_at}
    connection.execute(_ENTER, row)


def cancel_request(connection: Connection, session: str, community_id: str, user_id: str) -> None:
    """Forget the user's membership request, if there is one."""
    connection.execute(_CANCEL, {"key": session, "community_id": community_id, "user_id": user_id})


def is_member(connection: Connection, session: str, community_id: str, user_id: str) -> bool:
    key = {"key": session, "community_id": community_id, "user_id": user_id}
    return connection.execute(_IS_MEMBER, key).first() is not None


def remove(call: Call, community_id: str, user_id: str) -> None:
    """End the user's membership."""
    call.connection.execute(_LEAVE, {"key": call.session, "community_id": community_id, "user_id": user_id})


def _need_member_or_manager(community: Community, caller: Person) -> None:
    if not community.is_member and not community.is_managed_by(caller):
        raise forbidden("only members of the community may see its members")


def _check_join(community: Community, caller: Person, user: Person) -> None:
    if user.id != caller.id:
        raise forbidden("only a manager may add other people")
    if community.type != "open" and not community.is_member:
        raise forbidden(f"only a manager can admit people to a {community.type} community")
