"""What went over the wire, without secrets, as an HTTP archive (HAR 1.2) that browsers and proxies open.

Each process of a run appends to a file of its own, a line for each exchange; at the end the files become one archive.
"""

import hmac
import json
import os
import warnings
from base64 import b64encode
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from glob import escape
from heapq import merge as in_order
from http.client import responses
from pathlib import Path
from secrets import token_hex
from threading import Lock
from typing import IO, Any
from urllib.parse import parse_qsl, urlsplit

import harfile
from requests import PreparedRequest, Response

from contract_tests.contract.masking import HIDDEN, without_secrets
from contract_tests.report.writing import whole

LARGEST = 16 * 1024  # bytes of a body
_TIME = "startedDateTime"
_LOGINS = frozenset({"authorization", "cookie", "set-cookie", "proxy-authorization"})
_VERSIONS = {9: "HTTP/0.9", 10: "HTTP/1.0", 11: "HTTP/1.1", 20: "HTTP/2"}
# All processes of a run have the same.
_KEY = os.environ.get("PYTEST_XDIST_TESTRUNUID", token_hex()).encode()
_CREATOR = {"name": "community-contracts", "version": "1"}


class Traffic:
    """Notes exchanges in a folder; without one, or once its disk is full, it does nothing.

    `name` is that of the archive, without its ending; of a body, `largest` bytes are kept. Nothing is older than `since`, if that
    is before now.
    """

    def __init__(
        self, directory: Path | None, name: str = "traffic", largest: int = LARGEST, since: datetime | None = None
    ) -> None:
        self.directory, self.name, self.largest = directory, name, largest
        self._file: IO[str] | None = None
        self._since = f'{{"{_TIME}": "{_when(since or datetime.now(UTC))}'  # what lines of this run come after
        self._lock = Lock()

    def note(self, response: Response, started: datetime, seconds: float, test: str, *, bodies: bool = True) -> None:
        """Appends one exchange; `started` has a time zone. A disk that cannot be written to is a warning, once."""
        if self.directory is None:
            return
        line = json.dumps(entry(response, started, seconds, test, self.largest if bodies else 0)) + "\n"
        try:
            with self._lock:
                self._opened().write(line)
        except OSError as error:
            self._give_up(error)

    def _opened(self) -> IO[str]:
        """The file of this process, by lines, so that what was noted is on disk however the process ends."""
        if self._file is None:
            name = f"{self.name}-{os.getpid()}.jsonl"
            self._file = (self.directory or Path()).joinpath(name).open("a", buffering=1, encoding="utf-8")
        return self._file

    def _give_up(self, error: OSError) -> None:
        self.close()
        with self._lock:
            known, self.directory = self.directory is None, None
        if not known:
            with suppress(UserWarning):  # where warnings are errors it would be one of the test that is running
                warnings.warn(f"{self.name}.har stays incomplete: {error.strerror}", stacklevel=1)

    def close(self) -> None:
        """Closes the file, if one is open."""
        with self._lock:
            file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # what a full disk did not take is tried once more here
                file.close()

    def merge(self, directory: Path) -> Path:
        """Makes one archive of what all processes of this run noted, a line at a time, and returns where. Raises ReportError."""
        self.close()
        archive = directory / f"{self.name}.har"
        parts = sorted(directory.glob(f"{escape(self.name)}-*.jsonl"))
        with ExitStack() as stack, whole(archive) as out:
            files = [stack.enter_context(part.open(encoding="utf-8")) for part in parts]
            out.write(f'{{"log": {{"version": "{harfile.HAR_VERSION}", "creator": {json.dumps(_CREATOR)}, "entries": [')
            for number, line in enumerate(in_order(*(_lines(file, self._since) for file in files))):
                out.write(",\n" if number else "\n")
                out.write(line)
            out.write("\n]}}\n")
        for part in parts:
            part.unlink(missing_ok=True)
        return archive


def entry(response: Response, started: datetime, seconds: float, test: str, largest: int = LARGEST) -> dict[str, Any]:
    """One exchange as HAR has it; the time stands first, so that the lines of a file sort by it."""
    milliseconds = round(seconds * 1000, 3)
    return {
        _TIME: _when(started),
        "time": milliseconds,
        "request": _request(response.request, largest).asdict(),
        "response": _response(response, largest).asdict(),
        "cache": {},
        "timings": harfile.Timings(send=0, wait=milliseconds, receive=0).asdict(),
        "comment": test,
    }


def _when(time: datetime) -> str:
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def _request(request: PreparedRequest, largest: int) -> harfile.Request:
    url = without_secrets(request.url or "")
    body = request.body.encode() if isinstance(request.body, str) else request.body
    body = body if isinstance(body, bytes) else b""
    return harfile.Request(
        request.method or "",
        url,
        "HTTP/1.1",
        headers=_headers(request.headers),
        queryString=[harfile.Record(name, value) for name, value in parse_qsl(urlsplit(url).query, keep_blank_values=True)],
        postData=_posted(body, _text(request.headers.get("Content-Type", "")), largest) if body else None,
        bodySize=len(body),
    )


def _posted(body: bytes, kind: str, largest: int) -> harfile.PostData:
    content = _content(body, "", largest)  # HAR knows no base64 here
    return harfile.PostData(kind, text=content.text or "", comment=content.comment)


def _response(response: Response, largest: int) -> harfile.Response:
    body = response.content or b""
    return harfile.Response(
        response.status_code,
        response.reason or responses.get(response.status_code, ""),
        _VERSIONS.get(getattr(response.raw, "version", 11), "HTTP/1.1"),
        headers=_headers(response.headers),
        content=_content(body, str(response.headers.get("Content-Type", "")), largest),
        redirectURL=without_secrets(response.headers.get("Location", "")),
        bodySize=len(body),
    )


def _headers(headers: Mapping[str, Any]) -> list[harfile.Record]:
    """Each with its value; those that log somebody in have none, whatever they hold, but a comment that tells them apart."""
    return [
        harfile.Record(name, HIDDEN, f"login {_mark(_text(value))}")
        if name.lower() in _LOGINS
        else harfile.Record(name, without_secrets(_text(value)))
        for name, value in headers.items()
    ]


def _mark(login: str) -> str:
    """The same for the same login in this run. Its key is drawn for the run and stands nowhere: nobody can guess at a login."""
    return hmac.digest(_KEY, login.encode(), "sha256").hex()[:8]


def _content(body: bytes, kind: str, largest: int) -> harfile.Content:
    """A text as it is, a small image in base64, and of all else how much it is."""
    content = harfile.Content(len(body), mimeType=kind)
    try:
        text = without_secrets(_decoded(body[: 2 * largest]))  # before it is cut, since half a secret is not known as one
    except UnicodeDecodeError:
        if kind.startswith("image/") and len(body) <= largest:
            content.text, content.encoding = b64encode(body).decode(), "base64"
        else:
            content.comment = f"{len(body)} bytes that are no text"
        return content
    content.text = text[:largest]
    content.comment = f"the beginning of {len(body)} bytes" if len(body) > largest else None
    return content


def _decoded(body: bytes) -> str:
    """Raises UnicodeDecodeError, but not for a letter that is cut at the end."""
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            return body[: error.start].decode("utf-8")
        raise


def _text(value: bytes | str) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


def _lines(file: IO[str], since: str) -> Iterator[str]:
    """The lines that are whole (of a process that was killed the last may not be) and of this run, not of one that was killed."""
    return (line.rstrip("\n") for line in file if line.endswith("}\n") and line > since)
