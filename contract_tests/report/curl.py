"""A request as a command that a person can paste, without secrets."""

import re
import shlex
from collections import deque
from collections.abc import Iterable, Mapping
from itertools import groupby

from requests import PreparedRequest

from contract_tests.contract.masking import masked
from contract_tests.contract.operations import READS
from contract_tests.transport.wire import IN_PROCESS_URL, Exchange

_NOISE = {"accept", "accept-encoding", "connection", "content-length", "user-agent", "x-schemathesis-testcaseid"}
_LOGINS = {"authorization": "TOKEN", "cookie": "COOKIE"}
_LOCAL_MOCK = "http://127.0.0.1:8000"
SHOWN_READS = 3
LONGEST = 240  # bytes of an answer


def curl(request: PreparedRequest, names: Mapping[str, str] | None = None) -> str:
    """The request; a login is left to a variable such as ALICE_TOKEN, and the mock in this process becomes a local one.

    `names` are those of the callers, by the value of the header that logs them in.
    """
    url = masked((request.url or "").replace(IN_PROCESS_URL, _LOCAL_MOCK))
    parts = ["curl", "-i", "-X", request.method or "", shlex.quote(url)]
    for name, value in request.headers.items():
        if name.lower() not in _NOISE:
            parts += ["-H", _login(name, _text(value), names or {}) or shlex.quote(f"{name}: {_text(value)}")]
    return " ".join(parts + _body(request.body))


def _login(name: str, value: str, names: Mapping[str, str]) -> str | None:
    kind = _LOGINS.get(name.lower())
    if kind is None:
        return None
    variable = re.sub(r"\W+", "_", f"{names[value]} {kind}".upper(), flags=re.ASCII) if value in names else kind
    scheme = {"authorization": "Bearer "}.get(name.lower(), "")
    if value.startswith("Basic "):
        scheme, variable = "Basic ", variable.removesuffix(kind) + "BASIC"
    return f'"{name}: {scheme}${variable}"'


def sequence(exchanges: Iterable[Exchange], names: Mapping[str, str]) -> list[str]:
    """The requests that led to a failure, oldest first: all that may have changed something, and the last reads."""
    kept: deque[Exchange] = deque()
    reads = 0
    for exchange in reversed(list(exchanges)):
        reads += exchange.response.request.method in READS
        if exchange.response.request.method not in READS or reads <= SHOWN_READS:
            kept.appendleft(exchange)
    together = groupby(kept, key=lambda exchange: curl(exchange.response.request, names))
    return [_together(command, list(group)) for command, group in together]


def _together(command: str, exchanges: list[Exchange]) -> str:
    """One request, or the same some times in a row, and how it was answered."""
    first, operation = exchanges[0]
    statuses = ", ".join(str(one.response.status_code) for one in exchanges)
    many = f", {len(exchanges)} times: {statuses}" if len(exchanges) > 1 else ""
    return f"# {operation or 'no operation'}{many}\n{command}\n-> {first.status_code} {shown(first.content)}".rstrip()


def shown(body: bytes) -> str:
    """The beginning of an answer, on one line."""
    # Masked before it is cut: of a secret that is cut in two, nobody can tell that it is one.
    text = masked(body[: LONGEST * 10].decode("utf-8", "backslashreplace"))[:LONGEST]
    return " ".join(text.split()) + (f" … ({len(body)} bytes)" if len(body) > LONGEST else "")


def _body(body: bytes | str | None) -> list[str]:
    if not body:
        return []
    raw = body.encode() if isinstance(body, str) else body
    try:
        return ["--data-binary", shlex.quote(masked(raw.decode("utf-8")))]
    except UnicodeDecodeError:
        octal = "".join(f"\\{byte:03o}" for byte in raw[:2000])
        cut = "" if len(raw) <= 2000 else f"  # the first 2000 of {len(raw)} bytes"
        return ["--data-binary", f"@<(printf '{octal}'){cut}"]


def _text(value: bytes | str) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
