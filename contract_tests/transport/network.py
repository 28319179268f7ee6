"""What went wrong on the network, in one sentence for a person, with the key of the profile that may help."""

import re
import socket
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3.exceptions as low
from requests import Response

from contract_tests.contract.checks import NO_JSON, parsed
from contract_tests.contract.finding import Finding, Kind
from contract_tests.contract.operations import Operation

EXPIRED, OTHER_HOST, OTHER_ADDRESS = 10, 62, 64  # of X509_verify_cert in OpenSSL

Say = Callable[[BaseException], str]


class AnswerError(requests.RequestException):
    """An answer that cannot be taken as it comes; the text goes on after the address of the server."""


class NoAnswerError(Exception):
    """The target did not answer; the text is one line for a person, without the headers that log somebody in.

    `why` is the part of it that is the same whatever was asked, `api` and `operation` are what was asked, where that is known.
    """

    def __init__(self, why: str, what: str = "", api: str = "", operation: str = "") -> None:
        super().__init__(f"{what}: {why}" if what else why)
        self.why, self.api, self.operation = why, api, operation

    @property
    def finding(self) -> Finding:
        """The silence as a finding."""
        return Finding(self.api, self.operation, Kind.NO_ANSWER, detail=self.why)


@contextmanager
def answering(what: str, operation: Operation | None = None) -> Iterator[None]:
    """Turns an error of the network into one line, because its traceback would print the headers. Raises NoAnswerError."""
    try:
        yield
    except requests.RequestException as error:
        url = error.request.url if error.request is not None else ""
        asked = (operation.api, operation.id) if operation else ("", "")
        raise NoAnswerError(sentence(error, url or ""), what, *asked) from None


def json_of(response: Response) -> Any:
    """What an answer says in JSON; None where it is none."""
    data = parsed(response.content)
    return None if data is NO_JSON else data


def redirect_of(response: Response) -> str | None:
    """The whole URL that an answer redirects to; None if it does not, or to what is no URL."""
    try:
        target = urljoin(response.url, response.headers["Location"]) if response.is_redirect else None
        origin(target or "")
    except ValueError:
        return None
    return target


def path_below(bases: Mapping[str, str], url: str) -> str | None:
    """The path of a URL below the base URL of an API; None for an address elsewhere."""
    url = url.partition("?")[0]
    found = [base for base in bases.values() if url.startswith(f"{base}/")]
    return url.removeprefix(max(found, key=len)) if found else None


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


_CHUNKS = "sends an answer in chunks whose lengths cannot be read"


def _broken_off(error: BaseException) -> str:
    return _CHUNKS if "chunk size line" in str(error) else "breaks off in the middle of an answer"


def _no_http(error: BaseException) -> str:
    if "more than" in str(error) and "header" in str(error):
        return f"sends {str(error).removeprefix('got ').replace('bytes when reading header line', 'bytes in one header')}"
    return "does not speak HTTP; is the port in base_url right, or is it https://?"


def _always(text: str) -> Say:
    return lambda _: text


# The first kind that is found anywhere among the causes tells; the closer to the network, the earlier. To urllib3 a
# connection that was never made is a kind of timeout, so it stands before those.
_KINDS: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], Say], ...] = (
    (AnswerError, str),
    (requests.exceptions.ProxyError, _always("is behind a proxy that cannot be used; see HTTPS_PROXY and NO_PROXY")),
    (ssl.SSLCertVerificationError, _untrusted),
    (ssl.SSLError, _handshake),
    ((low.NameResolutionError, socket.gaierror), _always("is a host that nobody knows; is base_url right, and the VPN on?")),
    (ConnectionRefusedError, _always("refuses the connection; does it run, and is the port in base_url right?")),
    (low.NewConnectionError, _always("cannot be reached from here; is base_url right, and the VPN on?")),
    ((low.ConnectTimeoutError, requests.ConnectTimeout), _within("connect_timeout", "cannot be connected to")),
    ((low.ReadTimeoutError, requests.ReadTimeout), _within("read_timeout", "does not answer")),
    (low.InvalidChunkLength, _always(_CHUNKS)),
    ((IncompleteRead, low.IncompleteRead, requests.exceptions.ChunkedEncodingError), _broken_off),
    ((RemoteDisconnected, ConnectionResetError, BrokenPipeError), _always("closes the connection without an answer")),
    (low.InvalidHeader, _always("sends headers that contradict each other")),
    ((BadStatusLine, HTTPException), _no_http),
    (
        (low.DecodeError, requests.exceptions.ContentDecodingError),
        _always("answers what cannot be decompressed, though its Content-Encoding says so"),
    ),
    (requests.TooManyRedirects, _always("redirects in a circle")),
    (FileNotFoundError, _always("cannot be asked: a file of connection.tls is missing")),
)
