"""The control API does nothing for pages of foreign sites, and beyond loopback nothing without the token."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mock_server import BootError, MockServer
from mock_server.tests.client import Mock, problem

TOKEN = "some-token"
RESET = "/__mock/reset"


def _calls(app: MockServer) -> Iterator[tuple[str, str]]:
    """Every control call there is, those of the APIs' own included."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/__mock"):
            path = rule.rule.replace("<name>", "x")
            yield from ((method, path) for method in (rule.methods or set()) - {"HEAD", "OPTIONS"})


@pytest.mark.parametrize(
    "foreign",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://[::1"},
        {"Origin": "\xff"},
        {"Origin": "http://localhost.evil.example:3000"},
        {"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
        {"Host": "evil.example"},
        {"Host": "evil.example:8000", "Origin": "http://evil.example:8000"},
        {"Host": "evil.example:8000", "Origin": "http://localhost:3000"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "192.168.1.5:8000"},
        {"Host": "128.0.0.1"},
    ],
    ids=str,
)
def test_no_control_call_is_for_foreign_pages_and_names(mock: Mock, foreign: dict[str, str]) -> None:
    calls = list(_calls(mock.app))
    assert {("POST", RESET), ("GET", "/__mock/credentials"), ("POST", "/__mock/casavi/official-posts")} <= set(calls)
    for method, path in calls:
        for prefix in ("", "/_s/some-session"):
            status, details = problem(mock(method, prefix + path, headers=foreign))
            assert (status, "the mock server" in details) == (403, True), (method, path)


@pytest.mark.parametrize(
    "own",
    [
        {},
        {"Origin": "http://localhost:3000"},
        {"Origin": "capacitor://localhost"},
        {"Origin": "http://localhost:3000", "Host": "127.0.0.1:8000", "Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Host": "localhost:8000"},
        {"Host": "LocalHost:8000"},
        {"Host": "127.0.0.1"},
        {"Host": "127.1.2.3:80"},
        {"Host": "[::1]:8000"},
        {"Host": "a.b.localhost:8000"},
    ],
    ids=str,
)
def test_on_loopback_whoever_is_here_controls_it_without_anything(mock: Mock, own: dict[str, str]) -> None:
    assert mock.post(RESET, headers=own).status_code == 204
    assert mock.get("/__mock/credentials", headers=own).status_code == 200


def test_a_link_on_a_foreign_page_may_be_followed(mock: Mock) -> None:
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    assert mock.get("/__mock/credentials", headers=followed).status_code == 200
    assert mock.post(RESET, headers=followed).status_code == 403


def test_the_operations_are_not_guarded(mock: Mock) -> None:
    foreign = {"Origin": "https://evil.example", "Host": "evil.example", "Sec-Fetch-Site": "cross-site"}
    assert mock.get(f"/api/communities?domain_id={mock.domain()}", "alice", headers=foreign).status_code == 200
    assert mock.get("/.well-known/openid-configuration", headers=foreign).status_code == 200


def test_an_allowed_origin_controls_too(start: Callable[..., Mock]) -> None:
    mock = start(cors_origins=("https://app.example",))
    assert mock.post(RESET, headers={"Origin": "https://app.example"}).status_code == 204
    assert mock.post(RESET, headers={"Origin": "http://localhost:3000"}).status_code == 403
    assert mock.post(RESET, headers={"Origin": "http://localhost", "Host": "localhost"}).status_code == 204


def _basic(text: str) -> dict[str, str]:
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}


GOOD = ({"Authorization": f"Bearer {TOKEN}"}, {"Authorization": f"bearer {TOKEN}"}, _basic(f"mock:{TOKEN}"), _basic(f":{TOKEN}"))
BAD: tuple[dict[str, str], ...] = (
    {},
    {"Authorization": ""},
    {"Authorization": "Bearer"},
    {"Authorization": f"Bearer {TOKEN}x"},
    {"Authorization": TOKEN},
    {"Authorization": "Basic %%%"},
    {"Authorization": "Bearer \xff"},
    {"Authorization": f'Digest username="{TOKEN}"'},
    _basic(TOKEN),
    _basic(f"{TOKEN}:"),
)


EXPOSED: tuple[dict[str, Any], ...] = (
    {"host": "0.0.0.0"},
    {"host": "::"},
    {"host": "192.168.1.5"},
    {"host": "mock.example"},
    {"base_url": "https://mock.example"},
    {"trusted_proxies": 1},
)


# A token that is given is asked for everywhere.
@pytest.mark.parametrize("exposed", [*EXPOSED, {}], ids=str)
def test_beyond_loopback_control_calls_need_the_token(start: Callable[..., Mock], exposed: dict[str, Any]) -> None:
    mock = start(**exposed, control_token=TOKEN)
    for method, path in _calls(mock.app):
        if path != "/__mock/health":
            for headers in BAD:
                response = mock(method, path, headers=headers)
                assert problem(response)[0] == 401, (method, path, headers)
                assert response.headers["WWW-Authenticate"].startswith("Basic realm=")
    for headers in GOOD:
        assert mock.post(RESET, headers=headers).status_code == 204
        assert mock.post(RESET, headers={**headers, "Origin": "https://evil.example"}).status_code == 403
    assert mock.get("/__mock/health").status_code == 200
    assert mock.get("/api/communities").status_code == 401
    assert mock.get("/api/communities").headers["WWW-Authenticate"] == 'Bearer realm="linagora"'


def test_beyond_loopback_a_server_answers_to_any_name(start: Callable[..., Mock]) -> None:
    mock = start(host="0.0.0.0", control_token=TOKEN)
    for origin in ({}, {"Origin": "http://mock.example:8000"}):
        assert mock.post(RESET, headers={**GOOD[0], "Host": "mock.example:8000", **origin}).status_code == 204
    assert (
        mock.post(RESET, headers={**GOOD[0], "Host": "mock.example:8000", "Origin": "http://other.example:8000"}).status_code
        == 403
    )


def test_an_insecure_control_asks_for_no_token_and_refuses_foreign_pages_still(start: Callable[..., Mock]) -> None:
    mock = start(host="0.0.0.0", insecure_control=True)
    assert mock.post(RESET, headers={"Host": "mock.example"}).status_code == 204
    assert mock.post(RESET, headers={"Origin": "https://evil.example"}).status_code == 403


@pytest.mark.parametrize("exposed", EXPOSED, ids=str)
def test_a_server_that_others_may_reach_has_to_be_told_what_to_ask_for(
    start: Callable[..., Mock], exposed: dict[str, Any]
) -> None:
    with pytest.raises(BootError, match="--insecure-control"):
        start(**exposed)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1", "mock.localhost"])
def test_one_on_loopback_has_not(start: Callable[..., Mock], host: str) -> None:
    start(host=host, base_url=f"http://{f'[{host}]' if ':' in host else host}:8443")
