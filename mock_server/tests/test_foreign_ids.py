"""Ids of another tenant, community, domain or session: whatever part of a request names one, it is refused and tells nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from mock_server.tests.client import Mock
from mock_server.tests.conftest import on_each_sql
from mock_server.tests.documents import operations, resolve
from mock_server.tests.pictures import picture
from mock_server.tests.residents import DAMAGE, HANS, LINDENHOF, MAX, SEEBLICK, invite, made, notifications, upload

# What a request names without meaning anything that is stored.
NOT_IDS = {
    *("after", "before", "unreadOnly", "page", "limit", "offset", "format", "If-Modified-Since", "mimetype", "size"),
    *("search", "title", "description", "type", "noTitleCheck", "X-Filename", "text", "firstName", "lastName", "isAdmin"),
}
PNG = picture("PNG")
SECRETS: tuple[str, ...] = (
    "Seeblick",
    "Knut",
    "Petersen",
    "Hans",
    "Seemann",
    "Sven",
    "Segler",
    "Mooring",
    "squeaks",
    "jetty",
    "secret.txt",
    "Mina",
)
SECRETS += ("Elsewhere", "Oscar", "Lindqvist", "other.example", "seeblick.example")


@dataclass(frozen=True)
class Foreign:
    """A request in which `part` names something foreign; values may be functions of the mock."""

    operation: str
    part: str
    status: int
    person: str | None
    path: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    what: str = ""

    def __str__(self) -> str:
        return f"{self.operation} {self.part} {self.what}".strip()


def _foreign_notification(mock: Mock) -> int:
    return int(notifications(mock, HANS, SEEBLICK)[0]["id"])


def _neighbours_notification(mock: Mock) -> int:
    return int(notifications(mock, "casavi:erika")[0]["id"])


def _other_sessions_file(mock: Mock) -> list[dict[str, Any]]:
    elsewhere = mock.beside("elsewhere")
    upload(elsewhere, name="first.txt")  # so that this session has no file of the same path
    return [made(upload(elsewhere, name="secret.txt"))]


def _other_sessions_token(mock: Mock) -> str:
    return str(made(invite(mock.beside("elsewhere"), "mina@lindenhof.example.org"))["inviteToken"])


def _community(mock: Mock, title: str, person: str) -> str:
    listed = mock.get("/api/communities", person, query_string={"domain_id": mock.principal(person)["domain_ids"][0]}).get_json()
    return next(str(one["_id"]) for one in listed if one["title"] == title)


def _elsewhere(mock: Mock) -> str:
    return _community(mock, "Elsewhere", "outsider")


def _reading_circle(mock: Mock) -> str:
    return _community(mock, "Reading circle", "carol")


def _foreign_image(mock: Mock) -> str:
    size = len(PNG)
    query = {"mimetype": "image/png", "size": size}
    path = f"/api/communities/{_elsewhere(mock)}/avatar"
    return str(mock.post(path, "outsider", query_string=query, data=PNG, content_type="image/png").get_json()["_id"])


def _outsider(mock: Mock) -> str:
    return mock.id_of("outsider")


def _users(mock: Mock) -> list[str]:
    return [_outsider(mock)]


def _domains(mock: Mock) -> list[str]:
    return [mock.domain(), mock.domain("other")]


def _known_token(mock: Mock) -> str:
    return str(mock.credentials()["casavi"]["invite_tokens"][1])


def _in_seeblick() -> Iterator[Foreign]:
    bodies = {"createInvitation": {"email": "new@lindenhof.example"}}
    for operation in operations("casavi"):
        if "{community_id}" in operation.path:
            path = {"community_id": SEEBLICK, "notification_id": _foreign_notification}
            yield Foreign(operation.id, "community_id", 403, MAX, path, body=bodies.get(operation.id))
    for name in ("listTickets", "listFaqArticles", "listUnits"):
        yield Foreign(name, "community_id", 403, MAX, query={"community_id": SEEBLICK})


def _in_the_other_domain() -> Iterator[Foreign]:
    queries = {"uploadCommunityAvatar": {"mimetype": "image/png", "size": 1}}
    bodies = {"updateCommunity": {"description": "mine now"}}
    for operation in operations("linagora"):
        if "{community_id}" in operation.path:
            path = {"community_id": _elsewhere, "user_id": lambda mock: mock.id_of("alice")}
            yield Foreign(
                operation.id, "community_id", 403, "alice", path, queries.get(operation.id, {}), bodies.get(operation.id)
            )


TICKET = {"communityId": LINDENHOF, "ticketTypeId": DAMAGE, "fields": {"17": "It drips"}}
NEW = {"email": "new@lindenhof.example"}
HERE, THERE = {"community_id": LINDENHOF}, {"ticket_id": 7101}
REGISTRATION = {"email": "new@lindenhof.example", "clientId": "casavi-web", "inviteCode": _known_token, "providerKey": "casavi"}
CIRCLE: dict[str, Any] = {"community_id": _reading_circle, "user_id": _outsider}
ROWS = [
    *_in_seeblick(),
    Foreign("getTicket", "ticket_id", 403, MAX, THERE),
    Foreign("addTicketComment", "ticket_id", 403, MAX, THERE, body={"text": "Let me in"}),
    Foreign(
        "addTicketComment", "attachments", 404, MAX, {"ticket_id": 7001}, body={"text": "x", "attachments": _other_sessions_file}
    ),
    Foreign("createTicket", "communityId", 403, MAX, body=TICKET | {"communityId": SEEBLICK, "ticketTypeId": 2351}),
    Foreign("createTicket", "ticketTypeId", 404, MAX, body=TICKET | {"ticketTypeId": 2351, "fields": {"51": "It drips"}}),
    Foreign("createTicket", "unitId", 403, MAX, body=TICKET | {"unitId": 501}),
    Foreign("createTicket", "unitId", 403, MAX, body=TICKET | {"unitId": 434}, what="of a neighbour"),
    Foreign("createTicket", "fields", 409, MAX, body=TICKET | {"fields": {"17": "x", "51": "x"}}, what="of a foreign type"),
    Foreign("createTicket", "fields", 404, MAX, body=TICKET | {"fields": lambda m: {"17": "x", "18": _other_sessions_file(m)}}),
    Foreign("markNotificationRead", "notification_id", 404, MAX, HERE | {"notification_id": _foreign_notification}),
    Foreign(
        "markNotificationRead", "notification_id", 404, MAX, HERE | {"notification_id": _neighbours_notification}, what="near"
    ),
    Foreign("createInvitation", "contactId", 404, MAX, HERE, body=NEW | {"contactId": 413}, what="in no community"),
    Foreign("createInvitation", "contactId", 404, MAX, HERE, body=NEW | {"contactId": 201}, what="a user"),
    Foreign("createInvitation", "contactId", 404, MAX, HERE, body=NEW | {"contactId": 4}, what="a manager"),
    Foreign(
        "createInvitation", "contactId", 404, HANS, {"community_id": SEEBLICK}, body=NEW | {"contactId": 1235}, what="invited"
    ),
    Foreign("createInvitation", "unitId", 403, MAX, HERE, body=NEW | {"unitId": 501}),
    Foreign("createInvitation", "email", 409, MAX, HERE, body={"email": "hans@seeblick.example"}),
    Foreign("checkInviteToken", "invite_token", 404, None, query={"invite_token": _other_sessions_token}),
    Foreign("registerUser", "inviteCode", 404, None, body=REGISTRATION | {"inviteCode": _other_sessions_token}),
    Foreign("registerUser", "clientId", 404, None, body=REGISTRATION | {"clientId": "unknown"}),
    Foreign("registerUser", "providerKey", 404, None, body=REGISTRATION | {"providerKey": "unknown"}),
    Foreign("registerUser", "sub", 409, None, body=REGISTRATION | {"sub": "c-201"}),
    Foreign("registerUser", "email", 409, None, body=REGISTRATION | {"email": "hans@seeblick.example"}),
    *_in_the_other_domain(),
    Foreign("listCommunities", "domain_id", 403, "alice", query={"domain_id": lambda m: m.domain("other")}),
    Foreign("listCommunities", "creator", 200, "alice", query={"domain_id": lambda m: m.domain(), "creator": _outsider}),
    Foreign("createCommunity", "domain_ids", 403, "alice", body={"title": "New", "domain_ids": _domains}),
    Foreign("updateCommunity", "avatar", 404, "carol", CIRCLE, body={"avatar": _foreign_image}),
    Foreign("updateCommunity", "newMembers", 403, "carol", CIRCLE, body={"newMembers": _users}),
    Foreign("updateCommunity", "deleteMembers", 200, "carol", CIRCLE, body={"deleteMembers": _users}),
    Foreign("addMember", "user_id", 403, "carol", CIRCLE),
    Foreign("getMember", "user_id", 404, "carol", CIRCLE),
    Foreign("removeMember", "user_id", 204, "carol", CIRCLE),
    Foreign("requestMembership", "user_id", 403, "alice", CIRCLE),
    Foreign("cancelMembershipRequest", "user_id", 204, "carol", CIRCLE),
    Foreign("cancelMembershipRequest", "user_id", 403, "alice", CIRCLE, what="by no manager"),
]
PLACES = {operation.id: operation for operation in operations()}


def _given(mock: Mock, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _given(mock, item) for key, item in value.items()}
    return value(mock) if callable(value) else value


def _state(mock: Mock) -> dict[str, list[Any]]:
    """All but the count of wrong invite tokens, which a refusal has to change."""
    return {name: rows for name, rows in mock.state().items() if name != "cas_failures"}


@on_each_sql
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_what_is_foreign_is_refused_changes_nothing_and_tells_nothing(any_mock: Mock, row: Foreign) -> None:
    path, query, body = (_given(any_mock, part) for part in (row.path, row.query, row.body))
    operation = PLACES[row.operation]
    options = {"json": body} if body is not None else {}
    if row.operation == "uploadCommunityAvatar":
        options = {"data": b"x", "content_type": "image/png"}
    before = _state(any_mock)
    answer = any_mock(operation.method.upper(), operation.path.format(**path), row.person, query_string=query, **options)
    assert answer.status_code == row.status, answer.text
    told = [secret for secret in SECRETS if secret in answer.text and secret not in str(body)]
    assert not told, answer.text
    assert _state(any_mock) == before
    if row.status == 200:
        assert not answer.get_json()


def test_every_id_that_a_request_can_name_is_in_a_row() -> None:
    asked = {(row.operation, row.part) for row in ROWS}
    named = {(operation.id, name) for operation in operations() for name in _names(operation) if name not in NOT_IDS}
    assert named - asked == set()
    assert asked - named == set()


def _names(operation: Any) -> Iterator[str]:
    yield from (parameter["name"] for parameter in operation.parameters)
    schema = operation.content.get("application/json", {}).get("schema", {}) if operation.id != "uploadFile" else {}
    yield from resolve(operation.api, schema).get("properties", {})


def test_a_contact_without_a_community_is_invited_by_its_own_tenant_and_taken_once(any_mock: Mock) -> None:
    made(invite(any_mock, contactId=412))
    assert invite(any_mock, "other@lindenhof.example", contactId=412).status_code == 409
    there = {"email": "sven@seeblick.example", "contactId": 413}
    assert made(any_mock.post(f"/api/v1/communities/{SEEBLICK}/invitations", HANS, json=there))


@pytest.mark.parametrize("contact", [3, 101, 1235], ids=["the manager", "a user", "somebody invited"])
def test_nobody_takes_the_place_of_a_contact_who_is_in_the_community(any_mock: Mock, contact: int) -> None:
    before = _state(any_mock)
    assert invite(any_mock, contactId=contact).status_code == 409
    assert _state(any_mock) == before


def test_only_an_administrator_of_the_community_invites_administrators(any_mock: Mock) -> None:
    before = _state(any_mock)
    for person in ("casavi:erika", "casavi:paula"):
        assert invite(any_mock, person=person, isAdmin=True).status_code == 403
    assert _state(any_mock) == before
    # Who is told nothing else either: the right comes before the things that the invitation names.
    assert invite(any_mock, person="casavi:erika", isAdmin=True, contactId=999, unitId=999).status_code == 403
    assert made(invite(any_mock, person="casavi:erika", isAdmin=False))
    assert made(invite(any_mock, "second@lindenhof.example", isAdmin=True))
