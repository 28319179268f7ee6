"""Headers as people and other apps send them, at the command's server."""

from __future__ import annotations

import pytest

from mock_server.tests.wire import HEALTH, UPLOAD, ask, details, head


@pytest.mark.parametrize("session", ["prüfung", "", ".", "..", "a b", "a/b", "x" * 65])
def test_a_bad_session_name_is_400_and_not_the_default_session(command_url: str, session: str) -> None:
    request = head(HEALTH, b"Host: localhost", f"X-Mock-Session: {session}".encode())
    status, said = details(ask(command_url, request))
    assert (status, "1 to 64 characters" in said) == (400, True)


@pytest.mark.parametrize("name", [".", "..", "%C3%BC", "a%20b"])
def test_a_bad_name_in_a_path_is_400(command_url: str, name: str) -> None:
    for line in (f"GET /_s/{name}/__mock/health HTTP/1.1", f"PUT /__mock/snapshots/{name} HTTP/1.1"):
        assert ask(command_url, head(line.encode(), b"Host: localhost"))[0] == 400


def test_the_cookies_of_other_apps_do_not_matter(command_url: str) -> None:
    _, known = ask(command_url, head(b"GET /__mock/credentials HTTP/1.1", b"Host: localhost"))
    cookie = next(p["cookie"] for p in known["casavi"]["principals"] if p["name"] == "max")
    for other in ("name=Müller", "a=\x80", 'q="\\303"', "=;;, x"):
        header = f"Cookie: {other}; {cookie['name']}={cookie['value']}; {other}".encode()
        assert ask(command_url, head(b"GET /api/v1/units HTTP/1.1", b"Host: localhost", header))[0] == 200, other


FILENAMES = {
    "Küche.png": "Küche.png".encode(),
    "日本 1.txt": "日本 1.txt".encode(),
    "50% off.txt": b"50% off.txt",
    "Zoë.txt": "Zoë.txt".encode("latin-1"),
    "Käse.txt": b"K%C3%A4se.txt",
    "naïve café.txt": b"UTF-8''na%C3%AFve%20caf%C3%A9.txt",
    "für Zoë.txt": b"utf-8'de'f%C3%BCr%20Zo%C3%AB.txt",
    "Küche 5.png": b"ISO-8859-1''K%FCche%205.png",
}


@pytest.mark.parametrize("name", FILENAMES)
def test_a_file_name_comes_back_as_it_was_meant(command_url: str, name: str) -> None:
    request = head(*UPLOAD, b"X-Filename: " + FILENAMES[name], b"Content-Length: 3")
    status, body = ask(command_url, request + b"abc")
    assert (status, body.get("name")) == (201, name)


@pytest.mark.parametrize("hosts", [(), (b"Host:",), (b"Host: a", b"Host: b"), (b"Host: a b",)], ids=str)
def test_a_request_without_one_good_host_is_400(command_url: str, hosts: tuple[bytes, ...]) -> None:
    assert ask(command_url, head(HEALTH, *hosts))[0] == 400
