"""Before a run: who is not let in, and what is not there, is told before a thousand tests fail for it."""

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from werkzeug import Request, Response

from contract_tests.cli import main
from contract_tests.faults.servers import Deployment, mock, serve
from contract_tests.profile import Principal, Profile
from contract_tests.run.preflight import preflight
from contract_tests.selftests.test_network import serve_tls, write_certificate
from contract_tests.selftests.written_profiles import write_profile
from contract_tests.transport.gate import Limits, Stopped
from contract_tests.transport.target import mock_target, url_target

PEOPLE = tuple(Principal("linagora", name, name, ("d",), bearer=f"the token of {name}") for name in ("alice", "bob"))
RESIDENT = Principal("casavi", "max", "1", ("1",), bearer="the token of max")


def troubles(url: str, *people: Principal) -> list[str]:
    """What is said of people at a URL; both APIs are there."""
    profile = Profile(people)
    return preflight(url_target(dict.fromkeys(("linagora", "casavi"), url), profile, Limits()))


def test_all_is_well_at_a_sound_server() -> None:
    deployment = Deployment(mock())
    people = mock_target().profile.principals
    with serve(deployment) as url:
        assert troubles(url, *people) == []
    assert len(deployment.requests) == len(people)
    assert not deployment.writes


@pytest.mark.parametrize(
    ("response", "words"),
    [
        (Response("{}", 401), ", alice, bob: the login is refused (401); has the token or cookie expired, and is it one of URL?"),
        (Response("{}", 403), ", alice, bob: the login is good, but listCommunities is not allowed with it (403)"),
        (
            Response("", 302, {"Location": "https://sso.example.org/login?secret=hidden"}),
            ", alice, bob: URL/api/communities redirects to https://sso.example.org/login: a login page?",
        ),
        (Response("", 303, {"Location": "/login"}), "redirects to URL/login: a login page?"),
        (Response("<html>", 404), "there is no listCommunities at URL/api/communities (404); is base_url or path_prefix right"),
        (
            Response("<html>", 200, {"Content-Type": "text/html; charset=utf-8"}),
            "URL/api/communities answers HTML where JSON is the contract; is base_url or path_prefix right?",
        ),
    ],
)
def test_what_a_wrong_profile_meets_is_one_sentence(response: Response, words: str) -> None:
    with serve(response) as url:
        told = troubles(url, *PEOPLE)
    assert len(told) == 1
    assert words.replace("URL", url) in told[0]
    assert "hidden" not in told[0]


@pytest.mark.parametrize(
    "response", [Response("", 500), Response("<html>", 503, {"Content-Type": "text/html"}), Response("{}", 429)]
)
def test_a_fault_of_the_servers_own_is_left_to_the_tests(response: Response) -> None:
    with serve(response) as url:
        assert troubles(url, *PEOPLE) == []


@pytest.mark.parametrize("place", ["http://[", "/caf\xe9?secret=hidden", "http://localhost:port/"])
def test_a_redirect_to_nowhere_is_one_sentence(place: str) -> None:
    def answer(_: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("302 Found", [("Location", place), ("Content-Length", "0")])
        return []

    with serve(answer) as url:
        (told,) = troubles(url, *PEOPLE)
    assert ": a login page? The login in the profile is not what this server takes" in told
    assert "hidden" not in told


def test_each_api_and_each_kind_has_its_sentence() -> None:
    def answer(request: Request) -> Response:
        return Response("{}", 403 if "alice" in request.headers["Authorization"] else 401)

    with serve(Request.application(answer)) as url:
        told = troubles(url, *PEOPLE, RESIDENT)
    assert [re.sub(r": .*", "", line) for line in told] == ["casavi, max", "linagora, alice", "linagora, bob"]


def test_a_server_that_is_not_there_is_told_once() -> None:
    profile = replace(Profile((*PEOPLE, *PEOPLE, RESIDENT)), connection=replace(Profile(()).connection, retries=0))
    told = preflight(url_target(dict.fromkeys(("linagora", "casavi"), "http://127.0.0.1:9"), profile, Limits()))
    assert told == ["http://127.0.0.1:9 refuses the connection; does it run, and is the port in base_url right?"]


def test_only_the_apis_that_are_tested_are_asked() -> None:
    with serve(Response("{}", 401)) as url:
        target = url_target(dict.fromkeys(("linagora", "casavi"), url), Profile((*PEOPLE, RESIDENT)), Limits())
        assert [line.partition(",")[0] for line in preflight(target, ["casavi"])] == ["casavi"]


# The command


def told_by(file: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit status and the output of the command."""
    try:
        status = main(["check-profile", str(file)])
    except Stopped:  # to pytest this were a test that is skipped
        pytest.fail("the command ends with a traceback")
    out, err = capsys.readouterr()
    assert "Traceback" not in out + err
    assert "-secret" not in out + err
    return status, out + err


def test_the_command_says_what_a_run_can_test(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deployment = Deployment(mock())
    with serve(deployment) as url:
        top = f'base_url = "{url}"\nsafety = "sandbox"\n[connection]\nrate = "1000/s"\n'
        status, out = told_by(write_profile(tmp_path, top), capsys)
    assert status == 0
    assert not deployment.writes
    assert f"linagora   {url}" in out
    assert re.search(r"linagora  alice +user of \w+  has bearer and cookie  200 in \d+ ms", out)
    assert re.search(r"linagora  admin +administrator of \w+  has bearer and cookie  200 in \d+ ms", out)
    assert "rate       1000/s" in out
    assert "linagora: sandbox allows 15 of 15 operations" in out
    assert "casavi: sandbox allows 13 of 21 operations; it blocks registerUser, createTicket" in out
    assert "alice has no expired_bearer; not tested: whether expired tokens are refused" in out
    assert "only what the documents say is judged" in out
    assert "what is wrong" not in out


ALICE = '[[linagora.principals]]\nname = "alice"\nuser_id = "1"\ndomain_ids = ["d"]\n'


def write(folder: Path, text: str) -> Path:
    (folder / "p.toml").write_text(text, "utf-8")
    return folder / "p.toml"


def test_the_command_fails_for_who_cannot_log_in_and_goes_on_with_the_others(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def answer(request: Request) -> Response:
        return Response("{}", 403) if request.path == "/login" else Response("[]", 200)

    monkeypatch.setenv("BOB_TOKEN", "bobs-secret")
    login = 'login = {path = "/login", json = {password = "${BOB_TOKEN}"}, bearer = "/token"}\n'
    with serve(Request.application(answer)) as url:
        text = f'base_url = "{url}"\n{ALICE}{login}{ALICE.replace("alice", "bob")}bearer = "${{BOB_TOKEN}}"\n'
        status, out = told_by(write(tmp_path, text), capsys)
    assert status == 1
    assert re.search(r"alice +user of d  logs in with POST /login  cannot log in", out)
    assert re.search(r"bob +user of d  has bearer  200 in", out)
    assert f"what is wrong\n  alice: the login at {url}/login answers 403\n" in out
    assert "linagora: nobody plays admin; not tested: what an administrator of the domain may do" in out


def test_the_command_fails_for_who_is_not_let_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOB_TOKEN", "bobs-secret")
    with serve(Response("{}", 401)) as url:
        status, out = told_by(write(tmp_path, f'base_url = "{url}"\n{ALICE}bearer = "${{BOB_TOKEN}}"'), capsys)
    assert status == 1
    assert "401 in" in out
    assert "linagora, alice: the login is refused (401)" in out


@pytest.mark.parametrize(
    "login", ['bearer = "${BOB_TOKEN}"', 'login = {path = "/l", form = {p = "${BOB_TOKEN}"}, cookie = "sid"}']
)
def test_the_command_fails_where_nobody_answers(
    login: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOB_TOKEN", "bobs-secret")
    people = "\n".join(ALICE.replace("alice", f"alice{number}") + login for number in range(5))
    text = f'base_url = "http://127.0.0.1:9"\n[connection]\nretries = 0\n{people}'
    status, out = told_by(write(tmp_path, text), capsys)
    assert status == 1
    assert "http://127.0.0.1:9 refuses the connection" in out


@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
def test_a_certificate_is_trusted_by_the_profile_or_not_checked_and_that_is_loud(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOB_TOKEN", "bobs-secret")
    certificate, _ = write_certificate(tmp_path)
    with serve_tls((certificate, str(tmp_path / "key.pem"))) as url:
        outcomes: dict[str, tuple[int, str]] = {}
        for tls in ('ca = "cert.pem"', "verify = false", "verify = true"):
            text = f'base_url = "{url}"\n[connection]\nretries = 0\n[connection.tls]\n{tls}\n{ALICE}bearer = "${{BOB_TOKEN}}"'
            outcomes[tls] = told_by(write(tmp_path, text), capsys)
    assert {tls: status for tls, (status, _) in outcomes.items()} == {
        'ca = "cert.pem"': 0,
        "verify = false": 0,
        "verify = true": 1,
    }
    assert "is not trusted (self-signed certificate); connection.tls.ca names the file" in outcomes["verify = true"][1]
    assert "!!! NOT CHECKED" in outcomes["verify = false"][1]
    assert "NOT CHECKED" not in outcomes['ca = "cert.pem"'][1]


def test_a_profile_without_a_place_is_read_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BOB_TOKEN", "bobs-secret")
    status, out = told_by(write(tmp_path, f'{ALICE}bearer = "${{BOB_TOKEN}}"'), capsys)
    assert status == 0
    assert "not tried: the profile has no base_url, so a run needs --target URL" in out
    assert "linagora: alice plays alice" in out


def test_a_file_that_is_wrong_is_told_by_its_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = write(tmp_path, f'saftey = "full"\n{ALICE}')
    status, out = told_by(file, capsys)
    assert status == 1
    assert f"{file}:1: saftey: is not known here; did you mean safety?" in out
    assert f"{file}:2: linagora.principals[0].bearer: is missing" in out
