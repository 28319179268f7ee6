"""Takes back what a run created at a deployment, by its ledger: after each test, at the end of the run, or later by a command."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from typing import Any

import requests
from requests import Response

from contract_tests.transport.ledger import Entry, Ledger
from contract_tests.transport.network import sentence
from contract_tests.transport.wire import TIMEOUT


class LeftBehindError(Exception):
    """What the run made is still there; the text says what and why, on one line."""


GONE = frozenset({200, 202, 204, 404, 410})

Logins = Mapping[str, Mapping[str, str]]
Send = Callable[..., Response]  # method, url, and headers and params by name, as a session of requests has it


def take_back(ledger: Ledger, send: Send, logins: Logins, without: Collection[str] = ()) -> list[str]:
    """Deletes what may still be there, each as who made it, and returns what could not be deleted, and why.

    `logins` are the headers of the people of the profile, by name; `without` are keys of what is to stay for now.
    """
    entries = [entry for entry in list(ledger.entries.values()) if entry.key not in without]
    left: list[str] = []
    for number, entry in enumerate(entries, 1):
        try:
            why = _undo(ledger, entry, send, logins)
        except requests.RequestException as error:  # where nobody answers, the others need not be tried
            more = f" and {len(entries) - number} more" if number < len(entries) else ""
            return [*left, f"{_named(entry)}{more}: {sentence(error, entry.url)}"]
        left += [f"{_named(entry)}: {why}"] if why else []
    return left


def _undo(ledger: Ledger, entry: Entry, send: Send, logins: Logins) -> str:
    """Why an object is still there; empty once it is gone."""
    # Where somebody without a login was let in, anybody may be who can undo it.
    makers = [logins[entry.by]] if entry.by in logins else [{}, *logins.values()]
    reasons = []
    for login in makers:
        reasons.append(_undo_as(login, ledger, entry, send))
        if not reasons[-1]:
            return ""
    return reasons[0]


def _undo_as(login: Mapping[str, str], ledger: Ledger, entry: Entry, send: Send) -> str:
    try:
        for found in [entry] if entry.id else _search(ledger, entry, send, login):
            status = send("DELETE", f"{found.url}/{found.id}", headers=login).status_code
            if status not in GONE:
                return f"status {status}"
    except _UnknownError as error:
        return str(error)
    ledger.gone(entry)
    return ""


class _UnknownError(Exception):
    """Nobody can tell whether an object is there."""


def _search(ledger: Ledger, entry: Entry, send: Send, login: Mapping[str, str]) -> Iterator[Entry]:
    """The objects with the title of a creation that had no answer; no one else has such a title. Raises _UnknownError."""
    if not entry.title:
        return
    for domain in entry.domain_ids:
        answer = send("GET", entry.url, headers=login, params={"domain_id": domain, "title": entry.title})
        for id_ in _titled(entry.title, answer):
            ledger.found(entry, id_)
            yield replace(entry, id=id_)


def _titled(title: str, answer: Response) -> list[str]:
    try:
        listed: Any = answer.json() if answer.ok else None
        return [str(item["_id"]) for item in listed if item["title"] == title]
    except (ValueError, KeyError, TypeError):
        raise _UnknownError(f"its creation had no answer, and the list to look it up has status {answer.status_code}") from None


def _named(entry: Entry) -> str:
    return f"{entry.url}/{entry.id}" if entry.id else f"{entry.url} ({entry.title})"


def sender(session: requests.Session) -> Send:
    """The way to send that `take_back` needs."""

    def send(method: str, url: str, **options: Any) -> Response:
        return session.request(method, url, timeout=TIMEOUT, allow_redirects=False, **options)

    return send
