"""Comments on a ticket, and who is notified of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, bindparam, exists, insert, select

from mock_server.apis.casavi.activities import record_activity
from mock_server.apis.casavi.notifications import notify
from mock_server.apis.casavi.people import person
from mock_server.apis.casavi.tables import contacts, members, ticket_comments
from mock_server.apis.casavi.texts import shorten
from mock_server.dispatch import Call
from mock_server.statements import Row

_COMMENTS = (
    select(
        ticket_comments,
        contacts.c.id.label("author_id"),
        contacts.c.firstname.label("author_firstname"),
        contacts.c.lastname.label("author_lastname"),
    )
    .join(contacts, and_(contacts.c.session == ticket_comments.c.session, contacts.c.id == ticket_comments.c.created_by))
    .where(ticket_comments.c.session == bindparam("key"), ticket_comments.c.ticket_id == bindparam("ticket_id"))
    .order_by(ticket_comments.c.created_at, ticket_comments.c.id)
)
_COMMENT = _COMMENTS.where(ticket_comments.c.id == bindparam("comment_id"))
# Those who opened or commented the ticket, and still live there.
_CONCERNED = select(members.c.user_id).where(
    members.c.session == bindparam("key"),
    members.c.community_id == bindparam("community_id"),
    (members.c.user_id == bindparam("created_by"))
    | exists().where(
        ticket_comments.c.session == bindparam("key"),
        ticket_comments.c.ticket_id == bindparam("ticket_id"),
        ticket_comments.c.created_by == members.c.user_id,
    ),
)
_INSERT = insert(ticket_comments)


def comment_shapes(call: Call, ticket_id: int) -> list[dict[str, Any]]:
    """The comments of a ticket, oldest first."""
    return [_shape(row) for row in call.connection.execute(_COMMENTS, {"key": call.session, "ticket_id": ticket_id})]


def write_comment(call: Call, ticket: Row, author_id: int, text: str, attachments: list[dict[str, Any]]) -> dict[str, Any]:
    """Add a comment by the author, notify those concerned, and return the comment."""
    comment_id = call.ids.next_number()
    row = {
        "session": call.session,
        "id": comment_id,
        "ticket_id": ticket.id,
        "created_by": author_id,
        "text": text,
        "created_at": call.timestamp,
        "attachments": attachments,
    }
    call.connection.execute(_INSERT, row)
    comment = call.connection.execute(_COMMENT, {"key": call.session, "ticket_id": ticket.id, "comment_id": comment_id}).one()
    _tell(call, ticket, comment)
    return _shape(comment)


def _tell(call: Call, ticket: Row, comment: Row) -> None:
    key = {"key": call.session, "community_id": ticket.community_id, "created_by": ticket.created_by, "ticket_id": ticket.id}
    concerned = set(call.connection.execute(_CONCERNED, key).scalars()) - {comment.created_by}
    title = f"New comment on {ticket.title}"
    notify(call, ticket.community_id, concerned, "ticket", title, shorten(comment.text), ticket.id)
    name = f"{comment.author_firstname} {comment.author_lastname}".strip()
    record_activity(call, ticket.community_id, "ticket", title, f"{name} commented.", ticket.id)


def _shape(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "text": row.text,
        "createdAt": row.created_at,
        "CreatedBy": person(row, "author_"),
        "Attachments": row.attachments,
    }
