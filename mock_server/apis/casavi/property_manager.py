"""What property managers do, in truth through an API of their own; here it is below /__mock/, so that residents get news."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from mock_server.apis.casavi.activities import record_activity
from mock_server.apis.casavi.notifications import notify
from mock_server.apis.casavi.official_posts import POSTS, post_shape
from mock_server.apis.casavi.tables import communities, members, official_posts, tickets
from mock_server.apis.casavi.texts import shorten, status_text
from mock_server.apis.casavi.ticket_comments import write_comment
from mock_server.apis.casavi.tickets import find_ticket
from mock_server.dispatch import Call, Reply
from mock_server.errors import not_found
from mock_server.spec import JSON, Operation, RequestBody, ResponseSpec
from mock_server.statements import Row

_ID = {"$ref": "#/components/schemas/Id"}
_TEXT = {"type": "string", "minLength": 1, "maxLength": 10_000, "pattern": "^[^\\x00]*$"}

_COMMUNITY = select(communities).where(communities.c.session == bindparam("key"), communities.c.id == bindparam("community_id"))
_MEMBERS = select(members.c.user_id).where(
    members.c.session == bindparam("key"), members.c.community_id == bindparam("community_id")
)

_INSERT = insert(official_posts)
_POST = POSTS.where(official_posts.c.session == bindparam("key"), official_posts.c.id == bindparam("post_id"))
_ANSWERED = (
    update(tickets)
    .where(tickets.c.session == bindparam("key"), tickets.c.id == bindparam("ticket_id"))
    .values({name: bindparam(f"new_{name}") for name in ("assigned_to", "status", "status_text")})
)


def publish_official_post(call: Call) -> Reply:
    """A post in a community; its residents get a notification each, and the community an activity."""
    community = _community(call, call.body["communityId"])
    post = {
        "session": call.session,
        "id": call.ids.next_number(),
        "community_id": community.id,
        "created_by": community.manager_id,
        "title": call.body["title"],
        "text": call.body["text"],
        "created_at": call.timestamp,
        "attachments": [],
    }
    call.connection.execute(_INSERT, post)
    residents = call.connection.execute(_MEMBERS, {"key": call.session, "community_id": community.id}).scalars().all()
    text = shorten(post["text"])
    notify(call, community.id, residents, "official-post", post["title"], text, post["id"])
    record_activity(call, community.id, "official-post", post["title"], text, post["id"])
    return Reply(201, post_shape(call.connection.execute(_POST, {"key": call.session, "post_id": post["id"]}).one()))


def answer_ticket(call: Call) -> Reply:
    """A comment by the manager, to whom the ticket is assigned from then on; `status` changes its status."""
    ticket = find_ticket(call, call.body["ticketId"])
    manager_id = _community(call, ticket.community_id).manager_id
    status = call.body.get("status", ticket.status)
    new = {"new_assigned_to": manager_id, "new_status": status, "new_status_text": status_text(status)}
    call.connection.execute(_ANSWERED, {"key": call.session, "ticket_id": ticket.id, **new})
    return Reply(201, write_comment(call, ticket, manager_id, call.body["text"], []))


def _community(call: Call, community_id: int) -> Row:
    row = call.connection.execute(_COMMUNITY, {"key": call.session, "community_id": community_id}).first()
    if row is None:
        raise not_found("community", community_id)
    return row


def _operation(name: str, path: str, required: list[str], properties: dict[str, Any], answer: str) -> Operation:
    body = {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
    errors = {status: ResponseSpec({JSON: {"$ref": "#/components/schemas/ErrorBody"}}, {}) for status in ("400", "404", "413")}
    return Operation(
        api="casavi",
        id=name,
        method="POST",
        path=f"/__mock/casavi/{path}",
        parameters=(),
        body=RequestBody(required=True, media={JSON: body}, max_bytes=64 * 1024),
        responses={"201": ResponseSpec({JSON: {"$ref": f"#/components/schemas/{answer}"}}, {}), **errors},
        security=(),
        writes=True,
    )


OPERATIONS = (
    _operation(
        "publishOfficialPost",
        "official-posts",
        ["communityId", "title", "text"],
        {"communityId": _ID, "title": {**_TEXT, "maxLength": 255}, "text": _TEXT},
        "OfficialPost",
    ),
    _operation(
        "answerTicket",
        "ticket-comments",
        ["ticketId", "text"],
        {"ticketId": _ID, "text": _TEXT, "status": {"enum": ["OPEN", "IN_PROGRESS", "CLOSED"]}},
        "TicketComment",
    ),
)
