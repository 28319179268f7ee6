"""What a client may be answered: statuses, headers and bodies."""

from collections.abc import Iterator, Mapping

from contract_tests.specdiff.change import Change, Effect, Json, Way
from contract_tests.specdiff.compare import compare
from contract_tests.specdiff.content import content
from contract_tests.specdiff.point import Nodes
from contract_tests.specdiff.requests import required

ERRORS = ("4", "5")


def answers(both: Nodes) -> Iterator[Change]:
    """4XX stands for each status that begins with 4 and has no entry of its own, and `default` for any."""
    old, new = ({str(status): node for status, node in found.items()} for found in both.values("responses", default={}))
    for status in dict.fromkeys([*old, *new]):
        before, after = _entry(old, status), _entry(new, status)
        here = both.below(before or {}, after or {}, way=Way.ANSWER, part=("answer", status))
        if after is None:
            yield here.change("success gone" if status.startswith("2") else "status gone", Effect.NARROWER)
        elif before is None:
            yield here.change("error new" if status.startswith(ERRORS) else "status new", Effect.WIDER)
        else:
            yield from _answer(here)


def _entry(answers: Mapping[str, Json], status: str) -> Json | None:
    return next((answers[key] for key in (status, f"{status[0]}XX", "default") if key in answers), None)


def _answer(both: Nodes) -> Iterator[Change]:
    yield from both.said()
    yield from headers(both)
    yield from content(both)
    if both.old.get("links") != both.new.get("links"):
        yield both.change("links", Effect.NONE)


def headers(both: Nodes) -> Iterator[Change]:
    old, new = ({name.lower(): (name, node) for name, node in found.items()} for found in both.values("headers", default={}))
    for key in dict.fromkeys([*old, *new]):
        name = (old.get(key) or new[key])[0]
        here = both.below(*(found.get(key, ("", {}))[1] for found in (old, new)), part=(*both.place.part, "header", name))
        if key not in new:
            promised = here.old.get("required", False)
            yield here.change("required header gone" if promised else "header gone", Effect.WIDER)
        elif key not in old:
            yield here.change("header new", Effect.NARROWER)
        else:
            yield from required(here)
            yield from here.said()
            yield from compare(here.schemas())
