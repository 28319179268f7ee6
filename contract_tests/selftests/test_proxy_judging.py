"""What a proxy finds and does about it: findings of the suite, faults of the app, refusals, the mock's help, no secrets."""

import asyncio
import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, ClassVar, cast

import pytest
import requests
from jsonschema_rs import validator_for
from requests.adapters import HTTPAdapter

from contract_tests import PACKAGE
from contract_tests.actors.caller import Caller
from contract_tests.contract.cause import Cause
from contract_tests.contract.finding import Kind
from contract_tests.faults.changes import ERROR, becomes, succeeds_with, with_header, without, without_header
from contract_tests.faults.planting import Fault
from contract_tests.faults.servers import Deployment, mock, serve
from contract_tests.proxy.__main__ import main
from contract_tests.proxy.desk import Desk
from contract_tests.proxy.options import parser
from contract_tests.proxy.passing import Passing
from contract_tests.proxy.rewriting import Place
from contract_tests.report.document import SCHEMA
from contract_tests.selftests.proxies import proxied
from contract_tests.transport.guard import Guard
from contract_tests.transport.in_process import WsgiApp
from contract_tests.transport.ledger import Ledger
from contract_tests.transport.wire import Wire

ALICE, HERE = "alice", Place("http://localhost:8000")


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


class Slow(list[Passing]):
    """A judge: what it has judged."""

    def note(self, passing: Passing) -> None:
        time.sleep(0.01)
        self.append(passing)

    def reasons(self, passing: Passing, part: str) -> list[str]:
        return [part]


def test_all_that_waits_is_judged_before_the_end() -> None:
    passing, judge = Passing("", "GET", "/", "", None, HERE, HERE, [], []), Slow()
    desk = Desk(lambda: cast("Any", judge))
    for _ in range(10):
        desk.expect()
        desk.put(passing)
    desk.close()
    assert judge == [passing] * 10


def test_nobody_waits_while_what_has_passed_before_is_judged() -> None:
    first, second = (Passing("", "GET", path, "", None, HERE, HERE, [], []) for path in ("/first", "/second"))
    judge = Slow()
    desk = Desk(lambda: cast("Any", judge))
    desk.expect()
    desk.expect()
    desk.put(first)
    assert (asyncio.run(desk.ask(second, "request")), judge) == (["request"], [])
    desk.put(second)
    asyncio.run(desk.settled())
    assert judge == [first, second]
    desk.close()


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


SECRETS = {
    "bearer": "s3cret-bearer-0123456789",
    "cookie": "s3cret-cookie-0123456789",
    "set": "s3cret-set-cookie-0123456789",
    "password": 'it\'s "s3cret" too',
    "token": "s3cret-token-0123456789",
    "query": "s3cret-query-0123456789",
    "key": "s3cret-key-0123456789",
    "page": "s3cret-of-a-login-page",
}


def _telling(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answers with all that it was told, and more."""
    # What nobody can tell from other texts stands where logins are alone.
    hidden = SECRETS["page"] if environ["PATH_INFO"] == "/login" else ""
    told = {
        "access_token": SECRETS["token"],
        "hidden": hidden,
        "again": [value for key, value in environ.items() if key.startswith("HTTP_")],
    }
    body = json.dumps({**told, "body": environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)).decode()}).encode()
    headers = [("Set-Cookie", f"sid={SECRETS['set']}; Path=/"), ("Location", f"/cb?code={SECRETS['query']}")]
    start_response("200 OK", [*headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def test_all_that_has_passed_is_kept_and_no_secret_in_it(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    kept = ["--report", str(tmp_path / "report"), "--record", str(tmp_path / "traffic.har")]
    headers = {
        "Authorization": f"Bearer {SECRETS['bearer']}",
        "Cookie": f"sid={SECRETS['cookie']}",
        "X-Api-Key": SECRETS["key"],
        "X-Mock-Session": "secret",
    }
    with serve(_telling) as url, proxied(url, *kept) as proxy:
        for path in ("/api/communities", "/api/v1/tickets", "/login"):
            given = {"password": SECRETS["password"], "title": SECRETS["token"]}
            where = f"{proxy.url}{path}?invite_token={SECRETS['query']}"
            requests.post(where, json=given, headers=headers, timeout=10, allow_redirects=False)
            requests.post(where, data=given, headers=headers, timeout=10, allow_redirects=False)
        journal = json.dumps(proxy.journal("secret"))
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {"traffic.har", "report.json", "report.html", "report.md"} <= {file.name for file in files}
    assert len(json.loads((tmp_path / "traffic.har").read_text())["log"]["entries"]) == 6
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    validator_for(json.loads(SCHEMA.read_text())).validate(report)
    assert "request" in {one["cause"]["kind"] for one in report["broken"]}
    assert proxy.ending is not None
    texts = [*(file.read_text() for file in files), caplog.text, *proxy.ending.lines]
    assert any("createTicket" in text for text in texts)
    for name, secret in SECRETS.items():
        forms = (secret, json.dumps(secret)[1:-1], requests.compat.quote_plus(secret))
        assert [text for text in texts if any(form in text for form in forms)] == [], name
    # In memory they are; what shows of them there is what the journal of the mock shows.
    assert SECRETS["bearer"] not in journal.split('"body"')[0]


def test_the_command_says_at_its_end_what_it_found() -> None:
    command = [sys.executable, "-P", "-m", "mock_server.cli", "proxy", "--port", "0", "--target", "http://127.0.0.1:9"]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        ready = re.match(r"mock-server proxy ready on (\S+) \(in front of http://127.0.0.1:9\)\n", process.stdout.readline())
        assert ready is not None
        answer = requests.get(f"{ready[1]}/api/communities", timeout=10)
        process.send_signal(signal.SIGTERM)
        while process.poll() is None:  # whoever is impatient gets no less
            process.send_signal(signal.SIGINT)
            time.sleep(0.02)
        said, _ = process.communicate(timeout=30)
    silence = "http://127.0.0.1:9 refuses the connection; does it run, and is the port in --target right?"
    assert (answer.status_code, answer.json()["error"]["details"]) == (502, silence)
    assert f". {silence}\n" in said.replace("H", "h")
    assert said.splitlines()[-1].startswith("2 contracts are broken at http://127.0.0.1:9")
    assert process.returncode == 1


def test_the_readme_has_each_option() -> None:
    readme = (PACKAGE.parent / "mock_server" / "README.md").read_text("utf-8")
    section = readme.partition("\n## In front of a real server\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `--")]
    options = set(re.findall(r"--[a-z-]+", parser().format_help()))
    assert set(re.findall(r"--[\w-]+", " ".join(rows))) == options - {"--help"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--target URL is needed"),
        (["--target", "staging.example.org"], "begins with http:// or https://"),
        (["--target", "http://localhost:99999"], "http://localhost:99999: Port out of range"),
        (["--target", "http://localhost", "--deviations", "nowhere.toml"], "nowhere.toml"),
        (["--target", "http://localhost", "--overlay", "nowhere.yaml"], "nowhere.yaml"),
    ],
)
def test_a_wrong_option_is_said_in_one_sentence(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 4
    text = capsys.readouterr().err
    assert text.startswith("mock-server proxy: ")
    assert said in text
    assert text.count("\n") == 1
