"""Operations that the casavi spec does not have, and a world with its API in it does: fetching a file, the manager's deeds."""

from __future__ import annotations

from typing import Any

from mock_server.spec import ANY, JSON, Api, Operation, Parameter, RequestBody, ResponseSpec

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


def operations(api: Api) -> tuple[Operation, ...]:
    """A file is below the place where it was uploaded."""
    folder = next((operation.path for operation in api.operations if operation.id == "uploadFile"), "/api/v1/uploads")
    return _download(f"{folder}/{{path}}"), *_DEEDS


def _download(path: str) -> Operation:
    return Operation(
        api="casavi",
        id="downloadFile",
        method="GET",
        path=path,
        parameters=(Parameter("path", "path", required=True, kind="string", schema=_PATH, default=None),),
        body=None,
        responses={"200": ResponseSpec({ANY: {}}, {}), "400": ResponseSpec({JSON: {}}, {}), "404": ResponseSpec({JSON: {}}, {})},
        security=(),
        writes=False,
    )


_DEEDS = (
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
