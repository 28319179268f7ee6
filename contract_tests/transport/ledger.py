"""What a run creates at a target that forgets nothing, on disk before it is asked for, so that even a killed run can be undone.

Each line of the file is a JSON object with an `event`: `run` says who ran (once, at the top), `creating` comes before a request,
`created` or `refused` after its answer, and `deleted` when the object is gone.
"""

import json
from contextlib import suppress
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Any

from requests import PreparedRequest, Response

from contract_tests.contract.operations import Creation, Operation, creations
from contract_tests.transport.guard import name_of
from contract_tests.transport.network import json_of

CLIENT_ERROR, SERVER_ERROR = 400, 500


class LedgerError(Exception):
    """A ledger that cannot be read or written; the text is one line for a person."""


@dataclass(frozen=True)
class Entry:
    """One creation: its operation, who asked, where, with which name, in which homes; `id` is empty until an answer names it."""

    key: str
    operation: str
    by: str
    url: str
    name: str
    homes: tuple[str, ...] = ()
    id: str = ""

    @property
    def creation(self) -> Creation:
        return creations()[self.operation]


@dataclass
class Ledger:
    """What the run created: `entries` is what may still be there, `ids` names all that ever was.

    `file` is where it is noted, with what there is to say `about` the run: its id, the base URLs by API, and the profile.
    """

    file: Path | None = None
    about: dict[str, Any] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)
    entries: dict[str, Entry] = field(default_factory=dict)
    _keys: "count[int]" = field(default_factory=lambda: count(1), repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def begin(self, operation: Operation | None, request: PreparedRequest, by: str) -> str | None:
        """Notes a creation before it is sent, and returns its key; None for any other request. Raises LedgerError."""
        if operation is None or operation.id not in creations():
            return None
        creation = creations()[operation.id]
        url = (request.url or "").partition("?")[0]
        with self._lock:
            entry = Entry(
                str(next(self._keys)), operation.id, by, url, name_of(creation, request.body), _homes(creation, request.body)
            )
            self._write("creating", **vars(entry))
            self.entries[entry.key] = entry
        return entry.key

    def end(self, key: str | None, response: Response) -> None:
        """Notes the answer to a creation; after that of a broken server nobody knows, and the object is looked for later.

        An answer that names an object with another name may name one that was there before: that is not ours.
        """
        if key is None or response.status_code >= SERVER_ERROR:
            return
        id_ = _id_in(response, self.entries[key]) if response.status_code < CLIENT_ERROR else ""
        with self._lock:
            if id_:
                self._created(self.entries[key], id_)
            elif response.status_code >= CLIENT_ERROR:
                self._try_to_write("refused", key=key)
                del self.entries[key]

    def found(self, entry: Entry, id_: str) -> None:
        """Notes that an object was found whose creation had no answer."""
        with self._lock:
            self._created(entry, id_)

    def _created(self, entry: Entry, id_: str) -> None:
        self.entries[entry.key] = replace(entry, id=id_)
        self.ids.add(id_)
        self._try_to_write("created", key=entry.key, id=id_)

    def gone(self, entry: Entry) -> None:
        """Notes that the object is not there any more."""
        with self._lock:
            if entry.key in self.entries:  # which it stays until the line is written, or Ctrl-C in between would lose that
                self._try_to_write("deleted", key=entry.key)
                del self.entries[entry.key]

    def owner_of(self, url: str) -> Entry | None:
        """The entry of the object at an address."""
        return next((one for one in list(self.entries.values()) if one.id and url == f"{one.url}/{one.id}"), None)

    def _try_to_write(self, event: str, **values: Any) -> None:
        """Without this line an object is looked for, or deleted, in vain later; no reason to leave others where they are."""
        with suppress(LedgerError):
            self._write(event, **values)

    def _write(self, event: str, **values: Any) -> None:
        if self.file is None:
            return
        lines = [] if self.file.exists() else [{"event": "run", **self.about}]
        try:
            with self.file.open("a", encoding="utf-8") as out:
                out.writelines(json.dumps(line) + "\n" for line in [*lines, {"event": event, **values}])
        except OSError as error:
            raise LedgerError(f"the ledger {self.file} cannot be written: {error.strerror}") from None


def read_ledger(file: Path) -> Ledger:
    """The ledger in a file, with what may still be there. Raises LedgerError."""
    ledger = Ledger()
    try:
        for event in _events(file):
            _replay(ledger, event)
    except OSError as error:
        raise LedgerError(f"ledger {file}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise LedgerError(f"ledger {file}: not a ledger of this suite") from None
    ledger.file = file
    return ledger


def _events(file: Path) -> list[dict[str, Any]]:
    *lines, rest = file.read_text("utf-8").split("\n")
    if rest:  # a run was killed while it wrote: what the line announces was never sent
        file.write_text("".join(f"{line}\n" for line in lines), "utf-8")
    return [json.loads(line) for line in lines]


def _replay(ledger: Ledger, event: dict[str, Any]) -> None:
    kind = event.pop("event")
    if kind == "run":
        ledger.about = {"bases": event["bases"]} | event
    elif kind == "creating":
        ledger.entries[event["key"]] = Entry(**event | {"homes": tuple(event["homes"])})
    elif kind == "created":
        ledger.entries[event["key"]] = replace(ledger.entries[event["key"]], id=event["id"])
        ledger.ids.add(event["id"])
    else:
        ledger.entries.pop(event["key"], None)


def _homes(creation: Creation, body: bytes | str | None) -> tuple[str, ...]:
    try:
        given = json.loads(body or b"null")[creation.homes]
    except (ValueError, KeyError, TypeError):
        return ()
    return tuple(map(str, given)) if isinstance(given, list) else ()


def _id_in(response: Response, entry: Entry) -> str:
    """The id of what was created; empty for a broken answer: the test that sees it says so, and a name is looked for."""
    created, creation = json_of(response), entry.creation
    if not isinstance(created, dict) or not isinstance(created.get(creation.id), str):
        return ""
    return created[creation.id] if not entry.name or created.get(creation.name) == entry.name else ""
