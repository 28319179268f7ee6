"""These tests need the mock server: they put faults around it. They start many processes."""

from collections.abc import Iterator

import pytest

pytest.importorskip("mock_server", reason="the package mock_server is not installed")

from contract_tests.faults.servers import mock, serve
from mock_server.tests.compiled import compiled_once


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with compiled_once(tmp_path_factory):
        yield


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The URL of a mock, which is an OpenID provider."""
    with serve(mock()) as url:
        yield url
