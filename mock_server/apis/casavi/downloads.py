"""Fetching an uploaded file: an operation that the spec does not have and residents cannot do without."""

from __future__ import annotations

import hashlib
from urllib.parse import quote

from sqlalchemy import bindparam, select

from mock_server.apis.casavi.tables import uploads
from mock_server.dispatch import Call, Reply
from mock_server.errors import not_found
from mock_server.files import files
from mock_server.spec import ANY, JSON, Api, Operation, Parameter, ResponseSpec

_PATH = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[^\\x00]*$"}
_UPLOAD = (
    select(uploads.c.answer, files.c.content)
    .join_from(uploads, files, files.c.id == uploads.c.file_id)
    .where(uploads.c.session == bindparam("key"), uploads.c.path == bindparam("path"))
)


def operation(api: Api) -> Operation:
    """`downloadFile`, below the path at which files are uploaded."""
    folder = next((one.path for one in api.operations if one.id == "uploadFile"), "/api/v1/uploads")
    return Operation(
        api="casavi",
        id="downloadFile",
        method="GET",
        path=f"{folder}/{{path}}",
        parameters=(Parameter("path", "path", required=True, kind="string", schema=_PATH, default=None),),
        body=None,
        responses={"200": ResponseSpec({ANY: {}}, {}), "400": ResponseSpec({JSON: {}}, {}), "404": ResponseSpec({JSON: {}}, {})},
        security=(),
        writes=False,
    )


def download_file(call: Call) -> Reply:
    """The bytes of an upload or of one of its thumbnails (inferred: the document says that files are downloaded, not how)."""
    path = call.parameters["path"]
    row = call.connection.execute(_UPLOAD, {"key": call.session, "path": path}).first()
    if row is None:
        raise not_found("upload", path)
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(row.answer['name'])}",
        # An uploaded HTML page must not act in the name of the server that stores it.
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        # Ids follow from the seed: after a reset, or in another session, the same path may have other bytes.
        "Cache-Control": "private, no-cache",
        "ETag": f'"{hashlib.sha256(row.content).hexdigest()[:32]}"',
    }
    return Reply(200, row.content, headers, row.answer["fileType"])
