"""Both spec files: valid OpenAPI, the operations that were agreed on, honest marks, and examples that keep to their schemas."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from openapi_schema_validator import OAS31Validator, oas31_format_checker
from openapi_spec_validator import OpenAPIV31SpecValidator

from mock_server.config import API_NAMES
from mock_server.spec import JSON, load_apis
from mock_server.tests.documents import Described, document, examples, operations, resolve

LINAGORA = """
    listCommunities createCommunity getCommunity updateCommunity deleteCommunity getCommunityAvatar uploadCommunityAvatar
    listMembers getMember addMember removeMember listMembershipRequests requestMembership cancelMembershipRequest
    listInvitablePeople
"""
CASAVI = {
    "registerUser": "POST /api/v1/openid/users",
    "getOpenIdConfiguration": "GET /.well-known/openid-configuration",
    "listTickets": "GET /api/v1/tickets",
    "createTicket": "POST /api/v1/tickets",
    "getTicket": "GET /api/v1/tickets/{ticket_id}",
    "addTicketComment": "POST /api/v1/tickets/{ticket_id}/comments",
    "listTicketTypes": "GET /api/v1/communities/{community_id}/ticket-types",
    "listAppointments": "GET /api/v1/communities/{community_id}/appointments",
    "listOfficialPosts": "GET /api/v1/communities/{community_id}/official-posts",
    "listImportantContacts": "GET /api/v1/communities/{community_id}/important-contacts",
    "listFaqArticles": "GET /api/v1/faq-articles",
    "getUnreadChatCount": "GET /api/v1/communities/{community_id}/chat/unread-count",
    "getUnreadNotificationCount": "GET /api/v1/communities/{community_id}/notifications/unread-count",
    "listNotifications": "GET /api/v1/communities/{community_id}/notifications",
    "markAllNotificationsRead": "PUT /api/v1/communities/{community_id}/notifications/read",
    "markNotificationRead": "PUT /api/v1/communities/{community_id}/notifications/{notification_id}/read",
    "listActivities": "GET /api/v1/communities/{community_id}/activities",
    "listUnits": "GET /api/v1/units",
    "uploadFile": "POST /api/v1/uploads",
    "createInvitation": "POST /api/v1/communities/{community_id}/invitations",
    "checkInviteToken": "GET /api/v1/invitations/check",
}
BY_ID = {operation.id: operation for operation in operations()}


@pytest.mark.parametrize("api", API_NAMES)
def test_the_spec_is_valid_openapi(api: str) -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(document(api)).iter_errors()] == []


def test_the_operations_are_those_agreed_on() -> None:
    assert sorted(o.id for o in operations("linagora")) == sorted(LINAGORA.split())
    assert {o.id: f"{o.method.upper()} {o.path}" for o in operations("casavi")} == CASAVI


@pytest.mark.parametrize("api", API_NAMES)
def test_the_mock_reads_every_operation_with_its_parameters_and_statuses(api: str) -> None:
    loaded = load_apis([api])[api].operations
    read = {o.id: (o.method, o.path, {(p.location, p.name) for p in o.parameters}, set(o.responses)) for o in loaded}
    assert read == {
        o.id: (o.method.upper(), o.path, {(p["in"], p["name"]) for p in o.parameters}, set(o.node["responses"]))
        for o in operations(api)
    }


@pytest.mark.parametrize("operation", BY_ID.values(), ids=BY_ID)
def test_the_operation_says_what_in_it_is_documented_and_what_inferred(operation: Described) -> None:
    assert operation.node["x-provenance"] in ("documented", "inferred")
    inferred = operation.node["x-inferred"]
    assert inferred
    assert all(isinstance(word, str) and word.strip() for word in inferred)
    assert len(set(inferred)) == len(inferred)


@pytest.mark.parametrize("operation", BY_ID.values(), ids=BY_ID)
def test_every_example_of_the_operation_keeps_to_its_schema(operation: Described) -> None:
    tried = 0
    for place, api, holder in _holders(operation):
        for example in examples(holder, api):
            errors = [f"{error.json_path}: {error.message}" for error in _validator(holder["schema"], api).iter_errors(example)]
            assert errors == [], place
            tried += 1
    assert tried > 0


@pytest.mark.parametrize("api", API_NAMES)
def test_every_example_inside_a_schema_keeps_to_that_schema(api: str) -> None:
    schemas = document(api)["components"]["schemas"]
    found = [(name, schema, example) for name, schema in schemas.items() for example in schema.get("examples", [])]
    assert found
    for name, schema, example in found:
        assert _validator(schema, api).is_valid(example), (name, example)


@pytest.mark.parametrize("operation", BY_ID.values(), ids=BY_ID)
def test_links_lead_to_operations_and_parameters_that_exist(operation: Described) -> None:
    for response in operation.node["responses"].values():
        for link in resolve(operation.api, response).get("links", {}).values():
            target = BY_ID[link["operationId"]]
            assert target.api == operation.api
            assert set(link.get("parameters", {})) <= {p["name"] for p in target.parameters}
            assert set(link.get("x-request-body", {})) <= _properties(target).keys()


@pytest.mark.parametrize("operation", BY_ID.values(), ids=BY_ID)
def test_nothing_of_the_operation_is_said_in_a_way_that_makers_of_clients_misread(operation: Described) -> None:
    links = [link for node in operation.node["responses"].values() for link in node.get("links", {}).values()]
    assert [link for link in links if "requestBody" in link] == []  # openapi-generator takes text alone
    assert [name for name, schema in _properties(operation).items() if "default" in schema] == []  # openapi-typescript: mandatory
    assert any(status.startswith("4") for status in operation.node["responses"])  # Redocly


def _properties(operation: Described) -> dict[str, Any]:
    """The properties of a JSON body."""
    schema = resolve(operation.api, operation.content.get(JSON, {}).get("schema", {}))
    properties: dict[str, Any] = schema.get("properties", {})
    return properties


def _holders(operation: Described) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Everything in the operation that has a schema and may have examples: parameters, bodies, response headers."""
    api = operation.api
    for parameter in operation.parameters:
        yield f"parameter {parameter['name']}", api, parameter
    for media_type, media in operation.content.items():
        yield f"request {media_type}", api, media
    for status, node in operation.node["responses"].items():
        response = resolve(api, node)
        for media_type, media in response.get("content", {}).items():
            yield f"{status} {media_type}", api, media
        for name, header in response.get("headers", {}).items():
            yield f"{status} header {name}", api, resolve(api, header)


def _validator(schema: Mapping[str, Any], api: str) -> Any:
    whole = {**schema, "components": document(api)["components"]}
    return OAS31Validator(whole, format_checker=oas31_format_checker)
