"""Avatars: pictures in, the same or small ones out; dates that grow; nothing harmful taken."""

from __future__ import annotations

import io
import itertools
from email.utils import formatdate, parsedate_to_datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from werkzeug.test import TestResponse

from mock_server.tests.client import Mock, problem
from mock_server.tests.pictures import picture, png_bomb

FORMATS = {"image/png": "PNG", "image/gif": "GIF", "image/jpeg": "JPEG"}
FUZZ = settings(
    max_examples=300, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def upload(mock: Mock, path: str, data: bytes, mimetype: str = "image/png", size: int | None = None) -> TestResponse:
    query = {"mimetype": mimetype, "size": len(data) if size is None else size}
    return mock.post(f"{path}/avatar", "alice", query_string=query, data=data)


@pytest.fixture
def path(mock: Mock) -> str:
    return mock.create("With picture")


@pytest.mark.parametrize("mimetype", FORMATS)
def test_the_original_comes_back_byte_for_byte_and_the_small_one_has_128_pixels(mock: Mock, path: str, mimetype: str) -> None:
    data = picture(FORMATS[mimetype])
    assert upload(mock, path, data, mimetype).status_code == 200
    original, small = (mock.get(f"{path}/avatar{query}", "alice") for query in ("?format=original", ""))
    assert (original.mimetype, original.get_data()) == (mimetype, data)
    assert small.mimetype == mimetype
    with Image.open(io.BytesIO(small.get_data())) as image:
        assert (image.format, image.size) == (FORMATS[mimetype], (128, 128))


def test_a_community_without_an_avatar_has_none(mock: Mock, path: str) -> None:
    assert problem(mock.get(f"{path}/avatar", "alice"))[0] == 404
    assert "avatar" not in mock.get(path, "alice").get_json()


def test_the_id_of_an_upload_is_the_avatar_and_an_older_one_can_be_chosen_again(mock: Mock, path: str, png: bytes) -> None:
    first = upload(mock, path, png).get_json()["_id"]
    second = upload(mock, path, picture("PNG", (10, 10))).get_json()["_id"]
    assert mock.get(path, "alice").get_json()["avatar"] == second
    assert mock.put(path, "alice", json={"avatar": first}).status_code == 200
    assert mock.get(f"{path}/avatar?format=original", "alice").get_data() == png
    other = mock.create("Another")
    assert problem(mock.put(other, "alice", json={"avatar": first}))[0] == 404


@pytest.mark.parametrize("difference", [-1, 1, 10**12])
def test_a_size_that_is_not_that_of_the_bytes_is_412_and_changes_nothing(
    mock: Mock, path: str, png: bytes, difference: int
) -> None:
    upload(mock, path, png)
    before = mock.get(path, "alice").get_json()
    assert problem(upload(mock, path, picture("PNG", (9, 9)), size=len(picture("PNG", (9, 9))) + difference))[0] == 412
    assert mock.get(path, "alice").get_json() == before
    assert mock.get(f"{path}/avatar?format=original", "alice").get_data() == png


DAMAGED = {
    "half a picture": picture("PNG")[: len(picture("PNG")) // 2],
    "the head of a picture alone": picture("PNG")[:40],
    "another format": picture("JPEG"),
    "a text": b"no picture",
    "zeros": bytes(100),
    "a picture of too many pixels": png_bomb(30_000, 20_000),
    "a picture of just too many pixels": png_bomb(4_001, 4_000),
    "a picture of no pixels": png_bomb(0, 0),
}


@pytest.mark.parametrize("data", DAMAGED.values(), ids=DAMAGED)
def test_a_bomb_and_a_damaged_picture_are_400_and_change_nothing(mock: Mock, path: str, png: bytes, data: bytes) -> None:
    upload(mock, path, png)
    assert problem(upload(mock, path, data))[0] == 400
    assert mock.get(f"{path}/avatar?format=original", "alice").get_data() == png


@FUZZ
@given(kind=st.sampled_from(list(FORMATS)), data=st.data())
def test_a_picture_with_any_bytes_changed_is_taken_or_400_and_never_a_server_error(
    mock: Mock, path: str, kind: str, data: st.DataObject
) -> None:
    damaged = bytearray(picture(FORMATS[kind], (20, 20)))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    response = upload(mock, path, bytes(damaged), kind)
    assert response.status_code in (200, 400), response.get_json()


def test_last_modified_grows_by_a_second_or_more_with_each_upload(mock: Mock, path: str, png: bytes) -> None:
    dates = []
    for _ in range(4):
        upload(mock, path, png)
        dates.append(parsedate_to_datetime(mock.get(f"{path}/avatar", "alice").headers["Last-Modified"]))
    assert all(later > earlier for earlier, later in itertools.pairwise(dates)), dates


def test_a_browser_asks_again_for_an_avatar_and_does_not_guess_its_type(mock: Mock, path: str, png: bytes) -> None:
    upload(mock, path, png)
    headers = mock.get(f"{path}/avatar", "alice").headers
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("private, no-cache", "nosniff")


def test_an_avatar_that_has_not_changed_since_is_304_without_a_body(mock: Mock, path: str, png: bytes) -> None:
    upload(mock, path, png)
    date = mock.get(f"{path}/avatar", "alice").headers["Last-Modified"]
    same = mock.get(f"{path}/avatar", "alice", headers={"If-Modified-Since": date})
    assert (same.status_code, same.get_data()) == (304, b"")
    upload(mock, path, png)
    assert mock.get(f"{path}/avatar", "alice", headers={"If-Modified-Since": date}).status_code == 200
    early = formatdate(parsedate_to_datetime(date).timestamp() - 1, usegmt=True)
    assert mock.get(f"{path}/avatar", "alice", headers={"If-Modified-Since": early}).status_code == 200
    assert mock.get(f"{path}/avatar", "alice", headers={"If-Modified-Since": "Fri, 31 Dec 9999 23:59:59 GMT"}).status_code == 304


GARBAGE = (
    *("", "0", "yesterday", "2024-05-01T00:00:00Z", "Wed, 99 Dec 2013 14:51:51 GMT", "Wed, 18 Dec 2013 25:61:61 GMT"),
    *("Wed, 18 Dec 2013", "18 Dec 99999 00:00:00 GMT", "Wed, 18 Dec 0000 00:00:00 GMT", "Wed, 18 Dec 2013 14:51:51 +9999"),
    *("Mon, 01 Jan 0001 00:00:00 +2359", "Wed, 18 Dec 2013 14:51:51 +999999", "é" * 3, "," * 100, "9" * 400),
)


@pytest.mark.parametrize("date", GARBAGE)
def test_a_garbage_date_is_ignored(mock: Mock, path: str, png: bytes, date: str) -> None:
    upload(mock, path, png)
    response = mock.get(f"{path}/avatar", "alice", headers={"If-Modified-Since": date})
    assert response.status_code == 200, response.get_data()


WORDS = st.sampled_from(
    ["Wed", "Dec", "18", "2013", "9999", "0001", "14:51:51", "24:00:00", "GMT", "+2400", "-2359", ",", "-", "(", ")", "PM"]
)
DATE = st.lists(WORDS | st.integers().map(str), max_size=8).map(" ".join) | st.text(
    st.characters(min_codepoint=32, max_codepoint=126), max_size=60
)


@FUZZ
@given(date=DATE.map(str.strip))
def test_any_text_as_a_date_is_200_or_304_and_never_a_server_error(mock: Mock, path: str, date: str) -> None:
    if "avatar" not in mock.get(path, "alice").get_json():
        upload(mock, path, picture("PNG", (4, 4)))
    response = mock.get(f"{path}/avatar", "alice", headers={"If-Modified-Since": date})
    assert response.status_code in (200, 304), (date, response.get_data())
