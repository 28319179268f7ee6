"""The gate: never faster than the rate, never more than the limits, and no hundred repeats where nobody answers."""

import socket
import time
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from http.client import RemoteDisconnected
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from werkzeug import Request, Response

from contract_tests.faults.servers import Deployment, mock, serve
from contract_tests.profile import Connection
from contract_tests.selftests.runs import run
from contract_tests.selftests.written_profiles import write_profile
from contract_tests.transport import gate as gate_module
from contract_tests.transport import pace, silence
from contract_tests.transport.gate import Gate, Limits, Stopped, parse_rate
from contract_tests.transport.pace import Waits
from contract_tests.transport.wire import CleanSession

LAWS = ["laws/linagora/test_reading.py", "laws/linagora/test_listing.py"]


class Clock:
    """A server that notes when it was asked, and answers after a while."""

    def __init__(self, seconds: Callable[[int], float] = lambda _: 0.0) -> None:
        self.times: list[float] = []
        self._seconds = seconds

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.times.append(time.monotonic())
        time.sleep(self._seconds(len(self.times)))
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]

    def most_in_a_second(self) -> int:
        times = sorted(self.times)
        return max(bisect_left(times, start + 1.0) - number for number, start in enumerate(times))


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


class Busy:
    """A server that is always busy; `asked` is how often it said so."""

    def __init__(self, retry_after: str) -> None:
        self.retry_after, self.asked = retry_after, 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        headers = {"Retry-After": self.retry_after.encode().decode("latin-1")}
        return Response("{}", 429, headers)(environ, start_response)


def _gate(**limits: Any) -> Gate:
    return Gate(HTTPAdapter(pool_maxsize=20), Connection(connect_timeout=2, read_timeout=1), Limits(**limits))


def outcome(session: requests.Session, method: str, url: str) -> object:
    """The status of an answer, or the kind of what was raised: pytest would skip a test that is stopped."""
    try:
        return session.request(method, url).status_code
    except (requests.RequestException, Stopped) as error:
        return type(error)


@pytest.mark.parametrize("seconds", [lambda _: 0.0, lambda number: 0.3 if number % 7 == 0 else 0.0], ids=["even", "uneven"])
def test_no_second_has_more_requests_than_the_rate_allows(seconds: Callable[[int], float]) -> None:
    clock, gate = Clock(seconds), _gate(rate="20/s")
    with serve(clock) as url, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: CleanSession(url, gate).get(url), range(50)))
    assert len(clock.times) == 50
    assert clock.most_in_a_second() <= 20


def test_a_turn_that_is_free_is_not_waited_for() -> None:
    turns, slept = pace.Pace(20, 1.0), list[float]()
    for _ in range(21):
        with turns.turn(slept.append):
            pass
    assert slept[:20] == [0.0] * 20
    assert slept[20] <= 1.0


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


@pytest.mark.parametrize("text", ["", "20", "0/s", "20/d", "-1/s", "fast", "1.5/s", "20/s/s"])
def test_what_is_no_rate_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate such as 20/s"):
        parse_rate(text)


def test_no_more_requests_than_allowed_are_sent() -> None:
    clock, gate = Clock(), _gate(requests=3)
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
    gate = _gate(minutes=0.001)
    time.sleep(0.07)
    with pytest.raises(Stopped, match=r"--max-minutes 0\.001 are over"):
        gate.check()


def test_after_three_silences_nothing_more_is_sent() -> None:
    with serve(Clock()) as url:
        pass
    gate = _gate()
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
    gate = _gate()
    session, gate.test = CleanSession(url, gate), "this test"
    assert [outcome(session, "GET", url) for _ in range(6)] == [requests.ConnectionError] * 6
    assert gate.sent == 3
    gate.test = "the next one"
    assert outcome(session, "GET", url) == Stopped


def test_where_others_are_answered_the_run_goes_on() -> None:
    server = Silent("POST")
    with serve(server) as url:
        gate = _gate()
        session = CleanSession(url, gate)
        assert outcome(session, "GET", url) == 200
        assert [outcome(session, "POST", url) for _ in range(7)] == [requests.ConnectionError] * 7
    assert gate.stopped == ""
    assert server.methods.count("POST") == 7
    assert gate.sent == len(server.methods) == 1 + 7 + 2, "it was not asked twice whether it is there"


def test_silences_that_take_too_long_end_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "SECONDS", 0.0)
    with serve(Silent("POST")) as url:
        gate = _gate()
        session = CleanSession(url, gate)
        session.get(url)
        with pytest.raises(requests.ConnectionError):
            session.post(url)
    assert gate.stopped.startswith("0 s were spent on requests that had no answer: ")


def test_an_answer_that_is_not_what_it_is_encoded_in_is_no_silence() -> None:
    gate = _gate()
    with serve(Response("no gzip", headers={"Content-Encoding": "gzip"})) as url:
        session = CleanSession(url, gate)
        assert [outcome(session, "GET", url) for _ in range(5)] == [requests.exceptions.ContentDecodingError] * 5
    assert gate.stopped == ""


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits of a gate, which take no time."""
    waits: list[float] = []
    clock = SimpleNamespace(sleep=waits.append, monotonic=time.monotonic, perf_counter=time.perf_counter)
    monkeypatch.setattr(gate_module, "time", clock)
    return waits


@pytest.fixture
def far_away() -> Iterator[None]:
    """This machine in another time zone."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", "XYZ-9")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("zone", ["", "GMT", "-0000", "+0100"])
def test_who_is_asked_to_wait_waits_and_asks_again(status: int, zone: str, slept: list[float], far_away: None) -> None:
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        moment = datetime.now(UTC) + timedelta(seconds=50, hours=int(zone == "+0100"))
        when = f"{moment:%a, %d %b %Y %H:%M:%S} {zone}" if zone else "50"
        return Response("{}", status, {"Retry-After": when}) if len(asked) == 1 else Response("[]", 200)

    with serve(Request.application(answer)) as url:
        gate = _gate()
        assert CleanSession(url, gate).post(url, data="x").status_code == 200
    assert len(asked) == gate.sent == 2
    assert gate.waits == Waits(1, slept[0])
    assert 20 < slept[0] <= 50


@pytest.mark.parametrize("text", ["", "soon", "-1", "1.5", "²", "9" * 5000, "61", "Wed, 21 Oct 2415 07:28:00 GMT"])
def test_what_is_no_wait_or_a_long_one_is_handed_on_at_once(text: str) -> None:
    server = Busy(text)
    with serve(server) as url:
        gate = _gate()
        assert CleanSession(url, gate).get(url).status_code == 429
    assert (server.asked, gate.waits.number) == (1, 0)


@pytest.mark.parametrize("text", ["0", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 -0000"])
def test_what_stays_busy_is_handed_on_after_some_waits(text: str) -> None:
    server = Busy(text)
    with serve(server) as url:
        gate = _gate()
        assert CleanSession(url, gate).get(url).status_code == 429
    assert server.asked == gate.sent == 4
    assert gate.waits.number == 3


def test_a_wait_that_is_the_contract_is_for_the_test_to_see(slept: list[float]) -> None:
    server = Busy("1")
    with serve(server) as url:
        gate = Gate(HTTPAdapter(), Connection(), Limits(), bases={"casavi": f"{url}/base"})
        session = CleanSession(url, gate)
        assert session.get(f"{url}/base/api/v1/invitations/check?invite_token=x").status_code == 429
        assert (server.asked, gate.waits.number) == (1, 0)
        session.get(f"{url}/base/api/v1/units")
    assert slept == [1.0] * 3


def test_all_waits_of_a_run_have_an_end(slept: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pace, "MOST_WAITED", 1.0)
    server = Busy("1")
    with serve(server) as url:
        gate = _gate()
        for _ in range(3):
            assert CleanSession(url, gate).get(url).status_code == 429
    assert (server.asked, slept) == (4, [1.0])


def test_a_wait_beyond_the_end_of_the_run_ends_it() -> None:
    with serve(Busy("50")) as url, pytest.raises(Stopped, match=r"--max-minutes 0\.5 are over"):
        CleanSession(url, _gate(minutes=0.5)).get(url)


def test_an_answer_between_silences_lets_the_run_go_on() -> None:
    with serve(Silent("POST")) as url:
        gate = _gate()
        session = CleanSession(url, gate)
        outcomes = [outcome(session, method, url) for method in ["POST", "POST", "PUT"] * 2]
    assert outcomes == [requests.ConnectionError, requests.ConnectionError, 200] * 2
    assert gate.stopped == ""


def test_a_stopped_run_says_what_was_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deployment = Deployment(mock())
    with serve(deployment) as url:
        profile = write_profile(tmp_path, "judge_inferred = true")
        options = ["--target", url, "--profile", str(profile), "--safety", "sandbox", "--max-requests", "30"]
        result = run(LAWS, *options, "--report", str(tmp_path))
    api = [path for _, path in deployment.requests]
    assert len([path for path in api if path.startswith("/api")]) <= 30 + len(
        [1 for one in deployment.writes if one[0] == "DELETE"]
    )
    assert any("stopped: --max-requests 30 are used up" in reason for reason in result.reasons)
    assert "stopped: --max-requests 30 are used up" in capsys.readouterr().out


class CutShort(Deployment):
    """A deployment whose answers to a method never come whole."""

    def __init__(self, method: str, *, gzip: bool = False) -> None:
        super().__init__(mock())
        self.method, self.gzip = method, gzip

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == self.method and not self.gzip:
            environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, *([("Content-Encoding", "gzip")] if self.gzip else [])], *rest)

        return super().__call__(environ, start)


def test_where_no_creation_is_answered_tests_fail_and_reads_are_judged(tmp_path: Path) -> None:
    with serve(CutShort("POST")) as url:
        options = ["--target", url, "--profile", str(write_profile(tmp_path)), "--safety", "sandbox", "--api", "linagora"]
        result = run([*LAWS, "laws/linagora/test_titles.py"], *options)
    assert result.status == pytest.ExitCode.TESTS_FAILED
    assert list(result.outcomes.values()).count("failed") == 1
    assert any("not judged because of" in reason for reason in result.reasons)
    assert not [reason for reason in result.reasons if "stopped" in reason]
    assert "closes the connection without an answer" in result.failures


def test_where_nothing_can_be_unfolded_the_run_does_not_begin(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(CutShort("POST", gzip=True)) as url:
        result = run(LAWS, "--target", url, "--profile", str(write_profile(tmp_path)), "--api", "linagora")
    assert result.status == pytest.ExitCode.USAGE_ERROR
    assert "answers what cannot be decompressed" in capsys.readouterr().err


def test_max_failures_stops_the_run(tmp_path: Path) -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return sound(environ, lambda _, headers, *rest: start_response("418 I'm a teapot", headers, *rest))

    sound = Deployment(mock())
    with serve(broken) as url:
        profile = write_profile(tmp_path)
        options = ["--target", url, "--profile", str(profile), "--safety", "sandbox", "--max-failures", "1"]
        result = run(LAWS, *options)
    assert result.status == pytest.ExitCode.TESTS_FAILED
    assert list(result.outcomes.values()).count("failed") == 1
    assert any("--max-failures 1 is reached" in reason for reason in result.reasons)


def test_several_processes_cannot_keep_one_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("xdist", reason="pytest-xdist is not installed")
    assert run(LAWS, "-p", "xdist", "-n", "2", "--rate", "5/s").status == pytest.ExitCode.USAGE_ERROR
    assert "leave out -n" in capsys.readouterr().err


def test_a_login_that_ends_in_the_middle_is_no_hundred_failures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Expiring(Deployment):
        def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if len(self.requests) > 60:
                environ["HTTP_AUTHORIZATION"] = "Bearer expired"
                environ.pop("HTTP_COOKIE", None)
            return super().__call__(environ, start_response)

    with serve(Expiring(mock())) as url:
        profile = write_profile(tmp_path)
        tests = ["laws/linagora/test_reading.py", "laws/linagora/test_titles.py", "laws/linagora/test_joining.py"]
        options = ["--target", url, "--profile", str(profile), "--safety", "sandbox", "--api", "linagora"]
        result = run(tests, *options)
    assert result.status == pytest.ExitCode.TESTS_FAILED
    assert list(result.outcomes.values()).count("failed") <= 3, "it went on and on"
    assert "stopped: linagora, " in capsys.readouterr().out
    assert any("the login is refused (401); has the token or cookie expired" in reason for reason in result.reasons)
