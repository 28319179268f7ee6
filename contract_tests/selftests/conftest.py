"""These tests need the mock server: they put faults around it. They start many processes."""

import re
from collections.abc import Iterator

import pytest

pytest.importorskip("mock_server", reason="the package mock_server is not installed")

from contract_tests import PACKAGE
from contract_tests.contract import masking
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


@pytest.fixture
def profile_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment variables that the example of a profile names are set."""
    example = PACKAGE / "profile" / "example.toml"
    for variable in set(re.findall(r"\$\{(\w+)\}", example.read_text("utf-8"))):
        monkeypatch.setenv(variable, f"the secret {variable}")


@pytest.fixture(scope="module", autouse=True)
def _own_secrets() -> Iterator[None]:
    """What one module learns that has to be hidden is no business of the next: each text would be searched for all of it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(masking, "_known", [()])
        yield
