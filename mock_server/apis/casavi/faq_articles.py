"""Common questions, in groups, and the tickets that they may spare."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Table, bindparam, select

from mock_server.apis.casavi.access import asked_communities
from mock_server.apis.casavi.tables import faq_articles, faq_groups
from mock_server.dispatch import Call, Reply
from mock_server.statements import among


def _of_communities(table: Table) -> Select[Any]:
    here = (table.c.session == bindparam("key"), among(table.c.community_id, "community_ids"))
    return select(table).where(*here).order_by(table.c.id)


_GROUPS = _of_communities(faq_groups)
_ARTICLES = _of_communities(faq_articles)


def list_faq_articles(call: Call) -> Reply:
    key = {"key": call.session, "community_ids": asked_communities(call)}
    groups = [{"id": row.id, "name": row.name} for row in call.connection.execute(_GROUPS, key)]
    articles = [
        {
            "id": row.id,
            "groupId": row.group_id,
            "question": row.question,
            "answer": row.answer,
            "ticketTypeId": row.ticket_type_id,
        }
        for row in call.connection.execute(_ARTICLES, key)
    ]
    return Reply(200, {"groups": groups, "items": articles})
