"""The fixture `community_mock`, as the tests of an app use it, and what they read where they fail."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from mock_server import Config, run_in_thread
from mock_server.client import CommunityMock

pytest_plugins = ["pytester"]
TICKET = {"communityId": 1, "ticketTypeId": 2342, "fields": {"23": "Who mows the lawn?"}}


@pytest.fixture(scope="module")
def community_mock_url() -> Iterator[str]:
    """In place of the one that the fixture would start, so that the tests below can look at it from outside."""
    with run_in_thread(Config(host="localhost", port=0)) as server:
        yield server.url


def sessions(url: str) -> list[str]:
    return [session["name"] for session in requests.get(f"{url}/__mock/sessions", timeout=10).json()]


def test_somebody_asks_and_gets_what_the_app_would_get(community_mock: CommunityMock) -> None:
    domain = community_mock.credentials()["linagora"]["domains"][0]["id"]
    alice = community_mock.as_("alice")
    made = alice.post("/api/communities", json={"title": "Öl & Farbe", "domain_ids": [domain]})
    assert made.status == 201
    assert made.headers["content-type"] == "application/json"
    found = alice.get("/api/communities", params={"domain_id": domain, "title": "Öl & Farbe"})
    assert [one["title"] for one in found.json()] == ["Öl & Farbe"]
    by_the_app = requests.get(
        f"{community_mock.url}/api/communities/{made.json()['_id']}", headers=community_mock.login("alice"), timeout=10
    )
    assert by_the_app.json() == made.json()
    assert community_mock.as_().get("/api/communities").status == 401
    assert alice.put(f"/api/communities/{made.json()['_id']}", json={"title": "Oil"}).status == 200


def test_a_location_can_be_followed_and_a_body_be_bytes(community_mock: CommunityMock, png: bytes) -> None:
    headers = {"Content-Type": "image/png", "X-Filename": "roof.png"}
    uploaded = community_mock.as_("max").post("/api/v1/uploads", data=png, headers=headers)
    assert uploaded.status == 201
    ticket = community_mock.as_("max").post("/api/v1/tickets", json=TICKET)
    assert community_mock.as_("max").get(ticket.headers["Location"]).json()["id"] == ticket.json()["id"]
    assert community_mock.as_().get(f"/api/v1/uploads/{uploaded.json()['path']}").content == png


def test_faults_strike_and_end(community_mock: CommunityMock) -> None:
    units = f"{community_mock.url}/api/v1/units?community_id=1"
    ask = community_mock.as_("max").get
    community_mock.fail("listUnits", status=503, times=2)
    assert [ask(units).status for _ in range(3)] == [503, 503, 200]
    with community_mock.fail(status=500):
        assert ask(units).status == 500
    assert ask(units).status == 200
    community_mock.fail("listUnits", drop=True, times=1)
    with pytest.raises(OSError, match="closed connection"):
        ask(units)


def test_the_clock_is_moved(community_mock: CommunityMock) -> None:
    now = community_mock.clock.now()
    assert timedelta(hours=2) <= community_mock.clock.advance(hours=2) - now < timedelta(hours=2, minutes=1)
    moment = datetime(2030, 1, 31, 12, tzinfo=UTC)
    assert community_mock.clock.set(moment, frozen=True) == community_mock.clock.now() == moment
    made = community_mock.as_("max").post("/api/v1/tickets", json=TICKET)
    assert made.headers.get_all("Date") == ["Thu, 31 Jan 2030 12:00:00 GMT"]


def test_calls_are_verified(community_mock: CommunityMock) -> None:
    community_mock.assert_not_called()
    community_mock.as_("max").post("/api/v1/tickets", json=TICKET)
    community_mock.assert_called("createTicket", times=1, body={"communityId": 1}, status=201, caller="max")
    community_mock.assert_not_called("createTicket", body={"communityId": 2})
    with pytest.raises(AssertionError, match="createTicket with the query"):
        community_mock.assert_called("createTicket", query={"draft": True})
    with pytest.raises(AssertionError, match="createTicket with the body null"):
        community_mock.assert_called("createTicket", body=None)
    assert [entry["operationId"] for entry in community_mock.journal(status=201)] == ["createTicket"]
    community_mock.reset()
    assert community_mock.journal() == []


def test_mistakes_in_a_test_are_told(community_mock: CommunityMock) -> None:
    for mistake, reason in (
        (lambda: community_mock.login("alcie"), "nobody named alcie can log in; did you mean alice?"),
        (lambda: community_mock.login("max", api="linagora"), "nobody named max can log in"),
        (lambda: community_mock.fail("createTickt", status=503), "there is no operation createTickt; did you mean createTicket?"),
        (lambda: community_mock.assert_called("createTickt"), "there is no operation createTickt; did you mean createTicket?"),
        (lambda: community_mock.clock.advance(hour=2), 'the request body must be {"seconds": 90}'),
        (lambda: community_mock.load_scenario("crowdd"), "scenario crowdd does not exist"),
        (lambda: community_mock.as_().get("api"), "api is not a path of the mock: it has to begin with a slash"),
    ):
        with pytest.raises(ValueError, match=reason.replace("?", r"\?").replace("{", r"\{")):
            mistake()


def test_a_name_that_both_apis_know_needs_the_api(community_mock: CommunityMock, tmp_path: Path) -> None:
    file = tmp_path / "two.yaml"
    user = "{name: max, email: m@example.org, firstname: M, lastname: M, password: secret, domains: [main]}"
    file.write_text(f"extends: default\nlinagora: {{users: [{user}]}}\n")
    community_mock.load_scenario(file)
    with pytest.raises(ValueError, match="a max is in casavi and in linagora: say which, such as api='casavi'"):
        community_mock.login("max")
    assert community_mock.login("max", api="casavi") != community_mock.login("max", api="linagora")


def test_a_server_that_is_not_there_is_told() -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        with pytest.raises(ConnectionRefusedError, match=f"^nobody answers at http://127.0.0.1:{port}$"):
            CommunityMock(f"http://127.0.0.1:{port}", "any").login("max")


def test_requests_of_several_threads_do_not_disturb_each_other(community_mock: CommunityMock) -> None:
    ask = community_mock.as_("max").get
    threads = [threading.Thread(target=ask, args=("/api/v1/units?community_id=1",)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    community_mock.assert_called("listUnits", times=8, status=200)


@pytest.mark.parametrize("time", ["first", "second"])
def test_each_test_has_a_session_of_its_own_that_goes_with_it(
    time: str, community_mock: CommunityMock, community_mock_url: str
) -> None:
    assert community_mock.as_("max").post("/api/v1/tickets", json=TICKET).status == 201
    community_mock.assert_called("createTicket", times=1)
    (own,) = sessions(community_mock_url)
    assert own.startswith("test_each_test_has_a_session_of_its_own_")
    assert community_mock.url == f"{community_mock_url}/_s/{own}"


@pytest.mark.parametrize("place", ["environment", "conftest"])
def test_a_server_with_a_control_token_is_used_with_it(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    with run_in_thread(Config(host="localhost", port=0, control_token="hush")) as server:
        fixtures = {"community_mock_url": server.url, **({"community_mock_token": "hush"} if place == "conftest" else {})}
        monkeypatch.setenv("MOCK_SERVER_CONTROL_TOKEN", "other" if place == "conftest" else "hush")
        pytester.makeconftest("import pytest\n" + "".join(FIXTURE.format(*one) for one in fixtures.items()))
        pytester.makepyfile(CONTROLLED)
        run(pytester).assert_outcomes(passed=1)
        monkeypatch.delenv("MOCK_SERVER_CONTROL_TOKEN")
        left = requests.get(f"{server.url}/__mock/sessions", headers={"Authorization": "Bearer hush"}, timeout=10).json()
    assert left == []


FIXTURE = """
@pytest.fixture(scope="session")
def {}():
    return {!r}
"""
CONTROLLED = """
def test_controlled(community_mock):
    community_mock.fail("listTickets", status=503)
    assert community_mock.as_("max").get("/api/v1/tickets?community_id=1").status == 503
"""
MINE = "extends: empty\ncasavi: {users: [{name: zoe, password: secret, firstname: Z, lastname: Z, email: z@example.org}]}\n"
TESTS = """
import pytest

def test_red(community_mock):
    community_mock.as_("max").get("/api/v1/units?community_id=99")
    community_mock.assert_called("listUnits", query={"community_id": 1})

@pytest.fixture
def app(community_mock):
    return lambda: community_mock.as_("max").post("/api/v1/tickets", json={})

def test_refused(app):
    assert app().status == 201

def test_mistaken(community_mock):
    community_mock.as_().get("api")

@pytest.mark.community_mock(scenario="mine.yaml")
def test_marked(community_mock):
    community_mock.login("zoe")

@pytest.mark.community_mock("mine.yaml")
def test_marked_in_another_way(community_mock):
    pass

def test_not_marked(community_mock):
    assert community_mock.as_("max").get("/api/v1/tickets", params={"community_id": 1}).json() == []
"""


def run(pytester: pytest.Pytester) -> pytest.RunResult:
    # The others take long to load.
    return pytester.runpytest_inprocess(*(f"-pno:{plugin}" for plugin in ("schemathesis", "hypothesispytest", "xdist")))


def test_a_failure_explains_itself(pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", mine=MINE)
    pytester.makeini("[pytest]\ncommunity_mock_scenario = empty\n")
    pytester.makepyfile(TESTS)
    result = run(pytester)
    result.assert_outcomes(passed=2, failed=3, errors=1)
    result.stdout.fnmatch_lines_random(
        [
            '>       community_mock.assert_called("listUnits", query={"community_id": 1})',
            'E       AssertionError: listUnits with the query {"community_id":"1"}: expected 1 call or more, found none',
            "E       The nearest request is #1 GET /api/v1/units?community_id=99 by max, answered with 404: *",
            "E       What is different there:",
            'E         query /community_id is "99", expected "1"',
            "*- requests to community_mock -*",
            "GET /api/v1/units?community_id=99 (listUnits) -> 404 *",
            "E        +  where 400 = <400 *>.status",
            "POST /api/v1/tickets (createTicket) -> 400 *",
            'the mark is written @pytest.mark.community_mock(scenario="NAME OR FILE")',
        ]
    )
    assert "mock_server/client" not in result.stdout.str()
