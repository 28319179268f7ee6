"""Takes back what a run created at a deployment, by its ledger: after each test, at the end of the run, or later by a command."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests
from requests import Response

from contract_tests.contract.operations import api_of, home_of
from contract_tests.transport.ledger import Entry, Ledger
from contract_tests.transport.network import json_of, sentence
from contract_tests.transport.session import TIMEOUT


class LeftBehindError(Exception):
    """What the run made is still there; the text says what and why, on one line."""


GONE = frozenset({200, 202, 204, 404, 410})
REFUSED = frozenset({400, 403, 404, 410, 422})  # not 401: a login that is no good any more says nothing about what is there

Send = Callable[..., Response]  # method, url, and headers and params by name, as a session of requests has it


@dataclass(frozen=True)
class Maker:
    """Somebody who may have made something: the headers that log them in, and the ids of their homes."""

    name: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    homes: Sequence[str] = ()


def take_back(ledger: Ledger, send: Send, makers: Mapping[str, Maker], without: Collection[str] = ()) -> list[str]:
    """Deletes what may still be there, each as who made it, and returns what could not be deleted, and why.

    `makers` are the people of the profile, by name; `without` are keys of what is to stay for now.
    """
    entries = [entry for entry in list(ledger.entries.values()) if entry.key not in without]
    left: list[str] = []
    for number, entry in enumerate(entries, 1):
        try:
            why = _undo(ledger, entry, send, makers)
        except requests.RequestException as error:  # where nobody answers, the others need not be tried
            more = f" and {len(entries) - number} more" if number < len(entries) else ""
            return [*left, f"{_named(entry)}{more}: {sentence(error, entry.url)}"]
        left += [f"{_named(entry)}: {why}"] if why else []
    return left


def _undo(ledger: Ledger, entry: Entry, send: Send, makers: Mapping[str, Maker]) -> str:
    """Why an object is still there; empty once it is gone."""
    # Where somebody without a login was let in, anybody may be who can undo it.
    known = [makers[entry.by]] if entry.by in makers else [Maker(), *makers.values()]
    reasons = []
    for maker in known:
        reasons.append(_undo_as(maker, ledger, entry, send))
        if not reasons[-1]:
            ledger.gone(entry)
            return ""
    return reasons[0]


def _undo_as(maker: Maker, ledger: Ledger, entry: Entry, send: Send) -> str:
    try:
        for id_ in [entry.id] if entry.id else _search(entry, send, maker):
            ledger.found(entry, id_)
            status = send("DELETE", f"{entry.url}/{id_}", headers=maker.headers).status_code
            if status not in GONE:
                return f"status {status}"
    except _UnknownError as error:
        return str(error)
    return ""


class _UnknownError(Exception):
    """Nobody can tell whether an object is there."""


def _search(entry: Entry, send: Send, maker: Maker) -> Iterator[str]:
    """The ids of what has the name of a creation without a clear answer; no one else has such a name. Raises _UnknownError."""
    for home in dict.fromkeys([*entry.homes, *maker.homes] if entry.name else ()):
        for item in _listed(home, entry, send, maker):
            if isinstance(item, dict) and item.get(entry.creation.name) == entry.name:
                yield str(item.get(entry.creation.id))


def _listed(home: str, entry: Entry, send: Send, maker: Maker) -> list[Any]:
    """What a home has; nothing where its list is refused to whoever asked for the creation, and so was that."""
    parameter = home_of(api_of(entry.operation)).parameter
    for narrowed in ({entry.creation.name: entry.name}, {}):  # a name may be too long to ask for
        answer = send("GET", entry.url, headers=maker.headers, params={parameter: home} | narrowed)
        listed = json_of(answer) if answer.ok else None
        if isinstance(listed, list):
            return listed
    if answer.status_code in REFUSED and home not in maker.homes and maker.name == entry.by:
        return []
    raise _UnknownError(f"whether it was made is not known, and the list for {parameter} {home} has status {answer.status_code}")


def _named(entry: Entry) -> str:
    return f"{entry.url}/{entry.id}" if entry.id else f"{entry.url} ({entry.name})"


def sender(session: requests.Session) -> Send:
    """The way to send that `take_back` needs."""

    def send(method: str, url: str, **options: Any) -> Response:
        return session.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)

    return send
