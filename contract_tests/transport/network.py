"""What went wrong on the network, in one sentence for a person, with the key of the profile that may help."""

import re
import socket
import ssl
from collections.abc import Callable, Iterator
from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected
from urllib.parse import urlsplit

import requests
import urllib3.exceptions as low

EXPIRED, OTHER_HOST, OTHER_ADDRESS = 10, 62, 64  # of X509_verify_cert in OpenSSL

Say = Callable[[BaseException], str]


def sentence(error: BaseException, url: str) -> str:
    """What an error of requests means. Of the URL it shows scheme, host and port alone: the rest may hold a secret."""
    chain = list(_chain(error))
    for kind, say in _KINDS:
        found = next((one for one in chain if isinstance(one, kind)), None)
        if found is not None:
            return f"{origin(url)} {say(found)}"
    return f"{origin(url)} cannot be asked ({type(error).__name__})"


def origin(url: str) -> str:
    """Scheme, host and port of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The error and those that caused it, wherever the libraries keep them; the innermost first."""
    inner = [*error.args, getattr(error, "reason", None), error.__cause__]
    for one in inner:
        if isinstance(one, BaseException) and one is not error:
            yield from _chain(one)
    yield error


def _untrusted(error: BaseException) -> str:
    code, text = getattr(error, "verify_code", None), getattr(error, "verify_message", None) or "it cannot be checked"
    if code == EXPIRED:
        return "shows a certificate that has expired"
    if code in {OTHER_HOST, OTHER_ADDRESS}:
        return "shows a certificate of another host; is base_url the name that stands in the certificate?"
    return f"shows a certificate that is not trusted ({text}); connection.tls.ca names the file with the authority to trust"


def _handshake(error: BaseException) -> str:
    reason = str(getattr(error, "reason", "") or error)
    if re.search(r"CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE|BAD_CERTIFICATE|UNKNOWN_CA|CERTIFICATE_UNKNOWN", reason, re.IGNORECASE):
        return "wants another certificate of the client than it got; connection.tls.certificate and .key name it"
    if re.search(r"WRONG_VERSION|HTTP_REQUEST|RECORD_LAYER|PACKET_LENGTH", reason, re.IGNORECASE):
        return "does not speak TLS; does its base_url begin with http://?"
    if "EOF" in reason:
        return "breaks off the TLS handshake; does it want a certificate of the client (connection.tls.certificate)?"
    return f"and this client find no common TLS ({reason.partition(']')[0].strip('[') or type(error).__name__})"


def _within(key: str, what: str) -> Say:
    def say(error: BaseException) -> str:
        seconds = re.search(r"timeout=([\d.]+)", str(error))
        limit = f" within {float(seconds[1]):g} s" if seconds else " in time"
        return f"{what}{limit}; connection.{key} says how long to wait"

    return say


def _always(text: str) -> Say:
    return lambda _: text


# The first kind that is found anywhere among the causes tells; the closer to the network, the earlier. To urllib3 a
# connection that was never made is a kind of timeout, so it stands before those.
_KINDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Say], ...] = (
    (requests.exceptions.ProxyError, _always("is behind a proxy that cannot be used; see HTTPS_PROXY and NO_PROXY")),
    (ssl.SSLCertVerificationError, _untrusted),
    (ssl.SSLError, _handshake),
    ((low.NameResolutionError, socket.gaierror), _always("is a host that nobody knows; is base_url right, and the VPN on?")),
    (ConnectionRefusedError, _always("refuses the connection; does it run, and is the port in base_url right?")),
    (low.NewConnectionError, _always("cannot be reached from here; is base_url right, and the VPN on?")),
    ((low.ConnectTimeoutError, requests.ConnectTimeout), _within("connect_timeout", "cannot be connected to")),
    ((low.ReadTimeoutError, requests.ReadTimeout), _within("read_timeout", "does not answer")),
    (
        (IncompleteRead, low.IncompleteRead, requests.exceptions.ChunkedEncodingError),
        _always("breaks off in the middle of an answer"),
    ),
    ((RemoteDisconnected, ConnectionResetError, BrokenPipeError), _always("closes the connection without an answer")),
    ((BadStatusLine, HTTPException), _always("does not speak HTTP; is the port in base_url right, or is it https://?")),
    (low.DecodeError, _always("answers what cannot be decompressed")),
    (requests.TooManyRedirects, _always("redirects in a circle")),
    (FileNotFoundError, _always("cannot be asked: a file of connection.tls is missing")),
)
