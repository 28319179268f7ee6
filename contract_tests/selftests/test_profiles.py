"""Profiles: what is wrong with one is said by the name of the key, and secrets may stay in the environment."""

from pathlib import Path
from typing import Any

import pytest

from contract_tests.cli import main
from contract_tests.profiles import ProfileError, load_profile, parse_profile
from contract_tests.town import choose_residents
from contract_tests.world import choose_cast

RESIDENT = {"principals": [{"name": "a", "user_id": 1, "community_ids": [1], "bearer": "t"}]}
PERSON: dict[str, Any] = {"name": "a", "user_id": "1", "domain_ids": ["d"], "bearer": "t"}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "nobody is named"),
        ({"saftey": "full"}, "saftey: is not known here"),
        ({"safety": "none"}, "safety: one of read-only, sandbox, full is needed"),
        ({"judge_inferred": "yes"}, "judge_inferred: bool is needed, not str"),
        (
            {"linagora": {"principals": [PERSON | {"bearer": None}]}},
            "linagora.principals[0].bearer: is missing, and so is cookie",
        ),
        ({"linagora": {"principals": [PERSON | {"user_id": ""}]}}, "linagora.principals[0].user_id: is missing"),
        ({"linagora": {"principals": [PERSON, PERSON | {"domain_ids": []}]}}, "linagora.principals[1].domain_ids: is missing"),
        ({"linagora": {"principals": [PERSON | {"token": "t"}]}}, "linagora.principals[0].token: is not known here"),
        ({"linagora": {"principals": [PERSON | {"cookie": {"name": "c"}}]}}, "linagora.principals[0].cookie.value: is missing"),
        ({"linagora": {"principals": ["a"]}}, "linagora.principals[0]: a table is needed"),
        ({"casavi": RESIDENT | {"clients": [{"redirect_uris": []}]}}, "casavi.clients[0].client_id: is missing"),
        (
            {"casavi": RESIDENT | {"clients": [{"client_id": "app", "secret": "s"}]}},
            "casavi.clients[0].secret: is not known here",
        ),
        ({"casavi": {"provider_keys": "key"}}, "casavi.provider_keys: list is needed, not str"),
    ],
)
def test_a_fault_is_said_by_the_name_of_the_key(data: dict[str, Any], words: str) -> None:
    with pytest.raises(ProfileError) as error:
        parse_profile(data)
    assert words in str(error.value)


def test_a_cookie_alone_logs_in() -> None:
    person = {**PERSON, "bearer": None, "cookie": {"name": "c", "value": "v"}}
    assert parse_profile({"linagora": {"principals": [person]}}).principals[0].headers == {"Cookie": "c=v"}


def test_secrets_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "p.toml"
    file.write_text('[[linagora.principals]]\nname="a"\nuser_id="1"\ndomain_ids=["d"]\nbearer="${CONTRACT_SECRET}"\n')
    with pytest.raises(
        ProfileError, match=r"linagora.principals\[0\].bearer: the environment variable CONTRACT_SECRET is not set"
    ):
        load_profile(file)
    monkeypatch.setenv("CONTRACT_SECRET", "s3cret")
    profile = load_profile(file)
    assert profile.principals[0].headers == {"Authorization": "Bearer s3cret"}
    assert "s3cret" not in repr(profile)


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


def test_the_command_says_what_a_profile_holds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad = tmp_path / "good.toml", tmp_path / "bad.toml"
    good.write_text('safety = "sandbox"\n[[linagora.principals]]\nname="a"\nuser_id="1"\ndomain_ids=["d"]\nbearer="hidden"\n')
    bad.write_text("safety = ")
    assert main(["check-profile", str(good)]) == 0
    out = capsys.readouterr().out
    assert "linagora: a, user in d, logs in by bearer" in out
    assert "casavi: 0 clients, 0 provider_keys, 0 invite_tokens" in out
    assert "hidden" not in out
    assert main(["check-profile", str(bad)]) == 1
    assert str(bad) in capsys.readouterr().err
