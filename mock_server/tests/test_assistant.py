"""What assistants do with a mock, by the client of the protocol's own SDK."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from mock_server.cli import main
from mock_server.tests.processes import clean_environment

_MAIN = "import sys; from mock_server.cli import main; sys.exit(main(['mcp']))"
TOOLS = {"list_operations", "log_in", "call_operation", "read_journal", "set_fault", "reset"}


class Assistant:
    """Uses tools; what one refuses is a text."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def use(self, tool: str, **arguments: Any) -> Any:
        result = await self._client.call_tool(tool, arguments)
        if result.is_error:
            return result.content[0].text
        return result.structured_content.get("result", result.structured_content)

    async def status(self, operation: str, **more: Any) -> int:
        answer = await self.use("call_operation", operation=operation, **more)
        assert isinstance(answer, dict), answer
        return int(answer["status"])


async def work(assistant: Assistant) -> None:
    assert len(await assistant.use("list_operations")) == 36
    [described] = await assistant.use("list_operations", operation="addTicketComment")
    assert described["requestBody"]["content"]["application/json"]["schema"]["required"] == ["text"]
    assert await assistant.status("listTickets") == 401
    assert "there are max, erika" in await assistant.use("log_in", name="eve")
    people = await assistant.use("log_in", name="max")
    assert "bearer" not in str(people)
    comment = {"parameters": {"ticket_id": 7001}, "body": {"text": "Any news?"}}
    assert await assistant.status("addTicketComment", **comment) == 201
    assert "those of the path are needed" in await assistant.use("call_operation", operation="getTicket")
    assert await assistant.status("getTicket", parameters={"ticket_id": "../../__mock/health"}) in (400, 404)
    await assistant.use("set_fault", fault={"operation": "listTickets", "status": 503, "times": 1})
    assert [await assistant.status("listTickets") for _ in range(2)] == [503, 200]
    upload = {"parameters": {"X-Filename": "a.txt"}, "body": "hello", "content_type": "text/plain"}
    assert await assistant.status("uploadFile", **upload) == 201
    [last] = await assistant.use("read_journal", last=1)
    assert last["operationId"] == "uploadFile"
    await assistant.use("reset")
    ticket = await assistant.use("call_operation", operation="getTicket", parameters={"ticket_id": 7001})
    assert "Any news?" not in str(ticket["body"])
    assert "no whole answer came" in await assistant.use(
        "call_operation", operation="uploadFile", parameters={"X-Filename": "a\r\nHost: elsewhere"}
    )


def test_an_assistant_looks_around_changes_things_and_takes_them_back() -> None:
    anyio = pytest.importorskip("anyio", reason="the extra mcp is not installed; CI does so")
    stdio = pytest.importorskip("mcp.client.stdio", reason="the extra mcp is not installed; CI does so")
    from mcp.client.client import Client

    async def talk() -> None:
        server = stdio.StdioServerParameters(command=sys.executable, args=["-c", _MAIN], env=clean_environment())
        async with Client(stdio.stdio_client(server)) as client:
            assert {tool.name for tool in (await client.list_tools()).tools} == TOOLS
            await work(Assistant(client))

    anyio.run(talk)


@pytest.mark.parametrize(
    "url",
    [
        "http://mock.example",
        "https://localhost",
        "http://127.0.0.1@mock.example",
        "http://0.0.0.0:8000",
        "http://localhost:99999",
        "x",
    ],
)
def test_a_mock_elsewhere_is_refused(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("mcp", reason="the extra mcp is not installed; CI does so")
    assert main(["mcp", "--url", url]) == 2
    assert f"--url {url} is not on this machine" in capsys.readouterr().err


def test_without_the_extra_it_is_told(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delitem(sys.modules, "mock_server.assistant", raising=False)
    monkeypatch.setitem(sys.modules, "mcp", None)
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    assert main(["mcp"]) == 2
    assert "pip install 'community-contracts[mcp]'" in capsys.readouterr().err
