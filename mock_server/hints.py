"""What somebody may have meant who wrote a name or a path that there is not."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from itertools import zip_longest

# Longer paths are no slips of the pen, and comparing costs time.
_LONGEST = 200
_LIKENESS = 0.7


def shown(value: object) -> str:
    """A value as it is shown in a sentence."""
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def did_you_mean(word: object, known: Iterable[object]) -> str:
    """`; did you mean alice?`, or nothing."""
    near = difflib.get_close_matches(str(word), [str(name) for name in known if name is not None], n=1)
    return f"; did you mean {shown(near[0])}?" if near else ""


def nearest(path: str, served: Iterable[str]) -> str | None:
    """The served path that is most like it, None if none is much like it; in those, `<name>` stands for any part of a path."""
    if len(path) > _LONGEST:
        return None
    parts = path.split("/")
    filled = dict.fromkeys(_filled(template.split("/"), parts) for template in served)
    return next(iter(difflib.get_close_matches(path, filled, 1, _LIKENESS)), None)


def _filled(template: list[str], parts: list[str]) -> str:
    """With the parts of the path, where it has some, in place of the variables: they are no reason to be unlike."""
    given = (mine if own.startswith("<") and mine else own for own, mine in zip_longest(template, parts[: len(template)]))
    return "/".join(given).replace("<", "{").replace(">", "}")
