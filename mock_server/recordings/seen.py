"""Which operations recorded exchanges are of: by the paths of the specs, with whatever precedes them."""

from __future__ import annotations

import base64
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from mock_server.auth import cookie_name
from mock_server.clock import iso_time
from mock_server.nesting import parse_json
from mock_server.recordings.archive import Exchange
from mock_server.recordings.marks import Notes
from mock_server.spec import Api, Operation

_MASKS = frozenset({"", "…", "***", "[redacted]", "REDACTED"})
# After these, a session of a mock has other contents.
_REPLACED = re.compile(r"^(.*?)/__mock/(?:reset|scenario|snapshots/[^/]+/restore)$")
_SHOWN, _DAY = 3, len("2024-05-02")


Call = tuple[Operation, re.Match[str], Exchange]


@dataclass(frozen=True, slots=True)
class Seen:
    """An operation that was called. path and query are the parameters, sent and answer JSON values, None where there are none.

    who is what told who asked, empty where the archive does not have that; gave is what the answer let somebody in with.
    known is whether the answer shows that somebody was logged in.
    """

    operation: str
    path: Mapping[str, str]
    query: Mapping[str, str]
    sent: Any
    status: int
    headers: Mapping[str, str]
    answer: Any
    time: str
    who: str
    gave: str
    known: bool


def moment_of(value: object) -> str | None:
    """A time as scenarios have it, `2024-05-02T08:30:00.000Z`; None for what is no time."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) and len(value) > _DAY else None
        return iso_time(moment.replace(tzinfo=moment.tzinfo or UTC)) if moment else None
    except (ValueError, OverflowError):
        return None


def is_masked(text: object) -> bool:
    """Whether this stands for a secret that the archive does not tell."""
    return not isinstance(text, str) or text.removeprefix("Bearer ").strip() in _MASKS


def recognised(
    exchanges: Iterable[Exchange], apis: Mapping[str, tuple[Api, Sequence[Operation]]], base: str | None, notes: Notes
) -> dict[str, list[Seen]]:
    """What was called of each API, oldest first. apis have their operations; base is the URL of the server to look at.

    Without one, it is the one of which there is most; what was asked of others is noted.
    """
    patterns = [(api, operation, _pattern(operation)) for api, (_, known) in apis.items() for operation in known]
    found: dict[str, dict[str, list[Call]]] = defaultdict(lambda: defaultdict(list))
    unknown: Counter[str] = Counter()
    words = {word for _, operation, _ in patterns for word in operation.path.split("/")}
    for exchange in sorted(exchanges, key=lambda one: moment_of(one.time) or ""):
        path = urlsplit(exchange.url).path
        match = next(_matches(patterns, exchange.method, path), None)
        if match:
            api, operation, where = match
            found[api][_base(exchange, where["base"])].append((operation, where, exchange))
        elif (replaced := _REPLACED.match(path)) and exchange.method in ("POST", "PUT"):
            for places in found.values():
                places.pop(_base(exchange, replaced[1]), None)
        elif exchange.method != "OPTIONS":
            unknown[f"{exchange.method} {_without_values(path, words)}"] += 1
    _tell_unknown(unknown, notes)
    chosen = {api: _chosen(api, places, base, notes) for api, places in found.items()}
    return {
        api: [_seen(operation, where, one, apis[api][0], notes) for operation, where, one in calls]
        for api, calls in chosen.items()
    }


def _pattern(operation: Operation) -> re.Pattern[str]:
    parts = re.split(r"\{(\w+)\}", operation.path)
    return re.compile(
        "(?P<base>(?:/.*)?)" + "".join(f"(?P<{part}>[^/]+)" if odd % 2 else re.escape(part) for odd, part in enumerate(parts))
    )


def _matches(
    patterns: Iterable[tuple[str, Operation, re.Pattern[str]]], method: str, path: str
) -> Iterator[tuple[str, Operation, re.Match[str]]]:
    for api, operation, pattern in patterns:
        if operation.method == method and (match := pattern.fullmatch(path)):
            yield api, operation, match


def _base(exchange: Exchange, prefix: str) -> str:
    """Where the server is; sessions of a mock are as servers of their own."""
    parts, session = urlsplit(exchange.url), exchange.headers.get("x-mock-session")
    host = parts.netloc.rpartition("@")[2]  # without a name and a password
    return f"{parts.scheme}://{host}{prefix}" + (f"/_s/{session}" if session and "/_s/" not in prefix else "")


def _chosen(api: str, places: Mapping[str, list[Call]], base: str | None, notes: Notes) -> list[Call]:
    wanted = [place for place in places if base is None or place.rstrip("/") == base.rstrip("/")]
    best = max(wanted, key=lambda place: len(places[place]), default="")
    others = sorted((place for place in places if place != best), key=lambda place: -len(places[place]))
    if others:
        shown = ", ".join(others[:_SHOWN]) + (f" and {len(others) - _SHOWN} more" if len(others) > _SHOWN else "")
        left = sum(len(places[place]) for place in others)
        notes.add(f"requests of {api} to other servers or sessions, of which --base-url takes one instead ({shown})", left)
    return places.get(best, [])


def _without_values(path: str, words: Collection[str]) -> str:
    """The path, with a star for all that may be an id or tell of somebody."""
    return "/".join(part if part in words or re.fullmatch(r"v\d", part) else "*" for part in path.split("/"))


def _tell_unknown(unknown: Counter[str], notes: Notes) -> None:
    # Of most paths nothing is left that says anything.
    shown = sorted((what for what in unknown if "/api/" in what), key=lambda what: -unknown[what])[:_SHOWN]
    notes.add(f"entries that are no operation{', such as ' * bool(shown)}{', '.join(shown)}", unknown.total())


def _seen(operation: Operation, where: re.Match[str], exchange: Exchange, api: Api, notes: Notes) -> Seen:
    good = 200 <= exchange.status < 300
    if not good:
        notes.add(f"answers of status {exchange.status}, which show no object")
    answer = _json(exchange.answer, exchange.answer_headers, f"answers of {operation.id}", notes) if good else None
    sent = _json(exchange.sent, exchange.headers, f"requests of {operation.id}", notes) if good else None
    return Seen(
        operation=operation.id,
        path={name: unquote(where[name]) for name in operation.path_parameters},
        query=dict(parse_qsl(urlsplit(exchange.url).query, keep_blank_values=True)),
        sent=sent,
        status=exchange.status,
        headers=exchange.answer_headers,
        answer=answer,
        time=exchange.time,
        who=_who(exchange, cookie_name(api)),
        gave=_given(exchange, answer, cookie_name(api)),
        known=good and bool(operation.security),
    )


def _json(body: bytes | None, headers: Mapping[str, str], what: str, notes: Notes) -> Any:
    """The value of a body; what is no JSON, and does not say that it is, such as a picture, is none."""
    if body is None:
        notes.add(f"{what} whose body the archive does not have")
        return None
    try:
        value = parse_json(body) if body else None
    except ValueError:
        if "json" in headers.get("content-type", "json"):
            notes.add(f"{what} whose body was cut off or is no JSON")
        return None
    return value


def _who(exchange: Exchange, cookie: str) -> str:
    """What is the same for all requests of one login: a comment of the archive, the subject of a token, the token or cookie."""
    for name in ("authorization", "cookie"):
        if name not in exchange.headers:
            continue
        value = exchange.headers[name]
        if name == "cookie" and not is_masked(value):
            value = _cookie(value, cookie) or value
        found = exchange.comments.get(name) or ("" if is_masked(value) else _subject(value))
        if found:
            return found
    return ""


def _cookie(header: str, name: str) -> str:
    try:
        morsel = SimpleCookie(header).get(name)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


def _subject(login: str) -> str:
    """Of a JSON Web Token who it is for, since it is renewed; of all else itself."""
    parts = login.split(".")
    try:
        claims = parse_json(base64.urlsafe_b64decode(parts[1] + "==")) if len(parts) == 3 else {}
    except ValueError:
        claims = {}
    return f"sub {claims['sub']}" if isinstance(claims, dict) and claims.get("sub") else login


def _given(exchange: Exchange, answer: Any, cookie: str) -> str:
    token = answer.get("oidcAccessToken") if isinstance(answer, dict) else None
    if isinstance(token, str) and not is_masked(token):
        return _subject(f"Bearer {token}")
    return _cookie(exchange.answer_headers.get("set-cookie", ""), cookie)
