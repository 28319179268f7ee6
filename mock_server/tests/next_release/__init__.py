"""A release after this one, which changes a table that other tables refer to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from mock_server import migrations
from mock_server.migrations import upgrading

BEFORE = migrations.HEAD
DIES = "MOCK_SERVER_TEST_DIES"  # in the environment: the process is killed in the middle of the change


@contextlib.contextmanager
def next_release() -> Iterator[None]:
    """Within it, servers that start are of that release."""
    folder = Path(__file__).parent / "versions"
    migrations.HEAD = "next"
    upgrading.VERSIONS.append(folder)
    try:
        yield
    finally:
        migrations.HEAD = BEFORE
        upgrading.VERSIONS.remove(folder)
