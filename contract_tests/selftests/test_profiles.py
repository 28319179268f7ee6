"""What a profile says: where a deployment is, who logs in there and how, and who plays which role."""

from pathlib import Path
from typing import Any

import pytest

from contract_tests.actors.casavi import choose_residents
from contract_tests.actors.linagora import choose_cast
from contract_tests.profile import Connection, OpenIdLogin, ProfileError, RequestLogin, parse_profile
from contract_tests.selftests.profile_texts import ALICE, PERSON, RESIDENT, load

pytestmark = pytest.mark.usefixtures("profile_variables")


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


def test_a_profile_that_says_nothing_of_the_connection_has_what_the_values_have() -> None:
    assert parse_profile({"casavi": RESIDENT}).connection == Connection()
