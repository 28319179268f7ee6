"""Requests to join a community; only private and restricted ones take them."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import insert

from mock_server.apis.linagora.access import Community, managed_community, person, visible_community
from mock_server.apis.linagora.members import cancel_request, is_member
from mock_server.apis.linagora.profiles import select_users, user_shapes
from mock_server.apis.linagora.tables import membership_requests
from mock_server.dispatch import NO_CONTENT, Call, Reply
from mock_server.errors import bad_request, forbidden

_PAGE = select_users(membership_requests, membership_requests.c.requested_at)
_INSERT = insert(membership_requests)


def list_membership_requests(call: Call) -> Reply:
    """linagora document, GET …/membership: for managers."""
    community = managed_community(call)
    _need_requests(community)
    page = user_shapes(call.connection, _PAGE, {"key": call.session, "community_id": community.id}, call.parameters)
    body = [{"user": user, "workflow": "request", "timestamps": {"creation": time}} for user, time in page]
    return Reply(200, body)


def request_membership(call: Call) -> Reply:
    """linagora document, PUT …/membership/{user_id}: not for members; asking twice is asking once (inferred)."""
    community = visible_community(call)
    user = person(call, call.parameters["user_id"])
    if user.id != call.caller.id:
        raise forbidden("users can only ask for themselves")
    _need_requests(community)
    if community.is_member:
        raise bad_request("you are already a member of the community")
    if community.requested_at is None:
        row = {
            "session": call.session,
            "community_id": community.id,
            "user_id": user.id,
            "rank": call.ids.next_rank(),
            "requested_at": call.timestamp,
        }
        call.connection.execute(_INSERT, row)
        community = replace(community, requested_at=call.timestamp)
    return Reply(200, community.shape())


def cancel_membership_request(call: Call) -> Reply:
    """linagora document, DELETE …/membership/{user_id}: not for members; managers may turn a request down (inferred)."""
    community = visible_community(call)
    user = person(call, call.parameters["user_id"])
    if user.id != call.caller.id and not community.is_managed_by(call.caller):
        raise forbidden("only a manager may turn down somebody else's request")
    _need_requests(community)
    if is_member(call.connection, call.session, community.id, user.id):
        raise bad_request(f"user {user.id} is already a member of the community")
    cancel_request(call.connection, call.session, community.id, user.id)
    return NO_CONTENT


def _need_requests(community: Community) -> None:
    if community.type not in ("private", "restricted"):
        raise bad_request(f"a community of type {community.type} does not take membership requests")
