"""What pytest loads for the fixture `community_mock`; the mock itself is not loaded before a test asks for it.

A top-level module of the wheel: as a part of the package it would bring all of the mock into every run of pytest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Generator, Iterator
from contextlib import ExitStack, closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mock_server.client import CommunityMock

_INI = "community_mock_scenario"
_MARK = "community_mock"
_TOKEN = "MOCK_SERVER_CONTROL_TOKEN"  # noqa: S105 - as the server itself takes it
_OURS = pytest.StashKey["CommunityMock"]()
_LONGEST_NAME = 50


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini(_INI, "what each session of community_mock starts from: the name of a scenario, or a file", default="default")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"{_MARK}(scenario): what this test's community_mock starts from: a name, or a file")


@pytest.fixture(scope="session")
def community_mock_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of a mock server for this run; to take another server, let a conftest have a fixture of this name."""
    from mock_server import BootError, Config, run_in_thread

    folder = pytestconfig.inipath.parent if pytestconfig.inipath else pytestconfig.rootpath
    with ExitStack() as stack:
        try:
            config = Config(host="localhost", port=0, scenario=_file_or_name(folder, pytestconfig.getini(_INI)))
            server = stack.enter_context(run_in_thread(config))
        except BootError as error:
            raise _failure(error) from None
        yield server.url


@pytest.fixture(scope="session")
def community_mock_token() -> str | None:
    """The control token of that server, from the environment; a conftest may have a fixture of this name too."""
    return os.environ.get(_TOKEN)


@pytest.fixture
def community_mock(
    request: pytest.FixtureRequest, community_mock_url: str, community_mock_token: str | None
) -> Iterator[CommunityMock]:
    """A session of the mock for this test alone."""
    from mock_server.client import CommunityMock

    name = re.sub(r"[^A-Za-z0-9_.~-]", "-", request.node.name)[:_LONGEST_NAME]
    with closing(CommunityMock(community_mock_url, f"{name}-{os.urandom(4).hex()}", community_mock_token)) as mock:
        try:
            for scenario in _marked(request):
                mock.load_scenario(scenario)
        except (OSError, ValueError) as error:
            raise _failure(error) from None
        request.node.stash[_OURS] = mock
        yield mock


def _marked(request: pytest.FixtureRequest) -> Iterator[str]:
    """The scenario of the nearest mark, if there is one."""
    if marker := request.node.get_closest_marker(_MARK):
        if marker.args or marker.kwargs.keys() != {"scenario"}:
            raise ValueError(f'the mark is written @pytest.mark.{_MARK}(scenario="NAME OR FILE")')
        yield _file_or_name(request.path.parent, marker.kwargs["scenario"])


def _file_or_name(folder: Path, scenario: str) -> str:
    """A file as seen from the folder; anything else is a name."""
    return str(folder / scenario) if scenario.endswith((".yaml", ".yml")) else scenario


def _failure(error: Exception) -> BaseException:
    """A failure that is this sentence, since what is wrong is not in any code."""
    return pytest.fail.Exception(str(error), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Beside a failure stands what the mock was asked."""
    report = yield
    mock = item.stash.get(_OURS, None)
    if mock is not None and report.when == "call" and report.failed:
        with suppress(OSError, ValueError):  # the failure is to be told, whatever has become of the server
            report.sections.append(("requests to community_mock", mock.requests() or "none"))
    return report
