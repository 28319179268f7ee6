"""On which line of a TOML file a key stands; the parser of the standard library does not tell."""

import re

Where = tuple[str | int, ...]
Fault = tuple[Where, str]  # where something is wrong, and what

_TEXT = re.compile(r'"""[\s\S]*?"""|\'\'\'[\s\S]*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*')
_HEADER = re.compile(r"\s*(\[\[?)([^\[\]]+)\]")
_KEY = re.compile(r"\s*([^=\[\]{},]+?)\s*=")
_NAME = re.compile(r'"([^"]*)"|\'([^\']*)\'|([\w-]+)')


class Lines:
    """The lines of the keys of a TOML text that can be parsed; the first is 1."""

    def __init__(self, text: str) -> None:
        self._found: dict[Where, int] = {}
        self._last: dict[Where, int] = {}  # the index of the newest table of each array
        table: Where = ()
        depth = 0
        # Texts and comments are crossed out in place, so that no bracket or equals sign in them counts.
        plain = _TEXT.sub(lambda match: re.sub(r"[^\n]", "x", match[0]), text)
        for number, (line, shape) in enumerate(zip(text.split("\n"), plain.split("\n"), strict=True), 1):
            if depth == 0 and (match := _HEADER.match(shape)):
                table = self._enter(_names(line[slice(*match.span(2))]), number, is_array=match[1] == "[[")
            elif depth == 0 and (match := _KEY.match(shape)):
                self._note((*table, *_names(line[slice(*match.span(1))])), number)
            depth += len(re.findall(r"[\[{]", shape)) - len(re.findall(r"[\]}]", shape))

    def __getitem__(self, place: Where) -> int:
        """The line of a key; where it is missing, or inside of a value, that of what holds it."""
        while place and place not in self._found:
            place = place[:-1]
        return self._found.get(place, 1)

    def _enter(self, names: list[str], number: int, *, is_array: bool) -> Where:
        place: Where = ()
        for name in names[:-1]:
            place = self._resolved((*place, name))
        place = (*place, names[-1])
        if is_array:
            self._last[place] = self._last.get(place, -1) + 1
        self._note(self._resolved(place), number)
        return self._resolved(place)

    def _resolved(self, place: Where) -> Where:
        return (*place, self._last[place]) if place in self._last else place

    def _note(self, place: Where, number: int) -> None:
        for end in range(1, len(place) + 1):
            self._found.setdefault(place[:end], number)


def _names(dotted: str) -> list[str]:
    return [first or second or third for first, second, third in _NAME.findall(dotted)]
