"""Removes what a killed run left behind at a deployment, by its ledger."""

import json
from pathlib import Path

import requests
from requests.adapters import HTTPAdapter

from contract_tests.ledger import left_behind
from contract_tests.profiles import Profile
from contract_tests.wire import TIMEOUT, CleanSession

GONE = frozenset({204, 404})


def clean_up(file: Path, profile: Profile) -> list[str]:
    """Deletes each object as who created it, notes that in the ledger, and returns what could not be deleted, and why.

    Raises OSError and ValueError for a ledger that cannot be read.
    """
    return [f"{entry['url']}: {why}" for entry in left_behind(file) if (why := _delete(file, entry, profile))]


def _delete(file: Path, entry: dict[str, str], profile: Profile) -> str:
    """Why the object is still there; empty once it is gone."""
    creator = next((person for person in profile.principals if person.user_id == entry["creator"]), None)
    if creator is None:
        return f"the profile does not name its creator {entry['creator']}"
    try:
        session = CleanSession(entry["url"], HTTPAdapter())
        status = session.delete(entry["url"], headers=creator.headers, timeout=TIMEOUT, allow_redirects=False).status_code
    except requests.RequestException as error:
        return type(error).__name__
    if status not in GONE:
        return f"status {status}"
    with file.open("a", encoding="utf-8") as out:
        out.write(json.dumps({"event": "deleted", "id": entry["id"], "url": entry["url"]}) + "\n")
    return ""
