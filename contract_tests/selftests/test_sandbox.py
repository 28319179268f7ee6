"""A sandbox leaves a deployment as it was: after the run, after Ctrl-C, and after a kill in the middle of a creation."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter

from contract_tests.actors.caller import Caller
from contract_tests.cli import main
from contract_tests.contract.operations import operations
from contract_tests.faults.servers import Deployment, mock, serve
from contract_tests.profile import load_profile
from contract_tests.selftests.runs import ALONE, COMMAND, LINAGORA_LAWS, run, without_options
from contract_tests.selftests.written_profiles import write_profile
from contract_tests.transport.cleanup import Maker, sender, take_back
from contract_tests.transport.guard import Guard, Refused
from contract_tests.transport.in_process import WsgiApp
from contract_tests.transport.ledger import Ledger, LedgerError, read_ledger
from contract_tests.transport.wire import Wire, WireSession

FOREIGN = {"_id": "5375de9fd684db7f6fbd5010", "title": "Chess"}
LAWS = ["laws/linagora/test_titles.py", "laws/linagora/test_joining.py"]


class Slow:
    """A deployment whose first creation, once it is made, is answered only when `go_on` is set."""

    def __init__(self, app: WsgiApp) -> None:
        self.app, self.created, self.go_on = app, Event(), Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = list(self.app(environ, start_response))
        if environ["REQUEST_METHOD"] == "POST":
            self.created.set()
            self.go_on.wait(30)
        return answer


class Endless:
    """A deployment that answers no creation after so many requests that write, so that a run cannot come to its end."""

    def __init__(self, deployment: Deployment, writes: int) -> None:
        self.deployment, self.writes, self.reached = deployment, writes, Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        answer = self.deployment(environ, start_response)
        if environ["REQUEST_METHOD"] == "POST" and len(self.deployment.writes) > self.writes:
            self.reached.set()
            time.sleep(60)
        return answer


def _seen(url: str, profile: Path) -> dict[str, list[str]]:
    """The titles of the communities that each person sees."""
    seen = {}
    for person in load_profile(profile).of("linagora"):
        query = {"domain_id": person.homes[0], "limit": "500"}
        listed = requests.get(f"{url}/api/communities", params=query, headers=person.headers, timeout=10).json()
        seen[person.name] = sorted(item["title"] for item in listed)
    return seen


def _options(url: str, folder: Path, profile: Path) -> list[str]:
    return ["--target", url, "--profile", str(profile), "--safety", "sandbox", "--api", "linagora", "--report", str(folder)]


@contextmanager
def _running(url: str, folder: Path, profile: Path) -> Iterator["subprocess.Popen[str]"]:
    """`contract-tests run` in a group of its own, in a sandbox at the URL."""
    chosen = ["-k=test_titles or test_joining", *LINAGORA_LAWS]
    with subprocess.Popen(
        [sys.executable, *COMMAND, "run", "-q", *chosen, *_options(url, folder, profile)],
        cwd=folder,
        env=without_options() | ALONE,
        start_new_session=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def _ledgers(folder: Path) -> list[Path]:
    return sorted(folder.glob("contract-ledger-*.jsonl"))


def test_what_a_killed_run_was_creating_is_found_and_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    slow = Slow(Deployment(mock()))
    with serve(slow) as url:
        profile = write_profile(tmp_path)
        before = _seen(url, profile)
        with _running(url, tmp_path, profile) as process:
            assert slow.created.wait(60), "nothing was created"
            process.kill()
            process.wait()
        slow.go_on.set()
        assert _seen(url, profile) != before, "the kill came too early to leave anything"
        (ledger,) = _ledgers(tmp_path)
        assert main(["clean-up", str(ledger)]) == 0
        assert _seen(url, profile) == before
        assert main(["clean-up", str(ledger)]) == 0
    assert capsys.readouterr().out.splitlines() == ["nothing is left behind"] * 2


@pytest.mark.skipif(sys.platform == "win32", reason="there are no process groups on Windows")
@pytest.mark.parametrize(
    "interrupt",
    [lambda pid: os.killpg(pid, signal.SIGINT), lambda pid: os.kill(pid, signal.SIGTERM)],
    ids=["Ctrl-C", "SIGTERM"],
)
def test_an_interrupted_run_leaves_nothing(interrupt: Callable[[int], None], tmp_path: Path) -> None:
    endless = Endless(Deployment(mock()), 12)
    with serve(endless) as url:
        profile = write_profile(tmp_path)
        before = _seen(url, profile)
        with _running(url, tmp_path, profile) as process:
            assert endless.reached.wait(60), "it never came"
            interrupt(process.pid)
            output, _ = process.communicate(timeout=60)  # which waits for all that it has started
        assert process.returncode == pytest.ExitCode.INTERRUPTED, output
        assert _seen(url, profile) == before
    assert "KeyboardInterrupt" not in output.splitlines()
    assert [read_ledger(file).entries for file in _ledgers(tmp_path)] == [{}]
    assert (tmp_path / "report.json").exists(), "the report of an interrupted run is lost"


def test_nothing_is_created_where_the_ledger_cannot_be_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)  # a folder
    request = requests.Request("POST", "http://localhost/api/communities", json={"title": "x"}).prepare()
    creation = operations("linagora")["createCommunity"]
    with pytest.raises(LedgerError, match="cannot be written: Is a directory"):
        ledger.begin(creation, request, "alice")


def test_what_cannot_be_removed_is_said_with_the_command_that_finishes_later(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Keeping(Deployment):
        def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            if environ["REQUEST_METHOD"] == "DELETE" and environ["PATH_INFO"].count("/") == 3:
                environ["HTTP_AUTHORIZATION"] = "Bearer nobody"
                environ.pop("HTTP_COOKIE", None)
            return super().__call__(environ, start_response)

    with serve(Keeping(mock())) as url:
        ended = run(LAWS, *_options(url, tmp_path, write_profile(tmp_path)))
    assert ended.status == pytest.ExitCode.TESTS_FAILED
    (ledger,) = _ledgers(tmp_path)
    assert f"to finish later: contract-tests clean-up {ledger}" in capsys.readouterr().out
    assert len(read_ledger(ledger).entries) > 3


def test_an_answer_that_names_an_object_of_others_makes_it_no_object_of_ours(tmp_path: Path) -> None:
    """Such as of a server that answers with what is there already."""

    def server(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"]))
        listing = environ["REQUEST_METHOD"] == "GET"
        body = json.dumps([FOREIGN] if listing else FOREIGN).encode()
        start_response("200 OK", [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    asked: list[tuple[str, str]] = []
    with serve(server) as url:
        ledger = Ledger(tmp_path / "ledger.jsonl")
        wire = Wire({"linagora": url}, HTTPAdapter(), Guard("sandbox", ledger.ids, "contract-12ab"), ledger)
        alice = Caller("linagora", wire, "alice", {"Authorization": "Bearer x"})
        alice.call("createCommunity", {"title": "contract-12ab chess", "domain_ids": ["1"]})
        with pytest.raises(Refused):
            alice.call("updateCommunity", {"title": "contract-12ab draughts"}, community_id=FOREIGN["_id"])
        assert take_back(ledger, sender(WireSession(wire)), {"alice": Maker("alice", alice.login)}) == []
    assert {method for method, _ in asked} == {"POST", "GET"}, "it was looked for, and somebody else's was not deleted"
    assert ledger.entries == {}


def _created(ledger: Ledger, by: str, *domains: str, title: str = "x") -> None:
    """Notes a creation that was answered in a way that nobody understands."""
    body = {"title": title, "domain_ids": list(domains)}
    request = requests.Request("POST", "http://localhost/api/communities", json=body).prepare()
    ledger.begin(operations("linagora")["createCommunity"], request, by)


class Lists:
    """Answers as a server with these titles in its domains; `status` is what it says of other domains, and of long titles."""

    def __init__(self, status: int = 400, **domains: list[str]) -> None:
        self.status, self.domains = status, domains
        self.deleted: list[str] = []

    def __call__(self, method: str, url: str, params: dict[str, str] | None = None, **_: Any) -> requests.Response:
        response = requests.Response()
        response.status_code = 204
        if method == "DELETE":
            self.deleted.append(url.rpartition("/")[2])
        elif params is not None:
            titles = self.domains.get(params["domain_id"])
            response.status_code = self.status if titles is None or len(params.get("title", "")) > 9 else 200
            listed = [{"_id": f"id of {title}", "title": title} for title in titles or ()]
            response._content = json.dumps(listed).encode()  # noqa: SLF001 - as adapters do
        return response


@pytest.mark.parametrize("status", [400, 403, 404])
def test_what_was_for_a_domain_that_is_refused_to_who_asked_is_not_left_behind(status: int) -> None:
    ledger = Ledger()
    _created(ledger, "alice", "foreign")
    assert take_back(ledger, Lists(status, home=[]), {"alice": Maker("alice", homes=["home"])}) == []
    assert ledger.entries == {}


@pytest.mark.parametrize(
    ("status", "by", "domain"),
    [
        (401, "alice", "foreign"),
        (500, "alice", "foreign"),
        (429, "alice", "foreign"),
        (400, "", "foreign"),
        (400, "alice", "closed"),
    ],
    ids=["no login", "broken", "busy", "nobody's", "their own"],
)
def test_where_a_refusal_proves_nothing_it_is_left_behind(status: int, by: str, domain: str) -> None:
    ledger = Ledger()
    _created(ledger, by, domain)
    (left,) = take_back(ledger, Lists(status, home=[]), {"alice": Maker("alice", homes=["home", "closed"])})
    assert left.endswith(f"(x): whether it was made is not known, and the list for domain_id {domain} has status {status}")
    assert ledger.entries


@pytest.mark.parametrize("domains", [(), ("foreign",), ("home",)])
@pytest.mark.parametrize("title", ["x", "a title too long to ask for"])
def test_what_may_have_been_made_is_looked_up_wherever_the_maker_may_look(domains: tuple[str, ...], title: str) -> None:
    ledger, lists = Ledger(), Lists(home=["other"], second=["other", title])
    _created(ledger, "alice", *domains, title=title)
    assert take_back(ledger, lists, {"alice": Maker("alice", homes=["home", "second"])}) == []
    assert lists.deleted == [f"id of {title}"]
    assert ledger.entries == {}


@pytest.mark.parametrize("body", [b"", b"\xff\xfe", b"[" * 9000, b"{}", b"null", b'[{"title": "x"}', "é".encode("latin-1")])
def test_a_list_that_is_none_says_nothing(body: bytes) -> None:
    def send(*_: Any, **__: Any) -> requests.Response:
        response = requests.Response()
        response.status_code, response._content = 200, body  # noqa: SLF001 - as adapters do
        return response

    ledger = Ledger()
    _created(ledger, "alice", "home")
    (left,) = take_back(ledger, send, {"alice": Maker("alice", homes=["home"])})
    assert "the list for domain_id home has status 200" in left


def test_at_a_server_that_is_gone_one_try_is_enough(tmp_path: Path) -> None:
    tried: list[str] = []

    def send(method: str, url: str, **_: Any) -> requests.Response:
        tried.append(f"{method} {url}")
        raise requests.ConnectionError("refused")

    ledger = Ledger(tmp_path / "ledger.jsonl")
    request = requests.Request("POST", "http://localhost/api/communities", json={"title": "x", "domain_ids": ["1"]}).prepare()
    for _ in range(30):
        ledger.begin(operations("linagora")["createCommunity"], request, "alice")
    (left,) = take_back(ledger, send, {"alice": Maker()})
    assert left.startswith("http://localhost/api/communities (x) and 29 more: http://localhost ")
    assert len(tried) == 1
    assert len(ledger.entries) == 30


def test_a_line_that_a_kill_cut_off_is_no_obstacle(tmp_path: Path) -> None:
    file = tmp_path / "ledger.jsonl"
    ledger = Ledger(file, {"run": "12ab", "bases": {}})
    made = {"key": "1", "operation": "createCommunity", "by": "alice", "url": "http://localhost/api/communities", "name": "t"}
    ledger._write("creating", homes=[], id="", **made)  # noqa: SLF001
    with file.open("a", encoding="utf-8") as out:
        out.write('{"event": "creat')
    again = read_ledger(file)
    assert [entry.name for entry in again.entries.values()] == ["t"]
    again.gone(next(iter(again.entries.values())))
    assert [json.loads(line)["event"] for line in file.read_text("utf-8").splitlines()] == ["run", "creating", "deleted"]


@pytest.mark.parametrize("text", ["", "no ledger\n", "[]\n", '{"event": "run"}\n'])
def test_what_is_no_ledger_is_one_line(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "ledger.jsonl"
    file.write_text(text, "utf-8")
    status = main(["clean-up", str(file)])
    told = capsys.readouterr()
    assert status == 1
    assert told.err.count("\n") == 1
    assert str(file) in told.err


def test_a_deletion_that_cannot_be_noted_takes_place_all_the_same(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.jsonl")
    request = requests.Request("POST", "http://localhost/api/communities", json={"title": "x"}).prepare()
    for _ in range(2):
        ledger.begin(operations("linagora")["createCommunity"], request, "alice")
    ledger.file = tmp_path  # a folder: no line can be written any more
    for entry in list(ledger.entries.values()):
        ledger.gone(entry)
    assert ledger.entries == {}
