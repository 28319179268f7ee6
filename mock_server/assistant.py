"""The command `mock-server mcp`: a mock that assistants use by the Model Context Protocol, over standard input and output.

It needs the extra `mcp`, so nothing else may import it at the start.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import ipaddress
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError

from mock_server.config import Config
from mock_server.errors import BootError
from mock_server.spec import JSON, METHODS
from mock_server.thread import run_in_thread
from mock_server.version import VERSION

_ABOUT = """\
A mock of the casavi and linagora-rse APIs, with state. First list_operations and log_in, then call_operation. What you change can
be undone by reset. Nothing here reaches another server. It is at {}."""
_TIMEOUT, _LONGEST = 30, 100_000  # seconds, and letters of a text that is no JSON
_SECRETS = ("password", "bearer", "expired_bearer", "cookie")
_LEFT_OUT = re.compile("examples?|links|tags|operationId|x-.*|[45][0-9]{2}")


def assist(arguments: Sequence[str]) -> int:
    """Serve until the input ends. Raises BootError for a URL that is not of this machine."""
    chosen = make_parser().parse_args(arguments)
    with contextlib.suppress(KeyboardInterrupt), _mock(chosen.url, chosen.scenario) as url:
        tools = Tools(url, chosen.session)
        server = MCPServer("mock-server", instructions=_ABOUT.format(url), version=VERSION, log_level="WARNING")
        for tool in (tools.list_operations, tools.log_in, tools.call_operation, tools.read_journal, tools.set_fault, tools.reset):
            server.add_tool(tool)
        server.run("stdio")
    return 0


def make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("mock-server mcp", description="Let an assistant use a mock, by the Model Context Protocol.")
    parser.add_argument("--url", help="a mock that runs on this machine already (default: one of its own)")
    parser.add_argument("--scenario", metavar="NAME|FILE", default="default", help="what a mock of its own starts from")
    parser.add_argument("--session", metavar="NAME", default="assistant", help="whose state it sees (default: assistant)")
    return parser


@contextlib.contextmanager
def _mock(url: str | None, scenario: str) -> Iterator[str]:
    if url is None:
        with run_in_thread(Config(port=0, scenario=scenario)) as running:
            yield running.url
    elif not _is_here(url):
        raise BootError(f"--url {url} is not on this machine; give that of a mock here, such as http://localhost:8000")
    else:
        yield url


def _is_here(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
        return parts.scheme == "http" and (host == "localhost" or ipaddress.ip_address(host).is_loopback)
    except ValueError:
        return False


class Tools:
    """What an assistant may do in one session of the mock at a URL. It reads their docstrings."""

    def __init__(self, url: str, session: str) -> None:
        """Raises BootError where there is no mock."""
        parts = urlsplit(url.rstrip("/"))
        self._address = parts.hostname or "", parts.port or 80
        self._prefix = f"{parts.path}/_s/{quote(session, safe='')}"
        self._person = ""
        try:
            self._control("GET", "/credentials")
        except ToolError as error:
            raise BootError(f"no mock answers at {url}: {str(error).splitlines()[0]}") from error

    def list_operations(self, operation: str = "") -> list[dict[str, Any]]:
        """What operations there are; of a named one, its parameters, body and answers as well."""
        keys = ("operation", "api", "method", "path", "summary")
        named = [self._operation(operation)] if operation else self._operations().values()
        return [{key: value for key, value in one.items() if operation or key in keys} for one in named]

    def log_in(self, name: str = "") -> dict[str, Any]:
        """Have what follows be called as this person; without a name, as nobody. The answer tells who can log in."""
        people = self._people()
        if name and name not in [one["name"] for one in people]:
            raise ToolError(f"nobody named {name} can log in; there are {', '.join(one['name'] for one in people)}")
        self._person = name
        shown = [{key: value for key, value in one.items() if key not in _SECRETS} for one in people]
        return {"logged_in": name or None, "people": shown}

    def call_operation(
        self, operation: str, parameters: dict[str, str | int | bool] | None = None, body: Any = None, content_type: str = JSON
    ) -> dict[str, Any]:
        """Call an operation as who is logged in. parameters are those of path, query and headers by their names; body is a JSON
        value, or a text of another content_type. The answer is its status, headers and body."""
        one = self._operation(operation)
        given = {
            name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in (parameters or {}).items()
        }
        places = {parameter["name"]: parameter["in"] for parameter in one["parameters"]}
        needed = {name for name, place in places.items() if place == "path"}
        if given.keys() - places.keys() or not needed <= given.keys() or "" in map(given.get, needed):
            raise ToolError(f"{operation} has these parameters, of which those of the path are needed: {places or 'none'}")
        path = re.sub(r"\{(\w+)\}", lambda found: quote(given[found[1]], safe=""), one["path"])
        query = urlencode({name: value for name, value in given.items() if places[name] == "query"})
        headers = {name: value for name, value in given.items() if places[name] == "header"}
        if body is not None:
            headers["Content-Type"] = content_type
            body = json.dumps(body) if content_type == JSON else str(body)
        for person in self._people():
            if (person["name"], person["api"]) == (self._person, one["api"]):
                headers["Authorization"] = f"Bearer {person['bearer']}"
        return self._ask(one["method"], f"{path}?{query}", body, headers)

    def read_journal(self, operation: str = "", status: str = "", last: int = 10) -> list[dict[str, Any]]:
        """The last requests of the session with their answers, newest last; of a named operation or status alone."""
        entries: list[dict[str, Any]] = self._control("GET", f"/journal?{urlencode({'operation': operation, 'status': status})}")
        return entries[-max(last, 1) :]

    def set_fault(self, fault: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Make requests fail or come late; without a fault, end all of them. The answer lists those that there are. A fault
        has conditions (operation, api, caller, times, every, probability) and effects: status, retry_after (seconds),
        expired_login, wrong_schema, delay (milliseconds), slow, truncate, drop."""
        self._control("POST" if fault else "DELETE", "/faults", fault)
        faults: list[dict[str, Any]] = self._control("GET", "/faults")
        return faults

    def reset(self) -> str:
        """Bring back the state, clock and journal that the scenario has, and end all faults."""
        self._control("POST", "/reset")
        return "the state is that of the scenario again"

    def _people(self) -> list[dict[str, Any]]:
        found = self._control("GET", "/credentials")
        return [{"api": api, **person} for api, known in found.items() for person in known["principals"]]

    def _operations(self) -> dict[str, dict[str, Any]]:
        found = {}
        for api in self._control("GET", "/health")["apis"]:
            document = self._control("GET", f"/specs/{api}.json")
            for path, item in document["paths"].items():
                for method in [method for method in METHODS if method in item]:
                    node = item[method] | {"parameters": item.get("parameters", []) + item[method].get("parameters", [])}
                    place = {"operation": node["operationId"], "api": api, "method": method.upper(), "path": path}
                    found[node["operationId"]] = place | _resolved(node, document)
        return found

    def _operation(self, name: str) -> dict[str, Any]:
        known = self._operations()
        if name not in known:
            raise ToolError(f"there is no operation {name}; there are {', '.join(known)}")
        return known[name]

    def _control(self, method: str, path: str, sent: Any = None) -> Any:
        answer = self._ask(method, f"/__mock{path}", None if sent is None else json.dumps(sent), {})
        if answer["status"] >= http.client.BAD_REQUEST:
            raise ToolError(f"the mock answers {answer['status']}: {answer['body']}")
        return answer["body"]

    def _ask(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> dict[str, Any]:
        # No proxy is asked and no redirect followed, so this stays on this machine.
        with contextlib.closing(http.client.HTTPConnection(*self._address, timeout=_TIMEOUT)) as connection:
            try:
                connection.request(method, self._prefix + path, body and body.encode(), headers)
                response = connection.getresponse()
                text = response.read().decode(errors="replace")
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise ToolError(f"no whole answer came: {error or type(error).__name__}") from error
        is_json = text and JSON in response.headers.get("Content-Type", "")
        return {
            "status": response.status,
            "headers": dict(response.getheaders()),
            "body": json.loads(text) if is_json else text[:_LONGEST],
        }


def _resolved(node: Any, document: dict[str, Any]) -> Any:
    """The node with what its references stand for, which go in no circle, and without links, examples and errors."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    if isinstance(node, dict):
        return {key: _resolved(value, document) for key, value in node.items() if not _LEFT_OUT.fullmatch(key)}
    return [_resolved(value, document) for value in node] if isinstance(node, list) else node
