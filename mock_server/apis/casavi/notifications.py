"""Notifications: what is new for one user in one community."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update

from mock_server.apis.casavi.access import enter_community
from mock_server.apis.casavi.tables import notifications
from mock_server.apis.casavi.times import just_after, last_millisecond, next_millisecond
from mock_server.dispatch import NO_CONTENT, Call, Reply
from mock_server.errors import not_found
from mock_server.statements import Row

PAGE_SIZE = 20
_BEFORE_ALL, _AFTER_ALL = "", "~"

_MINE = (
    notifications.c.session == bindparam("key"),
    notifications.c.user_id == bindparam("caller"),
    notifications.c.community_id == bindparam("community"),
)
_UNREAD = notifications.c.read.is_(False)
_BETWEEN = (notifications.c.created_at > bindparam("after"), notifications.c.created_at < bindparam("before"))

_UNREAD_COUNT = select(func.count()).select_from(notifications).where(*_MINE, _UNREAD)
_COUNT = select(func.count()).select_from(notifications).where(*_MINE, *_BETWEEN)
_ROWS = (
    select(notifications)
    .where(*_MINE, *_BETWEEN)
    .order_by(notifications.c.created_at.desc(), notifications.c.id.desc())
    .limit(PAGE_SIZE)
)
_LISTS = {False: (_COUNT, _ROWS), True: (_COUNT.where(_UNREAD), _ROWS.where(_UNREAD))}
_LATEST = select(func.max(notifications.c.created_at)).where(
    notifications.c.session == bindparam("key"), notifications.c.community_id == bindparam("community")
)
_INSERT = insert(notifications)
_MARK_ALL = update(notifications).where(*_MINE).values(read=True)
_MARK = _MARK_ALL.where(notifications.c.id == bindparam("notification"))


def list_notifications(call: Call) -> Reply:
    """casavi document, Notifications: `after`, `before` and `unreadOnly` narrow the list; newest first is inferred."""
    after, before = call.parameters["after"], call.parameters["before"]
    values = {
        **_key(call),
        "after": _BEFORE_ALL if after is None else last_millisecond(after),
        "before": _AFTER_ALL if before is None else next_millisecond(before),
    }
    count, rows = _LISTS[call.parameters["unreadOnly"]]
    shapes = [_shape(row) for row in call.connection.execute(rows, values)]
    number = call.connection.execute(count, values).scalar_one()
    return Reply(200, {"pageSize": PAGE_SIZE, "count": number, "rowsOnPage": len(shapes), "rows": shapes})


def get_unread_notification_count(call: Call) -> Reply:
    return Reply(200, {"count": call.connection.execute(_UNREAD_COUNT, _key(call)).scalar_one()})


def mark_all_notifications_read(call: Call) -> Reply:
    call.connection.execute(_MARK_ALL, _key(call))
    return NO_CONTENT


def mark_notification_read(call: Call) -> Reply:
    """casavi document, Notifications: for the user alone; another user's is as unknown as none (inferred)."""
    notification_id = call.parameters["notification_id"]
    marked = call.connection.execute(_MARK, {**_key(call), "notification": notification_id})
    if not marked.rowcount:
        raise not_found("notification", notification_id)
    return NO_CONTENT


def notify(call: Call, community_id: int, user_ids: Collection[int], kind: str, title: str, text: str, object_id: int) -> None:
    """Give each of the users an unread notification; object_id is what it is about."""
    if not user_ids:
        return
    latest = call.connection.execute(_LATEST, {"key": call.session, "community": community_id}).scalar()
    # No two have the same time, so that nobody who pages with `before` misses one.
    created_at = max(call.timestamp, just_after(latest)) if latest else call.timestamp
    row = {
        "session": call.session,
        "community_id": community_id,
        "type": kind,
        "title": title,
        "text": text,
        "created_at": created_at,
        "read": False,
        "object_id": object_id,
    }
    rows = [{**row, "id": call.ids.next_number(), "user_id": user_id} for user_id in sorted(user_ids)]
    call.connection.execute(_INSERT, rows)


def _key(call: Call) -> dict[str, object]:
    community_id = enter_community(call, call.parameters["community_id"])
    return {"key": call.session, "caller": call.caller.id, "community": community_id}


def _shape(row: Row) -> dict[str, Any]:
    shape = {
        "id": row.id,
        "type": row.type,
        "title": row.title,
        "text": row.text,
        "createdAt": row.created_at,
        "read": row.read,
    }
    return shape | ({} if row.object_id is None else {"objectId": row.object_id})
