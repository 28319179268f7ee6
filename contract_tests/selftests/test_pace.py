"""How fast a run asks, and how long it waits where a server asks to be spared."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from requests.adapters import HTTPAdapter
from werkzeug import Request, Response

from contract_tests.faults.servers import serve
from contract_tests.profile import Connection
from contract_tests.selftests.gates import Clock, gated
from contract_tests.transport import gate as gate_module
from contract_tests.transport import pace
from contract_tests.transport.gate import Gate, Limits, Stopped, parse_rate
from contract_tests.transport.pace import Waits
from contract_tests.transport.session import CleanSession

PERIOD = 0.2  # seconds, so that nobody waits for whole ones


class Busy:
    """A server that is always busy; `asked` is how often it said so."""

    def __init__(self, retry_after: str) -> None:
        self.retry_after, self.asked = retry_after, 0

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        self.asked += 1
        headers = {"Retry-After": self.retry_after.encode().decode("latin-1")}
        return Response("{}", 429, headers)(environ, start_response)


@pytest.mark.parametrize("seconds", [lambda _: 0.0, lambda number: 0.06 if number % 7 == 0 else 0.0], ids=["even", "uneven"])
def test_no_period_has_more_requests_than_the_rate_allows(
    seconds: Callable[[int], float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(gate_module.PERIODS, "s", PERIOD)
    clock, gate = Clock(seconds), gated(rate="20/s")
    with serve(clock) as url, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: CleanSession(url, gate).get(url), range(50)))
    assert len(clock.times) == 50
    assert clock.most_within(PERIOD) <= 20


def test_a_turn_that_is_free_is_not_waited_for() -> None:
    turns, slept = pace.Pace(20, 1.0), list[float]()
    for _ in range(21):
        with turns.turn(slept.append):
            pass
    assert slept[:20] == [0.0] * 20
    assert slept[20] <= 1.0


@pytest.mark.parametrize("text", ["", "20", "0/s", "20/d", "-1/s", "fast", "1.5/s", "20/s/s"])
def test_what_is_no_rate_is_said(text: str) -> None:
    with pytest.raises(ValueError, match="is no rate such as 20/s"):
        parse_rate(text)


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
        gate = gated()
        assert CleanSession(url, gate).post(url, data="x").status_code == 200
    assert len(asked) == gate.sent == 2
    assert gate.waits == Waits(1, slept[0])
    assert 20 < slept[0] <= 50


@pytest.mark.parametrize("text", ["", "soon", "-1", "1.5", "²", "9" * 5000, "61", "Wed, 21 Oct 2415 07:28:00 GMT"])
def test_what_is_no_wait_or_a_long_one_is_handed_on_at_once(text: str) -> None:
    server = Busy(text)
    with serve(server) as url:
        gate = gated()
        assert CleanSession(url, gate).get(url).status_code == 429
    assert (server.asked, gate.waits.number) == (1, 0)


@pytest.mark.parametrize("text", ["0", "Wed, 21 Oct 2015 07:28:00 GMT", "Wed, 21 Oct 2015 07:28:00 -0000"])
def test_what_stays_busy_is_handed_on_after_some_waits(text: str) -> None:
    server = Busy(text)
    with serve(server) as url:
        gate = gated()
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
        gate = gated()
        for _ in range(3):
            assert CleanSession(url, gate).get(url).status_code == 429
    assert (server.asked, slept) == (4, [1.0])


def test_a_wait_beyond_the_end_of_the_run_ends_it() -> None:
    with serve(Busy("50")) as url, pytest.raises(Stopped, match=r"--max-minutes 0\.5 are over"):
        CleanSession(url, gated(minutes=0.5)).get(url)
