"""What the provider needs of the server: secrets of clients, several processes, a quick start, a silent journal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from mock_server.config import data_folder, parse_yaml
from mock_server.tests.client import Mock
from mock_server.tests.openid import CALLBACK, LOGOUT, REVOKE, TOKEN, VERIFIER, answer, ask, exchange, fill_in, log_in, tokens

SERVER = "a-server"


@pytest.fixture
def with_secret(start: Callable[..., Mock], tmp_path: Path) -> Mock:
    """A server that knows a client with a secret."""
    scenario = parse_yaml((data_folder("fixtures") / "scenarios" / "default.yaml").read_text("utf-8"))
    client = {"client_id": SERVER, "secret": "hush: hush", "redirect_uris": [CALLBACK]}
    scenario["casavi"]["clients"].append(client)
    path = tmp_path / "secret.yaml"
    path.write_text(yaml.safe_dump({"casavi": scenario["casavi"]}), "utf-8")
    return start(apis=("casavi",), scenario=str(path))


def test_a_client_with_a_secret_has_to_show_it(with_secret: Mock) -> None:
    plain = {"client_id": SERVER, "code_challenge": None, "code_challenge_method": None}
    code = log_in(with_secret, **plain)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK}
    basic = {"Authorization": "Basic YS1zZXJ2ZXI6aHVzaCUzQSUyMGh1c2g="}  # both parts percent-encoded first, as RFC 6749 says
    wrong = [{"client_id": SERVER}, {"client_id": SERVER, "client_secret": "x"}, {"client_id": SERVER, "client_secret": ""}]
    for attempt in wrong:
        assert with_secret.post(TOKEN, data=form | attempt).status_code == 401
    assert with_secret.post(TOKEN, data=form, headers=basic).status_code == 200
    again = form | {"code": log_in(with_secret, **plain), "client_id": SERVER, "client_secret": "hush: hush"}
    response = with_secret.post(TOKEN, data=again)
    assert response.status_code == 200
    revocation = {"token": response.get_json()["access_token"]}
    assert with_secret.post(REVOKE, data=revocation).status_code == 401
    assert with_secret.post(REVOKE, data=revocation, headers=basic).status_code == 200


def test_a_client_with_a_secret_may_use_pkce_and_is_then_held_to_it(with_secret: Mock) -> None:
    secret = {"client_id": SERVER, "client_secret": "hush: hush"}
    code = log_in(with_secret, client_id=SERVER)
    assert exchange(with_secret, code, **secret, code_verifier=None).status_code == 400
    assert exchange(with_secret, code, **secret).status_code == 200
    code = log_in(with_secret, client_id=SERVER, code_challenge=None, code_challenge_method=None)
    assert exchange(with_secret, code, **secret, code_verifier=VERIFIER).status_code == 400


def test_a_login_may_wander_from_process_to_process(start: Callable[..., Mock], shared_database_url: str) -> None:
    one = start(apis=("casavi",), database_url=shared_database_url)
    two = start(apis=("casavi",), database_url=shared_database_url)
    code = log_in(one)
    assert exchange(two, code).status_code == 200
    assert exchange(one, code).status_code == 400


def test_a_login_works_under_any_name_of_the_host(mock: Mock) -> None:
    host = {"base_url": "http://mock.internal:8000"}
    page = mock.get("/.well-known/openid-configuration", **host).get_json()
    assert page["issuer"] == "http://mock.internal:8000"
    response = mock.post(TOKEN, data={"grant_type": "refresh_token", "refresh_token": "x", "client_id": "casavi-web"}, **host)
    assert response.get_json()["error"] == "invalid_grant"


def test_the_journal_keeps_no_secret_of_a_login(any_mock: Mock) -> None:
    code = answer(fill_in(any_mock))["code"]
    found = exchange(any_mock, code).get_json()
    any_mock.get(LOGOUT, query_string={"id_token_hint": found["id_token"]}, headers={"Referer": f"{CALLBACK}?code={code}&x=1"})
    entries = any_mock.journal(api="casavi")
    assert [entry["operationId"] for entry in entries] == ["openid.authorize", "openid.token", "openid.logout"]
    assert entries[0]["response"]["headers"]["Location"] == f"{CALLBACK}?code=***&state=some+state"
    secrets = ("max-secret", code, VERIFIER, *(found[name] for name in ("access_token", "id_token", "refresh_token")))
    assert not [secret for secret in secrets if secret in str(entries)]


def test_a_reset_forgets_codes_and_refresh_tokens(any_mock: Mock) -> None:
    code, found = log_in(any_mock), tokens(any_mock)
    any_mock.post("/__mock/reset")
    assert exchange(any_mock, code).status_code == 400
    form = {"grant_type": "refresh_token", "refresh_token": found["refresh_token"], "client_id": "casavi-web"}
    assert any_mock.post(TOKEN, data=form).status_code == 400
    assert ask(any_mock).status_code == 200
