"""What a client may and has to send: parameters and the body."""

from collections.abc import Iterator, Mapping

from contract_tests.specdiff.change import Change, Effect, Json
from contract_tests.specdiff.compare import compare
from contract_tests.specdiff.content import content
from contract_tests.specdiff.point import Nodes
from contract_tests.specdiff.schema import Document

STYLES = {"query": "form", "cookie": "form", "path": "simple", "header": "simple"}
SWITCHES = ("allowReserved", "allowEmptyValue")  # each allows more


def parameters(both: Nodes) -> Iterator[Change]:
    old, new = (
        _by_name(document, listed) for document, listed in zip(both.documents, both.values("parameters", default=[]), strict=True)
    )
    for key in dict.fromkeys([*old, *new]):
        named = old.get(key) or new[key]
        here = both.below(old.get(key, {}), new.get(key, {}), part=(named["in"], named["name"]))
        if key not in new:
            yield here.change("parameter gone", Effect.NARROWER)
        elif key in old:
            yield from _parameter(here)
        else:
            required = here.new.get("required", False)
            yield here.change(
                "required parameter new" if required else "parameter new", Effect.NARROWER if required else Effect.WIDER
            )


def _by_name(document: Document, listed: list[Json]) -> dict[tuple[str, str], Mapping[str, Json]]:
    """Parameters by place and name; a later one, which is the operation's own, wins over that of its path."""
    every = map(document.followed, listed)
    return {(one["in"], one["name"].lower() if one["in"] == "header" else one["name"]): one for one in every}


def _parameter(both: Nodes) -> Iterator[Change]:
    yield from required(both)
    yield from both.said()
    old, new = (_written(node) for node in (both.old, both.new))
    if old != new:
        yield both.change("style", Effect.OTHER, *old[:1], *new[:1])
    for switch in SWITCHES:
        before, after = both.values(switch, default=False)
        if before != after:
            yield both.change(switch, Effect.WIDER if after else Effect.NARROWER, before, after)
    yield from content(both)
    yield from compare(both.schemas())


def _written(parameter: Mapping[str, Json]) -> tuple[str, bool]:
    """How a parameter is written: its style, and whether each item of an array stands alone."""
    if "content" in parameter:
        return "content", False
    style = parameter.get("style", STYLES[parameter["in"]])
    return style, parameter.get("explode", style == "form")


def required(both: Nodes) -> Iterator[Change]:
    old, new = both.values("required", default=False)
    if old != new:
        yield both.change("required", Effect.NARROWER if new else Effect.WIDER)


def body(both: Nodes) -> Iterator[Change]:
    old, new = both.values("requestBody")
    here = both.below(old or {}, new or {}, part=("body",))
    if old and not new:
        yield here.change("body gone", Effect.NARROWER)
    elif new and not old:
        must = here.new.get("required", False)
        yield here.change("required body new" if must else "body new", Effect.NARROWER if must else Effect.WIDER)
    elif old:
        yield from required(here)
        yield from here.said()
        yield from content(here)
