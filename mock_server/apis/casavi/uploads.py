"""Files: stored as they come under a name that cannot be guessed, with thumbnails of pictures."""

from __future__ import annotations

import mimetypes
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from sqlalchemy import bindparam, insert, select

from mock_server.apis.casavi.tables import uploads
from mock_server.dispatch import Call, Reply
from mock_server.errors import bad_request, not_found
from mock_server.files import keep
from mock_server.imaging import ImageError, shrink
from mock_server.statements import among

THUMBS = {"small": 128, "medium": 512}  # sides in pixels
_MAX_TYPE = 255
_MEDIA_TYPE = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 8.3.1
_TYPES = mimetypes.MimeTypes(filenames=())  # the same on every machine
_UNSAFE = re.compile(r'[\x00-\x1f\x7f<>:"|?*]')
_EXTENDED = re.compile("^(utf-8|iso-8859-1)'[^']*'", re.IGNORECASE)
_EXTENSION = re.compile(r"\.[A-Za-z0-9]{1,8}$")

_ANSWERS = select(uploads.c.path, uploads.c.answer).where(
    uploads.c.session == bindparam("key"), among(uploads.c.path, "paths"), uploads.c.is_thumb.is_(False)
)
_INSERT = insert(uploads)


def upload_file(call: Call) -> Reply:
    """casavi document, Uploads: raw bytes, at most 10 MB; the answer is what to send as an attachment."""
    file_type = call.content_type
    if len(file_type) > _MAX_TYPE or not _MEDIA_TYPE.fullmatch(_media_type(file_type)):
        raise bad_request(f"Content-Type has to be the media type of the file, like image/jpeg, at most {_MAX_TYPE} characters")
    if _media_type(file_type) == "multipart/form-data":
        raise bad_request(
            "send the bytes of the file alone as the body, its media type as Content-Type and its name as X-Filename, not a form"
        )
    name = harmless(decode_filename(call.parameters["X-Filename"]))
    stem = call.ids.next_hex()
    extension = _extension(name, file_type)
    path = f"{stem}{extension}"
    thumbs = {f"{stem}-{size}{extension}": (size, content) for size, content in _thumbs(call.body, file_type).items()}
    answer = {
        "path": path,
        "name": name,
        "fileType": file_type,
        "fileSize": len(call.body),
        "thumbs": {size: thumb for thumb, (size, _) in thumbs.items()},
    }
    rows = [_row(call, path, call.body, answer, is_thumb=False)]
    for thumb, (_, content) in thumbs.items():
        rows.append(_row(call, thumb, content, {"name": thumb, "fileType": file_type}, is_thumb=True))
    call.connection.execute(_INSERT, rows)
    return Reply(201, answer, call.location("downloadFile", path=path))


def stored_uploads(call: Call, sent: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The uploads that a client refers to, as they are stored; `path` alone counts. Raises Problem 404."""
    paths = [upload["path"] for upload in sent]
    if not paths:
        return []
    found = {row.path: row.answer for row in call.connection.execute(_ANSWERS, {"key": call.session, "paths": paths})}
    for path in paths:
        if path not in found:
            raise not_found("upload", path)
    return [found[path] for path in paths]


def _thumbs(data: bytes, file_type: str) -> dict[str, bytes]:
    try:
        return shrink(data, _media_type(file_type), THUMBS)
    except ImageError:  # any other file is welcome too
        return {}


def decode_filename(header: str) -> str:
    """The name in an X-Filename header, as a WSGI server passes it on: plain or percent-encoded UTF-8, or RFC 8187's
    `UTF-8''…`, also with the other charset that RFC 5987 had. Bytes that are not UTF-8 are read as Latin-1."""
    extended = _EXTENDED.match(header)
    text = header[extended.end() :] if extended else header
    data = unquote_to_bytes(text.encode("latin-1"))
    if extended and extended[1].lower() != "utf-8":
        return data.decode("latin-1")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return text


def harmless(filename: str) -> str:
    """A name without folders and without what no file name may have."""
    last = re.split(r"[/\\]", filename)[-1]
    return _UNSAFE.sub("", last).strip(" .") or "file"


def _extension(name: str, file_type: str) -> str:
    found = _EXTENSION.search(name)
    return found[0].lower() if found else _TYPES.guess_extension(_media_type(file_type)) or ""


def _media_type(file_type: str) -> str:
    return file_type.partition(";")[0].strip().lower()


def _row(call: Call, path: str, content: bytes, answer: Mapping[str, Any], *, is_thumb: bool) -> dict[str, Any]:
    file_id = keep(call.connection, content)
    return {"session": call.session, "path": path, "answer": answer, "is_thumb": is_thumb, "file_id": file_id}
