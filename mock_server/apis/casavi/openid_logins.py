"""Logins by OpenID: who they are for, the tokens they give, and when they end. One login is a grant; its tokens name it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from sqlalchemy import and_, bindparam, insert, select, update

from mock_server import signing
from mock_server.apis.casavi.people import fold_address
from mock_server.apis.casavi.tables import clients, contacts, grants, users
from mock_server.auth import access_token_login
from mock_server.statements import Connection, Row

SCOPES = ("openid", "profile", "email")
CODE_SECONDS = 60
ID_TOKEN_SECONDS = 3600
# The provider key of users who log in with a password.
OWN_PROVIDER = "casavi"


@dataclass(frozen=True, slots=True)
class Subject:
    """A user as the OpenID provider knows them."""

    user_id: int
    sub: str
    firstname: str
    lastname: str
    email: str

    def claims(self, scope: str) -> dict[str, str]:
        """What a client learns that has this scope (OpenID Connect Core 1.0, section 5.4)."""
        name = f"{self.firstname} {self.lastname}".strip()
        profile = {"name": name, "given_name": self.firstname, "family_name": self.lastname}
        granted = scope.split()
        return {
            "sub": self.sub,
            **(profile if "profile" in granted else {}),
            **({"email": self.email} if "email" in granted else {}),
        }


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a token request is answered with; expires_in is the lifetime of the access token, in seconds."""

    access_token: str
    id_token: str
    refresh_token: str
    expires_in: int
    scope: str


_SUBJECTS = (
    select(users, contacts.c.firstname, contacts.c.lastname)
    .join(contacts, and_(contacts.c.session == users.c.session, contacts.c.id == users.c.id))
    .where(users.c.session == bindparam("key"))
)
_SUBJECT = _SUBJECTS.where(users.c.id == bindparam("user_id"))
_KNOWN_AS = _SUBJECTS.where((users.c.name == bindparam("name")) | (users.c.email_folded == bindparam("email")))
# With a password, or through another provider, which is one that always says yes.
_PEOPLE = _SUBJECTS.where(users.c.password.is_not(None) | (users.c.provider != OWN_PROVIDER))
_PERSON = _PEOPLE.where(users.c.name == bindparam("name"))
_FIRST_PEOPLE = _PEOPLE.order_by(users.c.id).limit(bindparam("page_limit"))
_CLIENT = select(clients).where(clients.c.session == bindparam("key"), clients.c.client_id == bindparam("client_id"))
_GRANT = select(grants).where(grants.c.session == bindparam("key"), grants.c.id == bindparam("grant"))
_INSERT_GRANT = insert(grants)
_THIS_GRANT = update(grants).where(grants.c.session == bindparam("key"), grants.c.id == bindparam("grant"))
_CHANGE_GRANT = {name: _THIS_GRANT.values({name: bindparam("new")}) for name in ("code_used", "refresh_token", "ended")}


def find_subject(connection: Connection, session: str, user_id: int) -> Subject | None:
    row = connection.execute(_SUBJECT, {"key": session, "user_id": user_id}).first()
    return _subject(row) if row else None


def check_password(connection: Connection, session: str, username: str, password: str) -> Subject | None:
    """The user with that name or e-mail address and that password."""
    rows = connection.execute(_KNOWN_AS, {"key": session, "name": username, "email": fold_address(username)})
    return next((_subject(row) for row in rows if row.password == password), None)


def find_person(connection: Connection, session: str, name: str) -> Subject | None:
    """The user with that name, if they can log in."""
    row = connection.execute(_PERSON, {"key": session, "name": name}).first()
    return _subject(row) if row else None


def find_people(connection: Connection, session: str, limit: int) -> Sequence[Any]:
    """The first users who can log in, to show who that is."""
    return connection.execute(_FIRST_PEOPLE, {"key": session, "page_limit": limit})


def _subject(row: Any) -> Subject:
    return Subject(row.id, row.sub, row.firstname, row.lastname, row.email)


def find_client(connection: Connection, session: str, client_id: str) -> Row | None:
    """The row of an OpenID client."""
    return connection.execute(_CLIENT, {"key": session, "client_id": client_id}).first()


def open_grant(
    connection: Connection,
    session: str,
    *,
    user_id: int,
    client_id: str,
    scope: str,
    request: Mapping[str, Any],
    now: datetime,
    logged_in_at: int | None = None,
    code_used: bool = False,
) -> Row:
    """Begin a login; request is whatever the provider has to remember of what the client asked for, logged_in_at the second
    since the epoch when the user gave their password, if that was not now. With code_used, nobody can come with its code."""
    seconds = int(now.timestamp())
    grant = _random()
    row = {
        "session": session,
        "id": grant,
        "user_id": user_id,
        "client_id": client_id,
        "scope": scope,
        "request": {**request, "code_expires_at": seconds + CODE_SECONDS},
        "logged_in_at": seconds if logged_in_at is None else logged_in_at,
        # A code and a refresh token begin with the id of their grant, so that a used one still tells whose it was.
        "code": f"{grant}.{_random()}",
        "code_used": code_used,
        "refresh_token": None,
        "ended": False,
    }
    connection.execute(_INSERT_GRANT, row)
    return SimpleNamespace(**row)


def _random() -> str:
    # Not from the seed, as other ids are: what one session gave, or this one before a reset, must open nothing here.
    return secrets.token_hex(16)


def find_grant(connection: Connection, session: str, secret: str) -> Row | None:
    """The grant of an id, a code or a refresh token, used ones included."""
    grant = secret.partition(".")[0]
    return connection.execute(_GRANT, {"key": session, "grant": grant}).first()


def change_grant(connection: Connection, grant: Row, **values: object) -> None:
    """Change code_used, refresh_token or ended."""
    for name, value in values.items():
        connection.execute(_CHANGE_GRANT[name], {"key": grant.session, "grant": grant.id, "new": value})


def redeem_code(connection: Connection, session: str, code: str, client_id: str, now: datetime) -> Row | None:
    """The grant that this client begins with the code. A code that comes a second time ends its grant: one of them is a thief."""
    grant = find_grant(connection, session, code)
    if grant is None or grant.client_id != client_id or not hmac.compare_digest(grant.code.encode(), code.encode()):
        return None
    if grant.code_used:
        change_grant(connection, grant, ended=True)
        return None
    alive = not grant.ended and now.timestamp() < grant.request["code_expires_at"]
    return grant if alive else None


def redeem_refresh_token(connection: Connection, session: str, token: str, client_id: str) -> Row | None:
    """The grant that this client may go on with. If an earlier one comes again, the latest is revoked too:
    one of them was stolen, and nobody can tell which (RFC 9700, section 4.14.2)."""
    grant = find_grant(connection, session, token)
    if grant is None or grant.client_id != client_id or grant.ended:
        return None
    if grant.refresh_token != token:
        change_grant(connection, grant, refresh_token=None)
        return None
    return grant


def read_access_token(connection: Connection, session: str, token: str, now: datetime) -> Mapping[str, Any] | None:
    """The claims of an access token of this session whose grant has not ended; one that a reset has forgotten stays valid."""
    login = access_token_login(session, token, now)
    if login is None or login.grant is None:
        return None
    grant = find_grant(connection, session, login.grant)
    return None if grant is not None and grant.ended else signing.verify(signing.ACCESS_TOKEN, token, now)


def issue_tokens(
    connection: Connection, grant: Row, subject: Subject, *, lifetime: int, issuer: str, scope: str, now: datetime
) -> Tokens:
    """New tokens of a grant; its earlier refresh token becomes invalid. lifetime is the client's, scope the grant's, or less."""
    refresh_token = f"{grant.id}.{_random()}"
    change_grant(connection, grant, refresh_token=refresh_token)
    common = {"iss": issuer, "sub": subject.sub, "iat": int(now.timestamp())}
    access_token = signing.sign(signing.ACCESS_TOKEN, common | _access_claims(grant, subject, common, lifetime, scope))
    id_token = signing.sign(signing.ID_TOKEN, common | _id_claims(grant, subject, common, access_token, scope))
    return Tokens(access_token, id_token, refresh_token, lifetime, scope)


def _access_claims(grant: Row, subject: Subject, common: Mapping[str, Any], lifetime: int, scope: str) -> dict[str, object]:
    """RFC 9068, section 2.2; session, user_id and grant are for auth.py."""
    return {
        "aud": common["iss"],
        "exp": common["iat"] + lifetime,
        "jti": _random(),
        "client_id": grant.client_id,
        "scope": scope,
        "session": grant.session,
        "user_id": str(subject.user_id),
        "grant": grant.id,
    }


def _id_claims(grant: Row, subject: Subject, common: Mapping[str, Any], access_token: str, scope: str) -> dict[str, object]:
    """OpenID Connect Core 1.0, sections 2 and 3.1.3.6."""
    nonce = grant.request.get("nonce")
    return {
        "aud": grant.client_id,
        "exp": common["iat"] + ID_TOKEN_SECONDS,
        "auth_time": grant.logged_in_at,
        "sid": grant.id,
        "at_hash": _half_hash(access_token),
        **subject.claims(scope),
        **({"nonce": nonce} if nonce else {}),
    }


def _half_hash(token: str) -> str:
    digest = hashlib.sha256(token.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest[:16]).rstrip(b"=").decode("ascii")
