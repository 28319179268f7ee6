"""The command `contract-tests run`: the contract alone, among the plugins of others, and in the place of the command."""

import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from contract_tests import cli
from contract_tests.faults.servers import mock, serve
from contract_tests.run.options import OPTIONS
from contract_tests.selftests.runs import ALONE, LINAGORA_LAWS, clean, run, run_command

ONE_TEST = "laws/linagora/test_reading.py::test_the_creator_is_who_asked"
ONE_CHOSEN = f"-k={ONE_TEST.rpartition(':')[2]}"


@pytest.fixture
def run_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The exit status of `contract-tests run` in an empty folder; pytest is run in this process, since loading takes longest."""
    monkeypatch.setattr(cli, "become", lambda _, *arguments: sys.exit(pytest.main([*arguments])))
    monkeypatch.chdir(tmp_path)

    def status(*arguments: str, **variables: str) -> int:
        clean(monkeypatch, variables)
        with pytest.raises(SystemExit) as ended:
            cli.main(["run", *LINAGORA_LAWS, *arguments])
        return int(ended.value.code or 0)

    return status


def test_the_contract_is_run_alone(run_here: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    assert run_here("--collect-only", "-q", **ALONE) == 0
    folders = {line.partition("/test_")[0] for line in capsys.readouterr().out.splitlines() if "::" in line}
    assert folders == {"contract_tests/laws/linagora"}


def test_the_help_is_about_the_options_of_the_suite() -> None:
    text = cli.run_help()
    assert all(f"  --{name} " in text for name in OPTIONS)
    assert "pytest --help" in text
    assert "--maxfail" not in text


def test_help_is_no_run(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["run", "--target", "mock", "--help"])
    assert not ended.value.code
    assert capsys.readouterr().out.startswith("usage: contract-tests run [options]")


def test_a_shell_completes_the_commands_and_their_options(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--print-completion", "bash"])
    assert not ended.value.code
    typed = {"cle": "clean-up", "run --max-m": "--max-minutes", "run --api li": "linagora", "diff --m": "--markdown"}
    tries = (
        f"COMP_WORDS=(contract-tests {words}); COMP_CWORD={len(words.split())}; $complete; echo $COMPREPLY" for words in typed
    )
    # What bash calls when somebody presses the key.
    lines = (capsys.readouterr().out, "complete=$(complete -p contract-tests | sed 's/.* -F //; s/ .*//')", *tries)
    done = subprocess.run(["bash", "-c", "\n".join(lines)], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.split() == list(typed.values())


def _plugin(folder: Path, name: str, *options: str) -> None:
    """A plugin of somebody else that pytest finds by its entry point, where PYTHONPATH has the folder."""
    added = "".join(f"    group.addoption({option!r}, action='store_true')\n" for option in options)
    (folder / f"{name}_plugin.py").write_text(f"def pytest_addoption(parser):\n    group = parser.getgroup('its')\n{added}")
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[pytest11]\n{name} = {name}_plugin\n")


def test_other_plugins_with_the_same_options_are_named_in_one_sentence(
    run_here: Callable[..., int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _plugin(tmp_path, "profiling", "--profile", "--other")
    _plugin(tmp_path, "targets", "--target", "--rate")
    monkeypatch.syspath_prepend(tmp_path)
    assert run_here(ONE_CHOSEN) == pytest.ExitCode.USAGE_ERROR
    start, owners, way = re.split("(?<=: )|(?<=; )", capsys.readouterr().err.strip().removeprefix("ERROR: "))
    assert start == "--target, --profile, --rate: "
    assert sorted(re.findall("profiling|targets", owners)) == ["profiling", "targets"]
    assert sorted(re.findall("-p no:[a-z]+", way)) == ["-p no:profiling", "-p no:targets"]
    assert run_here(*re.findall("-p|no:[a-z]+", way), ONE_CHOSEN) == 0
    assert "1 passed" in capsys.readouterr().out


@pytest.mark.parametrize("option", [f"--{name}" for name in OPTIONS])
def test_whatever_option_another_plugin_has_it_is_told(
    option: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    name = f"theirs{option.replace('-', '_')}"
    _plugin(tmp_path, name, option)
    monkeypatch.syspath_prepend(tmp_path)
    assert run(["laws/linagora/test_reading.py"], "-p", f"{name}_plugin").status == pytest.ExitCode.USAGE_ERROR
    sentence = f"ERROR: {option}: already taken by {name}_plugin; add -p no:{name}_plugin\n"
    assert capsys.readouterr().err.strip() == sentence.strip()


def test_a_run_needs_none_of_the_plugins_that_can_be_switched_off(tmp_path: Path) -> None:
    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return sound(environ, lambda status, *others: start_response(status.replace("201", "200"), *others))

    sound = mock()
    plugins = ("terminal", "junitxml", "xdist", "hypothesispytest", "schemathesis", "debugging", "skipping", "logging", "capture")
    with serve(broken) as url:
        off = [f"-pno:{name}" for name in plugins]
        done = run_command("run", *off, "--target", url, "--report", "out", ONE_CHOSEN, *LINAGORA_LAWS, folder=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
    assert sorted(file.name for file in (tmp_path / "out").glob("report.*")) == ["report.html", "report.json", "report.md"]


def test_a_worker_of_a_run_needs_no_plugin_that_loads_itself() -> None:
    with serve(mock()) as url:
        # No run in this process loads them, and its worker takes after it.
        done = run([ONE_TEST], "--target", url, "-p", "xdist", "-n", "1")
    assert done.outcomes == {ONE_TEST: "passed"}, done.failures


def test_each_plugin_is_named_and_none_by_the_name_of_a_large_package(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is named like a package has all of it rewritten by pytest."""
    monkeypatch.delenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", raising=False)
    first, *named = cli.plugins(["-pno:anyio", "-p", "no:xdist"])
    assert first == "--disable-plugin-autoload"
    found = {plugin.name: plugin.module for plugin in entry_points(group="pytest11")}
    assert "-phypothesispytest" in named
    assert f"-p{found.pop('schemathesis')}" in named
    assert {name for name in found if f"-p{name}" not in named} == {"anyio", "xdist"} & found.keys()
    assert not {"-phypothesis", "-pschemathesis"} & set(named)


@pytest.fixture
def who(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module that says which process runs it, and ends with status 3."""
    (tmp_path / "who.py").write_text("import os, sys\nprint(os.getpid())\nsys.exit(3)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return "who"


@pytest.mark.skipif(sys.platform == "win32", reason="there is no exec on Windows")
def test_the_command_is_replaced_by_what_it_starts(who: str) -> None:
    program = f"import os\nfrom contract_tests.cli import become\nprint(os.getpid())\nbecome({who!r})"
    done = subprocess.run([sys.executable, "-c", program], text=True, capture_output=True, check=False)
    before, after = done.stdout.split()
    assert (before, done.returncode) == (after, 3), done.stderr


def test_where_there_is_no_exec_the_command_waits_for_the_status(who: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(SystemExit) as ended:
        cli.become(who)
    assert ended.value.code == 3
