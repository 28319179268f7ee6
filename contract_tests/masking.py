"""What lets somebody in is left out of all that is shown or written: texts, reports, traffic, tracebacks."""

import json
import logging
import re
from threading import Lock
from urllib.parse import quote, quote_plus

HIDDEN = "…"
SHORTEST = 5  # a shorter secret, such as "max", would take half of a text with it; where it stands is hidden by its name

# Properties of JSON (and of what Python prints), fields of forms and queries, and headers that let somebody in.
_SECRET = r"\w*(?:[Tt]oken|[Pp]assword|[Ss]ecret|code|Code|code_verifier)"
_PLACES = (
    re.compile(rf"""(["']{_SECRET}["']\s*:\s*["'])[^"']+"""),
    re.compile(rf"\b({_SECRET}=)[^&\s'\"]+"),
    re.compile(r"\b((?:Bearer|Basic)\s+)[\w.~+/=-]{16,}"),
    re.compile(r"\b(eyJ)[\w-]{10,}\.[\w-]+\.[\w-]*"),  # a JSON Web Token, wherever it stands
)
_known: set[str] = set()
_pattern: list[re.Pattern[str]] = []
_lock = Lock()


def learn(*secrets: str | None) -> None:
    """Has these texts, in whatever way they are written in URLs and JSON, hidden from now on in this process."""
    new = {form for secret in secrets if secret and len(secret) >= SHORTEST for form in _forms(secret)}
    with _lock:
        if not new <= _known:
            _known.update(new)
            # The longest first: one secret may begin with another.
            _pattern[:] = [re.compile("|".join(map(re.escape, sorted(_known, key=len, reverse=True))))]


def _forms(secret: str) -> set[str]:
    return {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}


def masked(text: str) -> str:
    """The text without the secrets that are known, and without what the names of properties and fields say is one."""
    for pattern in _pattern:
        text = pattern.sub(HIDDEN, text)
    for place in _PLACES:
        text = place.sub(rf"\1{HIDDEN}", text)
    return text


class Filter(logging.Filter):
    """Masks the lines of a log, such as those of urllib3 with the paths of all requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), ()
        return True
