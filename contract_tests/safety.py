"""How far a run may go: the guard that every request passes, Schemathesis' own included."""

from collections.abc import Collection
from dataclasses import dataclass, field
from urllib.parse import unquote

import pytest

from contract_tests.specs import READS, Operation, find_operation

# What makes a new object of the run's own that can be removed again: the only writes of a sandbox beside those to such objects.
CREATIONS = frozenset({("POST", "/api/communities")})


class Refused(pytest.skip.Exception):  # type: ignore[name-defined,misc]  # pytest hides its type
    """A request that the safety of this run does not allow; it was not sent, and the test that needs it is skipped."""

    __module__ = "builtins"  # so that pytest prints the name alone, as it does for its own outcomes


@dataclass
class Guard:
    """Decides before a request is sent; `owned` are the ids that the run itself created, `refused` counts."""

    safety: str
    owned: Collection[str]
    refused: int = field(default=0)

    def check(self, method: str, path: str) -> None:
        """Raises Refused for a request that may not be sent; `path` is relative to the target's base URL."""
        if not self.allows(method, path):
            self.refused += 1
            raise Refused(f"needs {self.needed(method, path)}")

    def allows(self, method: str, path: str) -> bool:
        if self.safety == "full" or _reads(method, path):
            return True
        return self.safety == "sandbox" and ((method, path) in CREATIONS or self._is_own(path))

    def needed(self, method: str, path: str) -> str:
        """The option that would let the request through, and why a smaller one does not."""
        if (method, path) in CREATIONS or self._is_own(path):
            return "--safety sandbox"
        operation = _reached(method, path)
        if operation is None or operation.api != "casavi":
            return "--safety full"
        return f"--safety full, since nothing undoes {operation.id}"

    def _is_own(self, path: str) -> bool:
        # The object is the first thing that a path names below its collection; a foreign community with one of our
        # users further down is still foreign.
        segments = [unquote(segment) for segment in path.split("/")]
        if any(segment == "." or ".." in segment for segment in segments):
            return False  # where it leads is for the server to say
        return len(segments) > 3 and segments[3] in self.owned


def _reached(method: str, path: str) -> Operation | None:
    # A server takes an encoded path for the plain one, and answers HEAD by what it does for GET.
    return find_operation("GET" if method == "HEAD" else method, unquote(path))


def _reads(method: str, path: str) -> bool:
    if method == "OPTIONS":
        return True
    operation = _reached(method, path)
    return method in READS and (operation is None or operation.safe)
