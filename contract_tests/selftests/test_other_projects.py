"""The wheel in somebody else's project: their tests run as if it were not there, and theirs never shape a contract run."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from contract_tests import PACKAGE
from contract_tests.faults.servers import mock, serve

CONFTEST = """
import pytest

def pytest_addoption(parser):
    parser.addoption("--target", default="theirs")

@pytest.fixture
def target(request):
    return request.config.getoption("--target")
"""
TESTS = """
import sys

def test_their_option(target):
    assert target == "theirs"

def test_their_output():
    print("said aloud")

def test_nothing_of_the_suite_is_there(pytestconfig):
    assert [name for name in sys.modules if name.partition(".")[0] in {"contract_tests", "mock_server"}] == []
    assert not hasattr(pytestconfig.option, "contract_target")
"""


@dataclass(frozen=True)
class Project:
    """Somebody's folder, and the Python of an environment that has the wheel."""

    folder: Path
    python: Path

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            file = self.folder / name
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Runs Python there; what the run outside has in its environment does not count."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("CONTRACT_", "PYTEST_", "PYTHONPATH"))}
        return subprocess.run([self.python, *arguments], cwd=self.folder, env=clean, text=True, capture_output=True, check=False)

    def pytest(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        # Both take long to load, and come with the libraries alone.
        return self.run("-m", "pytest", "-pno:schemathesis", "-pno:hypothesispytest", *arguments)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=PACKAGE.parent, capture_output=True, check=True)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Python in an environment that has the wheel."""
    environment = tmp_path_factory.mktemp("environment")
    venv.create(environment, symlinks=sys.platform != "win32")
    place = Path(sysconfig.get_path("purelib", "venv", {"base": str(environment), "platbase": str(environment)}))
    ZipFile(wheel).extractall(place)
    # The libraries come from the environment outside, but not what its .pth files add: this checkout.
    (place / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    return environment / ("Scripts" if sys.platform == "win32" else "bin") / "python"


@pytest.fixture
def project(python: Path, tmp_path: Path) -> Project:
    return Project(tmp_path, python)


@pytest.mark.parametrize("arguments", [[], ["."], ["-s", "test_theirs.py"]])
def test_their_tests_run_as_ever(arguments: list[str], project: Project) -> None:
    project.write({"conftest.py": CONFTEST, "test_theirs.py": TESTS})
    done = project.pytest(*arguments)
    assert "3 passed" in done.stdout, done.stdout + done.stderr
    assert ("said aloud" in done.stdout) is ("-s" in arguments)
    assert "contract:" not in done.stdout
    assert "workers" not in done.stdout


def test_what_pytest_loads_loads_nothing_more(project: Project) -> None:
    done = project.run(
        "-c",
        "import sys, itertools, pytest, importlib.metadata as metadata\n"
        "found = [one for one in metadata.entry_points(group='pytest11') if one.dist.name == 'community-contracts']\n"
        "before = set(sys.modules)\n"
        "for one in found: one.load()\n"
        "print(*sorted(set(sys.modules) - before))",
    )
    assert done.stdout.split() == ["community_contracts_pytest", "community_mock_pytest"], done.stderr


@pytest.mark.parametrize("arguments", [[], ["contract_tests"], ["--pyargs", "contract_tests"]])
def test_they_may_have_a_package_of_the_same_name(arguments: list[str], project: Project) -> None:
    project.write(
        {
            "contract_tests/__init__.py": "",
            "contract_tests/helpers.py": "NAME = 'theirs'",
            "contract_tests/test_theirs.py": "from contract_tests.helpers import NAME\n\ndef test_it():\n    assert NAME",
        }
    )
    done = project.pytest(*arguments)
    assert "1 passed" in done.stdout, done.stdout + done.stderr
    assert "contract:" not in done.stdout


def test_the_contract_is_run_whatever_their_project_says(project: Project) -> None:
    project.write(
        {
            "conftest.py": "raise RuntimeError('theirs')",
            "out/conftest.py": "raise RuntimeError('theirs')",
            "contract_tests/__init__.py": "raise RuntimeError('theirs')",
            "pytest.ini": "[pytest]\naddopts = --theirs\npython_files = check_*.py\nfilterwarnings = error\n",
        }
    )
    chosen = ["-k", "test_the_creator_is_who_asked", "--ignore-glob=/*/conformance/*", "--report", "out"]
    done = project.run("-P", "-m", "contract_tests.cli", "run", *chosen)
    assert done.returncode == 0, done.stdout + done.stderr
    (test,) = json.loads((project.folder / "out" / "report.json").read_text("utf-8"))["tests"]
    assert test["test"] == "contract_tests/laws/linagora/test_reading.py::test_the_creator_is_who_asked"


def test_faults_are_planted_whatever_their_project_has(project: Project) -> None:
    project.write({"contract_tests/__init__.py": "raise RuntimeError('theirs')"})
    done = project.run("-P", "-m", "contract_tests.cli", "faults", "--help")
    assert done.stdout.startswith("usage: contract-tests faults"), done.stderr


def test_the_suite_can_be_named_to_pytest(project: Project) -> None:
    with serve(mock()) as url:
        done = project.pytest("--pyargs", "contract_tests.laws.linagora.test_reading", "--api", "linagora", "--target", url)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"contract: target {url}, api linagora, " in done.stdout


def test_a_conftest_with_the_same_option_is_told_with_a_way_out(project: Project) -> None:
    project.write({"conftest.py": CONFTEST})
    done = project.pytest("--pyargs", "contract_tests.laws.linagora.test_reading")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    conftest = project.folder / "conftest.py"
    way = "use `contract-tests run`, which loads no conftest but its own"
    assert done.stderr.strip() == f"ERROR: --target: already taken by {conftest}; {way}"


def test_the_tests_of_the_suite_itself_stay_at_home(wheel: Path) -> None:
    assert [name for name in ZipFile(wheel).namelist() if "selftests" in name] == []
