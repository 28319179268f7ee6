"""The cookies that log a browser in: out of reach of scripts, and valid below the session's path alone."""

from __future__ import annotations

from urllib.parse import urlsplit

_LONG_AGO = "Thu, 01 Jan 1970 00:00:00 GMT"


def set_cookie(name: str, value: str, url: str) -> str:
    """The Set-Cookie header; url is where the client sees the server, with its session's path prefix."""
    return f"{name}={value}; {_attributes(url)}"


def drop_cookie(name: str, url: str) -> str:
    """The Set-Cookie header that takes it away."""
    return f"{name}=; Expires={_LONG_AGO}; Max-Age=0; {_attributes(url)}"


def _attributes(url: str) -> str:
    # To a browser, a page is of another site if its scheme differs, as that of a hybrid app does. A cookie goes there only over
    # TLS, and where the cookies of third parties are blocked, only if it is kept for that page alone (Partitioned).
    at = urlsplit(url)
    scope = f"HttpOnly; Path={at.path or '/'}"
    return f"Secure; {scope}; SameSite=None; Partitioned" if at.scheme == "https" else f"{scope}; SameSite=Lax"
