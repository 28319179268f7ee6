"""Uploads: what is answered, what can be fetched, and what is refused."""

from functools import partial
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.actors.caller import Answer, Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import body_is, each_once, expect, has, need, refusal, require, same, status
from contract_tests.actors.pictures import MEDIA_TYPES, opened, picture
from contract_tests.contract.basis import inferred
from contract_tests.laws.races import at_once

MOST = 10485760
BINARY = "application/octet-stream"
RACERS = 4
KINDS = pytest.mark.parametrize("kind", list(MEDIA_TYPES))


def _place(reply: Answer) -> str:
    """Where the file of an upload can be fetched."""
    require("Location" in reply.headers, "uploadFile", "does not say in Location where the file is", own=False)
    return urljoin(reply.response.url, reply.headers["Location"])


def _is_fetched(caller: Caller, reply: Answer, data: bytes, media_type: str) -> None:
    """Raises ContractError unless the file of an upload comes back as it was sent."""
    fetched = expect(caller.fetch(reply, _place(reply)), status(200), body_is(data))
    kind = fetched.headers.get("Content-Type", "").partition(";")[0]
    same(kind, media_type, "uploadFile", "stores a file that is fetched with another Content-Type than it was sent with")


@inferred(
    "path, name, fileType, fileSize, thumbs: the name as X-Filename gave it, the type as Content-Type did, the number of bytes"
)
def test_an_upload_is_answered_with_its_properties(casavi: Casavi, resident: Caller) -> None:
    wanted = has(name="note.txt", fileType="text/plain", fileSize=6, thumbs={})
    expect(casavi.try_to_upload(resident, b"a file"), status(201), wanted)


@given(data=st.binary(min_size=1, max_size=2000))
@inferred("a file may hold any bytes")
def test_any_bytes_come_back(casavi: Casavi, resident: Caller, data: bytes) -> None:
    reply = expect(
        casavi.try_to_upload(resident, data, "flat.bin", BINARY), status(201), has(fileType=BINARY, fileSize=len(data))
    )
    _is_fetched(resident, reply, data, BINARY)


@inferred("the file can be fetched at Location, without a login")
def test_an_upload_can_be_fetched(casavi: Casavi, resident: Caller, anonymous: Caller) -> None:
    reply = need(casavi.try_to_upload(resident, b"a file"), status(201))
    _is_fetched(anonymous, reply, b"a file", "text/plain")


@inferred("files with one name are kept apart")
def test_each_upload_has_a_path_of_its_own(casavi: Casavi, resident: Caller) -> None:
    files = (b"first", b"second", b"first")
    replies = [need(casavi.try_to_upload(resident, data), status(201)) for data in files]
    each_once([reply.json["path"] for reply in replies], "uploadFile")
    for reply, data in zip(replies, files, strict=True):
        _is_fetched(resident, reply, data, "text/plain")


def _thumbs(casavi: Casavi, caller: Caller, kind: str, size: tuple[int, int]) -> list[tuple[int, int]]:
    """The sizes of the smaller pictures of a new one."""
    reply = casavi.try_to_upload(caller, picture("red", kind, size), f"flat.{kind.lower()}", MEDIA_TYPES[kind])
    thumbs = expect(reply, status(201)).json["thumbs"]
    require(thumbs, "uploadFile", f"makes no smaller pictures of a {kind}")
    places = [urljoin(_place(reply), path) for path in thumbs.values()]
    return [opened(expect(caller.fetch(reply, place), status(200))).size for place in places]


@KINDS
@inferred("thumbs: smaller pictures by the name of a size; they lie beside the file")
def test_a_picture_has_smaller_pictures(casavi: Casavi, resident: Caller, kind: str) -> None:
    for width, height in _thumbs(casavi, resident, kind, (1200, 1200)):
        require(width < 1200, "uploadFile", "makes no smaller picture of one of 1200 x 1200", got=[width, height])
        same(width, height, "uploadFile", "makes a picture that is not square of one that is")


@KINDS
@inferred("thumbs: smaller pictures, as wide and as high in proportion as the picture is")
def test_a_smaller_picture_keeps_the_proportions(casavi: Casavi, resident: Caller, kind: str) -> None:
    for width, height in _thumbs(casavi, resident, kind, (1200, 900)):
        near = abs(width / height - 4 / 3) < 0.1
        require(near, "uploadFile", "squeezes or cuts a picture of 1200 x 900", got=[width, height])


@pytest.mark.parametrize(("name", "media_type"), [("note.txt", "text/plain"), ("flat.png", "image/png")], ids=["text", "image"])
@inferred("thumbs are empty if the file is no picture, whatever Content-Type says")
def test_what_is_no_picture_has_no_thumbs(casavi: Casavi, resident: Caller, name: str, media_type: str) -> None:
    reply = casavi.try_to_upload(resident, b"no image at all", name, media_type)
    expect(reply, status(201), has(thumbs={}, fileType=media_type))


@inferred("a file may be empty")
def test_an_empty_file_is_taken(casavi: Casavi, resident: Caller) -> None:
    reply = expect(casavi.try_to_upload(resident, b""), status(201), has(fileSize=0))
    _is_fetched(resident, reply, b"", "text/plain")


@pytest.mark.parametrize("missing", ["X-Filename", "Content-Type"])
@inferred("X-Filename and Content-Type are required: 400")
def test_both_headers_are_required(casavi: Casavi, resident: Caller, missing: str) -> None:
    headers = {"X-Filename": "note.txt", "Content-Type": "text/plain"}
    del headers[missing]
    expect(resident.call("uploadFile", data=b"a file", headers=headers), refusal(400))


@pytest.mark.parametrize("media_type", ["text", "/", "a b/c", "text/"])
@inferred("a malformed Content-Type is 400")
def test_a_malformed_type_is_refused(casavi: Casavi, resident: Caller, media_type: str) -> None:
    expect(casavi.try_to_upload(resident, b"a file", media_type=media_type), refusal(400))


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("my-wonderful-flat.jpg", "my-wonderful-flat.jpg"),
        ("../../etc/passwd", "passwd"),
        ("/tmp/note.txt", "note.txt"),
        ("C:\\photos\\flat.jpg", "flat.jpg"),
    ],
)
@inferred("name: as X-Filename gave it, without folders")
def test_a_name_loses_its_folders(casavi: Casavi, resident: Caller, sent: str, name: str) -> None:
    path = expect(casavi.try_to_upload(resident, b"a file", sent), status(201), has(name=name)).json["path"]
    require(not {"/", "\\"} & set(path), "uploadFile", "answers a path with folders in it", got=path)


@pytest.mark.parametrize("name", ["my flat.txt", "flat (1).txt", "flat;1.txt"])
@inferred("name: as X-Filename gave it, with its blanks and signs")
def test_a_name_may_have_blanks_and_signs(casavi: Casavi, resident: Caller, name: str) -> None:
    expect(casavi.try_to_upload(resident, b"a file", name), status(201), has(name=name))


@inferred("binary data of the file, max 10 MB, read as 10485760 bytes")
def test_a_file_of_ten_megabytes_is_taken(casavi: Casavi, resident: Caller) -> None:
    expect(casavi.try_to_upload(resident, b"x" * MOST), status(201), has(fileSize=MOST))


@inferred("binary data of the file, max 10 MB, read as 10485760 bytes: more is 413")
def test_a_larger_file_is_refused(casavi: Casavi, resident: Caller) -> None:
    expect(casavi.try_to_upload(resident, b"x" * (MOST + 1)), refusal(413))


@inferred("security: none; whose file it is does not matter")
def test_a_file_of_anybody_can_be_attached(casavi: Casavi, resident: Caller, neighbour: Caller, anonymous: Caller) -> None:
    files = [casavi.upload(caller) for caller in (resident, neighbour, anonymous)]
    body, ticket = {"text": "see there", "attachments": files}, casavi.open_ticket(resident)["id"]
    expect(resident.call("addTicketComment", body, ticket_id=ticket), status(201), has(Attachments=files))


@inferred("path alone says which file is meant")
def test_the_path_says_which_file_is_attached(casavi: Casavi, resident: Caller) -> None:
    file: Json = casavi.upload(resident)
    forged = file | {"name": "other.txt", "fileType": "image/png", "fileSize": 7, "more": "than was answered"}
    body, ticket = {"text": "see there", "attachments": [forged]}, casavi.open_ticket(resident)["id"]
    expect(resident.call("addTicketComment", body, ticket_id=ticket), status(201), has(Attachments=[file]))


@inferred("a file can be fetched where it lies, and nowhere else")
def test_no_file_is_where_none_was_uploaded(casavi: Casavi, resident: Caller) -> None:
    reply = need(casavi.try_to_upload(resident, b"a file"), status(201))
    expect(resident.fetch(reply, urljoin(_place(reply), "unknown.txt")), status(404))


@inferred("a file can be attached more than once, also at the same moment, and stays where it lies")
def test_a_file_can_be_attached_at_once_to_several_comments(casavi: Casavi, resident: Caller) -> None:
    reply, ticket = need(casavi.try_to_upload(resident, b"a file"), status(201)), casavi.open_ticket(resident)["id"]
    body = {"text": "see there", "attachments": [reply.json]}
    for answer in at_once(*(partial(resident.twin().call, "addTicketComment", body, ticket_id=ticket) for _ in range(RACERS))):
        expect(answer, status(201))
    shown = [comment["Attachments"] for comment in casavi.ticket(resident, ticket)["TicketComments"]]
    same(shown, [[reply.json]] * RACERS, "getTicket", f"does not show a file in each of {RACERS} comments at once")
    _is_fetched(resident, reply, b"a file", "text/plain")
