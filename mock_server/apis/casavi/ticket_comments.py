"""Comments on a ticket, and who is notified of them."""

from __future__ import annotations

from collections.abc import Mapping
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
_AUTHOR = select(contacts.c.id, contacts.c.firstname, contacts.c.lastname).where(
    contacts.c.session == bindparam("key"), contacts.c.id == bindparam("author_id")
)
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
    rows = call.connection.execute(_COMMENTS, {"key": call.session, "ticket_id": ticket_id})
    return [_shape(row._asdict(), person(row, "author_")) for row in rows]


def write_comment(call: Call, ticket: Row, author_id: int, text: str, attachments: list[dict[str, Any]]) -> dict[str, Any]:
    """Add a comment by the author, notify those concerned, and return the comment."""
    author = person(call.connection.execute(_AUTHOR, {"key": call.session, "author_id": author_id}).one())
    comment = {
        "session": call.session,
        "id": call.ids.next_number(),
        "ticket_id": ticket.id,
        "created_by": author_id,
        "text": text,
        "created_at": call.timestamp,
        "attachments": attachments,
    }
    call.connection.execute(_INSERT, comment)
    _tell(call, ticket, author, text)
    return _shape(comment, author)


def _tell(call: Call, ticket: Row, author: Mapping[str, Any], text: str) -> None:
    key = {"key": call.session, "community_id": ticket.community_id, "created_by": ticket.created_by, "ticket_id": ticket.id}
    concerned = set(call.connection.execute(_CONCERNED, key).scalars()) - {author["id"]}
    title = f"New comment on {ticket.title}"
    notify(call, ticket.community_id, concerned, "ticket", title, shorten(text), ticket.id)
    name = f"{author['firstName']} {author['lastName']}".strip()
    record_activity(call, ticket.community_id, "ticket", title, f"{name} commented.", ticket.id)


def _shape(comment: Mapping[str, Any], author: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": comment["id"],
        "text": comment["text"],
        "createdAt": comment["created_at"],
        "CreatedBy": author,
        "Attachments": comment["attachments"],
    }
