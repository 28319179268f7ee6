"""How a login comes back to the app: to any port of loopback for native apps, and by a form where it is asked for."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
import yaml
from werkzeug.test import TestResponse

from mock_server.config import data_folder, parse_yaml
from mock_server.tests.client import Mock
from mock_server.tests.openid import CALLBACK, LOGOUT, ask, ask_as, exchange, fill_in, question, tokens

FORM: dict[str, Any] = {"response_mode": "form_post"}


@pytest.fixture
def apps(start: Callable[..., Mock], tmp_path: Path) -> Mock:
    """A server that knows a native app, one that is none, and one that wants something in its address."""
    scenario = parse_yaml((data_folder("fixtures") / "scenarios" / "default.yaml").read_text("utf-8"))
    back = [
        "http://127.0.0.1/back",
        "http://[::1]:1/back",
        "https://localhost/",
        "com.example.app:/back",
        "https://app.example:1/",
    ]
    scenario["casavi"]["clients"] += [
        {"client_id": "native", "native": True, "redirect_uris": back, "post_logout_redirect_uris": back},
        {"client_id": "web", "redirect_uris": back, "post_logout_redirect_uris": back},
        {"client_id": "with-query", "redirect_uris": [f"{CALLBACK}?a=&b=1"]},
    ]
    path = tmp_path / "apps.yaml"
    path.write_text(yaml.safe_dump({"casavi": scenario["casavi"]}), "utf-8")
    return start(apis=("casavi",), scenario=str(path))


ANY_PORT = ["http://127.0.0.1:51234/back", "http://127.0.0.1/back", "http://[::1]:51234/back", "https://localhost:8443/"]
EXACT = ["com.example.app:/back", "https://app.example:1/"]
WRONG = [
    "http://localhost:51234/back",
    "https://127.0.0.1:51234/back",
    "http://127.0.0.1:51234/back/",
    "http://127.0.0.1:51234/back?x",
    "http://127.0.0.1:51234/back#x",
    "http://127.0.0.1:51234",
    "http://127.0.0.1:x/back",
    "http://127.0.0.1:512345/back",
    "http://127.0.0.1:/back",
    "http://127.0.0.1:1@evil.example/back",
    "http://a@127.0.0.1:1/back",
    "http://127.0.0.1.evil.example/back",
    "http://127.0.0.2:1/back",
    "HTTP://127.0.0.1:1/back",
    "https://app.example:2/",
    "com.example.app:1/back",
]


def test_a_native_app_comes_back_at_any_port_of_loopback(apps: Mock) -> None:
    for uri in (*ANY_PORT, *EXACT):
        answer = fill_in(apps, client_id="native", redirect_uri=uri)
        assert answer.location.startswith(f"{uri}?code="), uri
        code = answer.location.partition("code=")[2].partition("&")[0]
        assert exchange(apps, code, client_id="native", redirect_uri="http://127.0.0.1:1/back").status_code == 400
        assert exchange(apps, code, client_id="native", redirect_uri=uri).status_code == 200


@pytest.mark.parametrize(("client", "wrong"), [("native", WRONG), ("web", [*WRONG, "http://127.0.0.1:51234/back"])])
def test_nowhere_else_does_anybody(apps: Mock, client: str, wrong: list[str]) -> None:
    for uri in wrong:
        page = ask(apps, client_id=client, redirect_uri=uri)
        assert (page.status_code, "Location" in page.headers) == (400, False), uri
        hint = " (at any port)" if client == "native" else ""
        assert "Registered: http://127.0.0.1/back, http://[::1]:1/back" in page.text
        assert f"https://app.example:1/{hint}</p>" in page.text


def test_after_a_logout_it_is_the_same(apps: Mock) -> None:
    for uri, client, status in (
        *((uri, "native", 302) for uri in (*ANY_PORT, *EXACT)),
        *((uri, "native", 400) for uri in WRONG),
        ("http://127.0.0.1:51234/back", "web", 400),
    ):
        answer = apps.get(LOGOUT, query_string={"client_id": client, "post_logout_redirect_uri": uri})
        assert (answer.status_code, answer.headers.get("Location")) == (status, uri if status == 302 else None), uri
        if status == 400:
            assert "is not a post-logout redirect URI" in answer.text


@pytest.mark.parametrize("port", ["", ":5173", ":8080"])
def test_a_front_end_in_development_may_run_on_any_port_of_localhost(mock: Mock, port: str) -> None:
    uri = f"http://localhost{port}/callback"
    assert fill_in(mock, redirect_uri=uri).location.startswith(f"{uri}?code=")
    logout = {"client_id": "casavi-web", "post_logout_redirect_uri": f"http://localhost{port}/"}
    assert mock.get(LOGOUT, query_string=logout).location == logout["post_logout_redirect_uri"]


def _sent(page: TestResponse, action: str = CALLBACK) -> dict[str, str]:
    """What the form on the page sends to the app by itself."""
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "Location" not in page.headers
    assert f'<form method="post" action="{action.replace("&", "&amp;")}">' in page.text
    nonce = re.search("script-src 'nonce-([^']+)'", page.headers["Content-Security-Policy"])
    assert nonce
    assert f'<script nonce="{nonce[1]}">document.forms[0].submit()</script>' in page.text
    assert "<button>" in page.text
    assert page.headers["Referrer-Policy"] == "origin"
    return {name: unescape(value) for name, value in re.findall('type="hidden" name="([^"]*)" value="([^"]*)"', page.text)}


def test_a_form_brings_the_code_and_the_login_stays_in_the_browser(mock: Mock) -> None:
    page = fill_in(mock, **FORM, state='a "state" & <more>')
    sent = _sent(page)
    assert sent.keys() == {"code", "state"}
    assert sent["state"] == 'a "state" & <more>'
    assert len(page.headers.getlist("Set-Cookie")) == 2
    assert exchange(mock, sent["code"]).status_code == 200
    assert exchange(mock, _sent(ask_as(mock, "max", **FORM))["code"]).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"prompt": "none"}, "login_required"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": None}, "invalid_request"),
    ],
)
def test_a_form_brings_an_error_too(mock: Mock, wrong: dict[str, str | None], error: str) -> None:
    sent = _sent(ask(mock, **FORM, **wrong))
    assert (sent["error"], sent["state"]) == (error, "some state")
    cancelled = _sent(mock.post("/api/v1/openid/authorize", query_string=question(**FORM), data={"cancel": "yes"}))
    assert cancelled["error"] == "access_denied"


def test_a_form_leaves_the_query_of_the_address_to_it(apps: Mock) -> None:
    uri = f"{CALLBACK}?a=&b=1"
    page = fill_in(apps, client_id="with-query", redirect_uri=uri, **FORM)
    assert _sent(page, uri).keys() == {"code", "state"}


def test_a_form_goes_nowhere_else(mock: Mock) -> None:
    page = ask(mock, **FORM, redirect_uri="http://evil.example/")
    assert page.status_code == 400
    assert "<form" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "script-src" not in ask(mock, **FORM).headers["Content-Security-Policy"]


def test_discovery_names_both_ways(mock: Mock) -> None:
    told = mock.get("/.well-known/openid-configuration").get_json()
    assert told["response_modes_supported"] == ["query", "form_post"]
    assert tokens(mock, response_mode="query")
