"""The command: its ready line, its end, its options, and what it says when it cannot start."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from mock_server.cli import main
from mock_server.options import COMMANDS
from mock_server.tests.client import Mock
from mock_server.tests.processes import end, eventually, port_is_free, serving

README = Path(__file__).parent.parent / "README.md"


def _get(url: str) -> requests.Response:
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, timeout=10)


def test_after_the_ready_line_the_first_request_is_answered_and_sigterm_ends_it_at_once() -> None:
    with serving() as (process, url):
        assert _get(f"{url}/__mock/health").json()["apis"] == {"casavi": 21, "linagora": 15}
        status, seconds = end(process, signal.SIGTERM)
        assert (status, port_is_free(url)) == (0, True)
        assert seconds < 2


def test_control_c_ends_it_at_once_even_while_a_connection_is_open() -> None:
    with serving("--api", "linagora") as (process, url):
        assert _get(f"{url}/__mock/health").json()["apis"] == {"linagora": 15}
        host, _, port = url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port))) as idle:
            idle.sendall(b"GET /__mock/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert idle.recv(12) == b"HTTP/1.1 200"
            status, seconds = end(process, signal.SIGINT)
        assert status == 0
        assert seconds < 2


def test_when_the_parent_is_killed_no_orphan_keeps_the_port(tmp_path: Path) -> None:
    with serving("--workers", "2", "--database-url", f"sqlite:///{tmp_path}/state.db") as (process, url):
        assert not port_is_free(url)
        end(process, signal.SIGKILL)
        assert eventually(lambda: port_is_free(url))


def test_a_port_in_use_is_status_2_and_one_line(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["--port", str(port)]) == 2
    output, errors = capfd.readouterr()
    assert (output, errors.count("\n")) == ("", 1)
    assert errors.startswith(f"mock-server: cannot listen on 127.0.0.1:{port}: Address already in use; is another mock-server")
    assert "--port" in errors


def test_a_closed_terminal_ends_it_too() -> None:
    with serving("--api", "linagora") as (process, url):
        os.killpg(process.pid, signal.SIGHUP)
        assert process.wait(5) == 0
        assert eventually(lambda: port_is_free(url))


def test_a_log_that_nobody_reads_stops_nobody() -> None:
    with serving("--api", "linagora", "--log-level", "debug") as (process, url), requests.Session() as session:
        session.trust_env = False
        # Twice what fits into a pipe.
        for _ in range(2 * 65_536 // 1_000):
            assert session.get(f"{url}/{'x' * 1_000}", timeout=10).status_code == 404
        status, seconds = end(process, signal.SIGTERM)
        assert (status, seconds < 4) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--workers", "2"], "--database-url"),
        (["--scenario", "nosuch"], "nosuch"),
        (["--database-url", "sqlite:////nosuch-folder/x.db"], "unable to open"),
        (["--host", "203.0.113.1", "--port", "0"], "cannot listen on 203.0.113.1"),
        (["--host", "no such host", "--port", "0"], "cannot listen on no such host"),
    ],
)
def test_a_start_that_cannot_be_is_status_2_and_one_line(
    arguments: list[str], words: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    output, errors = capfd.readouterr()
    assert output == ""
    assert errors.startswith("mock-server: ")
    assert words in errors
    assert errors.count("\n") == 1


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_version_and_help_name_the_command_and_every_option(argument: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([argument])
    output = capfd.readouterr().out
    assert caught.value.code == 0
    options = ("host", "port", "api", "scenario", "database-url", "workers", "seed", "log-level", "version")
    assert [option for option in options if f"--{option}" not in output] == ([] if argument == "--help" else list(options))
    assert output.startswith("usage: mock-server " if argument == "--help" else "mock-server ")


def test_help_shows_small_groups_of_options_and_the_readme_has_each(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--help"])
    usage, *groups, commands = re.split(r"^\S.*:$", capfd.readouterr().out, flags=re.MULTILINE)
    assert re.findall(r"^  ([\w-]+) ", commands, re.MULTILINE) == list(COMMANDS)
    shown = [re.findall(r"^  (?:-h, )?(--[\w-]+)", group, re.MULTILINE) for group in groups]
    assert "--" not in usage
    assert [len(group) for group in shown if not 2 <= len(group) <= 8] == []
    section = README.read_text(encoding="utf-8").partition("\n## Options\n")[2].partition("\n## ")[0]
    rows = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| `--")]
    assert sorted(option for group in shown for option in group) == sorted(re.findall(r"--[\w-]+", " ".join(rows)))


def test_a_shell_completes_options_values_files_and_the_command_that_serves_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--print-completion", "bash"])
    assert caught.value.code == 0
    script = capfd.readouterr().out
    (tmp_path / "mine.yaml").touch()
    typed = {"--max-st": "--max-stored-mb", "--log-level d": "debug", "--scenario mi": "mine.yaml", "exa": "example-scenario"}
    tries = (f"COMP_WORDS=(mock-server {words}); COMP_CWORD={len(words.split())}; $complete; echo $COMPREPLY" for words in typed)
    # What bash calls when somebody presses the key.
    lines = (script, "complete=$(complete -p mock-server | sed 's/.* -F //; s/ .*//')", *tries)
    done = subprocess.run(["bash", "-c", "\n".join(lines)], cwd=tmp_path, capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout.split() == list(typed.values())


@pytest.mark.parametrize("arguments", [["--nosuch"], ["--api", "nosuch"], ["--port", "x"], ["--log-level", "loud"]])
def test_an_option_that_does_not_exist_is_status_2(arguments: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    errors = capfd.readouterr().err
    assert (arguments[-1] in errors, errors.startswith("mock-server: "), errors.count("\n")) == (True, True, 1)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u:hush-1@127.0.0.1:1/x?password=hush-2",
        "postgresql://u:hu%sh-1@:nosuch:/%",
        "x://:hush-1@",
        "postgresql://u:hush@sh-1@127.0.0.1:1/x",
        "u:hush-1@127.0.0.1/x",
        "postgresql:/u:hush-1@127.0.0.1/x",
        "postgresql://u:hush/sh-1@127.0.0.1/x",
    ],
)
def test_no_password_of_a_database_is_told(url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("MOCK_SERVER_DATABASE_URL", url)
    with pytest.raises(SystemExit):
        main(["--help"])
    assert main(["--port", "0"]) == 2
    output, errors = capfd.readouterr()
    assert "***@" in output
    assert not any(word in output + errors for word in ("hush", "sh-1")), (output, errors)


def test_every_option_is_an_environment_variable_too(tmp_path: Path, start: Callable[..., Mock]) -> None:
    variables = {
        "MOCK_SERVER_PORT": "0",
        "MOCK_SERVER_API": "linagora",
        "MOCK_SERVER_SCENARIO": "empty",
        "MOCK_SERVER_SEED": "42",
        "MOCK_SERVER_LOG_LEVEL": "debug",
        "MOCK_SERVER_DATABASE_URL": f"sqlite:///{tmp_path}/state.db",
    }
    with serving(**variables) as (process, url):
        expected = start(apis=("linagora",), scenario="empty", seed=42)
        assert _get(f"{url}/__mock/credentials").json() == expected.credentials() != start(seed=0).credentials()
        assert _get(f"{url}/api/communities/x").status_code == 401
        end(process, signal.SIGTERM)
        assert process.stderr is not None
        assert re.search(r"^GET /api/communities/x getCommunity 401 [0-9.]+ ms$", process.stderr.read(), re.MULTILINE)
    assert (tmp_path / "state.db").exists()
