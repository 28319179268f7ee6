"""What a body or a parameter holds, by its media types."""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from contract_tests.specdiff.change import Change, Effect, Json
from contract_tests.specdiff.compare import compare
from contract_tests.specdiff.point import Nodes


def content(both: Nodes) -> Iterator[Change]:
    """A range such as image/* stands for each of its types."""
    old, new = ({key.lower(): value for key, value in found.items()} for found in both.values("content", default={}))
    for media in dict.fromkeys([*old, *new]):
        before, after = _entry(old, media), _entry(new, media)
        here = both.below(before or {}, after or {}, part=(*both.place.part, media))
        if after is None:
            yield here.change("media type gone", Effect.NARROWER)
        elif before is None:
            yield here.change("media type new", Effect.WIDER)
        else:
            yield from here.said()
            yield from here.differing("encoding")
            yield from compare(here.schemas())


def _entry(content: Mapping[str, Json], media: str) -> Json | None:
    return next((content[key] for key in (media, *content) if key in content and fnmatchcase(media, key)), None)
