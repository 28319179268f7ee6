"""A profile as a QA engineer would write it for a deployment."""

from pathlib import Path

from contract_tests.profiles import Principal
from contract_tests.targets import mock_target


def write_profile(folder: Path, top: str = "judge_inferred = false") -> Path:
    """Writes a profile with the people of the mock's default scenario; `top` are more lines at its beginning."""
    profile = mock_target().profile
    casavi = [
        "[casavi]",
        f"clients = [{', '.join(_client(one.id, one.redirect_uris) for one in profile.clients)}]",
        f"provider_keys = {list(profile.provider_keys)}",
        f"invite_tokens = {list(profile.invite_tokens)}",
    ]
    file = folder / "profile.toml"
    file.write_text("\n".join([top, *casavi, *map(_table, profile.principals)]), "utf-8")
    return file


def _client(id_: str, redirect_uris: tuple[str, ...]) -> str:
    return f'{{client_id = "{id_}", redirect_uris = {list(redirect_uris)}}}'


def _table(person: Principal) -> str:
    homes = "domain_ids" if person.api == "linagora" else "community_ids"
    lines = {
        "name": person.name,
        "user_id": person.user_id,
        "email": person.email,
        "password": person.password,
        "bearer": person.bearer,
    }
    told = [f'{name} = "{value}"' for name, value in lines.items()]
    cookie = 'cookie = {{name = "{}", value = "{}"}}'.format(*person.cookie) if person.cookie else ""
    return "\n".join(
        [f"[[{person.api}.principals]]", *told, f"{homes} = {list(person.homes)}", f"roles = {list(person.roles)}", cookie]
    )
