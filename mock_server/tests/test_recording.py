"""Recorded traffic becomes a scenario from which a mock answers the same, but for the names: `mock-server record-to-scenario`."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from mock_server.cli import main
from mock_server.tests.client import Mock
from mock_server.tests.recorded import Recorder, Renaming, do_casavi, do_linagora

MANNERS = ["suite", "browser", "plain"]


def made(archive: Path, *options: str) -> str:
    output = archive.with_suffix(".yaml")
    assert main(["record-to-scenario", str(archive), "--output", str(output), *options]) == 0
    return output.read_text(encoding="utf-8")


def loaded(mock: Mock, scenario: str) -> Mock:
    """Another session, which starts from the scenario."""
    other = mock.beside("again")
    other._credentials = None
    response = other.put("/__mock/scenario", data=scenario.encode(), content_type="application/yaml")
    assert response.status_code == 204, response.get_json()
    return other


# What somebody looks at: whose ids an answer has, the path, and the query. What is above a list is looked at in full later.
Looks = Iterator[tuple[str, str, dict[str, Any]]]


def look_at_linagora(listed: Callable[[], list[Any]], domain: Any) -> Looks:
    yield "community", "/api/communities", {"domain_id": domain}
    for one in listed():
        place = f"/api/communities/{one['_id']}"
        yield "community", place, {}
        yield "member", f"{place}/members", {}
        yield "request", f"{place}/membership", {}
        yield "user", f"{place}/invitablepeople", {}
    yield "user", f"{place}/invitablepeople", {"limit": 1000}


def look_at_casavi(listed: Callable[[], list[Any]], community: Any) -> Looks:
    inside = f"/api/v1/communities/{community}"
    yield "Unit", "/api/v1/units", {"community_id": community}
    yield "TicketType", f"{inside}/ticket-types", {}
    yield "ticket", "/api/v1/tickets", {"community_id": community}
    for one in listed():
        yield "ticket", f"/api/v1/tickets/{one['id']}", {}
    for page in range(3):
        yield "post", f"{inside}/official-posts", {"page": page}
    for what in ("important-contacts", "notifications", "chat/unread-count", "notifications/unread-count"):
        yield what, f"{inside}/{what}", {}
    for what in ("appointments", "activities"):
        yield what, f"{inside}/{what}", {"limit": 100}
    yield "faq", "/api/v1/faq-articles", {"community_id": community}


LINAGORA = ["alice", "bob", "carol", "dave"]
CASAVI = {"casavi:max": 1, "casavi:erika": 1, "casavi:hans": 2, "casavi:paula": 2}


def all_looks(mock: Mock, ask: Callable[..., Any]) -> Iterator[tuple[str, str, str, dict[str, Any], Any]]:
    """All that everybody sees, as who it is, what was asked, and the answer."""
    for person in (*LINAGORA, *CASAVI):
        answers: list[Any] = []
        home = mock.principal(person)["domain_ids"][0] if person in LINAGORA else CASAVI[person]
        looks = (look_at_linagora if person in LINAGORA else look_at_casavi)(lambda: answers[-1], home)  # noqa: B023
        for place, path, query in looks:
            answers.append(ask("GET", path, person, **query))
            yield person, place, path, query, answers[-1]


@pytest.mark.parametrize("seed", range(3))
def test_a_mock_answers_what_was_recorded_but_for_the_names(mock: Mock, tmp_path: Path, seed: int) -> None:
    recorder, chance = Recorder(mock, MANNERS[seed]), random.Random(seed)
    do_linagora(recorder, chance, 40)
    do_casavi(recorder, chance, 30)
    seen = list(all_looks(mock, recorder))
    again = loaded(mock, made(recorder.save(tmp_path / "traffic.har")))
    people = paired(mock, again, LINAGORA) | paired(mock, again, CASAVI)
    renaming = Renaming()
    different: list[str] = []
    renaming.new["text", mock.principal("alice")["domain_ids"][0]] = again.principal(people["alice"])["domain_ids"][0]
    renaming.new |= {("Community", one): one for one in (1, 2)}  # there are no others
    for person, place, path, query, answer in seen:
        response = again.get(renaming.path(path), people[person], query_string=renaming.query(query))
        different += renaming.differences(answer, response.get_json(), f"{person} {path} {query}/{place}")
    assert different == []
    assert len(renaming.new) > 150


def paired(mock: Mock, again: Mock, people: Iterable[str]) -> dict[str, str]:
    """Who is whom: their ids are in the same order."""
    api = "casavi" if "casavi:max" in people else "linagora"
    old = sorted(people, key=lambda name: mock.principal(name)["user_id"])
    new = sorted(again.credentials()[api]["principals"], key=lambda one: one["user_id"])
    return {name: f"{api}:{one['name']}" for name, one in zip(old, new, strict=False)}
