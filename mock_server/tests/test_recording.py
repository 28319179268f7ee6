"""Recorded traffic becomes a scenario from which a mock answers the same, but for the names: `mock-server record-to-scenario`."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from mock_server import MockServer
from mock_server.cli import main
from mock_server.tests.client import Mock
from mock_server.tests.recorded import Recorder, Renaming, damaged, do_casavi, do_linagora

MANNERS = ["suite", "browser"]


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


LINAGORA = ["alice", "bob", "carol"]
CASAVI = {"casavi:max": 1, "casavi:erika": 1, "casavi:hans": 2, "casavi:paula": 2}


def all_looks(
    mock: Mock, ask: Callable[..., Any], people: Iterable[str] = (*LINAGORA, *CASAVI)
) -> Iterator[tuple[str, str, str, dict[str, Any], Any]]:
    """All that people see, as who it is, what was asked, and the answer."""
    for person in people:
        answers: list[Any] = []
        home = mock.principal(person)["domain_ids"][0] if person in LINAGORA else CASAVI[person]
        looks = (look_at_linagora if person in LINAGORA else look_at_casavi)(lambda: answers[-1], home)  # noqa: B023
        for place, path, query in looks:
            answers.append(ask("GET", path, person, **query))
            yield person, place, path, query, answers[-1]


@pytest.mark.parametrize("seed", range(2))
def test_a_mock_answers_what_was_recorded_but_for_the_names(mock: Mock, tmp_path: Path, seed: int) -> None:
    recorder, chance = Recorder(mock, MANNERS[seed]), random.Random(seed)
    do_linagora(recorder, chance, 40)
    do_casavi(recorder, chance, 25)
    seen = list(all_looks(mock, recorder))
    again = loaded(mock, made(recorder.save(tmp_path / "traffic.har")))
    compare(mock, again, seen)


def test_what_was_done_after_the_last_look_counts_too(mock: Mock, tmp_path: Path) -> None:
    recorder, chance = Recorder(mock), random.Random(9)
    do_linagora(recorder, chance, 10)
    for _ in all_looks(mock, recorder, LINAGORA):
        pass
    unread = recorder("GET", "/api/v1/communities/1/notifications", "casavi:max", unreadOnly="true")["rows"]
    do_linagora(recorder, chance, 40)
    recorder("PUT", f"/api/v1/communities/1/notifications/{unread[0]['id']}/read", "casavi:max")
    again = loaded(mock, made(recorder.save(tmp_path / "traffic.har")))
    compare(mock, again, list(all_looks(mock, Recorder(mock), LINAGORA)))
    [casavi] = again.credentials()["casavi"]["principals"]
    rows = again.get("/api/v1/communities/1/notifications", f"casavi:{casavi['name']}").get_json()["rows"]
    assert [row["read"] for row in rows] == [True, *[False] * (len(unread) - 1)]


def compare(mock: Mock, again: Mock, seen: list[tuple[str, str, str, dict[str, Any], Any]]) -> None:
    """The other session answers the same, if all that was renamed is renamed everywhere."""
    people = paired(mock, again, LINAGORA) | paired(mock, again, CASAVI)
    renaming = Renaming()
    renaming.new["text", mock.principal("alice")["domain_ids"][0]] = again.principal(people["alice"])["domain_ids"][0]
    renaming.new |= {("Community", one): one for one in (1, 2)}  # there are no others
    different: list[str] = []
    for person, place, path, query, answer in seen:
        response = again.get(renaming.path(path), people[person], query_string=renaming.query(query))
        different += renaming.differences(answer, response.get_json(), f"{person} {path} {query}/{place}")
    assert different == []
    assert len(renaming.new) > 100


def paired(mock: Mock, again: Mock, people: Iterable[str]) -> dict[str, str]:
    """Who is whom: their ids are in the same order."""
    api = "casavi" if "casavi:max" in people else "linagora"
    old = sorted(people, key=lambda name: mock.principal(name)["user_id"])
    new = sorted(again.credentials()[api]["principals"], key=lambda one: one["user_id"])
    return {name: f"{api}:{one['name']}" for name, one in zip(old, new, strict=False)}


@pytest.fixture(scope="module")
def entries(app_in_memory: MockServer) -> list[dict[str, Any]]:
    """Of an archive with something of everything."""
    recorder, chance = Recorder(Mock(app_in_memory, "entries"), "suite"), random.Random(5)
    do_linagora(recorder, chance, 20)
    do_casavi(recorder, chance, 30)
    for _ in all_looks(recorder.mock, recorder):
        pass
    return recorder.entries


def saved(folder: Path, entries: list[Any]) -> Path:
    file = folder / "traffic.har"
    file.write_text(json.dumps({"log": {"entries": entries}}), encoding="utf-8")
    return file


def test_nothing_that_somebody_is_or_wrote_is_in_it(entries: list[dict[str, Any]], tmp_path: Path) -> None:
    scenario = made(saved(tmp_path, entries))
    answers = [json.loads(entry["response"]["content"]["text"] or "null") for entry in entries]
    texts = set(personal(answers))
    assert len(texts) > 200
    assert {"Mustermann", "alice@main.example", "Circle 1 of bob", "First of casavi:max"} <= texts
    assert {text for text in texts if text in scenario} == set()
    assert scenario == made(saved(tmp_path, entries))


def personal(value: Any, key: str = "") -> Iterator[str]:
    """The texts that people wrote or are known by; what is shorter than six letters may stand in anything."""
    if isinstance(value, dict):
        shape = {"fields", "error"}  # what a manager asks for in tickets, and what is wrong with a request
        for name, item in value.items():
            yield from () if name in shape else personal(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from personal(item, key)
    elif key in _PERSONAL and isinstance(value, str) and len(value) > 5:
        yield value


_PERSONAL = {"firstName", "lastName", "firstname", "lastname", "email", "emails", "phone", "address", "_id"} | {
    *("title", "text", "description", "descriptionRendered", "question", "answer", "note")
}


@pytest.mark.parametrize("seed", range(3))
def test_whatever_is_in_an_archive_the_scenario_can_be_loaded(
    mock: Mock, entries: list[dict[str, Any]], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    broken = []
    for entry in chance.sample(entries, len(entries) * 3 // 4):
        content = entry["response"]["content"]
        answer = json.dumps(damaged(json.loads(content["text"] or "null"), chance, 0.01))
        answer = answer[:20] if chance.random() < 0.02 else answer
        damage = {**entry, "response": {**entry["response"], "content": {**content, "text": answer}}}
        broken.append(damaged(damage, chance, 0.003))
    loaded(mock, made(saved(tmp_path, broken)))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty; export the traffic again"),
        (b"hello", "is not JSON, or was cut off"),
        (b'{"log": {"entries": [{"request"', "is not JSON, or was cut off"),
        (b'\xef\xbb\xbf{"log": {}}', "is no HAR file: it has no list log/entries"),
        (b'{"log": {"entries": []}}', "nothing in it is an object of casavi or linagora"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_archive_is_told_in_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes | None, said: str
) -> None:
    file = tmp_path / "traffic.har"
    if data is not None:
        file.write_bytes(data)
    assert main(["record-to-scenario", str(file)]) == 2
    out, error = capsys.readouterr()
    assert (out, error.count("\n")) == ("", 1)
    assert said in error


def test_a_file_that_is_too_large_is_not_even_read(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "traffic.har"
    with file.open("wb") as sparse:
        sparse.truncate(100_000_000)
    assert main(["record-to-scenario", str(file)]) == 2
    assert "has 100 MB and at most 64 are read" in capsys.readouterr().err


def test_what_could_not_be_placed_is_told(mock: Mock, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recorder = Recorder(mock, "plain")
    made_of = {"title": "Chess", "domain_ids": [mock.domain()]}
    path = f"/api/communities/{recorder('POST', '/api/communities', 'alice', made_of)['_id']}"
    recorder("GET", f"{path}/members", "alice")
    recorder("OPTIONS", path)
    recorder("GET", "/people/max.mustermann")
    recorder("GET", "/api/v2/tickets")
    recorder("GET", "/api/v1/tickets", "casavi:max")
    cut = recorder.entries[1]["response"]["content"]
    cut["text"] = cut["text"][:30]
    recorder.base = "https://production.example"
    recorder("GET", "/api/v1/units", "casavi:max")
    scenario = made(recorder.save(tmp_path / "traffic.har"))
    told = capsys.readouterr().err
    for note in (
        "entries that are no operation, such as GET /*/api/v2/tickets: 2",
        "requests of casavi to other servers or sessions, of which --base-url takes one instead (https://production.example): 1",
        "answers of listMembers whose body was cut off or is no JSON: 1",
        "people who logged in and of whom no answer tells who they are; they got names of their own: 1",
        "ticket types that were named and never listed, so they have no fields: 2",
    ):
        assert f"not placed: {note}\n" in told
        assert f"# - {note}\n" in scenario
    other = yaml.safe_load(made(tmp_path / "traffic.har", "--base-url", "https://production.example"))
    assert "linagora" not in other
    assert [len(one["units"]) for one in other["casavi"]["communities"]] == [2]
