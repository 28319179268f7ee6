"""Chat among residents: of it the API tells how much is unread."""

from __future__ import annotations

from sqlalchemy import bindparam, select

from mock_server.apis.casavi.access import enter_community
from mock_server.apis.casavi.tables import unread_chats
from mock_server.dispatch import Call, Reply

_COUNT = select(unread_chats.c.count).where(
    unread_chats.c.session == bindparam("key"),
    unread_chats.c.user_id == bindparam("user_id"),
    unread_chats.c.community_id == bindparam("community_id"),
)


def get_unread_chat_count(call: Call) -> Reply:
    community_id = enter_community(call, call.parameters["community_id"])
    key = {"key": call.session, "user_id": call.caller.id, "community_id": community_id}
    return Reply(200, {"count": call.connection.execute(_COUNT, key).scalar() or 0})
