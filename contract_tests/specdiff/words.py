"""A change in everyday words: where it is, and what is different there."""

from collections.abc import Callable

from contract_tests.report.sentences import value
from contract_tests.specdiff.change import Change, Effect, Json, Place

# What stands for a rule, or for a rule and its effect, if neither a function below nor the keyword itself says it.
SENTENCES: dict[str | tuple[str, Effect], str] = {
    "operation gone": "is gone ({old})",
    "operation new": "is new ({new})",
    "path": "moved from {old} to {new}",
    "operationId": "has the operationId {new}, had {old}",
    "path parameter": "is called {new} now",
    "words": "differs in {new}",
    "style": "is written in another way",
    "type": "is {new}, was {old}",
    "text": "has pattern {new}, which refuses what was allowed, such as {old}",
    ("required", Effect.NARROWER): "is required now",
    ("required", Effect.WIDER): "is no longer required",
    ("additionalProperties", Effect.NARROWER): "may no longer have other properties",
    ("additionalProperties", Effect.WIDER): "may have other properties now",
    ("uniqueItems", Effect.NARROWER): "may no longer have an item twice",
    ("uniqueItems", Effect.WIDER): "may have an item twice now",
    ("enum", Effect.NARROWER): "may only be {new}",
    ("enum", Effect.WIDER): "may be anything, no longer only {old}",
    ("enum", Effect.OTHER): "may only be {new}, no longer {old}",
    **{(rule, Effect.NARROWER): "may no longer be {old}" for rule in ("enum value", "alternative")},
    **{(rule, Effect.WIDER): "may be {new} now" for rule in ("enum value", "alternative")},
    **{f"{what} gone": "is gone" for what in ("parameter", "body", "media type", "success", "status", "header", "property")},
    **{f"required {what} gone": "is gone, and was required" for what in ("header", "property")},
    **{f"{what} new": "is new" for what in ("parameter", "body", "media type", "status", "error", "header", "property")},
    **{f"required {what} new": "is new and required" for what in ("parameter", "body", "property")},
}


def sentence(change: Change) -> str:
    """What is different, as it goes on after the place."""
    told = SENTENCES.get((change.rule, change.effect)) or SENTENCES.get(change.rule)
    if told is not None:
        return told.format(old=_said(change.old), new=_said(change.new))
    return _OTHERWISE.get(change.rule, _keyword)(change)


def where(place: Place) -> str:
    """The part of a request or answer, and the property in it; empty for the operation as a whole."""
    if place.component:
        named = f"schema {place.component}, in {place.way}s"
    else:
        kind, *names = place.part or ("",)
        named = " ".join([f"{kind} parameter" if kind in {"query", "path", "header", "cookie"} else kind, *names])
    return f"{named}: {place.property}" if place.property else named


def _keyword(change: Change) -> str:
    if change.old is None and change.new is None:
        return f"differs in {change.rule}"
    old = "none" if change.old is None else _said(change.old)
    return f"has {change.rule} {_said(change.new)}, had {old}" if change.new is not None else f"has no {change.rule}, had {old}"


def _login_gone(change: Change) -> str:
    if not change.old:
        return f"needs a login now: {_said(change.new)}"
    return f"no longer takes {_said(change.old)} as a login"


def _login_new(change: Change) -> str:
    return f"takes {_said(change.new)} as a login now" if change.new else "can be called without a login now"


def _deprecated(change: Change) -> str:
    return "is deprecated now" if change.new else "is no longer deprecated"


_OTHERWISE: dict[str, Callable[[Change], str]] = {"login gone": _login_gone, "login new": _login_new, "deprecated": _deprecated}


def _said(one: Json) -> str:
    """A value, a bound or a list of values."""
    if isinstance(one, tuple):
        number, excluded = one
        return f"{number:g} (excluded)" if excluded else f"{number:g}"
    if isinstance(one, list):
        return ", ".join(map(value, one))
    return "anything" if one is None else value(one)
