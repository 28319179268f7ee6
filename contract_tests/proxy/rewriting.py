"""What a proxy has to change in headers, so that each side sees the other at the address that it asked for."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

Headers = list[tuple[str, str]]

# RFC 9110, 7.6.1: they are of one connection, and so is whatever Connection names.
HOP_BY_HOP = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# What a target says of all that is at its host would be taken as said of all that is at localhost.
OF_THE_HOST = frozenset({"strict-transport-security", "alt-svc"})
SESSION = "x-mock-session"
VIA = "1.1 mock-server-proxy"
# What the judge can unfold; an answer in anything else would pass unread.
CODINGS = frozenset({"gzip", "deflate", "identity"})
_LINKED = re.compile(r"<([^<>]*)>")
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Place:
    """Where a server is: `origin` has scheme, host and port, `prefix` is what paths begin with, without a slash at its end."""

    origin: str
    prefix: str = ""

    @classmethod
    def of(cls, url: str) -> "Place":
        """Of its base URL, without what a client would leave out of the origin. Raises ValueError for a port that is none."""
        parts = urlsplit(url)
        port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return cls(f"{parts.scheme}://{host}{port}", parts.path.rstrip("/"))

    @property
    def scheme(self) -> str:
        return self.origin.partition("://")[0]

    @property
    def host(self) -> str:
        return self.origin.partition("://")[2]

    def moved(self, url: str, to: "Place") -> str:
        """A URL, or a path from the root on, that is here, as it is at the other place; any other as it is."""
        try:
            parts = urlsplit(url)
            elsewhere = bool(parts.netloc) and Place.of(f"{self.scheme}:{url}" if not parts.scheme else url).origin != self.origin
        except ValueError:
            return url
        if elsewhere or not (parts.netloc or url.startswith("/")) or not f"{parts.path}/".startswith(f"{self.prefix}/"):
            return url
        scheme, netloc = (to.scheme, to.host) if parts.netloc else ("", "")
        return urlunsplit((scheme, netloc, to.prefix + parts.path.removeprefix(self.prefix), parts.query, parts.fragment))


def to_target(headers: Iterable[tuple[str, str]], client: Place, target: Place, address: str) -> Headers:
    """The headers of a request as the target gets them; `address` is the client's."""
    sent = list(headers)
    kept = list(_of_both_ends(sent))
    forwarded = [value for name, value in kept if name.lower() == "x-forwarded-for"]
    ours = {"host", "expect", "accept-encoding", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "via"}
    passed = [(name, _seen_by_target(name, value, client, target)) for name, value in kept if name.lower() not in ours]
    # A proxy in front of this one has said where the client sees the server.
    host, scheme = _first(kept, "x-forwarded-host") or client.host, _first(kept, "x-forwarded-proto") or client.scheme
    return [
        ("Host", target.host),
        *passed,
        ("Accept-Encoding", _codings(_first(kept, "accept-encoding"))),
        ("X-Forwarded-For", ", ".join([*forwarded, address])),
        ("X-Forwarded-Host", host),
        ("X-Forwarded-Proto", scheme),
        ("Via", _via(kept)),
    ]


def to_client(headers: Iterable[tuple[str, str]], client: Place, target: Place) -> Headers:
    """The headers of an answer as the client gets them."""
    kept = list(_of_both_ends(list(headers)))
    passed = [
        (name, _seen_by_client(name.lower(), value, client, target)) for name, value in kept if name.lower() not in OF_THE_HOST
    ]
    return [*((name, value) for name, value in passed if name.lower() != "via"), ("Via", _via(kept))]


def _of_both_ends(headers: Headers) -> Iterator[tuple[str, str]]:
    named = {one.strip().lower() for name, value in headers if name.lower() == "connection" for one in value.split(",")}
    # Whoever names what both ends need would have it lost.
    dropped = (HOP_BY_HOP | named) - {"host", "content-length"}
    return ((name, value) for name, value in headers if name.lower() not in dropped)


def _first(headers: Headers, name: str) -> str:
    return next((value for key, value in headers if key.lower() == name), "")


def _via(headers: Headers) -> str:
    return ", ".join([*(value for name, value in headers if name.lower() == "via"), VIA])


def _codings(accepted: str) -> str:
    kept = [one.strip() for one in accepted.split(",") if one.partition(";")[0].strip().lower() in CODINGS]
    return ", ".join(kept) or "identity"


def _seen_by_target(name: str, value: str, client: Place, target: Place) -> str:
    """A page that came through the proxy is the target's own."""
    if name.lower() == "origin":
        return target.origin if value == client.origin else value
    return client.moved(value, target) if name.lower() == "referer" else value


def _seen_by_client(name: str, value: str, client: Place, target: Place) -> str:
    if name in ("location", "content-location"):
        return target.moved(value, client)
    if name == "link":
        return _LINKED.sub(lambda found: f"<{target.moved(found[1], client)}>", value)
    if name == "access-control-allow-origin":
        return client.origin if value == target.origin else value
    return _cookie(value, client, target) if name == "set-cookie" else value


def _cookie(value: str, client: Place, target: Place) -> str:
    """A cookie for the host that the client sees, below the path at which it sees the target."""
    named, *attributes = (part.strip() for part in value.split(";"))
    plain = client.scheme == "http" and not named.startswith(("__Secure-", "__Host-"))
    kept = [named]
    for attribute in attributes:
        name, _, said = attribute.partition("=")
        match name.strip().lower():
            case "domain":
                continue
            case "path":
                kept.append(f"Path={target.moved(said, client) or '/'}")
            # Over http, clients refuse such a cookie or never send it back; None is refused without Secure.
            case "secure" | "partitioned" if plain:
                continue
            case "samesite" if plain and said.strip().lower() == "none":
                continue
            case _:
                kept.append(attribute)
    return "; ".join(kept)
