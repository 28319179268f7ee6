"""Appointments of a community."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from mock_server.apis.casavi.pages import Pages
from mock_server.apis.casavi.tables import appointments
from mock_server.dispatch import Call, Reply
from mock_server.statements import Row


def list_appointments(call: Call) -> Reply:
    """casavi document, Appointments: pages from 0; earliest first is inferred."""
    return _PAGES.reply(call, call.parameters["limit"])


def _shape(row: Row) -> dict[str, Any]:
    optional = {"description": row.description, "location": row.location}
    return {
        "id": row.id,
        "title": row.title,
        "start": row.starts_at,
        "end": row.ends_at,
        "allDay": row.all_day,
        **{name: value for name, value in optional.items() if value is not None},
    }


_PAGES = Pages(select(appointments), appointments, (appointments.c.starts_at, appointments.c.id), _shape)
