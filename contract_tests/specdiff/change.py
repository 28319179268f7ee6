"""A change of a spec as a value, and how bad it is: breaking, risky or harmless."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Any

Json = Any


class Severity(StrEnum):
    """What a change means for a client that keeps to the old document.

    Breaking: what the old one allows is refused, lost or gone, or an answer lacks what it promises or has another structure.
    Risky: the documents do not tell, or a client fails that takes more for granted than it has to. Harmless: anything else.
    """

    BREAKING = "breaking"
    RISKY = "risky"
    HARMLESS = "harmless"


class Way(StrEnum):
    """Who is bound: in a request the client writes, and in an answer it reads."""

    REQUEST = "request"
    ANSWER = "answer"


class Effect(Enum):
    """What becomes of the set of allowed requests or answers."""

    NARROWER = "narrower"
    WIDER = "wider"
    OTHER = "other"  # some are no longer in it, and some are new
    UNCLEAR = "unclear"  # any of these, such as another regular expression
    NONE = "none"  # it stays, and only what is said about it changes


@dataclass(frozen=True)
class Place:
    """Where in a spec: the operation, the part of its requests or answers, and the property there.

    `part` is a parameter's place and name, or `body` or `answer`, a status, and then a media type, or `header` and its name.
    `component` is the innermost schema component around the place; `property` then begins there.
    """

    operation: str
    way: Way = Way.REQUEST
    part: tuple[str, ...] = ()
    component: str = ""
    property: str = ""


@dataclass(frozen=True)
class Change:
    """What is different at a place; `rule` is a keyword of the schema or one of those in words.py."""

    place: Place
    rule: str
    effect: Effect
    old: Json = None
    new: Json = None

    @property
    def severity(self) -> Severity:
        key = self.place.way, self.effect
        return _EXCEPTIONS.get((self.rule, *key)) or _USUALLY[key]

    def __hash__(self) -> int:
        return hash((self.place, self.rule, self.effect))  # since JSON values have none


_USUALLY = {
    (Way.REQUEST, Effect.NARROWER): Severity.BREAKING,
    (Way.REQUEST, Effect.WIDER): Severity.HARMLESS,
    (Way.REQUEST, Effect.OTHER): Severity.BREAKING,
    (Way.REQUEST, Effect.UNCLEAR): Severity.RISKY,
    (Way.REQUEST, Effect.NONE): Severity.HARMLESS,
    (Way.ANSWER, Effect.NARROWER): Severity.HARMLESS,
    (Way.ANSWER, Effect.WIDER): Severity.RISKY,
    (Way.ANSWER, Effect.OTHER): Severity.BREAKING,
    (Way.ANSWER, Effect.UNCLEAR): Severity.RISKY,
    (Way.ANSWER, Effect.NONE): Severity.HARMLESS,
}
_EXCEPTIONS = {
    # The structure that code is written for.
    **{
        (rule, Way.ANSWER, Effect.WIDER): Severity.BREAKING
        for rule in ("type", "alternative", "format", "required", "required property gone", "required header gone")
    },
    # What a client waits for no longer comes.
    ("success gone", Way.ANSWER, Effect.NARROWER): Severity.BREAKING,
    ("media type gone", Way.ANSWER, Effect.NARROWER): Severity.BREAKING,
    # A client takes an unknown status for the first of its class (RFC 9110, section 15), and any server may break down.
    ("error new", Way.ANSWER, Effect.WIDER): Severity.HARMLESS,
}
