"""How everybody logs in: what they say of it themselves over what their API says, and whether that is enough."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

from contract_tests.contract.choices import APIS
from contract_tests.profile.locate import Fault, Where
from contract_tests.profile.values import FIXED, OpenIdLogin

Data = Mapping[str, Any]

_TYPED = ("username", "password")
_NEEDED: dict[str | None, tuple[str, ...]] = {
    "authorization_code": ("redirect_uri", *_TYPED),
    "refresh_token": ("refresh_token",),
    "client_credentials": ("client_secret",),
    "password": _TYPED,
}
_OF_REQUESTS = ("path", "method", "json", "form")
_OF_OPENID = frozenset(field.name for field in fields(OpenIdLogin))


def complete_login(section: Data, person: Data) -> dict[str, Any] | None:
    """The login of one of the people in the section of an API; None if they have none, or need none."""
    shared, own = section.get("login"), person.get("login")
    if own is None and (shared is None or any(person.get(kind) for kind in FIXED)):
        return None
    login = _table(own)
    if not ({"grant", "path"} & login.keys() and ("grant" in login) != ("grant" in _table(shared))):
        login = _table(shared) | login
    if _TYPED[0] not in _NEEDED.get(_text(login, "grant"), ()):
        return login
    return {key: value for key, value in zip(_TYPED, map(person.get, ("email", "password")), strict=True) if value} | login


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(table: Data, key: str) -> str | None:
    value = table.get(key)
    return value if isinstance(value, str) else None


def login_faults(data: Any) -> Iterator[Fault]:
    """What is missing, or too much, where people log in; the data may be wrong in any other way."""
    for api in APIS:
        section = _table(_table(data).get(api))
        people = section.get("principals")
        for index, person in enumerate(people if isinstance(people, list) else ()):
            if isinstance(person, dict):
                yield from (((api, *place), text) for place, text in _faults(section, person, ("principals", index)))


def _faults(section: Data, person: Data, here: Where) -> Iterator[Fault]:
    login = complete_login(section, person)
    if login is None:
        if not any(person.get(kind) for kind in FIXED):
            yield (*here, "bearer"), "is missing, and so are cookie, basic and login; one of them is needed"
        return
    kind = "cookie" if "cookie" in login and "grant" not in login else "bearer"
    if person.get(kind):
        yield (*here, kind), f"their login fetches a {kind} too; leave one of the two out"
    where = (*here, "login") if person.get("login") is not None else ("login",)
    yield from (((*where, *key), text) for key, text in _wrong(login))


def _wrong(login: Data) -> Iterator[Fault]:
    is_openid = "grant" in login or ("path" not in login and _OF_OPENID & login.keys())
    return _of_grant(login) if is_openid else _of_request(login)


def _of_request(login: Data) -> Iterator[Fault]:
    if "path" not in login:
        yield ("path",), "is missing"
    if ("bearer" in login) == ("cookie" in login):
        yield (), "exactly one of bearer, cookie is needed"
    if strange := [key for key in login if key in _OF_OPENID]:
        yield (), f"{' and '.join(strange)} cannot be used without grant"


def _of_grant(login: Data) -> Iterator[Fault]:
    grant = _text(login, "grant")
    if any(key in login for key in _OF_REQUESTS):
        yield (), "path, method, json and form do not go together with grant"
    yield from (((key,), "does not go together with grant") for key in ("bearer", "cookie") if key in login)
    yield from (((key,), "is missing") for key in ("grant", "client_id", *_NEEDED.get(grant, ())) if key not in login)
    for endpoint in ("token_url", *(("authorization_url",) if grant == "authorization_code" else ())):
        if not {"issuer", endpoint} & login.keys():
            yield (), f"one of issuer, {endpoint} is needed"
