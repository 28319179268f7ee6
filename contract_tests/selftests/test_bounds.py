"""Every answer has an end: in time, in size, in headers; and each that has not is one sentence."""

import gzip
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import chain, repeat
from typing import Any

import pytest
import requests

from contract_tests.faults.servers import serve_stream
from contract_tests.profile import Connection
from contract_tests.transport.bounded import BoundedAdapter
from contract_tests.transport.gate import Gate, Limits, Stopped
from contract_tests.transport.network import sentence
from contract_tests.transport.session import CleanSession

OK = b"HTTP/1.1 200 OK\r\n"
MOST = 4 * 2**20  # bytes of an answer, here


def _gate(seconds: float = 60, **limits: Any) -> Gate:
    connection = Connection(connect_timeout=2, read_timeout=20, answer_timeout=seconds, max_answer_mb=MOST / 2**20)
    return Gate(BoundedAdapter(), connection, Limits(**limits))


def _slowly(parts: Iterable[bytes]) -> Iterator[bytes]:
    for part in parts:
        yield part
        time.sleep(0.1)


@cache
def _bomb(size: int = 400 * 2**20) -> bytes:
    return gzip.compress(bytes(size), 9)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


SPACES: Callable[[], Iterable[bytes]] = lambda: _slowly(repeat(b" "))  # noqa: E731
SECONDS = 0.3  # in which an answer has to come to its end, here
LATE = f"does not come to the end of an answer within {SECONDS} s"
LARGE = "answers with more than 4 MB, which is as much as is taken of one answer"
CHUNKS = "sends an answer in chunks whose lengths cannot be read"
UNREADABLE = "sends headers that cannot be read"
CASES: dict[str, tuple[Callable[[], Iterable[bytes]], str]] = {
    "a space at a time": (lambda: chain([OK, b"\r\n"], SPACES()), LATE),
    "a chunk at a time": (lambda: chain([OK, b"Transfer-Encoding: chunked\r\n\r\n"], _slowly(repeat(_chunk(b" ")))), LATE),
    "a letter of the status at a time": (lambda: chain([b"HTTP/1.1 200 "], SPACES()), LATE),
    "a header at a time": (lambda: chain([OK], _slowly(b"X-%d: 1\r\n" % number for number in range(99))), LATE),
    "interim answers for ever": (lambda: _slowly(repeat(b"HTTP/1.1 100 Continue\r\n\r\n")), LATE),
    "silence after some of the body": (lambda: chain([OK, b"Content-Length: 9\r\n\r\nab"], _slowly(repeat(b"", 40))), LATE),
    "chunks without an end": (lambda: chain([OK, b"Transfer-Encoding: chunked\r\n\r\n"], repeat(_chunk(bytes(2**16)))), LARGE),
    "a length of a chunk without an end": (
        lambda: chain([OK, b"Transfer-Encoding: chunked\r\n\r\n"], repeat(b"0" * 2**16)),
        CHUNKS,
    ),
    "trailers without an end": (
        lambda: chain([OK, b"Transfer-Encoding: chunked\r\n\r\n0\r\n"], repeat(b"A: b\r\n" * 2**12)),
        LARGE,
    ),
    "a gigabyte": (lambda: chain([OK, b"Content-Length: 1000000000\r\n\r\n"], repeat(bytes(2**16))), LARGE),
    "no length at all": (lambda: chain([OK, b"\r\n"], repeat(bytes(2**16))), LARGE),
    "gzip that unfolds": (lambda: [OK, b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(_bomb()), _bomb()], LARGE),
    "gzip that unfolds, in chunks": (
        lambda: [OK, b"Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", _chunk(_bomb()), _chunk(b"")],
        LARGE,
    ),
    "gzip in gzip": (
        lambda: [
            OK,
            b"Content-Encoding: gzip, gzip\r\nContent-Length: %d\r\n\r\n" % len(gzip.compress(_bomb())),
            gzip.compress(_bomb()),
        ],
        LARGE,
    ),
    "more than a hundred headers": (
        lambda: chain([OK], (b"X-%d: 1\r\n" % number for number in range(101)), [b"\r\n"], SPACES()),
        "sends more than 100 headers",
    ),
    "a header of 70,000 bytes": (
        lambda: chain([OK, b"X: ", b"x" * 70000, b"\r\n\r\n"], SPACES()),
        "sends more than 65536 bytes in one header",
    ),
    "a header without a colon": (lambda: chain([OK, b"no header\r\nContent-Length: 2\r\n\r\n{}"], SPACES()), UNREADABLE),
    "a header with a space in its name": (lambda: chain([OK, b"a b: c\r\nContent-Length: 2\r\n\r\n{}"], SPACES()), UNREADABLE),
    "two lengths": (
        lambda: chain([OK, b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"], SPACES()),
        "sends headers that contradict each other",
    ),
    "an answer that breaks off": (lambda: [OK, b"Content-Length: 9\r\n\r\nabc"], "breaks off in the middle of an answer"),
    "chunks that break off": (
        lambda: [OK, b"Transfer-Encoding: chunked\r\n\r\n9\r\nabc"],
        "breaks off in the middle of an answer",
    ),
    "no gzip": (
        lambda: [OK, b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"],
        "answers what cannot be decompressed, though its Content-Encoding says so",
    ),
    "a chunk without a length": (
        lambda: chain([OK, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"], SPACES()),
        CHUNKS,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_an_answer_without_an_end_is_one_sentence(case: str) -> None:
    parts, words = CASES[case]
    list(parts()) if "gzip" in case else None  # made before the clock runs
    with serve_stream(parts) as url:
        begun = time.monotonic()
        with pytest.raises(requests.RequestException) as error:
            CleanSession(url, _gate(SECONDS if words == LATE else 60)).get(url, timeout=20)
        seconds = time.monotonic() - begun
    assert error.value.request is not None
    assert sentence(error.value, error.value.request.url or "") == f"{url} {words}"
    assert seconds < 30, "it was waited for what never comes"


@pytest.mark.parametrize("case", [case for case, (_, words) in CASES.items() if words == LARGE and "gzip" in case])
def test_the_memory_that_an_answer_takes_is_bounded(case: str) -> None:
    list(CASES[case][0]())
    with serve_stream(CASES[case][0]) as url:
        session = CleanSession(url, _gate())
        tracemalloc.start()
        try:
            with pytest.raises(requests.RequestException):
                session.get(url)
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert most < 5 * MOST


def test_an_answer_within_the_bounds_is_whole() -> None:
    body = bytes(MOST - 1000)
    parts = [OK, b"Content-Length: %d\r\n\r\n" % len(body), body]
    with serve_stream(lambda: parts) as url:
        assert CleanSession(url, _gate()).get(url).content == body


@pytest.mark.parametrize("case", ["a space at a time", "a header at a time", "silence after some of the body"])
def test_the_end_of_the_run_ends_a_request_that_is_under_way(case: str) -> None:
    gate = _gate(minutes=0.005)
    with serve_stream(CASES[case][0]) as url:
        begun = time.monotonic()
        with pytest.raises(Stopped, match=r"--max-minutes 0\.005 are over"):
            CleanSession(url, gate).get(url)
    assert time.monotonic() - begun < 15
    assert gate.stopped


def test_the_end_of_the_run_does_not_wait_for_a_turn() -> None:
    gate = _gate(minutes=0.01, rate="1/h")
    with serve_stream(lambda: [OK, b"Content-Length: 0\r\n\r\n"]) as url:
        session = CleanSession(url, gate)
        session.get(url)
        begun = time.monotonic()
        with pytest.raises(Stopped, match=r"--max-minutes 0\.01 are over"):
            session.get(url)
    assert time.monotonic() - begun < 30
