"""Profiles: what is wrong with one is said by line and key, and no secret stands in a file."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import contract_tests.profile
from contract_tests.actors.casavi import choose_residents
from contract_tests.actors.linagora import choose_cast
from contract_tests.cli import main
from contract_tests.contract.choices import APIS
from contract_tests.contract.masking import masked
from contract_tests.contract.operations import operations
from contract_tests.profile import Connection, OpenIdLogin, Profile, ProfileError, RequestLogin, load_profile, parse_profile
from contract_tests.profile.tables import ProfileTable, profile_schema

RESIDENT = {"principals": [{"name": "a", "user_id": 1, "community_ids": [1], "bearer": "t"}]}
PERSON: dict[str, Any] = {"name": "a", "user_id": "1", "domain_ids": ["d"], "bearer": "t"}
FOLDER = Path(contract_tests.profile.__file__).parent
SCHEMA = profile_schema()
ALICE = '[[linagora.principals]]\nname = "alice"\nuser_id = "1"\ndomain_ids = ["d"]\n'


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in set(re.findall(r"\$\{(\w+)\}", (FOLDER / "example.toml").read_text("utf-8"))):
        monkeypatch.setenv(variable, f"the secret {variable}")


def load(folder: Path, text: str) -> Profile:
    file = folder / "p.toml"
    file.write_text(text, "utf-8")
    return load_profile(file)


def refused(folder: Path, text: str) -> list[str]:
    """The lines in which a file is refused, without the name of the file."""
    with pytest.raises(ProfileError) as error:
        load(folder, text)
    lines = str(error.value).splitlines()
    assert all(line.startswith((f"{folder / 'p.toml'}:", "and ")) for line in lines)
    return [line.removeprefix(f"{folder / 'p.toml'}:") for line in lines]


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


def test_a_profile_says_where_and_how(tmp_path: Path) -> None:
    for name in ("ca.pem", "one.yaml", "known.toml"):
        (tmp_path / name).write_text("")
    text = 'base_url = "https://both.example.org/"\npath_prefix = "/v2/"\noverlays = ["one.yaml"]\ndeviations = "known.toml"\n'
    text += '[connection]\nread_timeout = 3\nanswer_timeout = 9.5\nmax_answer_mb = 8\nrate = "300/m"\n'
    text += '[connection.tls]\nca = "ca.pem"\nverify = true\n'
    text += '[linagora]\nbase_url = "http://other.example.org"\npath_prefix = "/openpaas"\nknown = {user_id = 7}\n'
    profile = load(tmp_path, text + ALICE + 'bearer = "${BOB_TOKEN}"')
    assert profile.base_urls == {"linagora": "http://other.example.org/openpaas", "casavi": "https://both.example.org/v2"}
    expected = Connection(ca=tmp_path / "ca.pem", read_timeout=3, answer_timeout=9.5, max_answer_mb=8, rate="300/m")
    assert profile.connection == expected
    assert (profile.overlays, profile.deviations) == ((tmp_path / "one.yaml",), tmp_path / "known.toml")
    assert (profile.known["linagora"], profile.known["casavi"]) == ({"user_id": "7"}, {})
    assert profile.file == tmp_path / "p.toml"


def test_a_file_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    lines = refused(tmp_path, 'deviations = "none.toml"\n' + ALICE + 'bearer = "${BOB_TOKEN}"')
    assert lines == [f"1: deviations: there is no file {tmp_path / 'none.toml'}"]


def test_what_an_api_says_of_logging_in_is_for_all_its_people() -> None:
    people = [
        {**PERSON, "bearer": None, "email": "a@x.example", "password": "hidden-one"},
        {**PERSON, "bearer": None, "login": {"username": "b", "password": "hidden-two"}},
        {**PERSON, "bearer": None, "login": {"path": "/l", "cookie": "sid"}},
        PERSON,
    ]
    login = {"grant": "password", "client_id": "app", "token_url": "http://sso.example.org/token"}
    profile = parse_profile({"linagora": {"login": login, "principals": people}})
    first, second, third, fixed = [person.login for person in profile.principals]
    expected = {"grant": "password", "client_id": "app", "token_url": "http://sso.example.org/token"}
    assert first == OpenIdLogin(**expected, username="a@x.example", password="hidden-one")
    assert second == OpenIdLogin(**expected, username="b", password="hidden-two")
    assert third == RequestLogin("/l", cookie="sid")
    assert fixed is None


def test_who_has_a_token_needs_no_login_for_one() -> None:
    with pytest.raises(ProfileError, match="their login fetches a bearer too"):
        parse_profile({"linagora": {"principals": [PERSON | {"login": {"path": "/l", "bearer": "/t"}}]}})


@pytest.mark.parametrize(
    ("logins", "header"),
    [
        ({"bearer": "t", "cookie": {"name": "c", "value": "v"}, "basic": {"user": "u", "password": "p"}}, "Bearer t"),
        ({"cookie": {"name": "c", "value": "v"}, "basic": {"user": "u", "password": "p"}}, "c=v"),
        ({"basic": {"user": "u", "password": "p"}}, "Basic dTpw"),
    ],
)
def test_a_token_goes_before_a_cookie_and_that_before_a_password(logins: dict[str, Any], header: str) -> None:
    person = parse_profile({"linagora": {"principals": [{**PERSON, "bearer": None} | logins]}}).principals[0]
    assert list(person.headers.values()) == [header]


def test_ids_may_be_numbers() -> None:
    person = {"name": "max", "user_id": 1, "community_ids": [1], "bearer": "x"}
    profile = parse_profile({"linagora": {"principals": []}, "casavi": {"principals": [person]}})
    assert [(p.user_id, p.homes) for p in profile.of("casavi")] == [("1", ("1",))]


def test_roles_are_filled_whatever_the_names() -> None:
    people = [
        PERSON | {"name": name, "user_id": name, "roles": roles, "domain_ids": [domain]}
        for name, roles, domain in [("x", [], "d"), ("root", ["domain_administrator"], "d"), ("y", [], "d"), ("z", [], "e")]
    ]
    cast = choose_cast(parse_profile({"linagora": {"principals": people}}).of("linagora"))
    assert not isinstance(cast, str)
    assert (cast.home, {role: person.name for role, person in cast.roles.items()}) == (
        "d",
        {"alice": "x", "bob": "y", "admin": "root", "outsider": "z"},
    )


def test_neighbours_strangers_and_commuters_are_found_whatever_the_names() -> None:
    homes = {"x": [7, 8], "y": [7], "z": [8], "v": [7], "w": [9]}
    people = [{"name": name, "user_id": name, "community_ids": ids, "bearer": "t"} for name, ids in homes.items()]
    cast = choose_residents(parse_profile({"casavi": {"principals": people}}).of("casavi"))
    assert not isinstance(cast, str)
    assert (cast.home, {role: person.name for role, person in cast.roles.items()}) == (
        "7",
        {"resident": "y", "neighbour": "v", "commuter": "x", "stranger": "z"},
    )


def test_what_registering_takes_comes_from_the_profile() -> None:
    people = [{"name": "max", "user_id": 1, "community_ids": [0], "bearer": "t", "email": "m@x.example", "password": "hidden"}]
    client = {"client_id": "app", "redirect_uris": ["https://app.example/back"]}
    section = {"principals": people, "clients": [client], "provider_keys": ["key"], "invite_tokens": ["code"]}
    profile = parse_profile({"casavi": section})
    assert (profile.clients[0].id, profile.clients[0].redirect_uris) == ("app", ("https://app.example/back",))
    assert (profile.provider_keys, profile.invite_tokens, profile.principals[0].homes) == (("key",), ("code",), ("0",))
    assert "hidden" not in repr(profile)


def test_the_example_is_sound() -> None:
    profile = load_profile(FOLDER / "example.toml")
    assert {api: len(profile.of(api)) for api in APIS} == {"casavi": 3, "linagora": 4}
    assert profile.base_urls["linagora"] == "https://staging.example.org/openpaas"


def test_a_profile_that_says_nothing_of_the_connection_has_what_the_values_have() -> None:
    assert parse_profile({"casavi": RESIDENT}).connection == Connection()


def test_an_editor_gets_a_schema_that_the_example_keeps_and_a_wrong_key_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check-profile", "--schema"]) == 0
    schema = json.loads(capsys.readouterr().out)
    Draft202012Validator.check_schema(schema)
    example = tomllib.loads((FOLDER / "example.toml").read_text("utf-8"))
    assert list(Draft202012Validator(schema).iter_errors(example)) == []
    example["casavi"]["principals"][0] |= {"password": "plain", "emial": "x"}
    assert len(list(Draft202012Validator(schema).iter_errors(example))) == 2


def test_what_is_published_may_be_no_profile_at_all() -> None:
    published: list[Any] = [[], "x", {"linagora": None}, {"linagora": {"login": 1, "principals": [{"login": []}]}}]
    for data in published:
        with pytest.raises(ProfileError):
            parse_profile(data)


def test_the_example_with_all_that_is_commented_out_is_refused_for_missing_files_alone(tmp_path: Path) -> None:
    lines = (FOLDER / "example.toml").read_text("utf-8").splitlines()
    text = "\n".join(re.sub(r"^# (?=\[connection|\w+ = )", "", line) for line in lines)
    faults = [line for line in refused(tmp_path, text) if "there is no file" not in line]
    assert [re.sub(r"^\d+: ", "", line) for line in faults] == [
        "linagora.principals[0].login: exactly one of bearer, cookie is needed"
    ]


def test_the_example_names_every_key_of_the_schema_and_no_other() -> None:
    written = set(re.findall(r"(\w+) =|\[(?:\w+\.)*(\w+)\]", (FOLDER / "example.toml").read_text("utf-8")))
    named = {key for pair in written for key in pair if key}
    assert named - {"username", "user"} >= set(_keys(SCHEMA)) - {"username", "user"}


def test_every_key_of_the_schema_is_described() -> None:
    assert not [key for key, schema in _keys(SCHEMA).items() if not schema.get("description")]


def test_known_ids_have_the_names_of_path_parameters() -> None:
    for api in APIS:
        known = getattr(ProfileTable(), api).known
        assert set(type(known).model_fields) == {name for operation in operations(api).values() for name in operation.parameters}


def _keys(schema: Any) -> dict[str, dict[str, Any]]:
    """All keys that a profile may have."""
    found: dict[str, dict[str, Any]] = {}
    for part in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        found |= _keys(part)
    if isinstance(schema, dict) and schema.get("additionalProperties") is False:
        found |= schema["properties"]
    return found
