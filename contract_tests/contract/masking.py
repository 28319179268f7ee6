"""What lets somebody in is left out of all that is shown or written: texts, reports, traffic, tracebacks."""

import json
import logging
import re
from threading import Lock
from urllib.parse import quote, quote_plus

HIDDEN = "…"
SHORTEST = 5  # a shorter secret, such as "max", would take half of a text with it; where it stands is hidden by its name

# Properties of JSON (and of what Python prints), fields of forms and queries, and headers that let somebody in; each with words
# of which a text has to hold one, since looking for words is much faster.
_WORDS = ("oken", "assword", "ecret", "code", "Code")
_SECRET = r"\w*(?:[Tt]oken|[Pp]assword|[Ss]ecret|[Cc]ode|code_verifier)"
_PLACES = (
    (_WORDS, re.compile(rf"""(["']{_SECRET}["']\s*:\s*["'])[^"']+""")),
    (_WORDS, re.compile(rf"\b({_SECRET}=)[^&\s'\"]+")),
    (("Bearer", "Basic"), re.compile(r"\b((?:Bearer|Basic)\s+)[\w.~+/=-]{16,}")),
    (("eyJ",), re.compile(r"\b(eyJ)[\w-]{10,}\.[\w-]+\.[\w-]*")),  # a JSON Web Token, wherever it stands
)
_lock = Lock()
_known: list[tuple[str, ...]] = [()]


def learn(*secrets: str | None) -> None:
    """Has these texts, in whatever way they are written in URLs and JSON, hidden from now on in this process."""
    new = {form for secret in secrets if secret and len(secret) >= SHORTEST for form in _forms(secret)}
    with _lock:
        if not new <= set(_known[0]):
            # The longest first: one secret may begin with another.
            _known[0] = tuple(sorted({*_known[0], *new}, key=len, reverse=True))


def _forms(secret: str) -> set[str]:
    return {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1], repr(secret)[1:-1]}


def masked(text: str) -> str:
    """The text without the secrets that are known, and without what the names of properties and fields say is one."""
    for secret in _known[0]:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    for words, place in _PLACES:
        if any(word in text for word in words):
            text = place.sub(rf"\1{HIDDEN}", text)
    return text


class Filter(logging.Filter):
    """Masks the lines of a log, such as those of urllib3 with the paths of all requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), ()
        return True
