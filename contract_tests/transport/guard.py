"""How far a run may go: the guard that every request passes, Schemathesis' own included."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from threading import Lock
from typing import NamedTuple
from urllib.parse import unquote

from contract_tests.contract.basis import NotAsked
from contract_tests.contract.operations import READS, Creation, Operation, creations, find_operation, find_route, operations


class Refused(NotAsked):
    """A request that the safety of this run does not allow; it was not sent, and the test that needs it is skipped."""

    __module__ = "builtins"  # so that pytest prints the name alone, as it does for its own outcomes

    def __init__(self, need: "Need") -> None:
        super().__init__(str(need), f"--safety {need.safety}" if need.safety else "")


class Need(NamedTuple):
    """What would let a request through: a greater safety (empty if none would), and why."""

    safety: str
    why: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (f"needs --safety {self.safety}" if self.safety else "", self.why)))


@dataclass
class Guard:
    """Decides before a request is sent.

    `owned` are the ids that the run itself created, and `tag` is what the titles of its objects hold; no tag is asked for at a
    target that forgets what a test made. `refused` counts.
    """

    safety: str
    owned: Collection[str]
    tag: str = ""
    refused: int = field(default=0)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def check(self, method: str, path: str | None, body: bytes | str | None = None) -> None:
        """Raises Refused for a request that may not be sent.

        `path` is relative to the base URL of an API; None is an address elsewhere.
        """
        needed = self.needed(method, path, body)
        if needed is not None:
            with self._lock:
                self.refused += 1
            raise Refused(needed)

    def needed(self, method: str, path: str | None, body: bytes | str | None = None) -> Need | None:
        """What would let the request through; None for one that may be sent."""
        if path is None:  # what an answer has named may be looked at, nothing more
            return None if method == "GET" and self.safety != "read-only" else Need("", "it goes to another host")
        if self.safety == "full" or _is_harmless(method, path, strict=self.safety == "read-only"):
            return None
        operation = _reached(method, path)
        if operation is not None and operation.id in creations():
            return self._needed_to_create(creations()[operation.id], body)
        if self._is_own(path):
            return None if self.safety == "sandbox" else Need("sandbox")
        if method in READS and operation is None:
            return Need("sandbox", "since the spec does not mark it as safe")
        undone = f"since nothing undoes {operation.id}" if operation is not None and not _has_creations(operation.api) else ""
        return Need("full", undone)

    def _needed_to_create(self, creation: Creation, body: bytes | str | None) -> Need | None:
        if self.safety != "sandbox":
            return Need("sandbox")
        if self.tag and self.tag not in name_of(creation, body):
            return Need("full", "since a sandbox creates only what bears the name of the run")
        return None

    def _is_own(self, path: str) -> bool:
        # The object is what a path names first; a foreign community with one of our users further down is still foreign.
        if _climbs(path):
            return False
        route = find_route(path)
        return route is not None and any(route[1].get(one.parameter) in self.owned for one in creations().values())


def name_of(creation: Creation, body: bytes | str | None) -> str:
    """The name that a creation gives; empty if there is none that could be found again."""
    try:
        name = json.loads(body or b"null")[creation.name]
    except (ValueError, KeyError, TypeError):
        return ""
    return name if isinstance(name, str) else ""


def _has_creations(api: str) -> bool:
    return any(id_ in operations(api) for id_ in creations())


def _reached(method: str, path: str) -> Operation | None:
    # A server takes an encoded path for the plain one, and answers HEAD by what it does for GET.
    return find_operation("GET" if method == "HEAD" else method, unquote(path))


def _is_harmless(method: str, path: str, *, strict: bool) -> bool:
    """Whether a request leaves everything as it is; `strict` is by the word of the spec, and not by that of HTTP alone."""
    operation = _reached(method, path)
    if strict:
        return method == "GET" and operation is not None and operation.safe and not _climbs(path)
    return method == "OPTIONS" or (method in READS and (operation is None or operation.safe))


def _climbs(path: str) -> bool:
    """Whether a path may lead elsewhere than it says; where is for the server to say."""
    return any(segment == "." or ".." in segment for segment in unquote(path).split("/"))
