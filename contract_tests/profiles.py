"""Who may log in at a target: the profile file of a deployment, in the shape of the mock's `/__mock/credentials`."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contract_tests.specs import APIS

SAFETIES = ("read-only", "sandbox", "full")

Kind = type | tuple[type, ...]

_HOMES = {"linagora": ("domains", "domain_ids"), "casavi": ("communities", "community_ids")}
_TOP: dict[str, Kind] = {"base_url": str, "safety": str, "judge_inferred": bool, "linagora": dict, "casavi": dict}
_PRINCIPAL: dict[str, Kind] = {
    "name": str,
    "user_id": (str, int),
    "email": str,
    "password": str,
    "roles": list,
    "bearer": str,
    "expired_bearer": str,
    "cookie": dict,
    "domain_ids": list,
    "community_ids": list,
}
_SECTION: dict[str, dict[str, Kind]] = {
    "linagora": {"domains": list, "principals": list},
    "casavi": {"communities": list, "principals": list, "clients": list, "provider_keys": list, "invite_tokens": list},
}
_CLIENT: dict[str, Kind] = {"client_id": str, "redirect_uris": list}


class ProfileError(ValueError):
    """A profile that cannot be used; the text names the key."""


@dataclass(frozen=True)
class Principal:
    """Somebody who can log in; `homes` are the ids of his domains (linagora) or communities (casavi).

    `expired_bearer` is a token that was his and is no longer good.
    """

    api: str
    name: str
    user_id: str
    homes: tuple[str, ...]
    roles: tuple[str, ...] = ()
    bearer: str | None = field(default=None, repr=False)
    cookie: tuple[str, str] | None = field(default=None, repr=False)
    email: str | None = None
    password: str | None = field(default=None, repr=False)
    expired_bearer: str | None = field(default=None, repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The header that logs him in: the bearer token if he has one, else the cookie."""
        if self.bearer is not None:
            return {"Authorization": f"Bearer {self.bearer}"}
        return self.cookie_header

    @property
    def cookie_header(self) -> dict[str, str]:
        return {"Cookie": "=".join(self.cookie)} if self.cookie else {}

    @property
    def is_administrator(self) -> bool:
        return any("admin" in role.lower() for role in self.roles)


@dataclass(frozen=True)
class Client:
    """An OpenID client that casavi knows."""

    id: str
    redirect_uris: tuple[str, ...] = ()


@dataclass(frozen=True)
class Profile:
    """What is known of a deployment; None means that the file does not say.

    `clients`, `provider_keys` and `invite_tokens` (unused ones) are what registering and logging in at casavi take.
    """

    principals: tuple[Principal, ...]
    base_url: str | None = None
    safety: str | None = None
    judge_inferred: bool | None = None
    clients: tuple[Client, ...] = ()
    provider_keys: tuple[str, ...] = ()
    invite_tokens: tuple[str, ...] = field(default=(), repr=False)

    def of(self, api: str) -> tuple[Principal, ...]:
        return tuple(principal for principal in self.principals if principal.api == api)


def load_profile(file: Path) -> Profile:
    """The profile in a TOML file; `${NAME}` in a string is the environment variable. Raises ProfileError."""
    try:
        return parse_profile(_expand(tomllib.loads(file.read_text("utf-8")), ""))
    except OSError as error:
        raise ProfileError(f"profile {file}: {error.strerror}") from None
    except ValueError as error:  # TOML, encoding, and our own
        raise ProfileError(f"profile {file}: {error}") from None


def parse_profile(data: Mapping[str, Any]) -> Profile:
    """The profile in plain data. Raises ProfileError."""
    _check_keys(data, _TOP, "")
    if data.get("safety", "full") not in SAFETIES:
        raise ProfileError(f"safety: one of {', '.join(SAFETIES)} is needed, not {data['safety']!r}")
    principals = tuple(p for api in APIS if api in data for p in _principals(api, data[api]))
    if not principals:
        raise ProfileError("linagora.principals or casavi.principals: nobody is named who could log in")
    casavi = data.get("casavi", {})
    return Profile(
        principals,
        data.get("base_url"),
        data.get("safety"),
        data.get("judge_inferred"),
        tuple(_client(entry, f"casavi.clients[{index}].") for index, entry in enumerate(casavi.get("clients", []))),
        tuple(casavi.get("provider_keys", ())),
        tuple(casavi.get("invite_tokens", ())),
    )


def _principals(api: str, section: Mapping[str, Any]) -> list[Principal]:
    _check_keys(section, _SECTION[api], f"{api}.")
    listed = section.get("principals", [])
    return [_principal(api, entry, f"{api}.principals[{index}].") for index, entry in enumerate(listed)]


def _principal(api: str, entry: Any, where: str) -> Principal:
    homes = _HOMES[api][1]
    _check_table(entry, _PRINCIPAL, ("name", "user_id", homes), where)
    if not entry.get("bearer") and not entry.get("cookie"):
        raise ProfileError(f"{where}bearer: is missing, and so is cookie; one of them is needed")
    return Principal(
        api,
        entry["name"],
        str(entry["user_id"]),
        tuple(map(str, entry[homes])),
        tuple(entry.get("roles", ())),
        entry.get("bearer"),
        _cookie(entry.get("cookie"), where),
        entry.get("email"),
        entry.get("password"),
        entry.get("expired_bearer"),
    )


def _client(entry: Any, where: str) -> Client:
    _check_table(entry, _CLIENT, ("client_id",), where)
    return Client(entry["client_id"], tuple(entry.get("redirect_uris", ())))


def _cookie(value: Mapping[str, Any] | None, where: str) -> tuple[str, str] | None:
    if not value:
        return None
    _check_table(value, {"name": str, "value": str}, ("name", "value"), f"{where}cookie.")
    return value["name"], value["value"]


def _check_table(entry: object, known: Mapping[str, Kind], needed: tuple[str, ...], where: str) -> None:
    if not isinstance(entry, Mapping):
        raise ProfileError(f"{where[:-1]}: a table is needed")
    _check_keys(entry, known, where)
    for key in needed:
        # No id is too small: 0 is one.
        if entry.get(key) in (None, "", []):
            raise ProfileError(f"{where}{key}: is missing")


def _check_keys(data: Mapping[str, Any], known: Mapping[str, Kind], where: str) -> None:
    for key, value in data.items():
        if key not in known:
            raise ProfileError(f"{where}{key}: is not known here; known are {', '.join(known)}")
        if value is not None and not isinstance(value, known[key]):
            raise ProfileError(f"{where}{key}: {_named(known[key])} is needed, not {type(value).__name__}")


def _named(kind: Kind) -> str:
    return " or ".join(one.__name__ for one in (kind if isinstance(kind, tuple) else (kind,)))


def _expand(value: Any, where: str) -> Any:
    if isinstance(value, dict):
        return {key: _expand(item, f"{where}.{key}".lstrip(".")) for key, item in value.items()}
    if isinstance(value, list):
        return [_expand(item, f"{where}[{index}]") for index, item in enumerate(value)]
    return re.sub(r"\$\{(\w+)\}", lambda m: _variable(m[1], where), value) if isinstance(value, str) else value


def _variable(name: str, where: str) -> str:
    if name not in os.environ:
        raise ProfileError(f"{where}: the environment variable {name} is not set")
    return os.environ[name]
