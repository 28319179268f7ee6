"""What happens in a community, for all of its residents to see."""

from __future__ import annotations

from typing import Any

from sqlalchemy import insert, select

from mock_server.apis.casavi.pages import Pages, newest_first
from mock_server.apis.casavi.tables import activities
from mock_server.dispatch import Call, Reply
from mock_server.statements import Row

_INSERT = insert(activities)


def list_activities(call: Call) -> Reply:
    """casavi document, Activities: pages from 0; newest first is inferred."""
    return _PAGES.reply(call, call.parameters["limit"])


def record_activity(call: Call, community_id: int, kind: str, title: str, text: str, object_id: int) -> None:
    """Let the residents see that something happened; object_id is what it is about."""
    row = {"type": kind, "title": title, "text": text, "created_at": call.timestamp, "object_id": object_id}
    call.connection.execute(_INSERT, {"session": call.session, "id": call.ids.next_number(), "community_id": community_id, **row})


def _shape(row: Row) -> dict[str, Any]:
    shape = {"id": row.id, "type": row.type, "title": row.title, "text": row.text, "createdAt": row.created_at}
    return shape | ({} if row.object_id is None else {"objectId": row.object_id})


_PAGES = Pages(select(activities), activities, newest_first(activities, activities.c.created_at), _shape)
