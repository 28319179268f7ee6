"""Where the server says that it is: behind proxies, behind TLS, and where it is told by an option."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from mock_server.tests.client import Mock
from mock_server.tests.openid import AUTHORIZE, question, tokens

WELL_KNOWN = "/.well-known/openid-configuration"
OUTSIDE = {"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "mock.example"}
FORWARDED = {"Forwarded": 'for=203.0.113.9;proto=https;host="mock.example:8443"'}


@pytest.fixture
def behind(start: Callable[..., Mock]) -> Callable[..., Mock]:
    return lambda **fields: start(apis=("casavi",), insecure_control=True, **fields)


def _issuer(mock: Mock, prefix: str = "", headers: dict[str, str] | None = None) -> str:
    told = mock.get(prefix + WELL_KNOWN, headers=headers or {}).get_json()
    assert told["token_endpoint"] == f"{told['issuer']}/api/v1/openid/token"
    return str(told["issuer"])


@pytest.mark.parametrize(
    ("headers", "issuer"),
    [
        (OUTSIDE, "https://mock.example"),
        ({**OUTSIDE, "X-Forwarded-Port": "443"}, "https://mock.example"),
        ({**OUTSIDE, "X-Forwarded-Port": "8443"}, "https://mock.example:8443"),
        ({**OUTSIDE, "X-Forwarded-Prefix": "/mock"}, "https://mock.example/mock"),
        ({**OUTSIDE, "X-Forwarded-Host": "made.up, mock.example"}, "https://mock.example"),
        (FORWARDED, "https://mock.example:8443"),
        ({"Forwarded": "Proto=https ; Host=mock.example"}, "https://mock.example"),
        ({"Forwarded": 'for="[2001:db8::1]:1", for=10.0.0.1;proto=https;host=mock.example'}, "https://mock.example"),
        ({"Forwarded": 'host=made.up;proto=http, by="a,b;c";host=mock.example;proto=https'}, "https://mock.example"),
        ({**FORWARDED, **OUTSIDE}, "https://mock.example"),
        ({"Forwarded": 'host="'}, "http://localhost"),
        ({"Forwarded": ",;=,\xff"}, "http://localhost"),
        ({}, "http://localhost"),
    ],
    ids=str,
)
def test_a_trusted_proxy_says_where_the_server_is(behind: Callable[..., Mock], headers: dict[str, str], issuer: str) -> None:
    mock = behind(trusted_proxies=1)
    assert _issuer(mock, headers=headers) == issuer
    assert _issuer(mock, "/_s/a", headers) == f"{issuer}/_s/a"


@pytest.mark.parametrize("headers", [OUTSIDE, FORWARDED], ids=str)
def test_nobody_else_does(behind: Callable[..., Mock], headers: dict[str, str]) -> None:
    assert _issuer(behind(), headers=headers) == "http://localhost"


def test_of_two_proxies_the_outer_one_is_believed(behind: Callable[..., Mock]) -> None:
    chain = {"X-Forwarded-Host": "made.up, mock.example, inner", "X-Forwarded-Proto": "http, https, http"}
    assert _issuer(behind(trusted_proxies=2), headers=chain) == "https://mock.example"
    forwarded = {"Forwarded": "host=made.up;proto=http, host=mock.example;proto=https, host=inner;proto=http"}
    assert _issuer(behind(trusted_proxies=2), headers=forwarded) == "https://mock.example"


@pytest.mark.parametrize("base_url", ["https://mock.example/mock", "https://mock.example/mock/"])
def test_a_base_url_is_the_issuer_of_all_that_is_said_and_signed(behind: Callable[..., Mock], base_url: str) -> None:
    mock = behind(base_url=base_url)
    assert _issuer(mock) == _issuer(mock, headers={"Host": "other"}) == "https://mock.example/mock"
    assert _issuer(mock, "/_s/a") == "https://mock.example/mock/_s/a"
    claims = mock.get("/api/v1/openid/userinfo", headers={"Authorization": f"Bearer {tokens(mock)['access_token']}"})
    assert claims.status_code == 200


def test_it_is_before_what_a_proxy_says(behind: Callable[..., Mock]) -> None:
    mock = behind(base_url="https://mock.example", trusted_proxies=1)
    assert _issuer(mock, headers={"X-Forwarded-Host": "inner", "X-Forwarded-Prefix": "/x"}) == "https://mock.example"


@pytest.mark.parametrize(
    ("fields", "headers"),
    [
        ({"base_url": "https://mock.example/mock"}, {}),
        ({"trusted_proxies": 1}, {**OUTSIDE, "X-Forwarded-Prefix": "/mock"}),
    ],
    ids=str,
)
def test_forms_and_cookies_know_the_path_that_a_proxy_takes_off(
    behind: Callable[..., Mock], fields: dict[str, Any], headers: dict[str, str]
) -> None:
    mock = behind(**fields)
    for prefix in ("", "/_s/a"):
        page = mock.get(prefix + AUTHORIZE, query_string=question(), headers=headers)
        action = re.search('<form method="post" action="([^"]*)"', page.text)
        assert action
        assert action[1].startswith(f"/mock{prefix}{AUTHORIZE}?")
        form = {"username": "max", "password": "max-secret"}
        answer = mock.post(prefix + AUTHORIZE, query_string=question(), data=form, headers=headers)
        cookies = answer.headers.getlist("Set-Cookie")
        assert len(cookies) == 2
        assert all(cookie.endswith(f"; Secure; HttpOnly; Path=/mock{prefix}; SameSite=None; Partitioned") for cookie in cookies)


def test_its_own_pages_may_control_it(behind: Callable[..., Mock]) -> None:
    own = {"Origin": "https://mock.example"}
    assert behind(base_url="https://mock.example/mock").post("/__mock/reset", headers=own).status_code == 204
    assert behind(trusted_proxies=1).post("/__mock/reset", headers=OUTSIDE | own).status_code == 204
    assert behind(trusted_proxies=1).post("/__mock/reset", headers=own).status_code == 403
