"""The gate: never more than the limits, and no hundred repeats where nobody answers."""

import socket
import time
from collections.abc import Iterable
from http.client import RemoteDisconnected
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from werkzeug import Response

from contract_tests.faults.servers import serve
from contract_tests.profile import Connection
from contract_tests.selftests.gates import Clock, gated
from contract_tests.transport import silence
from contract_tests.transport.gate import Gate, Limits, Stopped
from contract_tests.transport.session import CleanSession


class Silent:
    """A server that closes the connection instead of answering a method; `methods` are those it was asked by."""

    def __init__(self, method: str) -> None:
        self.method, self.methods = method, list[str]()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.methods.append(environ["REQUEST_METHOD"])
        if environ["REQUEST_METHOD"] == self.method:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]


def outcome(session: requests.Session, method: str, url: str) -> object:
    """The status of an answer, or the kind of what was raised: pytest would skip a test that is stopped."""
    try:
        return session.request(method, url).status_code
    except (requests.RequestException, Stopped) as error:
        return type(error)


def test_a_request_that_is_repeated_counts_twice() -> None:
    """Of a connection that the server closes, as it does with those that it has kept for long enough."""

    class Closing(BaseAdapter):
        def __init__(self) -> None:
            self.methods: list[str] = []

        def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]  # no options
            self.methods.append(request.method or "")
            raise requests.ConnectionError(RemoteDisconnected("closed"))

        def close(self) -> None:
            """Nothing is open."""

    closing = Closing()
    gate = Gate(closing, Connection(), Limits(requests=3))
    for method, sent in (("GET", 2), ("POST", 3)):
        with pytest.raises(requests.ConnectionError):
            gate.send(requests.Request(method, "http://localhost/").prepare())
        assert gate.sent == sent
    assert closing.methods == ["GET", "GET", "POST"]


def test_no_more_requests_than_allowed_are_sent() -> None:
    clock, gate = Clock(), gated(requests=3)
    with serve(clock) as url:
        session = CleanSession(url, gate)
        for _ in range(3):
            session.get(url)
        with pytest.raises(Stopped, match="--max-requests 3 are used up"):
            session.get(url)
        assert len(clock.times) == 3
        with gate.exempt():
            session.delete(url)
        assert len(clock.times) == 4, "the cleaning was not let through"


def test_the_time_of_a_run_is_limited() -> None:
    gate = gated(minutes=0.001)
    time.sleep(0.07)
    with pytest.raises(Stopped, match=r"--max-minutes 0\.001 are over"):
        gate.check()


def test_after_three_silences_nothing_more_is_sent() -> None:
    with serve(Clock()) as url:
        pass
    gate = gated()
    session = CleanSession(url, gate)
    for _ in range(3):
        with pytest.raises(requests.ConnectionError):
            session.get(url)
    with pytest.raises(Stopped, match=r"3 requests in a row had no answer: .*refuses the connection"):
        session.get(url)


def test_a_test_that_met_the_last_silence_fails_however_often_it_is_repeated() -> None:
    """As Hypothesis does, to which a skip counts for more than the failures before."""
    with serve(Clock()) as url:
        pass
    gate = gated()
    session, gate.test = CleanSession(url, gate), "this test"
    assert [outcome(session, "GET", url) for _ in range(6)] == [requests.ConnectionError] * 6
    assert gate.sent == 3
    gate.test = "the next one"
    assert outcome(session, "GET", url) == Stopped


def test_where_others_are_answered_the_run_goes_on() -> None:
    server = Silent("POST")
    with serve(server) as url:
        gate = gated()
        session = CleanSession(url, gate)
        assert outcome(session, "GET", url) == 200
        assert [outcome(session, "POST", url) for _ in range(7)] == [requests.ConnectionError] * 7
    assert gate.stopped == ""
    assert server.methods.count("POST") == 7
    assert gate.sent == len(server.methods) == 1 + 7 + 2, "it was not asked twice whether it is there"


def test_silences_that_take_too_long_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "SECONDS", 0.0)
    with serve(Silent("POST")) as url:
        gate = gated()
        session = CleanSession(url, gate)
        session.get(url)
        with pytest.raises(requests.ConnectionError):
            session.post(url)
    assert gate.stopped.startswith("0 s were spent on requests that had no answer: ")


def test_an_answer_that_is_not_what_it_is_encoded_in_is_no_silence() -> None:
    gate = gated()
    with serve(Response("no gzip", headers={"Content-Encoding": "gzip"})) as url:
        session = CleanSession(url, gate)
        assert [outcome(session, "GET", url) for _ in range(5)] == [requests.exceptions.ContentDecodingError] * 5
    assert gate.stopped == ""


def test_an_answer_between_silences_lets_the_run_go_on() -> None:
    with serve(Silent("POST")) as url:
        gate = gated()
        session = CleanSession(url, gate)
        outcomes = [outcome(session, method, url) for method in ["POST", "POST", "PUT"] * 2]
    assert outcomes == [requests.ConnectionError, requests.ConnectionError, 200] * 2
    assert gate.stopped == ""
