"""Servers that are broken in ways that no law thinks of: each is told in a sentence, none ends green, and none in a traceback."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from contract_tests.faults.servers import Deployment, near, serve, shared_mock
from contract_tests.selftests.runs import Run, run
from contract_tests.selftests.written_profiles import write_profile
from contract_tests.transport.in_process import WsgiApp

LAWS = ["laws/linagora/test_reading.py", "laws/linagora/test_joining.py"]
Rewrite = Callable[[dict[str, Any], str, dict[str, str], bytes], tuple[str, dict[str, str], bytes]]


def _around(app: WsgiApp, rewrite: Rewrite) -> WsgiApp:
    """A server whose answers are rewritten, those of the control API aside."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["PATH_INFO"].startswith("/__mock"):
            return app(environ, start_response)
        begun: dict[str, Any] = {}

        def note(status: str, headers: list[tuple[str, str]], *_: Any) -> Any:
            begun.update(status=status, headers=dict(headers))
            return lambda _: None

        body = b"".join(app(environ, note))
        status, headers, body = rewrite(environ, begun["status"], begun["headers"], body)
        headers = {name: value for name, value in headers.items() if name != "Content-Length"}
        start_response(status, [*headers.items(), ("Content-Length", str(len(body)))])
        return [body]

    return answer


def _page(environ: dict[str, Any], status: str, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
    page = "200 OK", {"Content-Type": "text/html"}, b"<html>Welcome"
    return page if environ["REQUEST_METHOD"] == "GET" else (status, headers, body)


def _latin(environ: dict[str, Any], status: str, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
    return status, headers, b'{"error": "caf\xe9"}' if status >= "4" else body


def _nested(environ: dict[str, Any], status: str, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
    return status, headers, b"[" * 3000 if environ["REQUEST_METHOD"] == "GET" else body


def _escapes(environ: dict[str, Any], status: str, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
    return (status, headers, b"\x1b[31mred\x01") if environ["REQUEST_METHOD"] == "GET" else (status, headers, body)


def _no_type(environ: dict[str, Any], status: str, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
    return (
        (status, headers | {"Content-Type": ";;;\x80"}, body) if environ["REQUEST_METHOD"] == "GET" else (status, headers, body)
    )


def _half(environ: dict[str, Any], status: str, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
    return status, headers, b'[{"title": "\\ud800"}]' if environ["REQUEST_METHOD"] == "GET" and status < "4" else body


def _down(environ: dict[str, Any], status: str, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
    return "503 Service Unavailable", headers, body


def _said_gzip(environ: dict[str, Any], status: str, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
    return status, headers | {"Content-Encoding": "gzip"}, body


CASES: dict[str, tuple[Rewrite, str]] = {
    "a page for every GET": (_page, "is text/html where application/json is the contract"),
    "errors in Latin-1": (_latin, "is said to be JSON and is none"),
    "JSON without an end": (_nested, "is said to be JSON and is none"),
    "control characters": (_escapes, "is said to be JSON and is none"),
    "a Content-Type that is none": (_no_type, "has no media type where application/json is the contract"),
    "half of a character": (_half, "has a text with half of a character in it"),
    "no gzip": (_said_gzip, "answers what cannot be decompressed, though its Content-Encoding says so"),
}


OVER_A_SOCKET = (_no_type, _said_gzip)  # what is wrong is in the headers


def _told(rewrite: Rewrite, folder: Path, *tests: str) -> tuple[Run, dict[str, Any], str]:
    there = serve if rewrite in OVER_A_SOCKET else near
    with there(_around(shared_mock(), rewrite)) as url:
        result = run(list(tests), "--target", url, "--api", "linagora", "--report", str(folder), "--tb=auto")
    page = (folder / "report.html").read_text("utf-8")
    return result, json.loads((folder / "report.json").read_text("utf-8")), page


@pytest.mark.parametrize("case", CASES)
def test_an_answer_that_is_none_is_a_finding_in_a_sentence(case: str, tmp_path: Path) -> None:
    rewrite, words = CASES[case]
    result, report, page = _told(rewrite, tmp_path, *LAWS)
    assert result.status == pytest.ExitCode.TESTS_FAILED
    assert any(words in one["sentence"] for one in report["broken"]), [one["sentence"] for one in report["broken"]]
    assert (report["errors"], report["verdict"]["state"]) == ([], "broken")
    assert len(report["broken"]) <= 2, [one["sentence"] for one in report["broken"]]
    assert not any(letter in text for letter in "\x1b\x01" for text in (result.failures, page, json.dumps(report)))


def test_a_creation_that_breaks_is_one_finding_and_nearly_all_tests_say_that_they_could_not_judge(tmp_path: Path) -> None:
    def broken(environ: dict[str, Any], status: str, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
        creates = environ["REQUEST_METHOD"] == "POST" and environ["PATH_INFO"] == "/api/communities"
        return ("500 Internal Server Error", {"Content-Type": "text/html"}, b"<h1>Oops") if creates else (status, headers, body)

    _, report, _ = _told(broken, tmp_path, *LAWS)
    assert [one["sentence"] for one in report["broken"]] == ["createCommunity breaks with 500"]
    assert report["outcomes"]["failed"] == 1
    assert report["outcomes"]["not judged"] > 9
    assert list(report["not_judged"]) == ["not judged because of: createCommunity breaks with 500"]


def test_a_server_that_is_down_is_one_finding(tmp_path: Path) -> None:
    _, report, _ = _told(_down, tmp_path, "laws/linagora")
    (only,) = report["broken"]
    assert only["sentence"] == "createCommunity, listCommunities and getCommunity break with 503"


def test_another_success_of_a_creation_is_one_finding_and_the_laws_go_on(tmp_path: Path) -> None:
    def other(environ: dict[str, Any], status: str, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
        return ("200 OK" if status.startswith("201") else status), headers, body

    _, report, _ = _told(other, tmp_path, *LAWS)
    assert [one["sentence"] for one in report["broken"]] == ["createCommunity answers 200 where 201 is the contract"]
    assert report["outcomes"].keys() <= {"failed", "passed"}
    assert report["outcomes"]["failed"] == 1


def test_a_run_that_is_stopped_is_never_green(tmp_path: Path) -> None:
    with near(shared_mock()) as url:
        result = run(LAWS, "--target", url, "--api", "linagora", "--max-requests", "4", "--report", str(tmp_path))
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (result.status, report["verdict"]["state"]) == (pytest.ExitCode.INTERRUPTED, "stopped")
    assert "--max-requests 4 are used up" in report["verdict"]["text"]


def test_a_run_that_judged_nothing_is_never_green(tmp_path: Path) -> None:
    with near(Deployment(shared_mock())) as url:
        profile = write_profile(tmp_path)
        result = run(["laws/linagora/test_updating.py"], "--target", url, "--profile", str(profile), "--report", str(tmp_path))
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (result.status, report["verdict"]["state"]) == (pytest.ExitCode.NO_TESTS_COLLECTED, "nothing")


def test_a_run_that_asked_for_little_says_what_would_ask_for_more(tmp_path: Path) -> None:
    with near(Deployment(shared_mock())) as url:
        profile = write_profile(tmp_path)
        tests = ["laws/linagora/test_updating.py", "laws/security/test_linagora_access.py"]
        result = run(tests, "--target", url, "--profile", str(profile), "--report", str(tmp_path))
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert (result.status, report["verdict"]["state"]) == (pytest.ExitCode.OK, "partial")
    steps = report["verdict"]["next"]
    assert any(step.startswith("--safety sandbox: ") for step in steps)
    assert any(step.startswith("judge_inferred = true: ") for step in steps)
    assert "ledger" not in report["run"]


def test_501_is_right_for_a_method_that_nobody_knows(tmp_path: Path) -> None:
    def proxy(environ: dict[str, Any], status: str, headers: dict[str, str], body: bytes) -> tuple[str, dict[str, str], bytes]:
        unknown = environ["REQUEST_METHOD"] not in {"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"}
        return ("501 Not Implemented", {"Content-Type": "text/html"}, b"<h1>No") if unknown else (status, headers, body)

    tests = [f"conformance/test_conformance.py::test_conformance[linagora-{name}-alice]" for name in ("getMember", "listMembers")]
    result, report, _ = _told(proxy, tmp_path, *tests)
    assert (result.status, report["broken"]) == (pytest.ExitCode.OK, [])
