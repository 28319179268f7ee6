"""The header `Prefer` of a request (RFC 7240)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.request import parse_http_list

from werkzeug.http import quote_header_value, unquote_header_value

MAX_DELAY = 600_000  # milliseconds
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105 - it is a part of the grammar of HTTP
_PREFERENCE = re.compile(rf'({_TOKEN})(?:[ \t]*=[ \t]*("(?:[^"\\]|\\.)*"|{_TOKEN})?)?[ \t]*(?:;.*)?')


@dataclass(frozen=True, slots=True)
class Preference:
    """What a client would like: `code=503`. value is None where it is enough to name it."""

    name: str
    value: str | None

    def __str__(self) -> str:
        return self.name if self.value is None else f"{self.name}={quote_header_value(self.value)}"


def read_preferences(header: str) -> list[Preference]:
    """In the order of the header; of several with one name the first alone counts. What is no preference is left out."""
    found: dict[str, Preference] = {}
    for item in parse_http_list(header):
        match = _PREFERENCE.fullmatch(item)
        if match:
            name = match[1].lower()
            found.setdefault(name, Preference(name, unquote_header_value(match[2]) or None if match[2] else None))
    return list(found.values())
