"""The archive of what went over the wire: whole, in order, and without what lets somebody in."""

import hashlib
import json
import warnings
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread
from typing import Any

import harfile
import pytest
from requests import Request, Response, Session

from contract_tests.faults.servers import serve_stream
from contract_tests.profile import Connection
from contract_tests.transport.bounded import BoundedAdapter
from contract_tests.transport.cleanup import Maker, sender, take_back
from contract_tests.transport.forms import find_form, keep_cookies
from contract_tests.transport.gate import Gate, Limits
from contract_tests.transport.guard import Guard
from contract_tests.transport.in_process import WsgiAdapter
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.network import json_of, redirect_of
from contract_tests.transport.session import CleanSession
from contract_tests.transport.traffic import LARGEST, Traffic
from contract_tests.transport.wire import Wire, WireSession


def _response(body: bytes = b"{}", kind: str = "application/json", url: str = "http://x/a?b=1", **more: Any) -> Response:
    response = Response()
    response.request = Request("POST", url, **more).prepare()
    response.url, response.status_code, response.reason = url, 200, "OK"
    response._content = body  # noqa: SLF001 - as adapters do
    response.headers.update({"Content-Type": kind, "Set-Cookie": "sid=open-sesame"})
    return response


def _noted(tmp_path: Path, *responses: Response) -> list[dict[str, Any]]:
    traffic = Traffic(tmp_path)
    for response in responses:
        traffic.note(response, datetime.now(UTC), 0.25, "x.py::t")
    archive = json.loads(traffic.merge(tmp_path).read_text("utf-8"))
    assert archive["log"]["version"] == harfile.HAR_VERSION
    entries: list[dict[str, Any]] = archive["log"]["entries"]
    return entries


def test_logins_of_any_kind_stay_out_of_the_archive(tmp_path: Path) -> None:
    headers = {"Authorization": "Basic open-sesame", "Cookie": "open-sesame", "Proxy-Authorization": "open-sesame"}
    body = b'{"accessToken": "open-sesame", "pad": "' + b"x" * (LARGEST - 60) + b'", "inviteToken": "open-sesame"}'
    _noted(tmp_path, _response(body, url="http://x/a?code=open-sesame", headers=headers, data="password=open-sesame"))
    assert "sesame" not in (tmp_path / "traffic.har").read_text("utf-8")


def test_logins_can_be_told_apart_and_not_guessed_at(tmp_path: Path) -> None:
    logins = [_response(headers={"Authorization": f"Bearer {name}"}) for name in ("alice", "bob", "alice")]
    alice, bob, again = (
        header["comment"]
        for entry in _noted(tmp_path, *logins)
        for header in entry["request"]["headers"]
        if header["name"] == "Authorization"
    )
    assert alice == again != bob
    assert hashlib.sha256(b"Bearer alice").hexdigest()[:8] not in alice


@pytest.mark.parametrize(
    ("body", "kind", "content"),
    [
        ("ü".encode(), "text/plain", {"text": "ü"}),
        (b"\xff\xd8", "image/jpeg", {"text": "/9g=", "encoding": "base64"}),
        (b"\xff\xd8" * LARGEST, "image/jpeg", {"comment": f"{2 * LARGEST} bytes that are no text"}),
        (b"\xff\xd8", "application/json", {"comment": "2 bytes that are no text"}),
        (
            ("x" + "ü" * LARGEST).encode(),
            "text/plain",
            {"text": "x" + "ü" * (LARGEST - 1), "comment": f"the beginning of {2 * LARGEST + 1} bytes"},
        ),
    ],
)
def test_bodies_are_texts_small_images_or_left_out(tmp_path: Path, body: bytes, kind: str, content: dict[str, str]) -> None:
    [entry] = _noted(tmp_path, _response(body, kind))
    assert entry["response"]["content"] == {"size": len(body), "mimeType": kind, **content}


def test_threads_and_processes_end_up_in_one_archive_by_time(tmp_path: Path) -> None:
    traffic = Traffic(tmp_path)

    def note() -> None:
        for _ in range(50):
            traffic.note(_response(), datetime.now(UTC), 0.0, "here")

    threads = [Thread(target=note) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    own = next(tmp_path.glob("*.jsonl"))
    other = (
        own.read_text().splitlines()[0].replace('"here"', '"there"').replace('"startedDateTime": "20', '"startedDateTime": "21')
    )
    old = other.replace('"startedDateTime": "21', '"startedDateTime": "19').replace("there", "of a run that was killed")
    (tmp_path / "traffic-1.jsonl").write_text(f"{old}\n{other}\n{other[:40]}")
    entries = json.loads(traffic.merge(tmp_path).read_text())["log"]["entries"]
    assert [entry["comment"] for entry in entries] == ["here"] * 200 + ["there"]


def test_a_disk_that_is_full_is_one_warning_and_no_failure(tmp_path: Path) -> None:
    traffic = Traffic(tmp_path / "absent")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            traffic.note(_response(), datetime.now(UTC), 0.0, "t")
    assert [str(warning.message) for warning in caught] == ["traffic.har stays incomplete: No such file or directory"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Traffic(tmp_path / "absent").note(_response(), datetime.now(UTC), 0.0, "t")


def test_without_a_folder_nothing_is_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Traffic(None).note(_response(), datetime.now(UTC), 0.0, "t")
    assert list(tmp_path.iterdir()) == []


ODD = b"\xe9\xff\x00\x1b[31m\x9b" + bytes(range(256))
ODD_HEADERS = (
    b"HTTP/1.1 302 F\xf6\x1bnd\r\nContent-Type: application/json; charset=\xff\r\nLocation: /caf\xe9?\xff=\x1b\r\n"
    b"Set-Cookie: a\xe9=\xff\x01\r\nWWW-Authenticate: \xff\r\nRetry-After: \xb2\r\nX-Odd: \x9b\r\n"
)


@pytest.mark.parametrize(
    "body", [ODD, b"[" * 9000, b"\xef\xbb\xbf{}", b"{" + b'"a":{' * 9000, b"\x00", "é".encode("utf-16"), b"1" * 9000]
)
@pytest.mark.parametrize("head", [b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\n", ODD_HEADERS])
def test_no_answer_is_too_odd_for_the_way_that_it_takes(head: bytes, body: bytes, tmp_path: Path) -> None:
    answer = head + b"Content-Length: %d\r\n\r\n" % len(body) + body
    with serve_stream(lambda: [answer]) as url:
        traffic = Traffic(tmp_path)
        gate = Gate(BoundedAdapter(), Connection(), Limits(), traffic, {"linagora": url})
        ledger = Ledger(tmp_path / "ledger.jsonl")
        wire = Wire({"linagora": url}, gate, Guard("full", ledger.ids), ledger)
        response = WireSession(wire).post(
            f"{url}/api/communities", json={"title": "x", "domain_ids": ["d"]}, allow_redirects=False
        )
        keep_cookies(Session(), response)
        left = take_back(ledger, sender(CleanSession(url, gate)), {"": Maker("", homes=["d"])})
    assert response.content == body
    assert len(left) == 1
    assert (json_of(response), find_form(response)) == ({} if body.endswith(b"{}") else None, None)
    assert response.is_redirect == (redirect_of(response) is not None)
    assert len(json.loads(traffic.merge(tmp_path).read_text("utf-8"))["log"]["entries"]) >= 2


def test_an_app_in_this_process_is_handed_on_as_it_answers() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        asked.update(environ)
        start_response("204 Nothing", headers)
        return [b"a body ", b"where none may be"]

    asked: dict[str, Any] = {}
    headers = [("Set-Cookie", "a=1"), ("X-Odd", "caf\xe9 "), ("Set-Cookie", "b=2"), ("x-Empty", "")]
    request = Request("PUT", "http://x:81/a%2Fb%FF/c?d=%26", {"X-Mine": "caf\xe9".encode("latin-1")}, data=b"\xff").prepare()
    response = WsgiAdapter(app).send(request)
    assert (response.status_code, response.reason, response.content) == (204, "Nothing", b"a body where none may be")
    assert sorted(response.raw.headers.iteritems()) == sorted(headers)
    assert response.raw.headers.getlist("Set-Cookie") == ["a=1", "b=2"]
    assert (asked["PATH_INFO"], asked["QUERY_STRING"], asked["HTTP_HOST"]) == ("/a/b\xff/c", "d=%26", "x:81")
    assert (asked["HTTP_X_MINE"], asked["CONTENT_LENGTH"], asked["wsgi.input"].read()) == ("caf\xe9", "1", b"\xff")
