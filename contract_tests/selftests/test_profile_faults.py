"""What is wrong with a profile is said by line and key, and no secret stands in a file."""

from pathlib import Path
from typing import Any

import pytest

from contract_tests.contract.masking import masked
from contract_tests.profile import ProfileError, parse_profile
from contract_tests.selftests.profile_texts import ALICE, PERSON, RESIDENT, load, refused

pytestmark = pytest.mark.usefixtures("profile_variables")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "nobody is named"),
        ({"saftey": "full"}, "saftey: is not known here; did you mean safety?"),
        ({"wrong": 1}, "wrong: is not known here; known are base_url, path_prefix"),
        ({"safety": "none"}, "safety: one of read-only, sandbox, full is needed, not 'none'"),
        ({"judge_inferred": "yes"}, "judge_inferred: true or false is needed, not a text"),
        (
            {"linagora": {"principals": [PERSON | {"bearer": None}]}},
            "linagora.principals[0].bearer: is missing, and so are cookie, basic and login",
        ),
        ({"linagora": {"principals": [PERSON | {"user_id": ""}]}}, "linagora.principals[0].user_id: is empty"),
        ({"linagora": {"principals": [{"user_id": "1"}]}}, "linagora.principals[0].name: is missing"),
        ({"linagora": {"principals": [PERSON, PERSON | {"domain_ids": []}]}}, "linagora.principals[1].domain_ids: is empty"),
        ({"linagora": {"principals": [PERSON | {"token": "t"}]}}, "linagora.principals[0].token: is not known here"),
        ({"linagora": {"principals": [PERSON | {"cookie": {"name": "c"}}]}}, "linagora.principals[0].cookie.value: is missing"),
        ({"linagora": {"principals": ["a"]}}, "linagora.principals[0]: a table is needed, not a text"),
        ({"linagora": {"principals": 3}}, "linagora.principals: a list is needed, not a whole number"),
        ({"linagora": []}, "linagora: a table is needed, not a list"),
        ({"casavi": RESIDENT | {"clients": [{"redirect_uris": []}]}}, "casavi.clients[0].client_id: is missing"),
        (
            {"casavi": RESIDENT | {"clients": [{"client_id": "app", "secret": "s"}]}},
            "casavi.clients[0].secret: is not known here",
        ),
        ({"casavi": {"provider_keys": "key"}}, "casavi.provider_keys: a list is needed, not a text"),
        ({"base_url": "example.org"}, "base_url: a URL that begins with http:// or https://"),
        ({"connection": {"rate": "20"}}, "connection.rate: a number of requests per second, minute or hour"),
        ({"connection": {"retries": -1}}, "connection.retries: at least 0 is needed"),
        ({"connection": {"retries": 11}}, "connection.retries: at most 10 is needed"),
        ({"connection": {"answer_timeout": 0}}, "connection.answer_timeout: more than 0 is needed"),
        ({"connection": {"max_answer_mb": "64"}}, "connection.max_answer_mb: a number is needed, not a text"),
        ({"connection": {"max_answer_mb": True}}, "connection.max_answer_mb: a number is needed, not true or false"),
        ({"connection": {"tls": {"key": __file__}}}, "connection.tls: needs certificate beside it"),
        (
            {"linagora": {"known": {"comunity_id": 1}}},
            "linagora.known.comunity_id: is not known here; did you mean community_id?",
        ),
    ],
)
def test_a_fault_is_said_by_the_name_of_the_key(data: dict[str, Any], words: str) -> None:
    with pytest.raises(ProfileError) as error:
        parse_profile(data)
    assert words in str(error.value)


@pytest.mark.parametrize(
    ("login", "words"),
    [
        ({"path": "/login"}, "login: exactly one of bearer, cookie is needed"),
        ({"path": "/login", "bearer": "/t", "cookie": "c"}, "login: exactly one of bearer, cookie is needed"),
        ({"path": "login", "cookie": "c"}, "login.path: a path that begins with /"),
        ({"bearer": "/t"}, "login.path: is missing"),
        ({"path": "/login", "bearer": "token"}, "login.bearer: a JSON pointer"),
        ({"grant": "code"}, "login.grant: one of authorization_code, refresh_token, client_credentials, password"),
        ({"grant": "password", "client_id": "c"}, "login: one of issuer, token_url is needed"),
        ({"grant": "client_credentials", "client_id": "c", "token_url": "http://x"}, "login.client_secret: is missing"),
        ({"grant": "password", "client_id": "c", "token_url": "http://x"}, "login.username: is missing"),
        (
            {"grant": "authorization_code", "client_id": "c", "token_url": "http://x", "redirect_uri": "r"},
            "login: one of issuer, authorization_url is needed",
        ),
        ({"grant": "password", "path": "/login"}, "login: path, method, json and form do not go together with grant"),
        ({"grant": "password", "cookie": "sid"}, "login.cookie: does not go together with grant"),
        ({"path": "/login", "cookie": "sid", "username": "a"}, "login: username cannot be used without grant"),
        ({"client_id": "c", "token_url": "http://x"}, "login.grant: is missing"),
    ],
)
def test_a_login_has_to_be_complete(login: dict[str, Any], words: str) -> None:
    person = {**PERSON, "bearer": None, "login": login}
    with pytest.raises(ProfileError) as error:
        parse_profile({"linagora": {"principals": [person]}})
    assert f"linagora.principals[0].{words}" in str(error.value)


def test_all_faults_are_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = (
        'saftey = "full"\nresettable = 1\n[connection]\nrate = "fast"\n' + ALICE + 'bearer = "${UNSET_TOKEN}"\nroles = "admin"\n'
    )
    assert refused(tmp_path, text) == [
        "1: saftey: is not known here; did you mean safety?",
        "2: resettable: true or false is needed, not a whole number",
        "4: connection.rate: a number of requests per second, minute or hour, such as 20/s or 300/m, is needed",
        "9: linagora.principals[0].bearer: the environment variable UNSET_TOKEN is not set",
        "10: linagora.principals[0].roles: a list is needed, not a text",
    ]


def test_of_many_faults_ten_are_told(tmp_path: Path) -> None:
    lines = refused(tmp_path, "\n".join(f"wrong_{number} = 1" for number in range(13)))
    assert len(lines) == 11
    assert lines[-1] == "and 3 more"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("linagora = {\n", 1),
        ("safety = \n", 1),
        ('# one\n\n[casavi]\nclients = [\n  {client_id = "a]", redirect_uris = 3}, # ]\n]\nprovider_keys = 1\n', 7),
        ('base_url = """\nhttp://[x]\nsaftey = 1"""\n\n["connection"]\n"rate" = "x"\n', 1),
        ('overlays = [\n  ["connection"],\n]\nsaftey = 1 # ]\n', 4),
        ("[connection.tls]\nverify = true\n\n[linagora]\nknown.x = 1\n", 5),
        (ALICE + 'bearer = "${BOB_TOKEN}"\n\n' + ALICE + "roles = [3]\n", 11),
        (ALICE + "[linagora.principals.login]\npath = 3\n", 6),
    ],
)
def test_a_fault_has_the_line_of_its_key(text: str, line: int, tmp_path: Path) -> None:
    assert any(told.startswith(f"{line}: ") for told in refused(tmp_path, text))


def test_a_secret_never_stands_in_the_file_and_is_not_printed(tmp_path: Path) -> None:
    text = ALICE + 'bearer = "plain-secret"\ncookie = {name = "c", value = "Bearer ${BOB_TOKEN}"}\n' + ALICE
    text += (
        '[linagora.principals.login]\npath = "/l"\nbearer = "/t"\njson = {user = "a", inner = [{password = "plain-secret"}]}\n'
    )
    told = "a secret never stands in the file; write ${NAME} and set that environment variable"
    assert refused(tmp_path, text) == [
        f"5: linagora.principals[0].bearer: {told}",
        f"6: linagora.principals[0].cookie.value: {told}",
        f"14: linagora.principals[1].login.json.inner[0].password: {told}",
    ]


def test_a_password_in_a_url_is_refused_and_not_printed(tmp_path: Path) -> None:
    lines = refused(tmp_path, 'base_url = "https://user:plain-secret@example.org"\n' + ALICE + 'bearer = "${BOB_TOKEN}"')
    assert lines == ["1: base_url: a URL that begins with http:// or https://, without user name, query and fragment, is needed"]


def test_a_variable_has_to_be_set_and_not_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMPTY_TOKEN", "")
    lines = refused(tmp_path, 'base_url = "https://${NO_HOST}.example.org"\n' + ALICE + 'bearer = "${EMPTY_TOKEN}"')
    assert lines == [
        "1: base_url: the environment variable NO_HOST is not set",
        "6: linagora.principals[0].bearer: the environment variable EMPTY_TOKEN is empty",
    ]


def test_secrets_come_from_the_environment_and_are_masked_from_then_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALICE_PIN", "4711-0815")
    text = ALICE + 'basic = {user = "alice", password = "${BOB_TOKEN}"}\n'
    text += ALICE + 'login = {path = "/l", bearer = "/t", json = {number = "no. ${ALICE_PIN}"}}\n'
    profile = load(tmp_path, text)
    header = profile.principals[0].headers["Authorization"]
    assert header.startswith("Basic ")
    said = f"{header} {profile!r} the secret BOB_TOKEN 4711-0815"
    assert header.removeprefix("Basic ") not in masked(header.removeprefix("Basic "))
    assert "the secret" not in repr(profile)
    assert "BOB_TOKEN" not in masked(said)
    assert "4711" not in masked(said)


def test_a_file_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    lines = refused(tmp_path, 'deviations = "none.toml"\n' + ALICE + 'bearer = "${BOB_TOKEN}"')
    assert lines == [f"1: deviations: there is no file {tmp_path / 'none.toml'}"]


def test_what_is_published_may_be_no_profile_at_all() -> None:
    published: list[Any] = [[], "x", {"linagora": None}, {"linagora": {"login": 1, "principals": [{"login": []}]}}]
    for data in published:
        with pytest.raises(ProfileError):
            parse_profile(data)
