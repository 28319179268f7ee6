"""The mock beside the proxy: its page, its journal, and the answers that the target does not have. Only here it is known."""

import asyncio
import ssl
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from granian.server.embed import Server

from contract_tests.proxy.passing import Answer, Passing
from contract_tests.proxy.rewriting import Headers
from mock_server.app import MockServer, create_app
from mock_server.config import Config, url_of
from mock_server.cors import Origins
from mock_server.delivering import hang_up
from mock_server.errors import BootError
from mock_server.gateway import Gateway
from mock_server.guard import CONTROL
from mock_server.journal import Exchange, keep_body
from mock_server.logs import log_request, tell
from mock_server.logs import set_up as set_up_log
from mock_server.options import GROUPS
from mock_server.server import reserved, server_options, with_control_token
from mock_server.sessions import is_name as is_session
from mock_server.tls import certificate

__all__ = [
    "CONTROL",
    "OPTIONS",
    "BootError",
    "Config",
    "Mock",
    "hang_up",
    "is_session",
    "listening",
    "set_up_log",
    "tell",
    "with_token",
]

# Of the command's options those that a proxy has too.
OPTIONS: Mapping[str, Mapping[str, Any]] = {name: option for group in GROUPS.values() for name, option in group.items()}


class Mock:
    """The mock server as a part of the proxy.

    `gateway` is its ASGI application, `origins` whose pages may call it, and `logins` by API the header of the person as whom it
    is asked.
    """

    def __init__(self, config: Config, target: str, people: Iterable[str], *, stands_in: bool = True) -> None:
        """`target` is told on the page, and `stands_in` whether the mock answers for it. Raises BootError."""
        self.config = config
        self.app = _app(config, stands_in=stands_in)
        self.app.config["PROXY_OF"] = target
        # What the mock answers is a part of what passes, and noted with that.
        self._record, self.app.journal.record = self.app.journal.record, _nothing
        self.gateway = Gateway(self.app, config.body_timeout, threads=2)
        self.origins = Origins(config.cors_origins)
        self.logins = _logins(self._credentials(), list(people))

    def record(self, passing: Passing, violations: list[str]) -> None:
        """Shows it in the journal."""
        exchange = Exchange(
            session=passing.session,
            time=passing.started,
            seconds=passing.seconds,
            api=passing.operation.api if passing.operation else None,
            operation=passing.operation.id if passing.operation else None,
            method=passing.method,
            url=passing.shown,
            request_headers=[(_key(name), value) for name, value in passing.asked],
            request_body=keep_body(bytes(passing.body.start)),
            status=passing.answer.status,
            response_headers=passing.answer.headers,
            response_body=keep_body(bytes(passing.answer.body.start)),
            violations=violations,
        )
        self._record(exchange)
        log_request(exchange)

    async def answer(self, scope: Mapping[str, Any], body: bytes, login: Mapping[str, str] | None = None) -> Answer:
        """What the mock answers to a request, as the person with this login if there is one."""
        kept = [(name, value) for name, value in scope["headers"] if login is None or name not in (b"authorization", b"cookie")]
        kept += [(name.lower().encode(), value.encode()) for name, value in (login or {}).items()]
        messages: list[dict[str, Any]] = []

        async def receive() -> Mapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: dict[str, Any]) -> None:
            messages.append(message)

        await self.gateway({**scope, "headers": kept}, receive, send)
        head, *parts = messages
        headers: Headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in head["headers"]]
        return Answer.made(head["status"], headers, b"".join(part.get("body", b"") for part in parts))

    def send_again_to(self, url: str) -> None:
        """What the page sends again passes as it did the first time; `url` is where the proxy listens."""
        self.app.config["SENDING"] = _Outside(url)

    def close(self) -> None:
        self.app.close()

    def _credentials(self) -> Mapping[str, Any]:
        token = self.config.control_token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        found: Mapping[str, Any] = self.app.test_client().get(f"{CONTROL}/credentials", headers=headers).get_json()
        return found


def _app(config: Config, *, stands_in: bool) -> MockServer:
    try:
        return create_app(config)
    except BootError:
        # For an operation that an overlay adds it has no handler, and for its page it needs none.
        if stands_in or not config.overlays:
            raise
        return create_app(replace(config, overlays=()))


class _Outside:
    """A WSGI application that is somewhere else."""

    def __init__(self, url: str) -> None:
        self._parts = urlsplit(url)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = quote(environ["PATH_INFO"].encode("latin-1"), safe="/:@!$&'()*+,;=~")
        query = f"?{environ['QUERY_STRING']}" if environ["QUERY_STRING"] else ""
        headers = {
            name.removeprefix("HTTP_").replace("_", "-"): value
            for name, value in environ.items()
            if name.startswith(("HTTP_", "CONTENT_"))
            and name not in ("HTTP_TRANSFER_ENCODING", "HTTP_CONNECTION", "CONTENT_LENGTH")
        }
        with closing(self._connection()) as connection:
            connection.request(environ["REQUEST_METHOD"], path + query, environ["wsgi.input"].read() or None, headers)
            response = connection.getresponse()
            body = response.read()
        start_response(f"{response.status} {response.reason}", response.getheaders())
        return [body]

    def _connection(self) -> HTTPConnection:
        host, port = self._parts.hostname or "", self._parts.port
        if self._parts.scheme == "http":
            return HTTPConnection(host, port)
        # It asks this very process.
        return HTTPSConnection(host, port, context=ssl._create_unverified_context())  # noqa: SLF001


@dataclass(frozen=True)
class Listening:
    """Where clients come in: the URL, and a server for each address."""

    url: str
    servers: list[Server]
    authority: Path | None

    async def answers(self) -> None:
        """Returns once clients can come in."""
        parts = urlsplit(self.url)
        while True:
            try:
                _, writer = await asyncio.open_connection(parts.hostname, parts.port)
            except OSError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                return


@contextmanager
def listening(config: Config, app: Any) -> Iterator[Listening]:
    """Takes the port; each server has to be run. Raises BootError."""
    with reserved(config.host, config.port) as (addresses, port), certificate(config) as tls:
        servers = [Server(app, address=address, **server_options(port, tls)) for address in addresses]
        yield Listening(url_of(config.host, port, tls=tls is not None), servers, tls.authority if tls else None)


def with_token(config: Config) -> Config:
    """The configuration with the token that control calls have to show beyond loopback; it is printed."""
    found, notes = with_control_token(config)
    for note in notes:
        tell(note)
    return found


def _nothing(exchange: Exchange) -> None:
    pass


def _key(name: str) -> str:
    key = name.upper().replace("-", "_")
    return key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"


def _logins(credentials: Mapping[str, Any], people: list[str]) -> dict[str, dict[str, str]]:
    """By API the login of one of these people, or of the first who administers nothing. Raises BootError for an unknown name."""
    everybody = {api: said["principals"] for api, said in credentials.items()}
    names = {one["name"] for many in everybody.values() for one in many}
    if unknown := [name for name in people if name not in names]:
        raise BootError(f"--mock-as {unknown[0]}: the mock knows nobody of that name, only {', '.join(sorted(names))}")
    chosen = {}
    for api, many in everybody.items():
        usual = [one for one in many if not any("admin" in role for role in one["roles"])] or many
        person = next((one for one in many if one["name"] in people), usual[0] if usual else None)
        chosen[api] = {"Authorization": f"Bearer {person['bearer']}"} if person else {}
    return chosen
