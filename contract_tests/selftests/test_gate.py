"""The gate: never faster than the rate, never more than the limits, and no hundred repeats where nobody answers."""

import time
from bisect import bisect_left
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http.client import RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter, HTTPAdapter

from contract_tests.faults.servers import Deployment, mock, serve
from contract_tests.profile import Connection
from contract_tests.selftests.runs import run
from contract_tests.selftests.written_profiles import write_profile
from contract_tests.transport.gate import Gate, Limits, Stopped, parse_rate
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


def _gate(**limits: Any) -> Gate:
    return Gate(HTTPAdapter(pool_maxsize=20), Connection(connect_timeout=2, read_timeout=1), Limits(**limits))


@pytest.mark.parametrize("seconds", [lambda _: 0.0, lambda number: 0.3 if number % 7 == 0 else 0.0], ids=["even", "uneven"])
def test_no_second_has_more_requests_than_the_rate_allows(seconds: Callable[[int], float]) -> None:
    clock, gate = Clock(seconds), _gate(rate="20/s")
    with serve(clock) as url, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: CleanSession(url, gate).get(url), range(50)))
    assert len(clock.times) == 50
    assert clock.most_in_a_second() <= 20
    assert clock.most_in_a_second() >= 15, "it is far slower than it may be"


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


def test_an_answer_between_silences_lets_the_run_go_on() -> None:
    clock, gate = Clock(lambda number: 1.5 if number % 3 else 0.0), _gate()
    with serve(clock) as url:
        session = CleanSession(url, gate)
        for number in range(1, 7):
            try:
                session.get(url)
            except requests.Timeout:
                assert number % 3, "a prompt answer was given up"
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


def test_max_failures_stops_the_run(tmp_path: Path) -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return sound(environ, lambda _, headers, *rest: start_response("418 I'm a teapot", headers, *rest))

    sound = Deployment(mock())
    with serve(broken) as url:
        profile = write_profile(tmp_path)
        options = ["--target", url, "--profile", str(profile), "--safety", "sandbox", "--max-failures", "2"]
        result = run(LAWS, *options)
    assert result.status == pytest.ExitCode.TESTS_FAILED
    assert list(result.outcomes.values()).count("failed") == 2
    assert any("--max-failures 2 is reached" in reason for reason in result.reasons)


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
