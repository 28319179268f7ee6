"""Mistakes of a scenario: all of them are told at once, each with its line and a remedy."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mock_server import BootError, MockServer
from mock_server.scenarios import sent_scenario
from mock_server.scenarios.tree import mark_of
from mock_server.tests.client import Mock, problem
from mock_server.tests.scenario_texts import DEFAULT, Start, send

LINES = DEFAULT.splitlines(keepends=True)
TOLD = re.compile(r"(the request body|/.*\.yaml):(\d+): ")


def test_what_stands_in_the_base_is_told_there(tmp_path: Path, start: Start) -> None:
    """Who takes somebody away has to take away what names them."""
    (tmp_path / "mine.yaml").write_text("extends: default\nlinagora: {users: [{name: bob, remove: true}]}\n", "utf-8")
    with pytest.raises(BootError) as caught:
        start(scenario=str(tmp_path / "mine.yaml"))
    told = re.findall(r"default\.yaml:(\d+): .*no user is named bob; .*mine\.yaml, which extends it, has to", str(caught.value))
    assert [LINES[int(number) - 1].count("bob") for number in told] == [1, 1, 1, 1]
    assert len(told) == sum("bob" in line for line in LINES) - 1


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
    status, details = send(mock, WRONG)
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
    told = send(mock, NAMES)[1].splitlines()[1:]
    assert [line.partition("the request body:")[2] for line in told] == NAMELESS


def test_a_crowd_beyond_all_measure_is_told(mock: Mock) -> None:
    casavi = "casavi: {communities: [{id: 1, crowd: {residents: 1000000000000}}]}"
    details = send(mock, f"extends: default\nlinagora: {{crowds: [{{domain: main, count: 1000000000000}}]}}\n{casavi}\n")[1]
    assert [line.rpartition(": ")[2] for line in details.splitlines()[1:]] == ["1000000000000 is not between 1 and 10000"] * 2


def test_a_file_of_many_mistakes_tells_the_first_and_counts_the_rest(mock: Mock) -> None:
    many = "\n".join(f"    - {{name: n{number}}}" for number in range(50))
    details = send(mock, f"extends: default\nlinagora:\n  users:\n{many}\n")[1].splitlines()
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
    status, details = send(Mock(app_in_memory, "changed"), "".join((*LINES[:line], *lines, *LINES[line + 1 :])))
    assert status in (204, 400), details
    if status == 400:
        told = details.split("\n")[1:] or [details]
        assert [one for one in told if not TOLD.match(one.strip()) and not one.startswith("  and ")] == []


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
