"""Residents of casavi's scenario `default` and what they do, in few words."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, select
from werkzeug.test import TestResponse

from mock_server.apis.casavi import tables
from mock_server.tests.client import Mock

MAX, ERIKA, HANS, PAULA = "casavi:max", "casavi:erika", "casavi:hans", "casavi:paula"
LINDENHOF, SEEBLICK = 1, 2
DAMAGE, QUESTION, KEY, INSURANCE = 2341, 2342, 2343, 2344
UNIT = 433  # of max
TICKETS, UPLOADS, UNITS = "/api/v1/tickets", "/api/v1/uploads", "/api/v1/units"
CHECK, REGISTER = "/api/v1/invitations/check", "/api/v1/openid/users"
_TRIES = select(tables.failures.c.tries).where(
    tables.failures.c.session == bindparam("session"), tables.failures.c.client == bindparam("client")
)
POSTS, ANSWERS = "/__mock/casavi/official-posts", "/__mock/casavi/ticket-comments"


def inside(place: str, community: int = LINDENHOF) -> str:
    """The path of something in a community."""
    return f"/api/v1/communities/{community}/{place}"


def read(mock: Mock, path: str, person: str | None = MAX, **query: object) -> Any:
    """What a GET answers, which has to be 200."""
    response = mock.get(path, person, query_string=query)
    assert response.status_code == 200, response.get_json()
    return response.get_json()


def new_ticket(mock: Mock, person: str = MAX, fields: dict[str, Any] | None = None, **changes: Any) -> TestResponse:
    body = {"communityId": LINDENHOF, "ticketTypeId": DAMAGE, "fields": {"17": "It drips"} if fields is None else fields}
    return mock.post(TICKETS, person, json={**body, **changes})


def opened(mock: Mock, person: str = MAX, fields: dict[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
    ticket: dict[str, Any] = made(new_ticket(mock, person, fields, **changes))
    return ticket


def comment(mock: Mock, ticket_id: int, person: str = MAX, text: str = "Any news?", **more: Any) -> TestResponse:
    return mock.post(f"{TICKETS}/{ticket_id}/comments", person, json={"text": text, **more})


def upload(mock: Mock, data: bytes = b"bytes", name: str = "file.bin", kind: str = "application/octet-stream") -> TestResponse:
    return mock.post(UPLOADS, headers={"X-Filename": name}, data=data, content_type=kind)


def invite(mock: Mock, email: str = "new@lindenhof.example", person: str = MAX, **more: Any) -> TestResponse:
    return mock.post(inside("invitations"), person, json={"email": email, **more})


def register(mock: Mock, code: str, email: str = "new@lindenhof.example", **changes: Any) -> TestResponse:
    body = {"email": email, "clientId": "casavi-web", "inviteCode": code, "providerKey": "somekey"}
    return mock.post(REGISTER, json={**body, **changes})


def check(mock: Mock, token: str, address: str = "127.0.0.1") -> TestResponse:
    return mock.get(CHECK, query_string={"invite_token": token}, environ_base={"REMOTE_ADDR": address})


def made(response: TestResponse) -> Any:
    """What a creation answers, which has to be 201."""
    assert response.status_code == 201, response.get_json()
    return response.get_json()


def notifications(mock: Mock, person: str = MAX, community: int = LINDENHOF, **query: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(mock, inside("notifications", community), person, **query)["rows"]
    return rows


def unread(mock: Mock, person: str = MAX, community: int = LINDENHOF) -> int:
    count: int = read(mock, inside("notifications/unread-count", community), person)["count"]
    return count


def count_failures(mock: Mock, address: str = "127.0.0.1") -> int:
    """How often that client failed to name a good invite token."""
    with mock.app.store.transaction(mock.session, write=False) as connection:
        return connection.execute(_TRIES, {"session": mock.session, "client": address}).scalar() or 0
