"""Posts of the managers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, select

from mock_server.apis.casavi.pages import Pages, newest_first
from mock_server.apis.casavi.people import person
from mock_server.apis.casavi.tables import contacts, official_posts
from mock_server.dispatch import Call, Reply
from mock_server.statements import Row

# The document shows no `limit` here, so the server has a size of its own.
PAGE_SIZE = 10
POSTS = select(
    official_posts,
    contacts.c.id.label("author_id"),
    contacts.c.firstname.label("author_firstname"),
    contacts.c.lastname.label("author_lastname"),
).join(contacts, and_(contacts.c.session == official_posts.c.session, contacts.c.id == official_posts.c.created_by))


def list_official_posts(call: Call) -> Reply:
    """casavi document, Official Posts: pages from 0; newest first is inferred."""
    return _PAGES.reply(call, PAGE_SIZE)


def post_shape(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "title": row.title,
        "text": row.text,
        "createdAt": row.created_at,
        "CreatedBy": person(row, "author_"),
        "Attachments": row.attachments,
    }


_PAGES = Pages(POSTS, official_posts, newest_first(official_posts, official_posts.c.created_at), post_shape)
