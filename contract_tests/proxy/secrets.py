"""What in a request or an answer lets somebody in, so that it is hidden wherever else it stands."""

import re
from base64 import b64decode
from binascii import Error
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from contract_tests.contract.checks import NO_JSON, parsed
from contract_tests.contract.masking import SHORTEST, forget, learn
from contract_tests.proxy.passing import Kept, Passing

MOST = 300  # that are known at a time; whatever is kept has been masked by then
LOOKED_INTO = 1 << 20  # bytes of a body
SHORTEST_TOKEN = 8
SHORTEST_COOKIE = 16  # a shorter one is a setting, such as a language
_SECRET = re.compile(r"(?:token|password|secret|api-?key|invite-?code|samlresponse|assertion|code-?verifier)$", re.IGNORECASE)
_CREDENTIALS = frozenset({"authorization", "proxy-authorization"})


class Secrets:
    """Those that were seen, the last MOST of them."""

    def __init__(self) -> None:
        self._seen: OrderedDict[str, None] = OrderedDict()

    def learn(self, passing: Passing) -> None:
        """Has the secrets of a request and its answer hidden from now on in this process."""
        for secret in _secrets(passing):
            if secret not in self._seen:
                learn(secret)
            self._seen[secret] = None
            self._seen.move_to_end(secret)
            if len(self._seen) > MOST:
                forget(self._seen.popitem(last=False)[0])


def _named(name: str, value: str) -> Iterator[str]:
    """The value, if it is long enough: people choose short passwords, but a short token is a word that stands elsewhere too."""
    if len(value) >= (SHORTEST if "assword" in name else SHORTEST_TOKEN):
        yield value


def _secrets(passing: Passing) -> Iterator[str]:
    answers = [one for one in (passing.came, passing.given) if one is not None]
    for name, value in (header for headers in (passing.asked, *(one.headers for one in answers)) for header in headers):
        yield from _of_header(name.lower(), value)
    yield from _of_pairs(parse_qsl(passing.query))
    yield from _of_body(passing.body)
    for answer in answers:
        yield from _of_body(answer.body)


def _of_header(name: str, value: str) -> Iterator[str]:
    if name in _CREDENTIALS:
        scheme, _, rest = value.partition(" ")
        yield from _named(name, rest.strip() or scheme)
        if scheme.lower() == "basic":
            yield from _of_basic(rest)
    elif name == "cookie":
        yield from (one.partition("=")[2].strip() for one in value.split(";") if len(one.partition("=")[2]) >= SHORTEST_COOKIE)
    elif name == "set-cookie":
        yield from _of_header("cookie", value.partition(";")[0])
    elif name in ("location", "referer", "content-location"):
        yield from _of_url(value)
    elif _is_named(name):
        yield from _named(name, value)


def _of_basic(text: str) -> Iterator[str]:
    try:
        yield from _named("password", b64decode(text).decode("utf-8", "replace").partition(":")[2])
    except (Error, ValueError):
        return


def _of_url(url: str) -> Iterator[str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    yield from _of_pairs(parse_qsl(parts.query) + parse_qsl(parts.fragment))


def _of_body(body: Kept) -> Iterator[str]:
    start = bytes(body.start[:LOOKED_INTO])
    if start[:1] in (b"{", b"["):
        data = parsed(start)
        yield from _of_json(data) if data is not NO_JSON else ()
    elif b"=" in start[:100] and start.isascii() and b"\n" not in start:
        yield from _of_pairs(parse_qsl(start.decode()))


def _of_pairs(pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    # `code` is that of an OpenID login; in JSON it is anything.
    for name, value in pairs:
        if name == "code" or _is_named(name):
            yield from _named(name, value)


def _of_json(data: Any) -> Iterator[str]:
    if isinstance(data, list):
        for item in data:
            yield from _of_json(item)
    if isinstance(data, dict):
        for name, value in data.items():
            if isinstance(value, dict | list):
                yield from _of_json(value)
            elif isinstance(value, str | int) and _is_named(name):
                yield from _named(name, str(value))


def _is_named(name: str) -> bool:
    return _SECRET.search(name.replace("_", "-")) is not None
