"""Ticket types of a community, and whether the fields of a new ticket suit its type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select

from mock_server.apis.casavi.access import enter_community
from mock_server.apis.casavi.tables import ticket_types
from mock_server.dispatch import Call, Reply
from mock_server.errors import conflict, not_found
from mock_server.statements import Row

Field = Mapping[str, Any]

_LIST = (
    select(ticket_types)
    .where(ticket_types.c.session == bindparam("key"), ticket_types.c.community_id == bindparam("community_id"))
    .order_by(ticket_types.c.id)
)
_TYPE = _LIST.where(ticket_types.c.id == bindparam("type_id"))


def list_ticket_types(call: Call) -> Reply:
    community_id = enter_community(call, call.parameters["community_id"])
    rows = call.connection.execute(_LIST, {"key": call.session, "community_id": community_id})
    return Reply(200, [_shape(row) for row in rows])


def _shape(row: Row) -> dict[str, Any]:
    shape = {"id": row.id, "name": row.name, "fields": row.fields}
    return shape | ({} if row.description is None else {"description": row.description})


def find_ticket_type(call: Call, community_id: int, type_id: int) -> Row:
    """A type of that community, or Problem 404."""
    row = call.connection.execute(_TYPE, {"key": call.session, "community_id": community_id, "type_id": type_id}).first()
    if row is None:
        raise not_found("ticket type", f"{type_id} of community {community_id}")
    return row


def check_fields(fields: Iterable[Field], values: Mapping[str, Any]) -> None:
    """casavi document, POST tickets: keys are the ids of the type's fields. Raises Problem 409 for what does not suit them."""
    known = {str(field["id"]): field for field in fields}
    for key, value in values.items():
        if key not in known:
            raise conflict(f"the ticket type has no field {key}")
        if not _suits(known[key], value):
            raise conflict(f"field {key} ({known[key]['label']}) takes {_wanted(known[key])}")
    for key, field in known.items():
        if field["required"] and _is_empty(values.get(key)):
            raise conflict(f"field {key} ({field['label']}) is required")


def custom_fields(fields: Iterable[Field], values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The fields that have a value, in the order of the type, as a ticket shows them."""
    return [
        {"id": field["id"], "label": field["label"], "type": field["type"], "value": values[str(field["id"])]}
        for field in fields
        if str(field["id"]) in values
    ]


def _suits(field: Field, value: Any) -> bool:
    match field["type"]:
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "boolean":
            return isinstance(value, bool)
        case "date":
            return isinstance(value, str) and _is_date(value)
        case "select":
            return value in field.get("options", [])
        case "file":
            return isinstance(value, list)
        case _:
            return isinstance(value, str)


def _is_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _wanted(field: Field) -> str:
    words = {
        "number": "a number",
        "boolean": "true or false",
        "date": "a date like 2024-05-02",
        "select": f"one of {', '.join(field.get('options', []))}",
        "file": "a list of uploads",
    }
    return words.get(field["type"], "a text")


def _is_empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())
