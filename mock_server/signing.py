"""JSON Web Tokens: signed with one key that everybody may know, since this is a mock.

One key for all servers, so that replicas and restarts take each other's tokens.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

ALGORITHM = "RS256"
# The `typ` of RFC 9068: an ID token opens no door, whatever its claims.
ACCESS_TOKEN, ID_TOKEN = "at+jwt", "JWT"


@functools.cache
def _jose() -> tuple[Any, Any]:
    """joserfc.jwt and the key; loaded with the first token, because it takes as long as all of Flask."""
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    return jwt, RSAKey.import_key(orjson.loads(Path(__file__).with_name("signing-key.json").read_bytes()))


def sign(kind: str, claims: Mapping[str, Any]) -> str:
    """A token of that kind (ACCESS_TOKEN, ID_TOKEN); claims should have `exp`."""
    jwt, key = _jose()
    token: str = jwt.encode({"typ": kind, "alg": ALGORITHM, "kid": key.kid}, dict(claims), key, algorithms=[ALGORITHM])
    return token


def verify(kind: str, token: str, now: datetime) -> Mapping[str, Any] | None:
    """The claims of a token that this key signed and that has not expired by now; None of any other text."""
    claims = read(kind, token)
    expires = claims.get("exp") if claims else None
    return claims if isinstance(expires, int) and now.timestamp() < expires else None


@functools.lru_cache(maxsize=1024)
def read(kind: str, token: str) -> Mapping[str, Any] | None:
    """The claims of a token that this key signed, be it expired or not; None of any other text."""
    # A client sends the same token with each request, and checking a signature costs as much as answering.
    jwt, key = _jose()
    try:
        decoded = jwt.decode(token, key, algorithms=[ALGORITHM])
    # joserfc lets several kinds of exceptions out on texts that are no tokens.
    except Exception:  # noqa: BLE001
        return None
    claims: Mapping[str, Any] = decoded.claims
    return claims if decoded.header.get("typ") == kind else None


def public_keys() -> dict[str, Any]:
    """The JSON Web Key Set to verify the tokens with."""
    _, key = _jose()
    return {"keys": [{**key.as_dict(private=False), "use": "sig", "alg": ALGORITHM, "kid": key.kid}]}
