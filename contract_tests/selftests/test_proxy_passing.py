"""What a proxy passes on: every byte, as it comes, with what each side has to see of the other."""

import asyncio
import gzip
import hashlib
import random
import threading
from collections.abc import AsyncIterator, Iterable, Iterator
from http.client import HTTPConnection
from typing import Any
from unittest.mock import Mock, create_autospec
from urllib.parse import urlsplit

import pytest
import requests
from werkzeug.wsgi import get_input_stream

from contract_tests.contract.finding import Kind
from contract_tests.faults.servers import serve, serve_stream
from contract_tests.proxy.desk import Desk
from contract_tests.proxy.front import Front
from contract_tests.proxy.rewriting import Place, to_client, to_target
from contract_tests.proxy.target import Target
from contract_tests.selftests.proxies import Proxy, proxied

CLIENT, TARGET = Place("http://localhost:8000"), Place("https://staging.example.org", "/backend")
PAGE = "http://localhost:3000"


class Echo:
    """Echoes, and streams as it is told; `asked` are the headers of the last request."""

    def __init__(self) -> None:
        self.asked: dict[str, str] = {}
        self.go_on = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked = {name: value for name, value in environ.items() if name.startswith(("HTTP_", "REQUEST_URI"))}
        path = environ["PATH_INFO"].removeprefix("/backend")
        if path == "/echo":
            body = get_input_stream(environ).read()
            start_response("200 OK", [("Content-Type", "application/octet-stream"), ("Content-Length", str(len(body)))])
            return [body]
        if path == "/stream":
            start_response("200 OK", [("Content-Type", "text/event-stream")])
            return self._stream()
        if path == "/gzip":
            start_response("200 OK", [("Content-Encoding", "gzip")])
            return [gzip.compress(b"unfolded", mtime=0)]
        start_response("304 Not Modified" if path == "/same" else "404 Nowhere", [("Content-Length", "0")] * (path != "/same"))
        return [b""]

    def _stream(self) -> Iterator[bytes]:
        yield b"data: 1\n\n"
        assert self.go_on.wait(10)
        yield b"data: 2\n\n"


@pytest.fixture(scope="module")
def target() -> Echo:
    return Echo()


@pytest.fixture(scope="module")
def proxy(target: Echo) -> Iterator[Proxy]:
    with serve(target) as url, proxied(f"{url}/backend") as proxy:
        yield proxy


@pytest.mark.parametrize("chunked", [False, True])
def test_uploads_of_any_length_come_back_byte_for_byte(proxy: Proxy, chunked: bool) -> None:
    lengths = [0, 1, 65_536, 65_537, 3_000_000, random.Random(chunked).randrange(10_000_000)]
    parts = urlsplit(proxy.url)
    connection = HTTPConnection(str(parts.hostname), parts.port)
    for length in lengths:
        sent = random.Random(length).randbytes(length)
        body = (sent[at : at + 70_000] for at in range(0, length, 70_000)) if chunked else sent
        connection.request("POST", "/echo", body, {}, encode_chunked=chunked)
        assert hashlib.sha256(connection.getresponse().read()).digest() == hashlib.sha256(sent).digest(), length
    connection.close()


def test_a_part_of_a_stream_arrives_before_the_next_one_is_sent(proxy: Proxy, target: Echo) -> None:
    with requests.get(f"{proxy.url}/stream", stream=True, timeout=10) as response:
        parts = response.iter_lines()
        assert next(parts) == b"data: 1"
        target.go_on.set()
        assert list(parts) == [b"", b"data: 2", b""]


def test_what_is_packed_stays_packed_and_what_has_no_body_has_none(proxy: Proxy) -> None:
    with requests.get(f"{proxy.url}/gzip", stream=True, timeout=10) as response:
        assert response.raw.read(decode_content=False) == gzip.compress(b"unfolded", mtime=0)
    same = requests.get(f"{proxy.url}/same", timeout=10)
    assert (same.status_code, same.content) == (304, b"")
    assert requests.head(f"{proxy.url}/echo", timeout=10).headers["Content-Length"] == "0"


def test_paths_and_queries_pass_as_they_are_written(proxy: Proxy, target: Echo) -> None:
    parts = urlsplit(proxy.url)
    connection = HTTPConnection(str(parts.hostname), parts.port)
    connection.request("GET", "/_s/some/a%2Fb//%c3?q=%C3%bc&&x", headers={"X-Forwarded-For": "192.0.2.1"})
    connection.getresponse().read()
    connection.close()
    assert target.asked["REQUEST_URI"] == "/backend/a%2Fb//%c3?q=%C3%bc&&x"
    assert target.asked["HTTP_X_MOCK_SESSION"] == "some"
    assert target.asked["HTTP_X_FORWARDED_FOR"] == "192.0.2.1, 127.0.0.1"
    assert proxy.journal("some")[-1]["request"]["url"].endswith("?q=%C3%bc&&x")


def test_a_page_of_this_machine_may_use_a_target_that_does_not_know_it(proxy: Proxy) -> None:
    asked = {"Origin": PAGE, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "authorization"}
    allowed = requests.options(f"{proxy.url}/nowhere", headers=asked, timeout=10)
    assert (allowed.status_code, allowed.headers["Access-Control-Allow-Methods"]) == (204, "PATCH")
    assert allowed.headers["Access-Control-Allow-Headers"] == "authorization"
    for origin, readable in ((PAGE, PAGE), ("https://elsewhere.example", None)):
        answer = requests.get(f"{proxy.url}/nowhere", headers={"Origin": origin}, timeout=10)
        assert answer.headers.get("Access-Control-Allow-Origin") == readable


class Answer:
    """One of a target, whose connection takes a moment to be freed."""

    status, headers, freed = 200, (), False

    async def aiter_stream(self) -> AsyncIterator[bytes]:
        yield b"OK"

    async def aclose(self) -> None:
        await asyncio.sleep(0.01)
        self.freed = True


def test_a_client_that_leaves_with_its_answer_frees_the_connection_to_the_target() -> None:
    answer, given = Answer(), asyncio.Event()
    desk, target = create_autospec(Desk, instance=True), create_autospec(Target, instance=True, place=TARGET)
    target.send.return_value = answer
    scope = {"method": "GET", "scheme": "http", "raw_path": b"/", "query_string": b"", "headers": [], "client": ("127.0.0.1", 1)}

    async def receive() -> dict[str, Any]:
        await given.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.body" and not message.get("more_body"):
            given.set()

    asyncio.run(Front(target, Mock(origins=()), desk, None, enforce=False)(scope, receive, send))
    assert answer.freed


CUT = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"


@pytest.mark.parametrize(
    ("sent", "status", "said"),
    [
        (CUT, None, "breaks off in the middle of an answer"),
        (CUT.replace(b"Transfer-Encoding: chunked", b"Content-Length: 20"), None, "breaks off in the middle of an answer"),
        (b"", 502, "closes the connection without a whole answer in HTTP"),
        (b"SSH-2.0-OpenSSH\r\n", 502, "closes the connection without a whole answer in HTTP"),
    ],
)
def test_a_broken_answer_is_no_whole_one_and_a_finding(sent: bytes, status: int | None, said: str) -> None:
    with serve_stream(lambda: [sent]) as url, proxied(url) as proxy:
        try:
            answer = requests.get(f"{proxy.url}/api/communities", timeout=10)
        except requests.RequestException:
            assert status is None
        else:
            assert answer.status_code == status
            assert answer.json()["error"]["details"] == f"{url} {said}"
    assert {cause.kind for cause in proxy.causes} >= {Kind.NO_ANSWER}
    assert proxy.ending is not None
    assert proxy.ending.status == 1
    assert any(line.endswith(f"{url} {said}") for line in proxy.ending.lines)


@pytest.mark.parametrize(
    ("name", "value", "seen"),
    [
        ("Location", "https://staging.example.org/backend/x?a=b#c", "http://localhost:8000/x?a=b#c"),
        ("Location", "https://staging.example.org:443/backend", "http://localhost:8000"),
        ("Location", "/backend/x", "/x"),
        ("Location", "//staging.example.org/backend/x", "http://localhost:8000/x"),
        ("Location", "https://sso.example.org/backend/x", "https://sso.example.org/backend/x"),
        ("Location", "https://staging.example.org/backends", "https://staging.example.org/backends"),
        ("Location", "there", "there"),
        ("Link", '<https://staging.example.org/backend/p?n=2>; rel="next"', '<http://localhost:8000/p?n=2>; rel="next"'),
        ("Set-Cookie", "a=b; Domain=.example.org; Path=/backend; Secure; SameSite=None; HttpOnly", "a=b; Path=/; HttpOnly"),
        ("Set-Cookie", "a=b; Path=/backend/api; SameSite=Lax", "a=b; Path=/api; SameSite=Lax"),
        ("Set-Cookie", "__Host-a=b; Path=/; Secure", "__Host-a=b; Path=/; Secure"),
        ("Strict-Transport-Security", "max-age=1", None),
        ("Keep-Alive", "timeout=5", None),
        ("X-Of-The-Connection", "1", None),
    ],
)
def test_the_client_sees_the_target_where_it_asked(name: str, value: str, seen: str | None) -> None:
    headers = dict(to_client([(name, value), ("Connection", "close, X-Of-The-Connection")], CLIENT, TARGET))
    assert headers.get(name) == seen
    assert headers["Via"] == "1.1 mock-server-proxy"


def test_the_target_sees_a_client_of_its_own() -> None:
    sent = [
        ("Host", "localhost:8000"),
        ("Origin", "http://localhost:8000"),
        ("Referer", "http://localhost:8000/page"),
        ("Accept-Encoding", "gzip, br;q=0.5, zstd"),
        ("TE", "trailers"),
        ("Authorization", "Bearer x"),
    ]
    assert dict(to_target(sent, CLIENT, TARGET, "127.0.0.1")) == {
        "Host": "staging.example.org",
        "Origin": "https://staging.example.org",
        "Referer": "https://staging.example.org/backend/page",
        "Accept-Encoding": "gzip",
        "Authorization": "Bearer x",
        "X-Forwarded-For": "127.0.0.1",
        "X-Forwarded-Host": "localhost:8000",
        "X-Forwarded-Proto": "http",
        "Via": "1.1 mock-server-proxy",
    }
