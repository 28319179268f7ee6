"""A request as a command that a person can paste, without secrets."""

import shlex
from urllib.parse import urlsplit

from requests import PreparedRequest, Response

from contract_tests.specs import find_operation
from contract_tests.targets import IN_PROCESS_URL

_NOISE = {"accept-encoding", "connection", "content-length", "user-agent", "x-schemathesis-testcaseid"}
_SECRETS = {"authorization": "Authorization: Bearer $TOKEN", "cookie": "Cookie: $COOKIE"}
_LOCAL_MOCK = "http://127.0.0.1:8000"


def curl(request: PreparedRequest) -> str:
    """The request; the login is left to the variables TOKEN and COOKIE, and the mock in this process becomes a local one."""
    url = (request.url or "").replace(IN_PROCESS_URL, _LOCAL_MOCK)
    parts = ["curl", "-i", "-X", request.method or "", shlex.quote(url)]
    for name, value in request.headers.items():
        if name.lower() not in _NOISE:
            parts += ["-H", f'"{_SECRETS[name.lower()]}"' if name.lower() in _SECRETS else shlex.quote(f"{name}: {_text(value)}")]
    return " ".join(parts + _body(request.body))


def exchange(response: Response) -> str:
    """One request and how it was answered."""
    operation = find_operation(response.request.method or "", urlsplit(response.url).path)
    return f"# {operation or 'no operation'}\n{curl(response.request)}\n-> {response.status_code} {response.content[:300]!r}"


def _body(body: bytes | str | None) -> list[str]:
    if not body:
        return []
    raw = body.encode() if isinstance(body, str) else body
    try:
        return ["--data-binary", shlex.quote(raw.decode("utf-8"))]
    except UnicodeDecodeError:
        octal = "".join(f"\\{byte:03o}" for byte in raw[:2000])
        cut = "" if len(raw) <= 2000 else f"  # the first 2000 of {len(raw)} bytes"
        return ["--data-binary", f"@<(printf '{octal}'){cut}"]


def _text(value: bytes | str) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
