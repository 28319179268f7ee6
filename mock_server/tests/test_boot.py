"""Starts that have to fail, each with one line that names what is wrong."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mock_server import BootError, spec
from mock_server.cli import read_config
from mock_server.config import data_folder
from mock_server.tests.client import Mock

Start = Callable[..., Mock]
PERSON = {"name": "a", "firstname": "A", "lastname": "B", "email": "a@b.example", "domains": ["main"]}
PART = {"time": "2024-01-15T09:00:00.000Z", "domains": [{"name": "main"}], "users": [PERSON]}


def _refusal(start: Start, **fields: object) -> str:
    with pytest.raises(BootError) as caught:
        start(**fields)
    return str(caught.value)


def _scenario(folder: Path, content: object) -> str:
    file = folder / "mine.yaml"
    file.write_text(content if isinstance(content, str) else yaml.safe_dump(content), encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("linagora: [", ["mine.yaml:2: ", "not YAML"]),
        ("", ["mine.yaml", "nothing in it"]),
        ("- a\n", ["mine.yaml:1: ", "mapping"]),
        ({"linagora": {**PART, "users": [{**PERSON, "shoe": 1}]}}, ["mine.yaml", "linagora/users/0", "shoe"]),
        ({"linagora": {**PART, "time": "today"}}, ["mine.yaml", "linagora/time", "today"]),
        ({"linagora": {**PART, "users": []}}, ["mine.yaml", "linagora/users"]),
        ({"casavi": {}}, ["mine.yaml:1: ", "casavi", "tenants", "missing"]),
        ({"linagora": {**PART, "users": [{**PERSON, "domains": ["moon"]}]}}, ["linagora", "domain", "moon"]),
        (
            {"linagora": {**PART, "communities": [{"title": "T", "creator": "eve", "domains": ["main"]}]}},
            ["linagora", "user", "eve"],
        ),
    ],
    ids=["no-yaml", "empty", "list", "unknown-key", "bad-time", "no-user", "missing-key", "unknown-domain", "unknown-user"],
)
def test_a_bad_scenario_file_is_refused_with_its_place(start: Start, tmp_path: Path, content: object, words: list[str]) -> None:
    message = _refusal(start, scenario=_scenario(tmp_path, content))
    assert [word for word in words if word not in message] == [], message


@pytest.mark.parametrize(
    "part",
    [
        {**PART, "users": [PERSON, PERSON]},
        {**PART, "domains": [{"name": "main"}, {"name": "main"}]},
        {**PART, "communities": [{"title": "T", "creator": "a", "domains": ["main"]}] * 2},
        {**PART, "communities": [{"title": "T", "creator": "a", "domains": ["main"], "members": ["a"], "requests": ["eve"]}]},
    ],
    ids=["user-twice", "domain-twice", "title-twice", "request-of-nobody"],
)
def test_a_scenario_that_contradicts_itself_is_refused(start: Start, tmp_path: Path, part: object) -> None:
    assert "linagora" in _refusal(start, scenario=_scenario(tmp_path, {"linagora": part}))


# Each would make every start dearer: overlays, the provider, an upgrade of tables, metrics, assistants, recordings, PostgreSQL.
RARE = {"alembic", "authlib", "joserfc", "jsonpath_rfc9535", "mcp", "mock_server.apis.casavi.recorded", "prometheus_client"}
RARE |= {"psycopg", "sqlalchemy.dialects.postgresql"}


def test_a_start_loads_nothing_that_few_need_and_another_one_may_follow(tmp_path: Path) -> None:
    # In a process of its own: here, all is loaded and all tables are known already.
    code = f"""
import sys
import mock_server.cli
from mock_server import Config, create_app
for apis in (["linagora"], ["casavi"]):
    app = create_app(Config(apis=tuple(apis)))
    told = app.test_client().get("/__mock/credentials").get_json()
    assert all(told[api]["principals"] for api in apis), told
    app.close()
for _ in range(2):
    create_app(Config(database_url="sqlite:///{tmp_path}/state.db")).close()
print(*sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert RARE & set(done.stdout.split()) == set()


def test_an_unknown_scenario_is_refused_with_the_names_there_are(start: Start, tmp_path: Path) -> None:
    for name in ("nosuch", str(tmp_path / "nosuch.yaml"), str(tmp_path)):
        message = _refusal(start, scenario=name)
        assert name in message
        assert "default, empty" in message


def test_a_scenario_file_of_the_users_own_is_served(start: Start, tmp_path: Path) -> None:
    mock = start(scenario=_scenario(tmp_path, {"linagora": {**PART, "users": [{**PERSON, "password": "p"}]}}))
    assert [p["name"] for p in mock.credentials()["linagora"]["principals"]] == ["a"]
    mock.create("Mine", "a")
    mock.put("/__mock/scenario", json={"name": "default"})
    mock.post("/__mock/reset")
    assert start(scenario="default").credentials() == mock.get("/__mock/credentials").get_json()


def test_a_scenario_file_that_changes_is_read_again_by_new_sessions_and_at_a_reset(start: Start, tmp_path: Path) -> None:
    mock = start(scenario=_scenario(tmp_path, {"linagora": {**PART, "users": [{**PERSON, "password": "old"}]}}))
    assert mock.credentials()["linagora"]["principals"][0]["password"] == "old"
    _scenario(tmp_path, {"linagora": {**PART, "users": [{**PERSON, "password": "new"}]}})
    assert mock.beside("other").get("/api/communities", "a", query_string={"domain_id": mock.domain()}).get_json() == []
    mock.post("/__mock/reset")
    for session in (mock, mock.beside("other")):
        assert session.get("/__mock/credentials").get_json()["linagora"]["principals"][0]["password"] == "new"


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "--database-url"),
        ("mysql://localhost/db", "mysql"),
        ("oracle://localhost/db", "oracle"),
        ("sqlite:////nosuch-folder/state.db", "unable to open"),
        ("sqlite:////proc/state.db", "unable to open"),
        ("nosuch+driver://x", "--database-url"),
        ("sqlite+nosuch:///x.db", "--database-url"),
    ],
)
def test_a_database_that_cannot_be_used_is_refused_in_one_line(start: Start, url: str, words: str) -> None:
    message = _refusal(start, database_url=url)
    assert words in message
    assert "\n" not in message


def test_a_postgresql_that_does_not_answer_is_named_without_its_password(start: Start) -> None:
    pytest.importorskip("psycopg", reason="needs the extra postgres")
    message = _refusal(start, database_url="postgresql://nobody:hidden@127.0.0.1:1/db")
    assert "127.0.0.1" in message
    assert "\n" not in message
    assert "hidden" not in message


def test_without_its_driver_postgresql_is_refused_and_the_extra_named(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert "extra `postgres`" in _refusal(start, database_url="postgresql://127.0.0.1:1/db")


def test_a_file_that_is_no_database_is_refused(start: Start, tmp_path: Path) -> None:
    file = tmp_path / "state.db"
    file.write_bytes(b"this is no database, and long enough to be none" * 100)
    assert "not a database" in _refusal(start, database_url=f"sqlite:///{file}")
    assert file.read_bytes().startswith(b"this is no database")


def test_a_missing_or_broken_spec_is_refused_with_its_path(start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(data_folder("specs"), tmp_path / "specs")
    monkeypatch.setattr(spec, "data_folder", lambda name: tmp_path / name)
    file = tmp_path / "specs" / "linagora.yaml"
    file.write_text("openapi: [", encoding="utf-8")
    assert "linagora.yaml" in _refusal(start)
    file.unlink()
    assert "linagora.yaml" in _refusal(start)
    start(apis=("casavi",))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--workers", "2"], "--database-url"),
        (["--workers", "2", "--database-url", "sqlite://"], "--database-url"),
        (["--workers", "2", "--database-url", "sqlite:///:memory:"], "--database-url"),
        (["--workers", "0"], "--workers"),
        (["--port", "65536"], "--port"),
        (["--port", "-1"], "--port"),
    ],
)
def test_options_that_do_not_fit_are_refused(arguments: list[str], words: str) -> None:
    with pytest.raises(BootError, match=words):
        read_config(arguments, {})


@pytest.mark.parametrize(
    ("variable", "value"), [("API", "casavi,nosuch"), ("LOG_LEVEL", "loud"), ("WORKERS", "0"), ("PORT", "70000")]
)
def test_environment_variables_that_do_not_fit_are_refused(variable: str, value: str) -> None:
    with pytest.raises(BootError):
        read_config([], {f"MOCK_SERVER_{variable}": value})


@pytest.mark.parametrize("variable", ["PORT", "WORKERS", "SEED"])
def test_an_environment_variable_that_is_no_number_ends_with_status_2(variable: str) -> None:
    with pytest.raises(SystemExit) as caught:
        read_config([], {f"MOCK_SERVER_{variable}": "many"})
    assert caught.value.code == 2


def test_options_win_over_the_environment_and_that_over_defaults() -> None:
    environment = {"MOCK_SERVER_PORT": "1", "MOCK_SERVER_SEED": "5", "MOCK_SERVER_API": "casavi", "MOCK_SERVER_SCENARIO": "empty"}
    config = read_config(["--port", "2", "--api", "linagora"], environment)
    assert (config.port, config.seed, config.apis, config.scenario, config.workers) == (2, 5, ("linagora",), "empty", 1)
    assert read_config([], environment).apis == ("casavi",)
    assert read_config([], {}).apis == ("casavi", "linagora")
