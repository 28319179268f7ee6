"""Uploads: bytes come back as they came, names are harmless, pictures have small ones beside them."""

from __future__ import annotations

import io
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from mock_server.apis.casavi.uploads import harmless
from mock_server.tests.client import Mock, problem
from mock_server.tests.pictures import picture, png_bomb
from mock_server.tests.residents import UPLOADS, made, upload

FORMATS = {"image/png": "PNG", "image/gif": "GIF", "image/jpeg": "JPEG", "image/webp": "WEBP"}
DAMAGED = {
    "half a picture": (picture("PNG")[: len(picture("PNG")) // 2], "image/png"),
    "the head of a picture alone": (picture("PNG")[:40], "image/png"),
    "another format": (picture("JPEG"), "image/png"),
    "a text": (b"no picture", "image/gif"),
    "nothing": (b"", "image/png"),
    "a picture of another program": (b"<svg/>", "image/svg+xml"),
    "a picture of too many pixels": (png_bomb(30_000, 20_000), "image/png"),
    "a picture of just too many pixels": (png_bomb(4_001, 4_000), "image/png"),
    "a picture of no pixels": (png_bomb(0, 0), "image/png"),
}


def _image(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def test_an_upload_is_answered_and_fetched_without_a_login_as_it_came(any_mock: Mock) -> None:
    data = bytes(range(256)) * 50
    response = upload(any_mock, data, "my-wonderful-flat.bin", "application/x-flat; version=2")
    answer = made(response)
    assert answer == {
        "path": answer["path"],
        "name": "my-wonderful-flat.bin",
        "fileType": "application/x-flat; version=2",
        "fileSize": len(data),
        "thumbs": {},
    }
    assert response.headers["Location"] == f"{UPLOADS}/{answer['path']}"
    fetched = any_mock.get(response.headers["Location"])
    assert (fetched.status_code, fetched.get_data()) == (200, data)
    assert fetched.headers["Content-Type"] == "application/x-flat; version=2"
    assert problem(any_mock.beside("other").get(response.headers["Location"]))[0] == 404


def test_a_browser_asks_again_and_does_not_get_the_bytes_of_before_a_reset(any_mock: Mock) -> None:
    path = f"{UPLOADS}/{made(upload(any_mock, b'old'))['path']}"
    old = any_mock.get(path)
    assert old.headers["Cache-Control"] == "private, no-cache"
    known = {"If-None-Match": old.headers["ETag"]}
    again = any_mock.get(path, headers=known)
    assert (again.status_code, again.get_data()) == (304, b"")
    assert any_mock.post("/__mock/reset").status_code == 204
    assert path == f"{UPLOADS}/{made(upload(any_mock, b'new'))['path']}"
    new = any_mock.get(path, headers=known)
    assert (new.status_code, new.get_data()) == (200, b"new")


def test_what_is_fetched_cannot_act_in_the_name_of_the_server(mock: Mock) -> None:
    script = b"<script>alert(document.cookie)</script>"
    path = made(upload(mock, script, 'evil".html', "text/html"))["path"]
    fetched = mock.get(f"{UPLOADS}/{path}")
    assert fetched.get_data() == script
    assert fetched.headers["Content-Type"] == "text/html"
    assert fetched.headers["X-Content-Type-Options"] == "nosniff"
    assert fetched.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert fetched.headers["Content-Disposition"] == "inline; filename*=UTF-8''evil.html"


@pytest.mark.parametrize("path", ["nosuch.jpg", "..", "%2e%2e%2fsecret", "%00", "a" * 256, "x%0d%0aA: b"])
def test_an_unknown_upload_is_refused(any_mock: Mock, path: str) -> None:
    assert problem(any_mock.get(f"{UPLOADS}/{path}"))[0] in (400, 404)


NAMES = {
    "my flat.jpg": ("my flat.jpg", ".jpg"),
    "../../etc/passwd": ("passwd", ".bin"),
    "C:\\Windows\\system32\\calc.EXE": ("calc.EXE", ".exe"),
    "%43:calc.exe": ("Ccalc.exe", ".exe"),
    "a/b\\c.tar.gz": ("c.tar.gz", ".gz"),
    ".htaccess": ("htaccess", ".bin"),
    "...": ("file", ".bin"),
    "/": ("file", ".bin"),
    "..\\": ("file", ".bin"),
    ". .a.png": ("a.png", ".png"),
    "a.png. .": ("a.png", ".png"),
    'say "hi"<b>|?*.txt': ("say hib.txt", ".txt"),
    '"': ("file", ".bin"),
    "%2e%2e%2f%00.jpg": ("jpg", ".bin"),
    "x" * 251 + ".png": ("x" * 251 + ".png", ".png"),
    "x" * 255: ("x" * 255, ".bin"),
    "a.verylongextension": ("a.verylongextension", ".bin"),
    "a.p-g": ("a.p-g", ".bin"),
}


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_is_made_harmless_and_says_the_ending_of_the_path(mock: Mock, name: str) -> None:
    answer = made(upload(mock, name=name))
    assert (answer["name"], answer["path"][24:]) == NAMES[name]
    assert mock.get(f"{UPLOADS}/{answer['path']}").status_code == 200


@settings(max_examples=300, derandomize=True, database=None, deadline=None)
@given(name=st.text(st.characters(max_codepoint=255), max_size=30) | st.text('.. /\\:"\x00\x1f\x7fa', max_size=12))
def test_no_text_becomes_a_name_with_a_folder_or_a_leading_dot(name: str) -> None:
    found = harmless(name)
    assert found
    assert not set(found) & {"/", "\\", ":", '"', "\x7f", *map(chr, range(32))}
    assert found == found.strip(" .")


@pytest.mark.parametrize("name", [None, "", " ", "   ", "x" * 256, "a\tb", "a\x7fb"])
def test_a_name_that_is_missing_blank_long_or_not_printable_is_400_and_nothing_is_stored(mock: Mock, name: str | None) -> None:
    before = mock.state()
    headers = {} if name is None else {"X-Filename": name}
    assert problem(mock.post(UPLOADS, headers=headers, data=b"x", content_type="text/plain"))[0] == 400
    assert mock.state() == before


@pytest.mark.parametrize(
    "kind", [None, "", "text", "text/", "/plain", "a b/c", "text/plain," + "x/y", "text/plain; x=" + "y" * 255]
)
def test_a_type_that_is_missing_malformed_or_long_is_400_and_nothing_is_stored(mock: Mock, kind: str | None) -> None:
    before = mock.state()
    assert problem(mock.post(UPLOADS, headers={"X-Filename": "a"}, data=b"x", content_type=kind))[0] == 400
    assert mock.state() == before


@pytest.mark.parametrize(("kind", "ending"), [("image/jpeg", ".jpg"), ("text/plain; charset=utf-8", ".txt"), ("x/y", "")])
def test_a_name_without_an_ending_gets_the_one_of_its_type_and_a_file_may_be_empty(mock: Mock, kind: str, ending: str) -> None:
    answer = made(upload(mock, b"", "nameless", kind))
    assert (answer["name"], answer["path"][24:], answer["fileSize"]) == ("nameless", ending, 0)
    assert mock.get(f"{UPLOADS}/{answer['path']}").get_data() == b""


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_has_small_ones_beside_it(any_mock: Mock, kind: str) -> None:
    data = picture(FORMATS[kind], (900, 300))
    answer = made(upload(any_mock, data, "flat", f"{kind.upper()}; x=y"))
    assert set(answer["thumbs"]) == {"small", "medium"}
    for size, pixels in (("small", (128, 43)), ("medium", (512, 171))):
        fetched = any_mock.get(f"{UPLOADS}/{answer['thumbs'][size]}")
        assert fetched.status_code == 200
        assert fetched.headers["X-Content-Type-Options"] == "nosniff"
        image = _image(fetched.get_data())
        assert (image.format, image.size) == (FORMATS[kind], pixels)
    assert any_mock.get(f"{UPLOADS}/{answer['path']}").get_data() == data


def test_a_small_picture_is_not_blown_up(mock: Mock) -> None:
    thumbs = made(upload(mock, picture("PNG", (20, 10)), "a.png", "image/png"))["thumbs"]
    assert [_image(mock.get(f"{UPLOADS}/{path}").get_data()).size for path in thumbs.values()] == [(20, 10)] * 2


def test_the_small_ones_of_a_photo_taken_sideways_stand_upright(mock: Mock) -> None:
    sideways = Image.new("RGB", (300, 100), "white")
    sideways.paste("red", (0, 0, 30, 100))  # what is left here is at the top of the scene
    exif = Image.Exif()
    exif[0x0112] = 6  # turn it by 90 degrees, clockwise
    photo = io.BytesIO()
    sideways.save(photo, "JPEG", exif=exif)
    thumbs = made(upload(mock, photo.getvalue(), "photo.jpg", "image/jpeg"))["thumbs"]
    for path in thumbs.values():
        image = _image(mock.get(f"{UPLOADS}/{path}").get_data())
        assert image.width * 3 == pytest.approx(image.height, abs=2)
        assert image.getexif().get(0x0112, 1) == 1
        red, _, blue = image.getpixel((image.width // 2, 3))  # type: ignore[misc]  # an RGB picture has three
        assert (red > 200, blue < 80) == (True, True)


@pytest.mark.parametrize("name", DAMAGED)
def test_any_file_is_taken_and_what_is_no_picture_has_no_small_ones(mock: Mock, name: str) -> None:
    data, kind = DAMAGED[name]
    answer = made(upload(mock, data, "a.png", kind))
    assert (answer["thumbs"], answer["fileSize"], answer["fileType"]) == ({}, len(data), kind)
    assert mock.get(f"{UPLOADS}/{answer['path']}").get_data() == data


@settings(
    max_examples=200, derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_a_picture_with_any_bytes_changed_is_taken_and_never_a_server_error(mock: Mock, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(FORMATS)))
    damaged = bytearray(picture(FORMATS[kind], (20, 20)))
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert upload(mock, bytes(damaged), "a", kind).status_code == 201


def test_stored_names_are_told_apart_and_say_nothing_of_the_file(mock: Mock) -> None:
    paths = [made(upload(mock, b"same", "same.txt", "text/plain"))["path"] for _ in range(3)]
    assert len(set(paths)) == 3
    assert all(len(path) == 28 and set(path[:24]) <= set(string.hexdigits) for path in paths)
