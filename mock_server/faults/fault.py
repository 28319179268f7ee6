"""One fault: small data that says which requests it strikes, how often, and what happens to them."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

import jsonschema_rs

from mock_server.errors import bad_request
from mock_server.faults.prefer import MAX_DELAY

_CONDITIONS = {
    "api": {"type": "string"},
    "operation": {"type": "string"},
    "caller": {"type": "string"},
    "every": {"type": "integer", "minimum": 1},
    "times": {"type": "integer", "minimum": 1},
    "probability": {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
}
_MILLISECONDS = {"minimum": 0, "maximum": MAX_DELAY}
# Each is one function in breaking.py.
EFFECTS = {
    "status": {"type": "integer", "minimum": 200, "maximum": 599},
    "expired_login": {"const": True},
    "wrong_schema": {"const": True},
    "delay": {
        "type": ["integer", "array"],
        **_MILLISECONDS,
        "minItems": 2,
        "maxItems": 2,
        "items": {"type": "integer", **_MILLISECONDS},
    },
    "slow": {"type": "integer", **_MILLISECONDS},
    "truncate": {"const": True},
    "drop": {"const": True},
}
_OF_STATUS: dict[str, Any] = {"body": {}, "retry_after": {"type": "integer", "minimum": 0}}
_SCHEMA = {
    "type": "object",
    "properties": {
        "name": {"type": "string", "pattern": "^[A-Za-z0-9_.~-]{1,64}$"},
        **_CONDITIONS,
        **EFFECTS,
        **_OF_STATUS,
    },
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """Strikes the requests that it concerns.

    api, operation, caller: only those of that API, that operation, that caller. callers are the ids that the name of the caller
        stands for, each as `API:USER_ID`.
    every: of those, each so-many-th; probability: of those, so many by chance; times: no more than so many in all.
    effects: what happens to them, by the names of EFFECTS; a status may have `body` and `retry_after` beside it.
    matched, hits: how many requests it concerned, and how many it struck.
    """

    name: str
    effects: Mapping[str, Any]
    api: str | None = None
    operation: str | None = None
    caller: str | None = None
    callers: tuple[str, ...] = ()
    every: int = 1
    times: int | None = None
    probability: float = 1
    matched: int = 0
    hits: int = 0

    def met(self, seed: int) -> Fault:
        """The fault after one more request that it concerns: if its hits have grown, that one is struck."""
        met = replace(self, matched=self.matched + 1)
        over = self.times is not None and self.hits >= self.times
        strikes = not over and met.matched % self.every == 0 and met.draw(seed, "strikes") < self.probability
        return replace(met, hits=self.hits + 1) if strikes else met

    def draw(self, seed: int, what: str) -> float:
        """A number from 0 to below 1 that follows from the seed, the name, and how many requests it has met."""
        digest = hashlib.sha256(f"{seed} {self.name} {self.matched} {what}".encode()).digest()
        return int.from_bytes(digest[:6]) / 2**48

    def stored(self) -> dict[str, Any]:
        """A JSON value of which Fault(**value) is this again."""
        return {name: getattr(self, name) for name in self.__slots__}

    def shown(self) -> dict[str, Any]:
        """As users wrote it, with its name, how many requests it has concerned and how many it has struck."""
        given = {name: getattr(self, name) for name in _CONDITIONS if getattr(self, name) != _DEFAULTS.get(name)}
        return {"name": self.name, **given, **self.effects, "matched": self.matched, "hits": self.hits}


_INTEGERS = ("every", "times", "status", "retry_after", "delay", "slow")
_STATUSES = {status.value for status in HTTPStatus}
_DEFAULTS = {"every": 1, "probability": 1}


@functools.cache
def _validator() -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_SCHEMA)


def read_fault(body: object) -> Fault:
    """The fault that users wrote, with an empty name unless they gave it one. Raises Problem 400, which says what is wrong."""
    try:
        _validator().validate(body)
    except jsonschema_rs.ValidationError as error:
        pointer = "".join(f"/{part}" for part in error.instance_path)
        raise bad_request(f"fault{pointer}: {error.message[:300]}") from error
    assert isinstance(body, dict)
    # To JSON Schema, 503.0 is an integer too.
    whole: dict[str, Any] = {
        key: int(value) if type(value) is float and key in _INTEGERS else value for key, value in body.items()
    }
    effects = {key: value for key, value in whole.items() if key in EFFECTS or key in _OF_STATUS}
    if "status" not in effects and "retry_after" in effects:
        effects = {"status": 429, **effects}
    if not effects.keys() & EFFECTS.keys():
        raise bad_request(f"a fault has to do something: {', '.join(EFFECTS)}")
    if "status" not in effects and "body" in effects:
        raise bad_request("a body needs a status")
    if effects.get("status", 400) not in _STATUSES:
        raise bad_request(f"HTTP has no status {effects['status']}")
    if effects.get("status", 400) < 400 and "body" not in effects:
        raise bad_request("a status below 400 needs a body")
    return Fault(**{"name": "", **{key: value for key, value in whole.items() if key not in effects}}, effects=effects)
