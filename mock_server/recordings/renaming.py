"""Gives all ids, people and texts of a recorded scenario new ones: the same for the same, in the same order, and in every run."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Any

from mock_server.recordings.logins import Unknown
from mock_server.recordings.marks import Hex, Kept, Label, Number, OfPerson, Text

# In the order of their letters.
_FIRST = """
Ada Anton Bea Ben Carl Cora Dana David Edda Emil Felix Fina Gesa Gustav Hanna Hugo Ida Ivo Jana Jonas Karla Kurt Lea Linus
Mara Moritz Nele Nils Olga Oskar Paula Pit Rosa Ruben Sina Sven Theo Tilda Urs Uta Vera Viktor Wanda Willi
"""
_LAST = """
Ahorn Amsel Anger Bach Birke Brunn Buche Dachs Deich Distel Eiche Erle Esche Falke Feld Fink Fuchs Garten Ginster Hafer Hain
Hecht Heide Hirsch Igel Kiefer Klee Kranich Lerche Linde Luchs Marder Meise Moos Nelke Otter Pappel Rabe Rose Specht Tanne
Ufer Ulme Veilchen Wald Weide Wiese Zander
"""
_FILLER = """
lorem ipsum dolor sit amet consetetur sadipscing elitr sed diam nonumy eirmod tempor invidunt ut labore et dolore magna
aliquyam erat at vero eos accusam justo duo dolores ea rebum
"""
_LONGEST_TEXT, _LONGEST_KEPT, _MOST_PARAGRAPHS = 2000, 255, 20
_FORMS = {"phone": "+49 30 23125 {}", "e-mail": "contact-{}@example.org"}
# Of an address, a telephone number, or anything else that numbers somebody.
_TELLS = re.compile(r"@|\d[\d /-]{3,}\d|https?://|www\.")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(slots=True)
class Person:
    """What is known of somebody by their real name; None is what nobody has seen."""

    firstname: str | None = None
    lastname: str | None = None


def renamed(tree: Any, people: Mapping[tuple[str, Any], Person]) -> Any:
    """The tree with new values in place of its marks; people are known by an API and an id."""
    return _Renaming(list(_marks(tree)), people).applied(tree)


def _marks(tree: Any) -> Iterator[Any]:
    if isinstance(tree, dict | list):
        for value in tree.values() if isinstance(tree, dict) else tree:
            yield from _marks(value)
    elif not isinstance(tree, str | int | float | bool | None):
        yield tree


class _Renaming:
    def __init__(self, marks: list[Any], people: Mapping[tuple[str, Any], Person]) -> None:
        self._names = _names({(mark.api, mark.id) for mark in marks if isinstance(mark, OfPerson)}, people)
        known = {name for one in people.values() for name in (one.firstname, one.lastname) if name and len(name) > 2}
        self._known = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(known)))})\b", re.IGNORECASE) if known else None
        self._ranks = _ranks(marks)
        self._kept = {_clean(mark.original) for mark in marks if isinstance(mark, Kept) and not self._tells(mark.original)}
        self._texts = self._new_texts(marks)

    def applied(self, tree: Any) -> Any:
        if isinstance(tree, dict):
            return {key: self.applied(value) for key, value in tree.items()}
        if isinstance(tree, list):
            return [self.applied(value) for value in tree]
        return tree if isinstance(tree, str | int | float | bool | None) else self._new(tree)

    def _new(self, mark: Any) -> Any:
        match mark:
            case OfPerson():
                return self._names[mark.api, mark.id][mark.what]
            case Text() | Kept():
                return self._text(mark)
            case Label():
                return f"{mark.kind}-{self._rank(mark)}"
            case Hex():
                return f"{mark.kind.encode().hex()[:4]}{self._rank(mark):020d}"
        return self._rank(mark)

    def _rank(self, mark: Number | Hex | Label) -> int:
        return self._ranks[type(mark), mark.kind][mark.original]

    def _tells(self, text: str) -> bool:
        return bool(_TELLS.search(text) or (self._known and self._known.search(text)))

    def _text(self, mark: Text | Kept) -> str:
        if isinstance(mark, Kept) and not self._tells(mark.original):
            return _clean(mark.original) or "-"
        if isinstance(mark, Text) and mark.limit is None and not mark.original.strip():
            return ""
        return self._texts[mark.original][: mark.limit if isinstance(mark, Text) else _LONGEST_KEPT]

    def _new_texts(self, marks: list[Any]) -> dict[str, str]:
        """Of each original, by kinds; a text that is of several is of that in which it was met first."""
        kinds: dict[str, str] = {}
        for mark in marks:
            if isinstance(mark, Text) or (isinstance(mark, Kept) and self._tells(mark.original)):
                kinds.setdefault(mark.original, mark.kind)
        by_kind: dict[str, list[str]] = defaultdict(list)
        for original, kind in kinds.items():
            by_kind[kind].append(original)
        return {
            original: self._made_up(kind, number, len(originals), original)
            for kind, originals in by_kind.items()
            for number, original in enumerate(sorted(originals), start=1)
        }

    def _made_up(self, kind: str, number: int, count: int, original: str) -> str:
        digits = str(number).zfill(len(str(count)))
        if kind in _FORMS:
            return _FORMS[kind].format(digits.zfill(3))
        name = f"{kind[:1].upper()}{kind[1:]} {digits}"
        while name in self._kept:
            name += " "[: not name.endswith("'")] + "'"
        return _filled(name, original)


def _clean(text: str) -> str:
    return _CONTROLS.sub(" ", text).strip()[:_LONGEST_KEPT]


def _filled(name: str, original: str) -> str:
    """A text that begins with the name and has about the length and the paragraphs of the original."""
    paragraphs = re.split(r"\n\s*\n", original.strip())[:_MOST_PARAGRAPHS]
    room = min(len(original), _LONGEST_TEXT) // len(paragraphs)
    return "\n\n".join(_words("" if number else name, min(room, len(one))) for number, one in enumerate(paragraphs))


def _words(name: str, length: int) -> str:
    words = [name] if name else []
    for word in islice(cycle(_FILLER.split()), length):
        if len(" ".join(words)) + 1 + len(word) > length and words:
            break
        words.append(word)
    return " ".join(words)


def _order(original: Any) -> tuple[bool, Any]:
    """Those whose id was never seen come last."""
    return (True, (original.kind, original.number)) if isinstance(original, Unknown) else (False, original)


def _ranks(marks: list[Any]) -> dict[tuple[type, str], dict[Hashable, int]]:
    originals: dict[tuple[type, str], set[Any]] = defaultdict(set)
    for mark in marks:
        if isinstance(mark, Number | Hex | Label):
            originals[type(mark), mark.kind].add(mark.original)
    return {kind: {one: rank for rank, one in enumerate(sorted(ones, key=_order), start=1)} for kind, ones in originals.items()}


def _names(ids: set[tuple[str, Any]], people: Mapping[tuple[str, Any], Person]) -> dict[tuple[str, Any], dict[str, str]]:
    """The same first or last name gets the same new one, in the same order; people whose name nobody saw come last."""
    in_order = sorted(ids, key=lambda one: (one[0], _order(one[1])))
    known = {one: people.get(one) or Person() for one in in_order}
    nameless = [one for one in in_order if known[one].lastname is None]
    firsts = _drawn(_FIRST.split(), sorted({person.firstname or "" for person in known.values()}))
    lasts = _drawn(_LAST.split(), [*sorted({person.lastname or "" for person in known.values()}), *nameless])
    taken: Counter[tuple[str, str]] = Counter()
    result = {}
    for one, person in known.items():
        first, last = firsts[person.firstname or ""], lasts[one if person.lastname is None else person.lastname]
        name = f"{first}.{last}".lower()
        taken[one[0], name] += 1
        number = taken[one[0], name]
        name = name if number == 1 else f"{name}-{number}"
        result[one] = {
            "name": name,
            "password": f"{name}-secret",
            "email": f"{name}@example.org",
            "firstname": "" if person.firstname == "" else first,
            "lastname": "" if person.lastname == "" else last,
        }
    return result


def _drawn(names: list[str], originals: list[Any]) -> dict[Any, str]:
    """A name for each, in their order: one of these, of two, or with a number, as many as it takes."""
    count = len(originals)
    double = [f"{one}-{other}" for one in names for other in names]
    pool = names if count <= len(names) else double
    if count > len(double):
        pool = [f"{names[-1]}{number:0{len(str(count))}d}" for number in range(count)]
    return {original: pool[number * len(pool) // count] for number, original in enumerate(originals)}
