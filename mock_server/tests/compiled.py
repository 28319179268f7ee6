"""What the processes that tests start have compiled, where the environment wants nothing written beside the code."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator

import pytest


@contextlib.contextmanager
def compiled_once(temporary: pytest.TempPathFactory) -> Iterator[None]:
    """All processes of a run, those of pytest-xdist and what they start, share what one of them has compiled."""
    own = temporary.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    with pytest.MonkeyPatch.context() as patch:
        if os.environ.get("PYTHONDONTWRITEBYTECODE"):
            patch.delenv("PYTHONDONTWRITEBYTECODE")
            patch.setenv("PYTHONPYCACHEPREFIX", str(shared / "compiled"))
        yield
