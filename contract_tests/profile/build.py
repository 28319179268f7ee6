"""The data of a profile, once it is known to be sound, becomes values."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract_tests.contract.operations import APIS
from contract_tests.profile.values import Client, Connection, Login, OpenIdLogin, Principal, Profile, RequestLogin

Data = Mapping[str, Any]

FIXED = ("bearer", "cookie", "basic")  # what logs somebody in as it stands in the file
HOMES = {"linagora": "domain_ids", "casavi": "community_ids"}
_TYPED = ("authorization_code", "password")  # the grants that take a user name and a password


def build(data: Data, folder: Path, file: Path | None) -> Profile:
    """The profile; paths in it begin at the folder."""
    casavi = data.get("casavi", {})
    return Profile(
        tuple(_principal(api, data[api], entry) for api in APIS if api in data for entry in data[api].get("principals", ())),
        base_urls={api: url for api in APIS if (url := _base_url(data, data.get(api, {})))},
        safety=data.get("safety"),
        judge_inferred=data.get("judge_inferred"),
        clients=tuple(Client(one["client_id"], tuple(one.get("redirect_uris", ()))) for one in casavi.get("clients", ())),
        provider_keys=tuple(casavi.get("provider_keys", ())),
        invite_tokens=tuple(casavi.get("invite_tokens", ())),
        connection=_connection(data.get("connection", {}), folder),
        known={api: {name: str(id_) for name, id_ in data.get(api, {}).get("known", {}).items()} for api in APIS},
        overlays=tuple(folder / name for name in data.get("overlays", ())),
        deviations=folder / data["deviations"] if "deviations" in data else None,
        resettable=data.get("resettable", False),
        file=file,
    )


def complete_login(section: Data, person: Data) -> dict[str, Any] | None:
    """How somebody logs in: what he says of it over what his API says of the same kind; None if he does not, or needs not."""
    shared, own = section.get("login"), person.get("login")
    if own is None and (shared is None or any(person.get(kind) for kind in FIXED)):
        return None
    told: dict[str, Any] = _table(own)
    if not ({"grant", "path"} & told.keys() and ("grant" in told) != ("grant" in _table(shared))):
        told = _table(shared) | told
    if told.get("grant") not in _TYPED:
        return told
    typed = {"username": person.get("email"), "password": person.get("password")}
    return {key: value for key, value in typed.items() if value} | told


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _principal(api: str, section: Data, entry: Data) -> Principal:
    cookie, basic = entry.get("cookie"), entry.get("basic")
    return Principal(
        api,
        entry["name"],
        str(entry["user_id"]),
        tuple(map(str, entry[HOMES[api]])),
        tuple(entry.get("roles", ())),
        bearer=entry.get("bearer"),
        cookie=(cookie["name"], cookie["value"]) if cookie else None,
        email=entry.get("email"),
        password=entry.get("password"),
        expired_bearer=entry.get("expired_bearer"),
        basic=(basic["user"], basic["password"]) if basic else None,
        login=_login(complete_login(section, entry)),
    )


def _login(told: Data | None) -> Login | None:
    if told is None:
        return None
    return OpenIdLogin(**told) if "grant" in told else RequestLogin(**told)


def _base_url(data: Data, section: Data) -> str | None:
    url: str | None = section.get("base_url", data.get("base_url"))
    prefix: str = section.get("path_prefix", data.get("path_prefix", ""))
    return None if url is None else url.rstrip("/") + prefix.rstrip("/")


def _connection(told: Data, folder: Path) -> Connection:
    tls = told.get("tls", {})
    files = {name: folder / tls[name] for name in ("ca", "certificate", "key") if name in tls}
    simple = {name: value for name, value in told.items() if name != "tls"}
    return Connection(**files, verify=tls.get("verify", True), **simple)
