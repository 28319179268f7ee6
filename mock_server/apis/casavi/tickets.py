"""Tickets: list, open, read, comment."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Select, and_, bindparam, insert, select

from mock_server.apis.casavi.access import asked_communities, enter_community
from mock_server.apis.casavi.activities import record_activity
from mock_server.apis.casavi.people import person
from mock_server.apis.casavi.tables import communities, contacts, ticket_types, tickets, units
from mock_server.apis.casavi.texts import render, shorten, status_text
from mock_server.apis.casavi.ticket_comments import comment_shapes, write_comment
from mock_server.apis.casavi.ticket_types import Field, check_fields, custom_fields, find_ticket_type
from mock_server.apis.casavi.units import check_unit, unit_shape
from mock_server.apis.casavi.uploads import stored_uploads
from mock_server.dispatch import Call, Reply
from mock_server.errors import forbidden, not_found
from mock_server.statements import Row, among

_CREATOR, _ASSIGNEE = contacts.alias("creator"), contacts.alias("assignee")


def _names(alias: Any, prefix: str) -> list[Any]:
    return [alias.c[name].label(f"{prefix}_{name}") for name in ("id", "firstname", "lastname")]


def _is(table: Any, column: Any) -> Any:
    return and_(table.c.session == tickets.c.session, table.c.id == column)


_SUMMARIES: Select[Any] = (
    select(tickets, communities.c.name.label("community_name"), ticket_types.c.name.label("type_name"))
    .join(communities, _is(communities, tickets.c.community_id))
    .join(ticket_types, _is(ticket_types, tickets.c.type_id))
    .where(tickets.c.session == bindparam("key"))
)
_LIST = _SUMMARIES.where(among(tickets.c.community_id, "community_ids")).order_by(tickets.c.id.desc())
_TICKET = (
    _SUMMARIES.join(_CREATOR, _is(_CREATOR, tickets.c.created_by))
    .outerjoin(_ASSIGNEE, _is(_ASSIGNEE, tickets.c.assigned_to))
    .outerjoin(units, _is(units, tickets.c.unit_id))
    .add_columns(*_names(_CREATOR, "creator"), *_names(_ASSIGNEE, "assignee"))
    .add_columns(units.c.community_id.label("unit_community_id"), units.c.name.label("unit_name"))
    .where(tickets.c.id == bindparam("ticket_id"))
)
# Enough to comment it.
_OUTLINE = select(tickets.c.id, tickets.c.community_id, tickets.c.created_by, tickets.c.status, tickets.c.title).where(
    tickets.c.session == bindparam("key"), tickets.c.id == bindparam("ticket_id")
)
# What a new ticket shows of what it refers to.
_NAMES = (
    select(communities.c.name.label("community_name"), *_names(_CREATOR, "creator"))
    .add_columns(units.c.community_id.label("unit_community_id"), units.c.name.label("unit_name"))
    .join(_CREATOR, and_(_CREATOR.c.session == communities.c.session, _CREATOR.c.id == bindparam("created_by")))
    .outerjoin(units, and_(units.c.session == communities.c.session, units.c.id == bindparam("unit_id")))
    .where(communities.c.session == bindparam("key"), communities.c.id == bindparam("community_id"))
)
_INSERT = insert(tickets)


def list_tickets(call: Call) -> Reply:
    """casavi document, Tickets: narrowed by `community_id`. That residents see the tickets of their community is inferred."""
    key = {"key": call.session, "community_ids": asked_communities(call)}
    return Reply(200, [_summary(row) for row in call.connection.execute(_LIST, key)])


def create_ticket(call: Call) -> Reply:
    """casavi document, Tickets: `fields` maps the ids of the type's fields to what the user entered."""
    body = call.body
    community_id = enter_community(call, body["communityId"])
    unit_id = body.get("unitId")
    check_unit(call, community_id, unit_id)
    kind = find_ticket_type(call, community_id, body["ticketTypeId"])
    values = body.get("fields", {})
    check_fields(kind.fields, values)
    values = _with_stored_uploads(call, kind.fields, values)
    row = {**_new_ticket(call, kind, values), "community_id": community_id, "unit_id": unit_id}
    call.connection.execute(_INSERT, row)
    record_activity(call, community_id, "ticket", row["title"], "A ticket was opened.", row["id"])
    return Reply(201, _new_shape(call, kind, row), call.location("getTicket", ticket_id=row["id"]))


def get_ticket(call: Call) -> Reply:
    key = {"key": call.session, "ticket_id": call.parameters["ticket_id"]}
    ticket = _known(call.connection.execute(_TICKET, key).first(), key["ticket_id"])
    enter_ticket(call, ticket)
    return Reply(200, _shape(ticket, comment_shapes(call, ticket.id)))


def add_ticket_comment(call: Call) -> Reply:
    """casavi document, Tickets: a text, and attachments that were uploaded before."""
    ticket = find_ticket(call, call.parameters["ticket_id"])
    enter_ticket(call, ticket)
    attachments = stored_uploads(call, call.body.get("attachments", []))
    return Reply(201, write_comment(call, ticket, call.caller.id, call.body["text"], attachments))


def find_ticket(call: Call, ticket_id: int) -> Row:
    """The ticket as far as those who comment it need it, or Problem 404."""
    return _known(call.connection.execute(_OUTLINE, {"key": call.session, "ticket_id": ticket_id}).first(), ticket_id)


def _known(row: Row | None, ticket_id: int) -> Row:
    if row is None:
        raise not_found("ticket", ticket_id)
    return row


def enter_ticket(call: Call, ticket: Row) -> None:
    """Raises Problem 403 for a ticket of a community that the caller is not in."""
    if ticket.community_id not in call.caller.community_ids:
        raise forbidden(f"ticket {ticket.id} belongs to a community that you are not in")


def _with_stored_uploads(call: Call, fields: list[Field], values: Mapping[str, Any]) -> dict[str, Any]:
    files = [str(field["id"]) for field in fields if field["type"] == "file" and str(field["id"]) in values]
    return {**values, **{key: stored_uploads(call, values[key]) for key in files}}


def _new_ticket(call: Call, kind: Row, values: Mapping[str, Any]) -> dict[str, Any]:
    entered = custom_fields(kind.fields, values)
    text = next((field["value"] for field in entered if field["type"] == "text"), "")
    return {
        "session": call.session,
        "id": call.ids.next_number(),
        "type_id": kind.id,
        "created_by": call.caller.id,
        "status": "OPEN",
        "status_text": status_text("OPEN"),
        "title": shorten(text) or kind.name,
        "description_rendered": render(text),
        "custom_fields": entered,
        "attachments": [upload for field in entered if field["type"] == "file" for upload in field["value"]],
    }


def _new_shape(call: Call, kind: Row, new: Mapping[str, Any]) -> dict[str, Any]:
    key = {"key": call.session, **{name: new[name] for name in ("community_id", "created_by", "unit_id")}}
    names = call.connection.execute(_NAMES, key).one()._asdict()
    return _shape(SimpleNamespace(**new, **names, type_name=kind.name, assigned_to=None, rating=None), [])


def _shape(ticket: Row, comments: list[dict[str, Any]]) -> dict[str, Any]:
    creator = person(ticket, "creator_")
    return {
        **_summary(ticket),
        "AssignedTo": person(ticket, "assignee_") if ticket.assigned_to is not None else None,
        "Contact": creator,
        "CreatedBy": creator,
        "Sharings": {},
        "Attachments": ticket.attachments,
        "TicketComments": comments,
        "TicketRating": ticket.rating,
        "Unit": unit_shape(ticket, "unit_") if ticket.unit_id is not None else None,
        "customFields": ticket.custom_fields,
        "descriptionRendered": ticket.description_rendered,
    }


def _summary(row: Row) -> dict[str, Any]:
    return {
        "id": row.id,
        "identifier": row.id,
        "referenceId": f"T-{row.id}",
        "title": row.title,
        "status": row.status,
        "statusText": row.status_text,
        "Community": {"id": row.community_id, "name": row.community_name},
        "TicketType": {"id": row.type_id, "name": row.type_name},
    }
