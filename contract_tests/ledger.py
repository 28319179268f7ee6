"""What a run created at a target that cannot be reset, so that it can be removed, even after a killed run."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from requests import PreparedRequest, Response

from contract_tests.safety import CREATIONS


@dataclass(frozen=True)
class Entry:
    """One created object: its URL and the headers of who created it (kept in memory alone)."""

    id: str
    url: str
    headers: dict[str, str] = field(repr=False)


@dataclass
class Ledger:
    """What the run created: `entries` are the objects that still exist, `ids` those of all that ever did.

    Each creation and deletion is also one line of `file`, written at once.
    """

    file: Path | None = None
    ids: set[str] = field(default_factory=set)
    entries: dict[str, Entry] = field(default_factory=dict)

    def note(self, path: str, request: PreparedRequest, response: Response) -> None:
        """Records a creation or a removal, if this exchange was one; `path` is relative to the target's base URL."""
        method, url = request.method or "", (request.url or "").partition("?")[0]
        if (method, path) in CREATIONS and response.ok:
            self._created(request, url, response)
        elif method == "DELETE" and response.ok:
            self._deleted(url)

    def _created(self, request: PreparedRequest, url: str, response: Response) -> None:
        try:
            body = response.json()
        except ValueError:
            return  # a broken answer: the test that sees it says so, and the file of the ledger cannot name the object
        if isinstance(body, dict) and isinstance(body.get("_id"), str):
            login = {name: request.headers[name] for name in ("Authorization", "Cookie") if name in request.headers}
            entry = self.entries[body["_id"]] = Entry(body["_id"], f"{url}/{body['_id']}", login)
            self.ids.add(entry.id)
            self._write({"event": "created", "id": entry.id, "url": entry.url, "creator": body.get("creator")})

    def _deleted(self, url: str) -> None:
        for entry in [entry for entry in self.entries.values() if entry.url == url]:
            del self.entries[entry.id]
            self._write({"event": "deleted", "id": entry.id, "url": entry.url})

    def _write(self, event: dict[str, object]) -> None:
        if self.file is not None:
            with self.file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(event) + "\n")


def left_behind(file: Path) -> list[dict[str, str]]:
    """The creations of a ledger file that no deletion followed: `id`, `url` and `creator`. Raises OSError and ValueError."""
    left: dict[str, dict[str, str]] = {}
    for line in file.read_text("utf-8").splitlines():
        event = json.loads(line)
        if event["event"] == "created":
            left[event["id"]] = event
        else:
            left.pop(event["id"], None)
    return list(left.values())
