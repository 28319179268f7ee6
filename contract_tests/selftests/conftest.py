"""These tests need the mock server: they put faults around it."""

import pytest

pytest.importorskip("mock_server", reason="the package mock_server is not installed")
