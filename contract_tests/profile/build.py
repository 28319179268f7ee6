"""The tables of a profile, once they are known to be sound, become values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract_tests.contract.choices import APIS
from contract_tests.profile.logins import complete_login
from contract_tests.profile.tables import PrincipalTable, ProfileBase, Section
from contract_tests.profile.values import Client, Connection, OpenIdLogin, Principal, Profile, RequestLogin

Data = Mapping[str, Any]


def build(table: ProfileBase, data: Data, file: Path | None) -> Profile:
    """The profile; `data` is what the table was read from."""
    sections = {api: table.section(api) for api in APIS}
    return Profile(
        tuple(one for api, section in sections.items() for one in _principals(api, section, data.get(api, {}))),
        base_urls={api: url for api, section in sections.items() if (url := _base_url(table, section))},
        safety=table.safety,
        judge_inferred=table.judge_inferred,
        clients=tuple(
            Client(one.client_id, tuple(one.redirect_uris)) for section in sections.values() for one in section.clients
        ),
        provider_keys=tuple(key for section in sections.values() for key in section.provider_keys),
        invite_tokens=tuple(token for section in sections.values() for token in section.invite_tokens),
        connection=Connection(**table.connection.model_dump(exclude={"tls"}), **dict(table.connection.tls)),
        known={api: section.known.model_dump(exclude_none=True) for api, section in sections.items()},
        overlays=tuple(table.overlays),
        deviations=table.deviations,
        resettable=table.resettable,
        file=file,
    )


def _principals(api: str, section: Section, data: Data) -> list[Principal]:
    people = zip(section.principals, data.get("principals") or (), strict=True)
    return [_principal(api, person, complete_login(data, said)) for person, said in people]


def _principal(api: str, person: PrincipalTable, login: dict[str, Any] | None) -> Principal:
    return Principal(
        api,
        person.name,
        person.user_id,
        tuple(person.homes),
        tuple(person.roles),
        bearer=person.bearer,
        cookie=(person.cookie.name, person.cookie.value) if person.cookie else None,
        email=person.email,
        password=person.password,
        expired_bearer=person.expired_bearer,
        basic=(person.basic.user, person.basic.password) if person.basic else None,
        login=None if login is None else OpenIdLogin(**login) if "grant" in login else RequestLogin(**login),
    )


def _base_url(table: ProfileBase, section: Section) -> str | None:
    url = section.base_url or table.base_url
    prefix = table.path_prefix if section.path_prefix is None else section.path_prefix
    return url and url.rstrip("/") + (prefix or "").rstrip("/")
