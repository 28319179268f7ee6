"""Requests and files that are nested, repeated or long without measure."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from mock_server import BootError
from mock_server.nesting import MAX_DEPTH
from mock_server.tests.client import Mock, problem
from mock_server.tests.residents import DAMAGE, LINDENHOF, MAX, TICKETS, comment

Start = Callable[..., Mock]
BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
)
YAML = {  # what is said of it as a scenario, and as an overlay
    "a bomb": (BOMB, "its aliases unfold into more than 1000000 values", "grows to more than 1,000,000 values"),
    "an anchor in itself": ("linagora: &a {casavi: *a}\n", "an anchor contains itself", "stands inside what it refers to"),
    "an anchor in its list": ("&a [*a]\n", "an anchor contains itself", "stands inside what it refers to"),
    "deep": ("[" * 20_000 + "]" * 20_000, "it is nested more than 100 levels deep", "nests deeper than 100 levels"),
}


def _nested(depth: int) -> bytes:
    """A new ticket that is nested so many levels deep."""
    inside = depth - 2
    field = b"[" * inside + b"]" * inside
    return b'{"communityId": %d, "ticketTypeId": %d, "fields": {"17": %b}}' % (LINDENHOF, DAMAGE, field)


def test_json_may_be_nested_to_one_depth_everywhere(mock: Mock) -> None:
    for path, method in ((TICKETS, "POST"), ("/__mock/scenario", "PUT"), ("/api/communities", "POST")):
        person = None if "__mock" in path else "alice" if "communities" in path else MAX
        for depth in (MAX_DEPTH, MAX_DEPTH + 1, 255, 1_000, 2_000):
            status, details = problem(mock(method, path, person, data=_nested(depth), content_type="application/json"))
            assert (status, "cannot be read as JSON" in details) == (400, depth > MAX_DEPTH), (path, depth, details)
    assert mock.get("/__mock/journal").status_code == 200


def test_a_list_of_sixty_thousand_wrong_items_is_refused_at_once(mock: Mock) -> None:
    start = time.process_time()
    assert problem(comment(mock, 7001, attachments=[{"path": "a"}] * 60_000))[0] == 400
    assert time.process_time() - start < 1


@pytest.mark.parametrize("name", YAML)
@pytest.mark.parametrize("option", ["scenario", "overlays"])
def test_a_file_that_unfolds_without_end_stops_the_boot_with_one_sentence(
    start: Start, tmp_path: Path, option: str, name: str
) -> None:
    text, *words = YAML[name]
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BootError) as caught:
        start(**{option: str(file) if option == "scenario" else (str(file),)})
    message = str(caught.value)
    assert (words[option == "overlays"] in message, "mine.yaml" in message, message.count("\n")) == (True, True, 0), message
