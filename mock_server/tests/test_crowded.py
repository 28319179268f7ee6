"""A long list costs as many statements as a short one, so that `crowded` can be scrolled."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Engine, event

from mock_server.tests.client import Mock

LISTS = {
    "listTickets": ("casavi:max", "/api/v1/tickets"),
    "listAppointments": ("casavi:max", "/api/v1/communities/1/appointments?limit=100"),
    "listOfficialPosts": ("casavi:max", "/api/v1/communities/1/official-posts"),
    "listActivities": ("casavi:max", "/api/v1/communities/1/activities?limit=100"),
    "listNotifications": ("casavi:max", "/api/v1/communities/1/notifications"),
    "listCommunities": ("alice", "/api/communities?domain_id={domain}"),
    "listMembers": ("alice", "{welcome}/members?limit=500"),
    "listInvitablePeople": ("alice", "{welcome}/invitablepeople?limit=500"),
}


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """What the databases are asked from here on."""
    seen: list[str] = []

    def note(*arguments: Any) -> None:
        seen.append(arguments[2])

    event.listen(Engine, "before_cursor_execute", note)
    yield seen
    event.remove(Engine, "before_cursor_execute", note)


@pytest.mark.parametrize("operation", LISTS)
def test_more_rows_take_no_more_statements(any_mock: Mock, statements: list[str], operation: str) -> None:
    few, few_rows = _read(any_mock, statements, operation)
    assert any_mock.put("/__mock/scenario", json={"name": "crowded"}).status_code == 204
    many, many_rows = _read(any_mock, statements, operation)
    # A page of posts is full in both scenarios.
    assert many_rows >= few_rows if operation == "listOfficialPosts" else many_rows > 2 * few_rows
    assert many == few


def _read(mock: Mock, statements: list[str], operation: str) -> tuple[list[str], int]:
    person, path = LISTS[operation]
    welcome = next(
        c["_id"] for c in mock.get(f"/api/communities?domain_id={mock.domain()}", "alice").get_json() if c["title"] == "Welcome"
    )
    path = path.format(domain=mock.domain(), welcome=f"/api/communities/{welcome}")
    statements.clear()
    response = mock.get(path, person)
    assert response.status_code == 200
    body = response.get_json()
    return list(statements), len(body if isinstance(body, list) else body["rows"])
