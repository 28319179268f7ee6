"""These tests need the mock server: they put faults around it. They start many processes."""

from collections.abc import Iterator

import pytest

pytest.importorskip("mock_server", reason="the package mock_server is not installed")

from contract_tests.contract import masking
from mock_server.tests.compiled import compiled_once


@pytest.fixture(scope="session", autouse=True)
def _compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with compiled_once(tmp_path_factory):
        yield


@pytest.fixture(scope="module", autouse=True)
def _own_secrets() -> Iterator[None]:
    """What one module learns that has to be hidden is no business of the next: each text would be searched for all of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masking, "_known", [()])
        yield
