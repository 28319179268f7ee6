"""What tests of scenarios share: how one is sent, and what is written about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mock_server.config import data_folder
from mock_server.tests.client import Mock, problem

Start = Callable[..., Mock]
README = (data_folder("fixtures") / "README.md").read_text("utf-8")
DEFAULT = (data_folder("fixtures") / "scenarios" / "default.yaml").read_text("utf-8")


def send(mock: Mock, text: str) -> tuple[int, str]:
    response = mock.put("/__mock/scenario", data=text.encode())
    return (204, "") if response.status_code == 204 else problem(response)


def named(entries: list[dict[str, Any]], key: str = "name") -> dict[Any, dict[str, Any]]:
    return {entry.get(key): entry for entry in entries}
