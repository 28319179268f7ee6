"""A long list costs as many statements as a short one, so that `crowded` can be scrolled."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.sql.base import Executable

from mock_server.statements import Connection, Rows
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
def statements(monkeypatch: pytest.MonkeyPatch) -> list[Executable]:
    """What a database is asked from here on; whichever it is, the same is run."""
    seen: list[Executable] = []
    execute = Connection.execute

    def noted(connection: Connection, statement: Executable, *values: Any) -> Rows:
        seen.append(statement)
        return execute(connection, statement, *values)

    monkeypatch.setattr(Connection, "execute", noted)
    return seen


@pytest.mark.parametrize("operation", LISTS)
def test_more_rows_take_no_more_statements(mock: Mock, statements: list[Executable], operation: str) -> None:
    few, few_rows = _read(mock, statements, operation)
    assert mock.put("/__mock/scenario", json={"name": "crowded"}).status_code == 204
    many, many_rows = _read(mock, statements, operation)
    # A page of posts is full in both scenarios.
    assert many_rows >= few_rows if operation == "listOfficialPosts" else many_rows > 2 * few_rows
    assert len(few) >= 2
    assert many == few


def _read(mock: Mock, statements: list[Executable], operation: str) -> tuple[list[Executable], int]:
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
