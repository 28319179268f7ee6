"""What repeats a broken contract: its requests as a shell script, and a pytest file that is green once it holds again."""

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from contract_tests.contract.masking import masked
from contract_tests.report.causes import Broken
from contract_tests.report.curl import IN_PROCESS_URL, LOCAL_MOCK, told, variable
from contract_tests.report.writing import ReportError, write

FOLDER = "failures"
MOST = 50
LONGEST_NAME = 60
OURS = ("[0-9][0-9]-*.sh", "test_[0-9][0-9]_*.py")

_SHELL = """\
#!/usr/bin/env bash
# {sentence}
{laws}#
# The requests of {test}, oldest first, and as comments what came.
# The ids are those of that run, and secrets are left out.{server}
# Each login is a variable{where}:
{logins}
{requests}
"""
_SERVER = f"""
# That run had its server in its own process. The same one: mock-server --seed 0, on {LOCAL_MOCK}."""
_WHERE = ", and its value is in the profile of that run"
_CREDENTIALS = f", and its value is at {LOCAL_MOCK}/__mock/credentials"

_PYTEST = '''\
"""Repeats one failure of a contract test run: red while the contract is broken, green once it holds.

Run it with pytest in the folder where that run was started, with the same variables for the logins.
"""

import os
import subprocess
import sys

BROKEN = {sentence}
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


def names(number: int, one: Broken) -> tuple[str, str]:
    """The files of a broken contract, the shell script and the pytest file, as paths in the folder of the report."""
    name = _name(one)
    return f"{FOLDER}/{number:02}-{name}.sh", f"{FOLDER}/test_{number:02}_{name}.py"


def _name(one: Broken) -> str:
    cause = one.cause
    words = "_".join(filter(None, (cause.operation or cause.component or cause.after, cause.kind, cause.property, cause.flaw)))
    return re.sub(r"\W+", "_", words, flags=re.ASCII).strip("_")[:LONGEST_NAME].strip("_") or "contract"


def write_failures(
    directory: Path, entries: Sequence[Mapping[str, Any]], broken: Sequence[Broken], options: Iterable[str]
) -> None:
    """Writes the files that the entries of a report name, and removes those of an earlier one. Raises ReportError."""
    folder = directory / FOLDER
    named = {directory / entry[kind] for entry in entries for kind in ("curl", "repeat") if entry[kind]}
    try:
        for file in (found for pattern in OURS for found in folder.glob(pattern)):
            if file not in named:
                file.unlink()
        if not entries:
            with suppress(OSError):  # somebody else's files may be there too, or nothing at all
                folder.rmdir()
    except OSError as error:
        raise ReportError(f"{error.filename}: {error.strerror}") from None
    for entry, one in zip(entries[:MOST], broken, strict=False):
        write(directory / entry["curl"], masked(shell(one)), executable=True)
        if entry["repeat"]:
            write(directory / entry["repeat"], masked(pytest_file(one, options)))


def shell(one: Broken) -> str:
    """The requests of a broken contract as a shell script."""
    logins = sorted({variable(step) for step in one.steps} - {""})
    in_process = any(step.url.startswith(IN_PROCESS_URL) for step in one.steps)
    return _SHELL.format(
        sentence=_line(one.sentence),
        laws="".join(f"# {_line(law)}\n" for law in [*one.laws, *one.sources]),
        test=_line(one.tests[0]),
        server=_SERVER if in_process else "",
        where=_CREDENTIALS if in_process else _WHERE,
        logins="".join(f': "${{{name}:?is needed}}"\n' for name in logins) or "# (none)\n",
        requests="\n\n".join(told(one.steps)) or "# No request is known.",
    )


def _line(text: str) -> str:
    """On one line, so that a comment of the shell stays one."""
    return " ".join(text.split())


def pytest_file(one: Broken, options: Iterable[str]) -> str:
    """A pytest file that runs the test that met a broken contract once more, in a process of its own."""
    return _PYTEST.format(
        sentence=repr(one.sentence),
        laws=repr([*one.laws, *one.sources]),
        test=repr(installed(one.tests[0])),
        options=repr(list(options)),
        name=_name(one),
    )


def installed(node_id: str) -> str:
    """A node id as `pytest --pyargs` takes it: laws/test_titles.py::test_x becomes contract_tests.laws.test_titles::test_x."""
    file, _, name = node_id.partition("::")
    module = re.sub(r"^(.*/)?contract_tests/", "", file).removesuffix(".py").replace("/", ".")
    return f"contract_tests.{module}::{name}"
