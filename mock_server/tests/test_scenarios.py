"""Scenarios by hand: what extends what, and that all that is written about them holds."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from mock_server import BootError
from mock_server.cli import main
from mock_server.config import data_folder, parse_yaml
from mock_server.scenarios import example_scenario, read_scenario
from mock_server.scenarios.extending import KNOWN_BY
from mock_server.tests.client import Mock
from mock_server.tests.residents import TICKETS, read
from mock_server.tests.scenario_texts import DEFAULT, README, Start, named

SCHEMA = parse_yaml((data_folder("fixtures") / "scenario.schema.yaml").read_bytes())


def _read(folder: Path, **texts: str) -> dict[str, Any]:
    """The parts of the first of these files."""
    for name, text in texts.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    path = str(folder / f"{next(iter(texts))}.yaml")
    scenario = read_scenario(path, path)
    scenario.refuse([])
    return dict(scenario.parts)


def _refused(folder: Path, **texts: str) -> str:
    """What is said of the first of these files, with the folder left out."""
    with pytest.raises(BootError) as caught:
        _read(folder, **texts)
    return str(caught.value).replace(f"{folder}/", "")


def test_what_is_new_is_added_and_what_is_known_changed(tmp_path: Path) -> None:
    old = _read(tmp_path, base="extends: default")
    new = _read(
        tmp_path,
        mine="""
extends: default
linagora:
  users:
    - {name: alice, job_title: Boss, password: null}
    - {name: zoe, firstname: Zoé, lastname: M, email: z@main.example, domains: [main]}
  communities:
    - {title: Welcome, members: [zoe]}
    - {title: Elsewhere, remove: true}
casavi:
  providers: [mine]
  communities:
    - {id: 2, name: By the lake, appointments: null}
    - name: Lindenhof
      crowd:
      tickets: [{id: 7001, remove: yes}, {id: 7002, status: CLOSED}, {type: Damage, by: max, title: T, text: T}]
      ticket_types: [{name: Damage, fields: [{id: 17, label: 'What?'}]}]
      official_posts: [{by: petra, title: Heating works, text: Again.}]
""",
    )
    users, had = named(new["linagora"]["users"]), named(old["linagora"]["users"])
    assert [*users] == [*had, "zoe"]
    kept = {key: value for key, value in had["alice"].items() if key != "password"}
    assert users["alice"] == {**kept, "job_title": "Boss"}
    assert {name: users[name] for name in had if name != "alice"} == {name: had[name] for name in had if name != "alice"}
    communities = named(new["linagora"]["communities"], "title")
    assert [*communities] == ["Welcome", "Reading circle", "Works council", "Board"]
    assert communities["Welcome"]["members"] == ["zoe"]
    assert new["casavi"]["providers"] == ["mine"]
    first, second = new["casavi"]["communities"]
    assert (second["name"], "appointments" in second) == ("By the lake", False)
    assert [(ticket.get("id"), ticket.get("status")) for ticket in first["tickets"]] == [
        (7002, "CLOSED"),
        (7003, "CLOSED"),
        (None, None),
    ]
    fields = first["ticket_types"][0]["fields"]
    assert (len(fields), fields[0]["label"], fields[0]["type"]) == (6, "What?", "text")
    assert [post["text"][:5] for post in first["official_posts"]] == ["The h", "Again"]
    assert first["crowd"] == old["casavi"]["communities"][0]["crowd"]


def test_a_scenario_extends_one_that_extends_one(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "base.yaml").write_text("extends: empty\nlinagora: {time: 2020-01-01T00:00:00.000Z}\n", "utf-8")
    top = "extends: middle.yaml\ncasavi: {time: 2022-01-01T00:00:00.000Z}\n"
    parts = _read(tmp_path, top=top, middle="extends: below/base.yaml\ncasavi: {time: 2021-01-01T00:00:00.000Z}\n")
    assert (parts["linagora"]["time"][:4], parts["casavi"]["time"][:4]) == ("2020", "2022")
    assert "alice" in named(parts["linagora"]["users"])
    assert "extends" not in parts


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ({"a": "extends: a.yaml"}, "a.yaml:1: extends: a.yaml extends a.yaml, which is a circle"),
        (
            {"a": "# a\nextends: b.yaml", "b": "extends: ../HERE/a.yaml"},
            "b.yaml:1: extends: a.yaml extends b.yaml extends ../HERE/a.yaml, which is a circle",
        ),
        ({"a": "extends: nosuch.yaml"}, "a.yaml:1: extends: nosuch.yaml cannot be read as a file: "),
        ({"a": "extends: [default]"}, "a.yaml:1: extends: no scenario is named ; there are crowded, default, empty, hostile"),
        ({"a": "linagora: 1\nextends: b.yaml", "b": "linagora: ]"}, "b.yaml:1: this is not YAML: "),
    ],
)
def test_a_base_that_cannot_be_is_told_in_one_sentence(tmp_path: Path, texts: dict[str, str], sentence: str) -> None:
    texts = {name: text.replace("HERE", tmp_path.name) for name, text in texts.items()}
    message = _refused(tmp_path, **texts)
    assert message.startswith(sentence.replace("HERE", tmp_path.name)), message
    assert "\n" not in message


def test_times_are_written_bare_as_the_readme_shows_them(start: Start, tmp_path: Path) -> None:
    times = set(re.findall(r"`(\d{4}-[^` ]+)`", README))
    assert times
    for time in times:
        file = tmp_path / "mine.yaml"
        file.write_text(DEFAULT.replace("'2024-01-15T09:00:00.000Z'", time), "utf-8")
        mock = start(scenario=str(file), apis=("linagora", "casavi"))
        assert mock.get("/api/communities", "alice", query_string={"domain_id": mock.domain()}).status_code == 200
        post = read(mock, "/api/v1/communities/1/official-posts", "casavi:max")
        assert post


def test_the_readme_says_by_what_the_entries_of_every_list_are_known() -> None:
    rows = re.findall(r"^\| (`.*) \| (.*) \|$", README.split("### Extending another one")[1].split("### ")[0], re.MULTILINE)
    named = {name: tuple(re.findall(r"`(\w+)`", keys)) for names, keys in rows for name in re.findall(r"`(\w+)`", names)}
    assert set(named) == set(_lists_of_entries(SCHEMA))
    assert {name: keys for name, keys in named.items() if keys} == KNOWN_BY


def _lists_of_entries(schema: Mapping[str, Any]) -> Iterator[str]:
    for name, inside in schema.get("properties", {}).items():
        if inside.get("items", {"type": "string"}).get("type") != "string":
            yield name
        yield from (*_lists_of_entries(inside), *_lists_of_entries(inside.get("items", {})))


def test_what_the_readme_sends_is_loaded(mock: Mock) -> None:
    (body,) = re.findall(r"-d '(.*)'$", README, re.MULTILINE)
    assert mock.put("/__mock/scenario", data=body, content_type="application/json").status_code == 204
    assert named(read(mock, TICKETS), "id")[7001]["status"] == "CLOSED"


def test_the_example_is_printed_and_loads_as_it_is(start: Start, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["example-scenario"]) == 0
    printed = capfd.readouterr().out
    assert printed == example_scenario()
    file = tmp_path / "mine.yaml"
    file.write_text(printed, "utf-8")
    mock = start(scenario=str(file), apis=("linagora", "casavi"))
    assert "Board game night" in mock.titles("zoe")
    tickets = named(read(mock, TICKETS, "casavi:nora"), "id")
    assert (sorted(tickets), tickets[7002]["status"]) == ([7001, 7002, 7010], "CLOSED")
