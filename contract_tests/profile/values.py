"""What is known of a deployment: where it is, how to get there, who can log in and how. Values alone; they never change."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIXED = ("bearer", "cookie", "basic")  # what logs somebody in as it stands in the profile


class ProfileError(ValueError):
    """A profile that cannot be used; each line of the text names the place and the key."""


@dataclass(frozen=True)
class RequestLogin:
    """One request that answers with a login: a token at a JSON pointer into the body, or a cookie that it sets.

    `path` is below the API's base URL, or a whole URL; the body is `json` or `form`.
    """

    path: str
    method: str = "POST"
    json: Any = field(default=None, repr=False, hash=False)
    form: Mapping[str, str] | None = field(default=None, repr=False, hash=False)
    bearer: str | None = None
    cookie: str | None = None


@dataclass(frozen=True)
class OpenIdLogin:
    """A login at an OpenID provider; endpoints that are not named come from the issuer's discovery document.

    `grant` is authorization_code (a browser fills in the provider's form), refresh_token, client_credentials or password.
    """

    grant: str
    client_id: str
    issuer: str | None = None
    token_url: str | None = None
    authorization_url: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    redirect_uri: str | None = None
    scope: str | None = None
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)


Login = RequestLogin | OpenIdLogin


@dataclass(frozen=True)
class Principal:
    """Somebody who can log in; `homes` are the ids of their domains (linagora) or communities (casavi).

    `expired_bearer` is a token of theirs that is no longer good; `login` is how to get one that is.
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
    basic: tuple[str, str] | None = field(default=None, repr=False)
    login: Login | None = None

    @property
    def headers(self) -> dict[str, str]:
        """The header that logs them in: the bearer token if they have one, else the cookie, else name and password."""
        if self.bearer is not None:
            return {"Authorization": f"Bearer {self.bearer}"}
        return self.cookie_header or self.basic_header

    @property
    def cookie_header(self) -> dict[str, str]:
        return {"Cookie": "=".join(self.cookie)} if self.cookie else {}

    @property
    def basic_header(self) -> dict[str, str]:
        pair = ":".join(self.basic or ()).encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"} if self.basic else {}

    @property
    def is_administrator(self) -> bool:
        return any("admin" in role.lower() for role in self.roles)


@dataclass(frozen=True)
class Client:
    """An OpenID client that casavi knows."""

    id: str
    redirect_uris: tuple[str, ...] = ()


@dataclass(frozen=True)
class Connection:
    """How to reach a deployment; timeouts in seconds, `retries` after errors of the connection alone, `rate` as "20/s".

    `read_timeout` is the time until the next byte, `answer_timeout` that of a whole answer, and `max_answer_mb` the most of it
    that is read, unpacked, in megabytes. `ca` is a bundle of certificates to trust, `certificate` and `key` are the client's own.
    """

    ca: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    verify: bool = True
    connect_timeout: float = 5
    read_timeout: float = 30
    answer_timeout: float = 60
    max_answer_mb: float = 64
    retries: int = 2
    rate: str | None = None


@dataclass(frozen=True)
class Profile:
    """What is known of a deployment; None means that the file does not say, and an API that it does not place is absent.

    `base_urls` are by API, with the path prefix and without a slash at the end; `known` are ids of things that are there, by
    API and name of the path parameter. `clients`, `provider_keys` and `invite_tokens` (unused ones) are what registering and
    logging in at casavi take. `resettable` is a mock of ours, where each test gets a state of its own.
    """

    principals: tuple[Principal, ...]
    base_urls: Mapping[str, str] = field(default_factory=dict, hash=False)
    safety: str | None = None
    judge_inferred: bool | None = None
    clients: tuple[Client, ...] = ()
    provider_keys: tuple[str, ...] = ()
    invite_tokens: tuple[str, ...] = field(default=(), repr=False)
    connection: Connection = Connection()
    known: Mapping[str, Mapping[str, str]] = field(default_factory=dict, hash=False)
    overlays: tuple[Path, ...] = ()
    deviations: Path | None = None
    resettable: bool = False
    file: Path | None = None

    def of(self, api: str) -> tuple[Principal, ...]:
        return tuple(principal for principal in self.principals if principal.api == api)
