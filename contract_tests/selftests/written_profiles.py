"""A profile as a QA engineer would write it for a deployment."""

import os
import re
from functools import cache
from pathlib import Path

from contract_tests.profile import Principal, Profile
from contract_tests.transport.target import mock_target


def write_profile(folder: Path, top: str = "judge_inferred = false") -> Path:
    """Writes a profile with the people of the mock's default scenario; `top` are more lines at its beginning.

    Their secrets, the same in each mock, go into variables of this process, as no file may hold them.
    """
    profile = _published()
    file = folder / "profile.toml"
    file.write_text("\n".join([top, *_casavi(profile), *map(_table, profile.principals)]), "utf-8")
    return file


@cache
def _published() -> Profile:
    return mock_target().profile


def _casavi(profile: Profile) -> list[str]:
    tokens = [_secret(f"invite_{number}", token) for number, token in enumerate(profile.invite_tokens)]
    return [
        "[casavi]",
        f"clients = [{', '.join(_client(one.id, one.redirect_uris) for one in profile.clients)}]",
        f"provider_keys = {list(profile.provider_keys)}",
        f"invite_tokens = {tokens}",
    ]


def _client(id_: str, redirect_uris: tuple[str, ...]) -> str:
    return f'{{client_id = "{id_}", redirect_uris = {list(redirect_uris)}}}'


def _secret(name: str, value: str) -> str:
    variable = re.sub(r"\W", "_", f"profile_{name}").upper()
    os.environ[variable] = value
    return f"${{{variable}}}"


def _table(person: Principal) -> str:
    homes = "domain_ids" if person.api == "linagora" else "community_ids"
    secrets = {"password": person.password, "bearer": person.bearer}
    lines = {"name": person.name, "user_id": person.user_id, "email": person.email}
    lines |= {name: _secret(f"{person.api}_{person.name}_{name}", value or "") for name, value in secrets.items()}
    told = [f'{name} = "{value}"' for name, value in lines.items()]
    if person.cookie:
        name, value = person.cookie
        told.append(f'cookie = {{name = "{name}", value = "{_secret(f"{person.api}_{person.name}_cookie", value)}"}}')
    return "\n".join([f"[[{person.api}.principals]]", *told, f"{homes} = {list(person.homes)}", f"roles = {list(person.roles)}"])
