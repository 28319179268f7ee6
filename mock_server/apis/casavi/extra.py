"""Operations that the casavi spec does not have, and a world with its API in it does: fetching a file, the manager's deeds."""

from __future__ import annotations

from typing import Any

from mock_server.spec import ANY, JSON, Operation, Parameter, RequestBody, ResponseSpec

_TEXT = {"type": "string", "minLength": 1, "maxLength": 10_000, "pattern": "^[^\\x00]*$"}
_PATH = {**_TEXT, "maxLength": 255}
_ID = {"$ref": "#/components/schemas/Id"}


def _post(name: str, path: str, required: list[str], properties: dict[str, Any], answer: str) -> Operation:
    body = {"type": "object", "additionalProperties": False, "required": required, "properties": properties}
    errors = {status: ResponseSpec({JSON: {"$ref": "#/components/schemas/Error"}}, {}) for status in ("400", "404", "413")}
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


_DOWNLOAD = Operation(
    api="casavi",
    id="downloadFile",
    method="GET",
    path="/api/v1/uploads/{path}",
    parameters=(Parameter("path", "path", required=True, kind="string", schema=_PATH, default=None),),
    body=None,
    responses={"200": ResponseSpec({ANY: {}}, {}), "400": ResponseSpec({JSON: {}}, {}), "404": ResponseSpec({JSON: {}}, {})},
    security=(),
    writes=False,
)
OPERATIONS = (
    _DOWNLOAD,
    _post(
        "publishOfficialPost",
        "official-posts",
        ["communityId", "title", "text"],
        {"communityId": _ID, "title": {**_TEXT, "maxLength": 255}, "text": _TEXT},
        "OfficialPost",
    ),
    _post(
        "answerTicket",
        "ticket-comments",
        ["ticketId", "text"],
        {"ticketId": _ID, "text": _TEXT, "status": {"enum": ["OPEN", "IN_PROGRESS", "CLOSED"]}},
        "TicketComment",
    ),
)
