"""Runs that stop before their end, or that fail where a server no longer answers: few failures, and a reason for the rest."""

import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from contract_tests.faults.servers import Deployment, mock, serve
from contract_tests.selftests.runs import run
from contract_tests.selftests.written_profiles import write_profile

LAWS = ["laws/linagora/test_reading.py", "laws/linagora/test_listing.py"]


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
