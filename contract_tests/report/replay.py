"""What repeats a broken contract: its requests as a shell script, and a pytest file that is green once it holds again."""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from contract_tests.contract.finding import Finding
from contract_tests.report.outcome import read_finding
from contract_tests.report.steps import Step, steps
from contract_tests.report.writing import ReportError, write

FOLDER = "failures"
MOST = 50
LONGEST_NAME = 60
_OURS = re.compile(r"\d\d-\w+\.sh|test_\d\d_\w+\.py")

_SHELL = """\
#!/usr/bin/env bash
# {finding}
{laws}#
# The requests of {test}, oldest first, and as comments what came.
# The ids are those of that run, and secrets are left out. Logins are variables:
{logins}
{requests}
"""

_PYTEST = '''\
"""Repeats one failure of a contract test run: red while the contract is broken, green once it holds.

Run it with pytest in the folder where that run was started, with the same variables for the logins.
"""

import os
import subprocess
import sys

BROKEN = {finding}
LAWS = {laws}
TEST = {test}
OPTIONS = {options}


def test_{name}() -> None:
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-n", "0", "--pyargs", TEST, *OPTIONS]
    # Options of this run are not for that one.
    environment = {{name: value for name, value in os.environ.items() if not name.startswith(("CONTRACT_", "PYTEST_"))}}
    done = subprocess.run(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    assert done.returncode == 0, BROKEN + "\\n" + done.stdout
'''


def names(number: int, finding: Finding) -> tuple[str, str]:
    """The files of a broken contract, the shell script and the pytest file, as paths in the folder of the report."""
    name = _name(finding)
    return f"{FOLDER}/{number:02}-{name}.sh", f"{FOLDER}/test_{number:02}_{name}.py"


def _name(finding: Finding) -> str:
    words = f"{finding.operation.partition(' ')[0]}_{finding.check}"
    return re.sub(r"\W+", "_", words, flags=re.ASCII).strip("_")[:LONGEST_NAME].strip("_") or "contract"


def write_failures(directory: Path, data: Mapping[str, Any]) -> None:
    """Writes the files that a report names, and removes those of an earlier one. Raises ReportError."""
    named = {directory / one[kind] for one in data["broken"] for kind in ("curl", "repeat")}
    try:
        for file in (directory / FOLDER).glob("*"):
            if _OURS.fullmatch(file.name) and file not in named:
                file.unlink()
        if not data["broken"]:
            with suppress(OSError):  # somebody else's files may be there too, or nothing at all
                (directory / FOLDER).rmdir()
    except OSError as error:
        raise ReportError(f"{error.filename}: {error.strerror}") from None
    for one in data["broken"][:MOST]:
        write(directory / one["curl"], shell(one), executable=True)
        write(directory / one["repeat"], pytest_file(one, data["run"].get("options", ())))


def shell(one: Mapping[str, Any]) -> str:
    """The requests of a broken contract as a shell script."""
    requests = steps(one["requests"])
    logins = sorted({name for request in requests for name in request.logins})
    return _SHELL.format(
        finding=_line(str(read_finding(one["finding"]))),
        laws="".join(f"# {_line(law)}\n" for law in [*one["laws"], *one["sources"]]),
        test=_line(one["tests"][0]),
        logins="".join(f': "${{{name}:?is needed}}"\n' for name in logins) or "# (none)\n",
        requests="\n\n".join(map(_scripted, requests)) or "# No request is known.",
    )


def _scripted(one: Step) -> str:
    """A request with what is told of it in comments."""
    head, answer = one.head and f"# {_line(one.head)}", one.answer and f"# -> {_line(one.answer)}"
    return "\n".join(filter(None, (head, one.command, answer)))


def _line(text: str) -> str:
    """On one line, so that a comment of the shell stays one."""
    return " ".join(text.split())


def pytest_file(one: Mapping[str, Any], options: Iterable[str]) -> str:
    """A pytest file that runs the test that met a broken contract once more, in a process of its own."""
    finding = read_finding(one["finding"])
    return _PYTEST.format(
        finding=repr(str(finding)),
        laws=repr([*one["laws"], *one["sources"]]),
        test=repr(installed(one["tests"][0])),
        options=repr(list(options)),
        name=_name(finding),
    )


def installed(node_id: str) -> str:
    """A node id as `pytest --pyargs` takes it: laws/test_titles.py::test_x becomes contract_tests.laws.test_titles::test_x."""
    file, _, name = node_id.partition("::")
    module = re.sub(r"^(.*/)?contract_tests/", "", file).removesuffix(".py").replace("/", ".")
    return f"contract_tests.{module}::{name}"
