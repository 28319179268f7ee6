"""What people may see of texts: without what lets somebody in, and with what a terminal would obey made visible."""

import json
import logging
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from html import escape
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


def forget(*secrets: str) -> None:
    """Has them no longer hidden where no name says that they are secrets: what is learnt without end has to be bounded."""
    gone = {form for secret in secrets for form in _forms(secret)}
    with _lock:
        _known[0] = tuple(form for form in _known[0] if form not in gone)


def _forms(secret: str) -> set[str]:
    json_texts = {
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(secret)[1:-1].replace("/", "\\/"),
    }
    escaped = {quote(secret, safe=""), quote(secret), quote_plus(secret), repr(secret)[1:-1], escape(secret), *json_texts}
    encoded = "".join(f"%{byte:02X}" for byte in secret.encode())
    cased = {re.sub("%..", lambda found: found[0].lower(), form) for form in (*escaped, encoded)}
    return {secret, encoded, *escaped, *cased, *_base64(secret.encode())}


def _base64(secret: bytes) -> Iterator[str]:
    """How base64 may write a secret, alone or somewhere in a longer text: what depends on its neighbours is left out."""
    for shift in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            # Of what 8 bits before or after change, no letter is left: 0, 2 or 3 in front, and a group that is not full.
            text = encode(bytes(shift) + secret).decode().rstrip("=")
            whole = text[(0, 2, 3)[shift] : (shift + len(secret)) * 8 // 6]
            if len(whole) >= SHORTEST:
                yield whole


def without_secrets(text: str) -> str:
    """The text without the secrets that are known, and without what the names of properties and fields say is one."""
    for secret in _known[0]:
        if secret in text:
            text = text.replace(secret, HIDDEN)
    for words, place in _PLACES:
        if any(word in text for word in words):
            text = place.sub(rf"\1{HIDDEN}", text)
    return text


# What a terminal or a browser would not show but obey: C0 and C1 but for tab and line feed, what turns the direction of writing,
# what has no width, and halves of letters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\ud800-\udfff]"
)


def visible(text: str) -> str:
    """The text with the characters that nobody sees, and terminals obey, as Python writes them: `\\x1b`."""
    return _UNSEEN.sub(lambda found: ascii(found[0])[1:-1], text)


def masked(text: str) -> str:
    """The text as people may see it, on a terminal or in a report."""
    return visible(without_secrets(text))


class Filter(logging.Filter):
    """Masks the lines of a log, such as those of urllib3 with the paths of all requests."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = masked(record.getMessage()), ()
        return True
