"""Options: what is wrong is one clear line and exit status 4, and a URL needs no mock."""

import json
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contract_tests.faults.servers import Deployment, mock, serve
from contract_tests.selftests.runs import run, run_process
from contract_tests.selftests.written_profiles import write_profile

ONE_TEST = "laws/linagora/test_reading.py::test_the_creator_is_who_asked"
USAGE = int(pytest.ExitCode.USAGE_ERROR)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--target", "example.org"], "a URL that begins with http:// or https://"),
        (["--target", "http://127.0.0.1:9"], "cannot be reached"),
        (["--profile", "missing.toml"], "missing.toml: No such file"),
        (["--safety", "reckless"], "invalid choice"),
        (["--api", "other"], "invalid choice"),
    ],
)
def test_a_wrong_option_is_one_clear_line(options: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([ONE_TEST], *options).status == USAGE
    error = capsys.readouterr().err
    assert words in error
    assert "Traceback" not in error


def test_a_wrong_variable_is_one_clear_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([ONE_TEST], environment={"CONTRACT_DEPTH": "bottomless"}).status == USAGE
    assert "CONTRACT_DEPTH=bottomless: one of quick, standard, deep is needed" in capsys.readouterr().err


def test_a_deployment_needs_a_profile(capsys: pytest.CaptureFixture[str]) -> None:
    with serve(Deployment(mock())) as url:
        assert run([ONE_TEST], "--target", url).status == USAGE
    assert "--profile FILE has to say who can log in" in capsys.readouterr().err


def test_a_profile_with_a_base_url_needs_no_target(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(Deployment(mock())) as url:
        profile = write_profile(tmp_path, f'base_url = "{url}"\nsafety = "sandbox"')
        result = run([ONE_TEST], "--profile", str(profile), "--api", "linagora", "-v")
    assert result.outcomes == {ONE_TEST: "passed"}
    assert f"target {url}, api linagora, safety sandbox, depth quick, seed 0" in capsys.readouterr().out


def test_options_come_by_environment_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serve(mock()) as url:
        environment = {
            "CONTRACT_TARGET": url,
            "CONTRACT_API": "linagora",
            "CONTRACT_SAFETY": "read-only",
            "CONTRACT_DEPTH": "standard",
        }
        result = run([ONE_TEST], "-v", environment=environment | {"CONTRACT_REPORT": str(tmp_path / "new" / "folder")})
    assert f"target {url}, api linagora, safety read-only, depth standard" in capsys.readouterr().out
    assert result.outcomes == {ONE_TEST: "skipped"}
    assert (tmp_path / "new" / "folder" / "report.json").exists()


def test_a_url_never_imports_the_mock_and_leaves_no_files(tmp_path: Path) -> None:
    after = "assert not [name for name in sys.modules if name.partition('.')[0] == 'mock_server']"
    with serve(mock()) as url:
        done = run_process(
            "--pyargs",
            "contract_tests.laws.linagora.test_reading",
            "--target",
            url,
            "--api",
            "linagora",
            folder=tmp_path,
            after=after,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_broken_contract_is_exit_status_1() -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["REQUEST_METHOD"] = "GET" if environ["REQUEST_METHOD"] == "PUT" else environ["REQUEST_METHOD"]
        return sound(environ, start_response)

    sound = mock()
    with serve(broken) as url:
        done = run(["laws/linagora/test_updating.py"], "--target", url)
    assert done.status == 1
    assert "updateCommunity" in done.failures


def test_a_run_that_does_not_concern_the_suite_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "test_other.py").write_text("def test_other():\n    pass\n")
    done = run_process("test_other.py", "-pno:hypothesispytest", folder=tmp_path, after="assert 'mock_server' not in sys.modules")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "contract" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "known"),
    [
        ([], True),
        (["."], True),
        (["--target", "mock"], True),
        (["-q", "--report", "specs"], True),  # which is there, and is no path all the same
        (["mock_server"], False),
        (["specs", "--depth", "deep"], False),
    ],
)
def test_options_are_known_where_the_checkout_is_tested_as_a_whole(arguments: list[str], *, known: bool) -> None:
    entry = import_module("community_contracts_pytest")
    parameters = SimpleNamespace(dir=entry.CHECKOUT, args=arguments)
    left = SimpleNamespace(file_or_dir=[one for one in arguments if not one.startswith("-")], pyargs=False)
    config = SimpleNamespace(rootpath=entry.CHECKOUT, invocation_params=parameters, known_args_namespace=left)
    assert entry.concerns_the_suite(config) is known


def test_the_report_says_what_was_and_was_not_tested(tmp_path: Path) -> None:
    with serve(mock()) as url:
        run([ONE_TEST, "laws/linagora/test_people.py"], "--target", url, "--api", "linagora", "--report", str(tmp_path))
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["run"]["target"] == url
    assert report["operations"]["linagora"]["createCommunity"]["201"] > 0
    assert "deleteCommunity" in report["not_tested"]["linagora"]
    assert "createCommunity" not in report["not_tested"]["linagora"]
    assert {test["outcome"] for test in report["tests"]} == {"passed"}
    assert "`deleteCommunity`" in (tmp_path / "report.md").read_text()


def test_a_failure_shows_law_source_and_a_command_without_secrets() -> None:
    def refusing(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        environ["QUERY_STRING"] = ""  # so that createCommunity never waives the title check
        return sound(environ, start_response)

    sound = mock()
    with serve(refusing) as url:
        failures = run(["laws/linagora/test_titles.py::test_the_title_check_can_be_waived"], "--target", url).failures
    assert "the title check can be waived" in failures
    assert "documented: linagora document, POST /api/communities: noTitleCheck" in failures
    assert "curl -i -X POST" in failures
    assert '-H "Authorization: Bearer $ALICE_TOKEN"' in failures


def test_full_safety_needs_the_host_twice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deployment = Deployment(mock())
    with serve(deployment) as url:
        profile = write_profile(tmp_path)
        options = ["--target", url, "--profile", str(profile), "--api", "linagora", "--safety", "full"]
        for named in ([], ["--allow-full", "localhost"]):
            assert run([ONE_TEST], *options, *named).status == USAGE
            assert "say --allow-full 127.0.0.1 if you mean it" in capsys.readouterr().err
        assert deployment.writes == []
        assert run([ONE_TEST], *options, "--allow-full", "127.0.0.1").outcomes == {ONE_TEST: "passed"}


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--rate", "fast", "--rate: 'fast' is no rate such as 20/s"),
        ("--max-requests", "-1", "--max-requests -1: a number above 0 is needed"),
        ("--max-minutes", "soon", "--max-minutes soon: a number above 0 is needed"),
        ("--max-failures", "nan", "--max-failures nan: a number above 0 is needed"),
        ("--overlay", "missing.yaml", "missing.yaml: No such file"),
        ("--deviations", "missing.toml", "missing.toml: No such file"),
        ("--report", "/dev/null/x", "--report /dev/null/x: Not a directory"),
    ],
)
def test_a_wrong_value_is_one_clear_line(option: str, value: str, words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([ONE_TEST], option, value).status == USAGE
    assert words in capsys.readouterr().err
