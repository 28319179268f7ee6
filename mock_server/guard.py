"""Who may control the server: not the pages of foreign sites, and beyond loopback only who knows the token."""

from __future__ import annotations

import hmac
import ipaddress
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from werkzeug.datastructures import Authorization

from mock_server.config import Config
from mock_server.cors import Origins
from mock_server.errors import BootError, Problem, forbidden

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

CONTROL = "/__mock"
# Probes have no token, and it tells nothing but a version.
_HEALTH = f"{CONTROL}/health"
_REALM = 'realm="control of the mock server"'
# With Basic, a browser asks its user.
_CHALLENGE = {"WWW-Authenticate": f"Basic {_REALM}, Bearer {_REALM}"}
_PORT = re.compile(r":\d*$")


def is_loopback(host: str) -> bool:
    """Whether a host, without a port, names this machine alone."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_exposed(config: Config) -> bool:
    """Whether others than this machine may reach the server, by its address or through a proxy."""
    public = urlsplit(config.base_url).hostname if config.base_url else None
    return config.trusted_proxies > 0 or not is_loopback(config.host) or (public is not None and not is_loopback(public))


class Guard:
    """What control calls are held to."""

    def __init__(self, config: Config, origins: Origins) -> None:
        """Raises BootError where others than this machine may reach the server, and nothing is said of a token."""
        exposed = is_exposed(config)
        if exposed and not (config.control_token or config.insecure_control):
            raise BootError("beyond loopback, the control API needs --control-token, or --insecure-control to be open to all")
        self._token = config.control_token
        self._origins = origins
        # Beyond loopback a server has names that it does not know; there, the token keeps strangers out.
        self._any_host = exposed

    def check(self, environ: WSGIEnvironment, url: str) -> None:
        """Raises Problem 403 or 401 for a control call that is not allowed; url is where the client sees the server."""
        if environ["PATH_INFO"].startswith(CONTROL):
            self._check_page(environ, url)
            self._check_host(environ)
            self._check_token(environ)

    def _check_page(self, environ: WSGIEnvironment, url: str) -> None:
        origin = environ.get("HTTP_ORIGIN")
        if origin is None:
            if environ.get("HTTP_SEC_FETCH_SITE") == "cross-site" and not _is_link(environ):
                raise forbidden("pages of other sites may not control the mock server")
        elif origin not in self._origins and origin != "/".join(url.split("/")[:3]):
            raise forbidden(f"pages of {origin} may not control the mock server; --cors-origin {origin} would allow it")

    def _check_host(self, environ: WSGIEnvironment) -> None:
        # To its browser, a page whose name leads to this machine is of the server's origin (DNS rebinding).
        host = environ.get("HTTP_HOST", "").lower()
        if not self._any_host and not is_loopback(_PORT.sub("", host)):
            raise forbidden(f"the mock server is not controlled by the name {host}; --base-url would give it that name")

    def _check_token(self, environ: WSGIEnvironment) -> None:
        if self._token is None or environ["PATH_INFO"] == _HEALTH:
            return
        shown = Authorization.from_header(environ.get("HTTP_AUTHORIZATION"))
        token = (shown.token or shown.password or "") if shown else ""
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            raise Problem(401, "send the control token, as a bearer token or as the password of any user", _CHALLENGE)


def _is_link(environ: WSGIEnvironment) -> bool:
    """Whether somebody followed a link of the foreign page, which learns nothing of it."""
    return environ["REQUEST_METHOD"] == "GET" and environ.get("HTTP_SEC_FETCH_DEST") == "document"
