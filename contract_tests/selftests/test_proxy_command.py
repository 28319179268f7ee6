"""The command `mock-server proxy`: what it says at its end, and what is wrong with its options."""

import re
import signal
import subprocess
import sys
import time

import pytest
import requests

from contract_tests import PACKAGE
from contract_tests.proxy.__main__ import main
from contract_tests.proxy.options import parser


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
