"""Scenarios that are sent, or named: what is loaded, and to what resets return."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from mock_server.store import sessions
from mock_server.tests.client import Mock, problem
from mock_server.tests.scenario_texts import Start, send

_KEYS = select(sessions.c.session)


def test_a_scenario_that_is_sent_is_loaded_and_resets_return_to_it(any_mock: Mock) -> None:
    sent = {"extends": "empty", "linagora": {"communities": [{"title": "Sent 😀", "creator": "bob", "domains": ["main"]}]}}
    assert any_mock.put("/__mock/scenario", json=sent).status_code == 204
    any_mock.create("Made since")
    any_mock.put("/__mock/snapshots/first")
    any_mock.post("/__mock/reset")
    assert any_mock.titles("bob") == ["Sent 😀"]
    assert send(any_mock, "extends: empty\n")[0] == 204
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
        assert send(mock, f"extends: empty # {number}")[0] == 204
    with mock.app.store.transaction(None, write=False) as connection:
        keys = [row.session for row in connection.execute(_KEYS)]
    assert sum(key.startswith("*sent-") for key in keys) == 1


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
    status, details = send(mock, text)
    assert (status, words in details, "\n" in details) == (400, True, False), details
