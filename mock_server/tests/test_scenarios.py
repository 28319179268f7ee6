"""Scenarios by hand: what extends what, that all mistakes are told with their lines, and scenarios that are sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from mock_server import BootError, MockServer
from mock_server.cli import main
from mock_server.config import data_folder, parse_yaml
from mock_server.scenarios import example_scenario, read_scenario, sent_scenario
from mock_server.scenarios.extending import KNOWN_BY
from mock_server.scenarios.tree import mark_of
from mock_server.store import sessions
from mock_server.tests.client import Mock, problem
from mock_server.tests.residents import TICKETS, read

Start = Callable[..., Mock]
_KEYS = select(sessions.c.session)
README = (data_folder("fixtures") / "README.md").read_text("utf-8")
SCHEMA = parse_yaml((data_folder("fixtures") / "scenario.schema.yaml").read_bytes())
DEFAULT = (data_folder("fixtures") / "scenarios" / "default.yaml").read_text("utf-8")
LINES = DEFAULT.splitlines(keepends=True)
TOLD = re.compile(r"(the request body|/.*\.yaml):(\d+): ")


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


def _send(mock: Mock, text: str) -> tuple[int, str]:
    response = mock.put("/__mock/scenario", data=text.encode())
    return (204, "") if response.status_code == 204 else problem(response)


def _named(entries: list[dict[str, Any]], key: str = "name") -> dict[Any, dict[str, Any]]:
    return {entry.get(key): entry for entry in entries}


# What one scenario makes of another


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
    users, had = _named(new["linagora"]["users"]), _named(old["linagora"]["users"])
    assert [*users] == [*had, "zoe"]
    kept = {key: value for key, value in had["alice"].items() if key != "password"}
    assert users["alice"] == {**kept, "job_title": "Boss"}
    assert {name: users[name] for name in had if name != "alice"} == {name: had[name] for name in had if name != "alice"}
    communities = _named(new["linagora"]["communities"], "title")
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
    assert "alice" in _named(parts["linagora"]["users"])
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


def test_what_stands_in_the_base_is_told_there(tmp_path: Path, start: Start) -> None:
    """Who takes somebody away has to take away what names them."""
    (tmp_path / "mine.yaml").write_text("extends: default\nlinagora: {users: [{name: bob, remove: true}]}\n", "utf-8")
    with pytest.raises(BootError) as caught:
        start(scenario=str(tmp_path / "mine.yaml"))
    told = re.findall(r"default\.yaml:(\d+): .*no user is named bob; .*mine\.yaml, which extends it, has to", str(caught.value))
    assert [LINES[int(number) - 1].count("bob") for number in told] == [1, 1, 1, 1]
    assert len(told) == sum("bob" in line for line in LINES) - 1


# All mistakes, with their lines

WRONG = """\
extends: default
linagora:
  users:
    - {name: alice, job_titel: Boss}
    - name: zoe
      firstname: No
      email: zoe
      domains: [man]
      domains: [main]
      job_title:
        - Trainee
    - {name: carrol, avatar: false}
  communities: [{title: Elsewere, remove: true}]
casavi:
  time: 2023-02-29T00:00:00.000Z
  clients: [{client_id: casavi-web, access_token_seconds: 0}]
  communities:
    - id: 1
      tickets:
        - {id: 7002, status: closed, by: erica,
           unit: 9}
      units: [!!set {}]
  conmunities: []
"""
ALL = [
    "4: linagora/users/1/job_titel: job_titel is not known here; did you mean job_title?",
    "5: linagora/users/6: lastname is missing",
    "6: linagora/users/6/firstname: No is not a text; if it should be, put it in quotes",
    "7: linagora/users/6/email: zoe is not an e-mail address",
    "9: domains is here twice, first in line 8",
    "10: linagora/users/6/job_title: this is not a text; if it should be, put it in quotes",
    "12: linagora/users/7: firstname, lastname, email, domains are missing; did you mean carol?",
    "13: none of these has the title Elsewere, so this removes nothing; did you mean Elsewhere?",
    "15: casavi/time: 2023-02-29T00:00:00.000Z is not a time like 2024-01-15T09:00:00.000Z",
    "16: casavi/clients/0/access_token_seconds: 0 is not between 1 and 31536000",
    "20: casavi/communities/0/tickets/1/by: no contact or user is named erica; did you mean erika?",
    "20: casavi/communities/0/tickets/1/status: closed is not one of OPEN, IN_PROGRESS, CLOSED; did you mean CLOSED?",
    "21: casavi/communities/0/tickets/1/unit: unit 9 is not in this community",
    "22: casavi/communities/0/units/5: name is missing",
    "22: casavi/communities/0/units/5: the tag !!set does not fit here; leave it out",
    "23: casavi/conmunities: conmunities is not known here; did you mean communities?",
]


def test_all_mistakes_are_told_at_once_each_with_line_and_remedy(mock: Mock) -> None:
    status, details = _send(mock, WRONG)
    assert status == 400
    assert details.splitlines() == [
        f"the request body has {len(ALL)} mistakes:",
        *(f"  the request body:{sentence}" for sentence in ALL),
    ]


NAMES = """\
extends: empty
linagora:
  domains: [{name: third, id: d}, {name: fourth, id: d}]
  crowds:
    - {domain: nowhere, count: 5}
    - {domain: third, count: 1}
    - {domain: third, count: 3, communities: 2}
  users:
    - {name: third-002, firstname: F, lastname: L, email: a@b.example, domains: [thrid], administrator_of: [moon]}
  communities:
    - {title: Chess 1, creator: alise, domains: [fourth, third]}
    - {title: Mine, creator: third-001, domains: [third], members: [third-004], requests: [eve], crowd: {members: 1, requests: 1}}
    - {title: Mine, creator: bob, domains: [main, third], crowd: {members: 1}}
    - {title: Mine, creator: bob, domains: [fourth]}
"""
NAMELESS = [
    "3: linagora/domains/3/id: two domains have the id d",
    "5: linagora/crowds/0/domain: no domain is named nowhere; did you mean other?",
    "7: linagora/crowds/2/domain: two crowds have the domain third",
    "9: linagora/users/6/administrator_of/0: no domain is named moon",
    "9: linagora/users/6/domains/0: no domain is named thrid; did you mean third?",
    "9: linagora/users/6/name: two users have the name third-002",
    "11: linagora/communities/0/creator: no user is named alise; did you mean alice?",
    "11: linagora/communities/0/title: two communities of the domain third have the title Chess 1",
    "12: linagora/communities/1/members/0: no user is named third-004; did you mean third-003?",
    "12: linagora/communities/1/requests/0: no user is named eve",
    "13: linagora/communities/2/crowd: the crowd of the domain main has 0 people, fewer than this wants",
    "13: linagora/communities/2/title: two communities of the domain third have the title Mine",
]


def test_whom_the_names_of_linagora_mean_is_told(mock: Mock) -> None:
    told = _send(mock, NAMES)[1].splitlines()[1:]
    assert [line.partition("the request body:")[2] for line in told] == NAMELESS


def test_a_crowd_beyond_all_measure_is_told(mock: Mock) -> None:
    casavi = "casavi: {communities: [{id: 1, crowd: {residents: 1000000000000}}]}"
    details = _send(mock, f"extends: default\nlinagora: {{crowds: [{{domain: main, count: 1000000000000}}]}}\n{casavi}\n")[1]
    assert [line.rpartition(": ")[2] for line in details.splitlines()[1:]] == ["1000000000000 is not between 1 and 10000"] * 2


def test_a_file_of_many_mistakes_tells_the_first_and_counts_the_rest(mock: Mock) -> None:
    many = "\n".join(f"    - {{name: n{number}}}" for number in range(50))
    details = _send(mock, f"extends: default\nlinagora:\n  users:\n{many}\n")[1].splitlines()
    assert (details[0], len(details), details[-1].strip()) == ("the request body has 50 mistakes:", 32, "and 20 more")


@pytest.mark.parametrize(
    ("pattern", "wrong"),
    [(r"(?<=: )\w+(?=[,}\n])", "[[]]"), (r"\{", "{shoe: 1, "), (r"(?<!: )\[(?!')", "[[], ")],
    ids=["value", "key", "item"],
)
def test_what_cannot_be_is_told_with_its_line_wherever_it_stands(pattern: str, wrong: str) -> None:
    changed = [line if "#" in line else re.sub(pattern, wrong, line, count=1) for line in LINES]
    scenario = sent_scenario("".join(changed).encode(), "default")
    marks = [mistake.mark or mark_of(scenario.tree, mistake.place) for mistake in scenario.mistakes]
    told = {mark.line for mark in marks if mark}
    assert told == {number for number, line in enumerate(changed) if line != LINES[number]}


@settings(max_examples=50, deadline=None)
@given(line=st.integers(0, len(LINES) - 1), data=st.data())
def test_whatever_changes_in_one_line_it_loads_or_is_told_with_a_line(
    app_in_memory: MockServer, line: int, data: st.DataObject
) -> None:
    text = LINES[line]
    at = data.draw(st.integers(0, len(text)))
    inserted = data.draw(st.sampled_from([*":{}[],'\"#&*!|>%@`-?~\\\t\n\r\0\x07é🙂 ", ": ", "- ", "!!binary ", "<<: ", "\u2028"]))
    lines = data.draw(st.sampled_from([[text[:at] + inserted + text[at:]], [text[:at] + text[at + 1 :]], [], [text, text]]))
    status, details = _send(Mock(app_in_memory, "changed"), "".join((*LINES[:line], *lines, *LINES[line + 1 :])))
    assert status in (204, 400), details
    if status == 400:
        told = details.split("\n")[1:] or [details]
        assert [one for one in told if not TOLD.match(one.strip()) and not one.startswith("  and ")] == []


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


# Scenarios that are sent, or named


def test_a_scenario_that_is_sent_is_loaded_and_resets_return_to_it(any_mock: Mock) -> None:
    sent = {"extends": "empty", "linagora": {"communities": [{"title": "Sent 😀", "creator": "bob", "domains": ["main"]}]}}
    assert any_mock.put("/__mock/scenario", json=sent).status_code == 204
    any_mock.create("Made since")
    any_mock.put("/__mock/snapshots/first")
    any_mock.post("/__mock/reset")
    assert any_mock.titles("bob") == ["Sent 😀"]
    assert _send(any_mock, "extends: empty\n")[0] == 204
    any_mock.post("/__mock/reset")
    assert any_mock.titles("bob") == []
    # The snapshot is of the first one still.
    any_mock.post("/__mock/snapshots/first/restore")
    assert len(any_mock.titles("bob")) == 2
    any_mock.post("/__mock/reset")
    assert any_mock.titles("bob") == ["Sent 😀"]
    assert "Welcome" in any_mock.beside("other").titles()


def test_scenarios_that_are_sent_do_not_pile_up(start: Start) -> None:
    mock = start()
    for number in range(5):
        assert _send(mock, f"extends: empty # {number}")[0] == 204
    with mock.app.store.transaction(None, write=False) as connection:
        keys = [row.session for row in connection.execute(_KEYS)]
    assert sum(key.startswith("*sent-") for key in keys) == 1


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"extends": "/etc/passwd"}, "the request body: extends: no scenario is named /etc/passwd; there are crowded, default"),
        ({"extends": "defalt"}, "did you mean default?"),
        ({"linagora": {}}, "the request body: linagora: time, domains, users are missing"),
        ({"extends": "default", "casavi": {"time": "\0"}}, "NUL"),
        ({"extends": "default", "linagora": {"users": [{"name": "alice", "job_title": 10**30}]}}, "is not a text"),
    ],
)
def test_of_a_json_scenario_the_place_is_told(mock: Mock, body: dict[str, Any], words: str) -> None:
    status, details = problem(mock.put("/__mock/scenario", json=body))
    assert (status, words in details) == (400, True), details


def test_an_unknown_name_is_answered_with_those_that_there_are(mock: Mock) -> None:
    status, details = problem(mock.put("/__mock/scenario", json={"name": "crowdde"}))
    known = "there are crowded, default, empty, hostile; did you mean crowded?"
    assert (status, details) == (404, f"scenario crowdde does not exist; {known}")


def test_the_configured_file_can_be_loaded_by_name_and_no_other_file(start: Start, tmp_path: Path) -> None:
    mine, other = tmp_path / "mine.yaml", tmp_path / "other.yaml"
    for file in (mine, other):
        file.write_text("extends: empty\n", "utf-8")
    mock = start(scenario=str(mine))
    mock.put("/__mock/scenario", json={"name": "default"})
    assert "Welcome" in mock.titles()
    assert mock.put("/__mock/scenario", json={"name": str(mine)}).status_code == 204
    assert mock.titles() == []
    status, details = problem(mock.put("/__mock/scenario", json={"name": str(other)}))
    assert (status, str(mine) in details) == (404, True)


BROKEN = {
    "a base of wrong shape": (
        "base",
        b"extends: empty\nlinagora:\n  users: [{nam: zoe}]\n",
        "base.yaml:3: linagora/users/6/nam: nam is",
    ),
    "no YAML": ("mine", b"extends: base.yaml\nlinagora: }\n", "mine.yaml:2: this is not YAML"),
    "two documents": ("mine", b"extends: base.yaml\n---\n", "mine.yaml:2: "),
    "a control character": ("mine", b"extends: base.yaml\nlinagora: {time: \x07}", "mine.yaml:2: a control character"),
    "no UTF-8": ("mine", b"extends: base.yaml\n# \xff\n", "mine.yaml:2: this is not UTF-8"),
    "no base": ("mine", b"extends: nosuch.yaml\n", "mine.yaml:1: extends: nosuch.yaml cannot be read"),
    "no file": ("mine", None, "No such file"),
}


def test_a_file_that_is_broken_at_a_reset_is_409_with_its_line_and_mended_it_loads(start: Start, tmp_path: Path) -> None:
    whole = {"base": b"extends: empty\n", "mine": b"extends: base.yaml\n"}
    files = {name: tmp_path / f"{name}.yaml" for name in whole}
    for name, data in whole.items():
        files[name].write_bytes(data)
    mock = start(scenario=str(files["mine"]))
    mock.create("Stays")
    for what, (name, broken, words) in BROKEN.items():
        files[name].unlink() if broken is None else files[name].write_bytes(broken)
        status, details = problem(mock.post("/__mock/reset"))
        assert (status, words in details, mock.titles()) == (409, True, ["Stays"]), (what, details)
        files[name].write_bytes(whole[name])
    files["mine"].write_text("\ufeffextends: default\n", "utf-8")
    assert mock.post("/__mock/reset").status_code == 204
    assert "Welcome" in mock.titles()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: &a [*a]", "the request body:1: an anchor contains itself"),
        ("linagora: &a\n  <<: *a", "the request body:2: an anchor contains itself"),
        ("[" * 100_000, "the request body:1: it is nested more than 100 levels deep"),
        ("- " * 100_000, "the request body:1: it is nested more than 100 levels deep"),
        (
            "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1},' * 10}]\n" for n in range(1, 9)),
            "the request body:6: its aliases unfold into more than",
        ),
        ("? [a]\n: b", "the request body:1: a key has to be a text"),
        ("linagora: *b", "the request body:1: this is not YAML: found undefined alias"),
    ],
)
def test_what_is_sent_may_not_be_without_measure(mock: Mock, text: str, words: str) -> None:
    status, details = _send(mock, text)
    assert (status, words in details, "\n" in details) == (400, True, False), details


# What is written about them


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
    assert _named(read(mock, TICKETS), "id")[7001]["status"] == "CLOSED"


# A file to start from


def test_the_example_is_printed_and_loads_as_it_is(start: Start, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["example-scenario"]) == 0
    printed = capfd.readouterr().out
    assert printed == example_scenario()
    file = tmp_path / "mine.yaml"
    file.write_text(printed, "utf-8")
    mock = start(scenario=str(file), apis=("linagora", "casavi"))
    assert "Board game night" in mock.titles("zoe")
    tickets = _named(read(mock, TICKETS, "casavi:nora"), "id")
    assert (sorted(tickets), tickets[7002]["status"]) == ([7001, 7002, 7010], "CLOSED")
