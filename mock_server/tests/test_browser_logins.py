"""How a browser is logged in by a cookie, which an `<img>` sends along: linagora's own way, and the control API's for both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from werkzeug.test import TestResponse

from mock_server.tests.client import Mock, problem

LOGIN, LOGOUT = "/api/login", "/api/logout"
AVATAR = {"mimetype": "image/png"}


def _browser(mock: Mock, answer: TestResponse) -> dict[str, str]:
    """What a browser sends after an answer that sets cookies."""
    return {"Cookie": "; ".join(cookie.partition(";")[0] for cookie in answer.headers.getlist("Set-Cookie"))}


def _log_in(mock: Mock, username: Any = "alice", password: Any = "alice-secret", prefix: str = "", **more: Any) -> TestResponse:
    return mock.post(prefix + LOGIN, json={"username": username, "password": password, **more})


@pytest.mark.parametrize("username", ["alice", "alice@main.example", "Alice@Main.Example"])
def test_a_password_logs_in_and_the_answer_says_whom(any_mock: Mock, username: str) -> None:
    answer = _log_in(any_mock, username, rememberme=True)
    assert (answer.status_code, answer.get_json()["_id"]) == (200, any_mock.id_of("alice"))
    assert answer.get_json()["firstname"] == "Alice"
    person = any_mock.principal("alice")
    assert _browser(any_mock, answer)["Cookie"] == f"connect.sid={person['cookie']['value']}"


def test_an_avatar_is_a_picture_to_who_is_logged_in_and_to_nobody_else(mock: Mock, png: bytes) -> None:
    path = f"{mock.create('With a picture')}/avatar"
    upload = {"query_string": {**AVATAR, "size": len(png)}, "data": png, "content_type": "image/png"}
    assert mock.post(path, "alice", **upload).status_code == 200
    logged_in = _browser(mock, _log_in(mock))
    shown = mock.get(path, headers=logged_in)
    assert (shown.status_code, shown.mimetype) == (200, "image/png")
    assert mock.get(path).status_code == 401
    logged_out = mock.post(LOGOUT, headers=logged_in)
    assert logged_out.status_code == 204
    assert _browser(mock, logged_out)["Cookie"] == "connect.sid="
    assert mock.get(path, headers=_browser(mock, logged_out)).status_code == 401


def test_an_address_is_found_in_whatever_case_it_stands(start: Callable[..., Mock], tmp_path: Path) -> None:
    person = {
        "name": "a",
        "firstname": "A",
        "lastname": "B",
        "email": "Some.Body@Main.Example",
        "password": "p",
        "domains": ["main"],
    }
    part = {"time": "2024-01-15T09:00:00.000Z", "domains": [{"name": "main"}], "users": [person], "communities": []}
    (tmp_path / "one.yaml").write_text(yaml.safe_dump({"linagora": part}), "utf-8")
    assert _log_in(start(scenario=str(tmp_path / "one.yaml")), "some.body@main.example", "p").status_code == 200


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("alice", "wrong"),
        ("alice", ""),
        ("", ""),
        ("nobody", "alice-secret"),
        ("alice", "bob-secret"),
        ("main-001", ""),
        ("main-001", "None"),
    ],
)
def test_a_wrong_name_or_password_is_401_and_sets_no_cookie(mock: Mock, username: str, password: str) -> None:
    answer = _log_in(mock, username, password)
    assert problem(answer)[0] == 401
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    "body", [{}, [], {"username": "alice"}, {"username": "alice", "password": 1}, {"username": "a\0", "password": ""}], ids=str
)
def test_what_is_no_login_is_400(mock: Mock, body: object) -> None:
    assert problem(mock.post(LOGIN, json=body))[0] == 400


def test_logging_out_needs_no_login(mock: Mock) -> None:
    assert mock.post(LOGOUT).status_code == 204


def test_the_two_are_no_operations_of_the_document(mock: Mock) -> None:
    assert mock.get("/__mock/health").get_json()["apis"]["linagora"] == 15


def test_a_password_is_masked_in_the_journal(mock: Mock) -> None:
    _log_in(mock, "alice", "hush")
    (entry,) = mock.journal(operation="logIn")
    assert entry["api"] == "linagora"
    assert "hush" not in str(entry)


@pytest.mark.parametrize(
    ("name", "cookie", "path"),
    [("alice", "connect.sid", "/api/communities?domain_id={domain}"), ("max", "user_session", "/api/v1/units")],
)
def test_the_control_api_logs_a_browser_in_at_either_api(mock: Mock, name: str, cookie: str, path: str) -> None:
    answer = mock.post(f"/__mock/login/{name}")
    assert (answer.status_code, answer.get_data()) == (204, b"")
    browser = _browser(mock, answer)
    assert browser["Cookie"].startswith(f"{cookie}=")
    assert mock.get(path.format(domain=mock.domain()), headers=browser).status_code == 200


@pytest.mark.parametrize("name", ["nobody", "main-001", "petra", "..", "a b"])
def test_who_cannot_log_in_is_404(mock: Mock, name: str) -> None:
    answer = mock.post(f"/__mock/login/{name}")
    assert problem(answer)[0] == 404
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("log_in", [_log_in, lambda mock, prefix: mock.post(f"{prefix}/__mock/login/alice")])
@pytest.mark.parametrize("prefix", ["", "/_s/some-session"])
def test_a_cookie_is_for_its_session_out_of_reach_of_scripts_and_over_tls_for_other_sites_too(
    mock: Mock, log_in: Any, prefix: str
) -> None:
    (cookie,) = log_in(mock, prefix=prefix).headers.getlist("Set-Cookie")
    assert cookie.endswith(f"; HttpOnly; Path={prefix or '/'}; SameSite=Lax")
    tls = mock.beside("tls")
    (cookie,) = tls.post(f"{prefix}/__mock/login/alice", base_url="https://localhost").headers.getlist("Set-Cookie")
    assert cookie.endswith(f"; Secure; HttpOnly; Path={prefix or '/'}; SameSite=None; Partitioned")
