"""The way to the target: its connections, and in one sentence why there is no answer."""

import os
import socket
import ssl
from collections.abc import AsyncIterable, Iterator
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

import certifi
import httpcore2

from contract_tests.proxy.rewriting import Headers, Place

CONNECT_SECONDS = 5.0
KEEPALIVE_SECONDS = 30.0
MOST_CONNECTIONS, MOST_IDLE = 1000, 100
# What may be asked once more where a connection that was kept open turns out to be closed.
REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS"})

_CLOSED = (httpcore2.RemoteProtocolError, httpcore2.ReadError, httpcore2.WriteError)
_FAILURES = (httpcore2.NetworkError, httpcore2.TimeoutException, httpcore2.ProtocolError, httpcore2.ProxyError, OSError)


class SilentError(Exception):
    """The target gives no answer; the text is a sentence without its full stop."""


class Target:
    """Where requests are passed on to."""

    def __init__(self, place: Place, tls: ssl.SSLContext | None, connect_seconds: float = CONNECT_SECONDS) -> None:
        self.place = place
        self._url = httpcore2.URL(place.origin)
        # Only connecting has a limit: how long an answer may take is for the client to say.
        self._extensions = {"timeout": {"connect": connect_seconds}}
        self._pool = _pool(place, tls)

    async def send(self, method: str, below: str, headers: Headers, body: AsyncIterable[bytes] | None) -> httpcore2.Response:
        """Passes a request on; the answer has to be closed. Raises SilentError."""
        target = (self.place.prefix + below).encode("latin-1")
        request = httpcore2.Request(
            method,
            httpcore2.URL(scheme=self._url.scheme, host=self._url.host, port=self._url.port, target=target),
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers],
            content=body,
            extensions=self._extensions,
        )
        try:
            try:
                return await self._pool.handle_async_request(request)
            except _CLOSED:
                if method not in REPEATABLE or body is not None:
                    raise
            return await self._pool.handle_async_request(request)
        except _FAILURES as error:
            raise SilentError(self.sentence(error)) from error

    async def close(self) -> None:
        await self._pool.aclose()

    def sentence(self, error: BaseException) -> str:
        """What an error of the network means."""
        chain = list(_chain(error))
        for kind, text in _KINDS:
            if any(isinstance(one, kind) for one in chain):
                return f"{self.place.origin} {text}"
        return f"{self.place.origin} cannot be asked ({type(error).__name__})"


def trusting(
    ca: Path | None = None, certificate: Path | None = None, key: Path | None = None, *, verify: bool = True
) -> ssl.SSLContext:
    """How a target proves who it is, and the proxy who it is; without `ca` as everywhere with requests. Raises OSError."""
    context = ssl.create_default_context(cafile=ca or os.environ.get("REQUESTS_CA_BUNDLE") or certifi.where())
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if certificate is not None:
        context.load_cert_chain(certificate, key)
    return context


def _pool(place: Place, tls: ssl.SSLContext | None) -> httpcore2.AsyncConnectionPool:
    proxy = None if proxy_bypass(place.host) else getproxies().get(place.scheme)
    return httpcore2.AsyncConnectionPool(
        ssl_context=tls,
        proxy=httpcore2.Proxy(proxy) if proxy else None,
        max_connections=MOST_CONNECTIONS,
        max_keepalive_connections=MOST_IDLE,
        keepalive_expiry=KEEPALIVE_SECONDS,
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those that caused it, the innermost first."""
    inner = error.exceptions if isinstance(error, BaseExceptionGroup) else (error.__cause__, error.__context__)
    for one in inner:
        if one is not None:
            yield from _chain(one)
    yield error


# The first kind that is found anywhere among the causes tells.
_KINDS: tuple[tuple[type[BaseException], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "shows a certificate that is not trusted; REQUESTS_CA_BUNDLE, or tls.ca of a --profile, names who is to be trusted",
    ),
    (ssl.SSLError, "and the proxy find no common TLS; does --target begin with https:// where it should be http://?"),
    (socket.gaierror, "is a host that nobody knows; is --target right, and the VPN on?"),
    (ConnectionRefusedError, "refuses the connection; does it run, and is the port in --target right?"),
    (httpcore2.ConnectTimeout, "does not take the connection in time; is --target right, and the VPN on?"),
    (httpcore2.ProxyError, "is behind a proxy that cannot be used; see HTTPS_PROXY and NO_PROXY"),
    (httpcore2.ConnectError, "cannot be reached from here; is --target right, and the VPN on?"),
    (httpcore2.ReadError, "closes the connection before it has answered"),
    (httpcore2.WriteError, "closes the connection before it has answered"),
    (httpcore2.LocalProtocolError, "cannot be sent this request: it has a header or a length that HTTP does not allow"),
    (httpcore2.RemoteProtocolError, "closes the connection without a whole answer in HTTP"),
)
