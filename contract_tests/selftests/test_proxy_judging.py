"""What a proxy finds and does about it: findings of the suite, faults of the app, refusals, the mock's help."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests
from requests.adapters import HTTPAdapter

from contract_tests.actors.caller import Caller
from contract_tests.contract.cause import Cause
from contract_tests.contract.finding import Kind
from contract_tests.faults.changes import ERROR, becomes, succeeds_with, with_header, without, without_header
from contract_tests.faults.planting import Fault
from contract_tests.faults.servers import Deployment, mock, serve
from contract_tests.selftests.proxies import proxied
from contract_tests.transport.guard import Guard
from contract_tests.transport.in_process import WsgiApp
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.wire import Wire

ALICE = "alice"


@pytest.fixture(scope="module")
def sound() -> WsgiApp:
    return mock()


@pytest.fixture(scope="module")
def people(sound: WsgiApp) -> dict[str, Any]:
    """Who can log in there."""
    with serve(sound) as url:
        found: dict[str, Any] = requests.get(f"{url}/__mock/credentials", timeout=10).json()
        return found


@pytest.fixture(scope="module")
def login(people: dict[str, Any]) -> dict[str, str]:
    alice = next(one for one in people["linagora"]["principals"] if one["name"] == ALICE)
    return {"Authorization": f"Bearer {alice['bearer']}"}


@pytest.fixture(scope="module")
def domain(people: dict[str, Any]) -> str:
    return str(people["linagora"]["domains"][0]["id"])


PLANTED = [
    Fault("createCommunity", 0, "200 for 201", becomes("200 OK", "201")),
    Fault("listMembers", 0, "no total", without_header("X-ESN-Items-Count")),
    Fault("listMembershipRequests", 0, "breaks", becomes(ERROR, "200")),
    Fault("listInvitablePeople", 0, "no last name", without("lastname")),
    Fault("listCommunities", 0, "said to be HTML", with_header("Content-Type", "text/html")),
    Fault("updateCommunity", 0, "a body where none may be", succeeds_with(b"{}", "204", "204 No Content")),
]


def test_it_finds_what_the_suite_finds_in_the_same_exchanges(sound: WsgiApp, login: dict[str, str], domain: str) -> None:
    app = sound
    for fault in PLANTED:
        app = fault.around(app, "")
    with serve(app) as url, proxied(url) as proxy:
        wire = Wire({"linagora": proxy.url}, HTTPAdapter(), Guard("full", ()), Ledger(), "same")
        alice = Caller("linagora", wire, ALICE, login, known=True)
        created = alice.call("createCommunity", {"title": "Planted", "domain_ids": [domain], "type": "restricted"}).json["_id"]
        alice.call("listCommunities", query={"domain_id": domain})
        alice.call("updateCommunity", {"title": "Other"}, community_id=created)
        for operation in ("getCommunity", "listMembers", "listMembershipRequests", "listInvitablePeople"):
            alice.call(operation, community_id=created)
    assert proxy.causes >= wire.kept.keys()
    # Of a server that breaks, the second judge says nothing, nor of how long a body is.
    assert {cause.kind for cause in proxy.causes - wire.kept.keys()} <= {Kind.SERVER_ERROR, Kind.BODY}
    assert {cause.operation or cause.component or cause.kind for cause in proxy.causes} >= {"listMembershipRequests", "Person"}


def test_a_malformed_request_is_the_fault_of_the_app_and_shows_in_the_journal(
    sound: WsgiApp, login: dict[str, str], domain: str
) -> None:
    with serve(Deployment(sound)) as url, proxied(url) as proxy:
        session = requests.Session()
        session.headers.update({**login, "X-Mock-Session": "app"})
        wrong = session.post(f"{proxy.url}/api/communities", json={"title": 5, "domain_ids": [domain]}, timeout=10)
        session.patch(f"{proxy.url}/api/v1/tickets", timeout=10)
        session.get(f"{proxy.url}/nowhere", timeout=10)
        journal = proxy.journal("app")
    assert (wrong.status_code, "X-Mock-Proxy" in wrong.headers) == (400, False)
    assert [(one["operationId"], one["violations"]) for one in journal] == [
        (
            "createCommunity",
            ["The app calls createCommunity with a body in which title is 5 where the type is string (at /title)"],
        ),
        (None, ["The app sends PATCH /api/v1/tickets with a method that the path does not have"]),
        (None, []),
    ]
    assert proxy.causes == {
        Cause(Kind.REQUEST, "linagora", "createCommunity", flaw="body title"),
        Cause(Kind.REQUEST, "casavi", got="PATCH /api/v1/tickets", flaw="method"),
    }
    assert proxy.ending is not None
    assert proxy.ending.status == 1


def test_what_holds_is_said_to_hold(sound: WsgiApp, login: dict[str, str], domain: str) -> None:
    with serve(Deployment(sound)) as url, proxied(url) as proxy:
        session = requests.Session()
        for _ in range(30):
            session.get(f"{proxy.url}/api/communities", params={"domain_id": domain}, headers=login, timeout=10)
    assert proxy.ending is not None
    assert "passed on: 30 requests" in proxy.ending.lines
    assert proxy.ending.lines[-1] == (
        f"As far as it was asked, {url} keeps the contract: 1 operation passed, 1 of 36 operations answered."
    )
    assert (proxy.ending.status, proxy.causes) == (0, frozenset())


def test_known_differences_are_known(sound: WsgiApp, login: dict[str, str], domain: str, tmp_path: Path) -> None:
    file = tmp_path / "known.toml"
    known = {"kind": "status", "operation": "listCommunities", "got": "202", "reason": "as ever", "review": "2999-01-01"}
    lines = (f"{key} = {value if key == 'review' else json.dumps(value)}" for key, value in known.items())
    file.write_text("[[deviation]]\n" + "\n".join(lines))
    app = Fault("listCommunities", 0, "202", becomes("202 Accepted", "200")).around(sound, "")
    # What is known passes even where nothing else does.
    with serve(Deployment(app)) as url, proxied(url, "--enforce", "--deviations", str(file)) as proxy:
        headers = {**login, "X-Mock-Session": "known"}
        answer = requests.get(f"{proxy.url}/api/communities", params={"domain_id": domain}, headers=headers, timeout=10)
        journal = proxy.journal("known")
    assert answer.status_code == 202
    assert journal[-1]["violations"] == ["listCommunities answers 202 where 200 is the contract [known: as ever]"]
    assert proxy.ending is not None
    assert (proxy.ending.status, "deviations: 1 known" in proxy.ending.lines) == (0, True)


def test_enforcing_lets_nothing_through_that_breaks_the_spec(sound: WsgiApp, login: dict[str, str], domain: str) -> None:
    app = Deployment(Fault("listCommunities", 0, "no title", without("title")).around(sound, ""))
    with serve(app) as url, proxied(url, "--enforce") as proxy:
        session = requests.Session()
        session.headers.update(login)
        refused = session.post(f"{proxy.url}/api/communities", json={"domain_ids": [domain]}, timeout=10)
        broken = session.get(f"{proxy.url}/api/communities", params={"domain_id": domain}, timeout=10)
        elsewhere = session.get(f"{proxy.url}/nowhere", timeout=10)
    assert (refused.status_code, refused.headers["X-Mock-Proxy"]) == (400, "request-refused")
    assert refused.json()["error"]["details"] == (
        "The app calls createCommunity with a body in which title is missing (at /title)"
    )
    assert (broken.status_code, broken.headers["X-Mock-Proxy"]) == (502, "answer-refused")
    assert broken.json()["error"]["details"] == "Community.title is missing, in the answer of listCommunities (at /*/title)"
    assert elsewhere.status_code == 404
    assert app.requests == [("GET", "/api/communities"), ("GET", "/nowhere")]
    assert {cause.kind for cause in proxy.causes} == {Kind.REQUEST, Kind.SCHEMA}


class Young(Deployment):
    """Lacks some operations, each in another way, and one object; `body` is what it says of a path where there is nothing."""

    ABSENT: ClassVar = {"communities": "404 Not Found", "activities": "405 Method Not Allowed", "units": "501 Not Implemented"}

    def __init__(self, app: WsgiApp, body: Callable[[str], bytes]) -> None:
        super().__init__(app)
        self.body = body

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        nowhere = "404 Not Found" if path.startswith(("/api/v1/communities-", "/api/communities-")) else None
        status = nowhere or next((status for name, status in self.ABSENT.items() if path.endswith(f"/{name}")), None)
        if path == GONE:
            return answer(start_response, "404 Not Found", _error(path, "does not exist"))
        if status is None:
            return super().__call__(environ, start_response)
        return answer(start_response, status, self.body(path))


GONE = "/api/v1/tickets/7001"  # which the mock has


def answer(start_response: Any, status: str, text: bytes) -> Iterable[bytes]:
    kind = "application/json" if text.startswith(b"{") else "text/html"
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(text)))])
    return [text]


def _page(path: str) -> bytes:
    return f"<h1>Cannot GET {path}</h1>".encode()


def _error(path: str, said: str = "is no route") -> bytes:
    return json.dumps({"error": {"code": 404, "message": "Not Found", "details": f"{path} {said}"}}).encode()


@pytest.mark.parametrize("body", [_page, _error])
def test_the_mock_answers_what_the_target_does_not_have(
    sound: WsgiApp, people: dict[str, Any], login: dict[str, str], domain: str, body: Callable[[str], bytes]
) -> None:
    stranger = {"Authorization": "Bearer of-somebody-at-the-target"}
    asked = [
        (f"/api/communities?domain_id={domain}", stranger, 200, "mock"),  # absent by a 404
        (f"/api/communities?domain_id={domain}", {}, 401, "mock"),  # and nobody there is nobody here
        ("/api/v1/communities/1/activities", stranger, 200, "mock"),  # by a 405
        ("/api/v1/units?community_id=1", stranger, 200, "mock"),  # by a 501
        ("/api/communities/5375de9fd684db7f6fbd5010", login, 404, None),  # an object that there is not
        (GONE, stranger, 404, None),
        ("/nowhere", login, 404, None),
    ]
    with serve(Young(sound, body)) as url, proxied(url, "--missing", "mock") as proxy:
        for path, headers, status, mark in asked:
            answer = requests.get(proxy.url + path, headers=headers, timeout=10)
            assert (answer.status_code, answer.headers.get("X-Mock-Proxy")) == (status, mark), path
    assert proxy.ending is not None
    assert "answered by the mock: listCommunities (2), listActivities (1), listUnits (1)" in proxy.ending.lines
    assert proxy.causes == frozenset(), "what is known to be missing is no broken contract"
