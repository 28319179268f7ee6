"""Uploads: what is answered, what can be fetched, and what is refused."""

from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.actors.caller import Answer, Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import body_is, expect, has, refusal, require, same, status
from contract_tests.actors.pictures import MEDIA_TYPES, opened, picture
from contract_tests.contract.basis import inferred

MOST = 10485760
BINARY = "application/octet-stream"
RACERS = 4


def _place(reply: Answer) -> str:
    """Where the file of an upload can be fetched."""
    require("Location" in reply.headers, reply.operation.id, "no Location")
    return urljoin(reply.response.url, reply.headers["Location"])


@given(data=st.binary(max_size=2000))
@inferred(
    "path, name, fileType, fileSize, thumbs: the name as X-Filename gave it, the type as Content-Type did, the number of bytes"
)
def test_an_upload_is_answered_with_its_properties(casavi: Casavi, resident: Caller, data: bytes) -> None:
    reply = casavi.try_to_upload(resident, data, "my flat.bin", BINARY)
    expect(reply, status(201), has(name="my flat.bin", fileType=BINARY, fileSize=len(data), thumbs={}))


@given(data=st.binary(max_size=2000))
@inferred("the file can be fetched at Location, without a login")
def test_an_upload_can_be_fetched(casavi: Casavi, resident: Caller, anonymous: Caller, data: bytes) -> None:
    reply = expect(casavi.try_to_upload(resident, data, "my flat.bin", BINARY), status(201))
    fetched = expect(anonymous.fetch(reply, _place(reply)), status(200), body_is(data))
    kind = fetched.headers.get("Content-Type", "").partition(";")[0]
    same(kind, BINARY, "uploadFile", f"the file is fetched as {kind}, it was sent as {BINARY}")


@inferred("files with one name are kept apart")
def test_each_upload_has_a_path_of_its_own(casavi: Casavi, resident: Caller) -> None:
    replies = [casavi.try_to_upload(resident, data) for data in (b"first", b"second", b"first")]
    paths = {expect(reply, status(201)).json["path"] for reply in replies}
    same(len(paths), len(replies), "uploadFile", f"answers the paths {paths} for three files")
    for reply, data in zip(replies, (b"first", b"second", b"first"), strict=True):
        fetched = expect(resident.fetch(reply, _place(reply)), status(200), body_is(data))
        kind = fetched.headers.get("Content-Type", "")
        require(kind.startswith("text/plain"), "uploadFile", f"the file is fetched as {kind}, it was sent as text/plain")


@pytest.mark.parametrize("kind", list(MEDIA_TYPES))
@inferred("thumbs: smaller pictures by the name of a size; they lie beside the file")
def test_a_picture_has_smaller_pictures(casavi: Casavi, resident: Caller, kind: str) -> None:
    data = picture("red", kind, (1200, 900))
    reply = expect(casavi.try_to_upload(resident, data, "flat", MEDIA_TYPES[kind]), status(201))
    require(reply.json["thumbs"], "uploadFile", "answers no thumbs for a picture")
    for path in reply.json["thumbs"].values():
        fetched = expect(resident.fetch(reply, urljoin(_place(reply), path)), status(200))
        width, height = opened(fetched.body).size
        require(width < 1200, "uploadFile", f"{path} is {width} pixels wide, the picture 1200")
        require(abs(width / height - 4 / 3) < 0.1, "uploadFile", f"{path} is {width} x {height}, the picture 1200 x 900")


@inferred("thumbs are empty if the file is no picture, whatever Content-Type says")
def test_what_is_no_picture_has_no_thumbs(casavi: Casavi, resident: Caller) -> None:
    for data, media_type in ((b"a text", "text/plain"), (b"no image at all", "image/png")):
        expect(casavi.try_to_upload(resident, data, "flat.png", media_type), status(201), has(thumbs={}, fileType=media_type))


@inferred("a file may be empty")
def test_an_empty_file_is_taken(casavi: Casavi, resident: Caller) -> None:
    reply = expect(casavi.try_to_upload(resident, b""), status(201), has(fileSize=0))
    expect(resident.fetch(reply, _place(reply)), status(200), body_is(b""))


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
    reply = expect(casavi.try_to_upload(resident, b"a file", sent), status(201), has(name=name))
    require(not {"/", "\\"} & set(reply.json["path"]), "uploadFile", f"answers the path {reply.json['path']}")


@inferred("binary data of the file, max 10 MB, read as 10485760 bytes")
def test_a_file_of_ten_megabytes_is_taken(casavi: Casavi, resident: Caller) -> None:
    expect(casavi.try_to_upload(resident, bytes(MOST), "big.bin", BINARY), status(201), has(fileSize=MOST))


@inferred("binary data of the file, max 10 MB, read as 10485760 bytes: more is 413")
def test_a_larger_file_is_refused(casavi: Casavi, resident: Caller) -> None:
    expect(casavi.try_to_upload(resident, bytes(MOST + 1), "big.bin", BINARY), refusal(413))


@inferred("security: none; whose file it is does not matter")
def test_a_file_of_anybody_can_be_attached(casavi: Casavi, resident: Caller, neighbour: Caller, anonymous: Caller) -> None:
    files = [casavi.upload(caller) for caller in (resident, neighbour, anonymous)]
    shown = casavi.comment(resident, casavi.open_ticket(resident)["id"], attachments=files)["Attachments"]
    same(shown, files, "addTicketComment", f"shows the attachments {shown} where {files} were sent")


@inferred("path alone says which file is meant")
def test_the_path_says_which_file_is_attached(casavi: Casavi, resident: Caller) -> None:
    file: Json = casavi.upload(resident)
    forged = file | {"name": "other.txt", "fileType": "image/png", "fileSize": 7, "more": "than was answered"}
    shown = casavi.comment(resident, casavi.open_ticket(resident)["id"], attachments=[forged])["Attachments"]
    same(shown, [file], "addTicketComment", f"shows {shown} where uploadFile answered {file}")


@inferred("a file can be fetched where it lies, and nowhere else")
def test_no_file_is_where_none_was_uploaded(casavi: Casavi, resident: Caller) -> None:
    reply = expect(casavi.try_to_upload(resident, b"a file"), status(201))
    expect(resident.fetch(reply, urljoin(_place(reply), "unknown.txt")), status(404))


@inferred("a file can be attached more than once, also at the same moment, and stays where it lies")
def test_a_file_can_be_attached_at_once_to_several_comments(casavi: Casavi, resident: Caller) -> None:
    reply, ticket = expect(casavi.try_to_upload(resident, b"a file"), status(201)), casavi.open_ticket(resident)["id"]
    with ThreadPoolExecutor(RACERS) as pool:
        list(pool.map(lambda _: casavi.comment(resident.twin(), ticket, attachments=[reply.json]), range(RACERS)))
    shown = [comment["Attachments"] for comment in casavi.ticket(resident, ticket)["TicketComments"]]
    same(shown, [[reply.json]] * RACERS, "getTicket", f"shows {shown} where {reply.json} was attached {RACERS} times")
    expect(resident.fetch(reply, _place(reply)), status(200), body_is(b"a file"))
