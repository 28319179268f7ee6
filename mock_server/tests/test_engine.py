"""A handler with a bug: the caller is told which operation broke, and nothing of it is kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import update

from mock_server import BootError
from mock_server.apis import linagora
from mock_server.apis.linagora import BEHAVIOUR
from mock_server.apis.linagora.communities import update_community
from mock_server.apis.linagora.tables import communities
from mock_server.dispatch import Call, Handler, Reply
from mock_server.errors import Problem
from mock_server.tests.client import Mock, problem


def _write(call: Call) -> None:
    call.connection.execute(update(communities).where(communities.c.session == call.session).values(title="Spoiled"))
    call.ids.next_hex()


def _raises(call: Call) -> Reply:
    _write(call)
    raise ZeroDivisionError("secret detail")


def _refuses(call: Call) -> Reply:
    _write(call)
    raise Problem(409, "on second thought")


def _answers(status: int, body: object = None, headers: dict[str, str] | None = None, media_type: str | None = None) -> Handler:
    def handler(call: Call) -> Reply:
        _write(call)
        return Reply(status, body, headers or {}, media_type)

    return handler


BROKEN: dict[str, tuple[Handler, str]] = {
    "an exception": (_raises, "updateCommunity failed"),
    "a status that the spec does not have": (_answers(202, {}, media_type="application/json"), "status 202"),
    "a body that breaks the schema": (_answers(200, {"more": 1}, media_type="application/json"), "status 200 body"),
    "a body of another media type": (_answers(200, b"x", media_type="image/png"), "image/png"),
    "no body": (_answers(200), "empty"),
}


@pytest.fixture
def broken(start: Callable[..., Mock], database_url: str | None, monkeypatch: pytest.MonkeyPatch) -> Callable[[Handler], Mock]:
    """Makes servers whose updateCommunity is another one."""

    def make(handler: Handler) -> Mock:
        handlers = {**BEHAVIOUR.handlers, "updateCommunity": handler}
        monkeypatch.setattr(linagora, "BEHAVIOUR", replace(BEHAVIOUR, handlers=handlers))
        return start(database_url=database_url)

    return make


def test_a_broken_handler_is_a_500_that_names_the_operation_and_leaves_nothing(broken: Callable[[Handler], Mock]) -> None:
    handlers: list[Handler] = [update_community]
    mock = broken(lambda call: handlers[-1](call))  # noqa: PLW0108 - the last of the list is another one each time
    path = mock.create("Good")
    for handler, words in BROKEN.values():
        handlers.append(handler)
        status, details = problem(mock.put(path, "alice", json={"title": "Better"}))
        assert status == 500
        assert "updateCommunity" in details
        assert words in details
        assert "secret detail" not in details
        assert "Spoiled" not in mock.titles()
    handlers.append(_refuses)
    assert problem(mock.put(path, "alice", json={"title": "Better"})) == (409, "on second thought")
    assert "Spoiled" not in mock.titles()
    handlers.append(update_community)
    assert mock.put(path, "alice", json={"title": "Better"}).status_code == 200
    assert "Better" in mock.titles()


def test_a_reply_without_a_header_that_the_spec_requires_is_a_500(
    start: Callable[..., Mock], monkeypatch: pytest.MonkeyPatch
) -> None:
    handlers = {**BEHAVIOUR.handlers, "listMembers": lambda call: Reply(200, [])}
    monkeypatch.setattr(linagora, "BEHAVIOUR", replace(BEHAVIOUR, handlers=handlers))
    mock = start()
    status, details = problem(mock.get(f"{mock.create('Members')}/members", "alice"))
    assert status == 500
    assert "listMembers" in details
    assert "X-ESN-Items-Count" in details


def test_a_failed_write_draws_no_ids(broken: Callable[[Handler], Mock], start: Callable[..., Mock]) -> None:
    mock, untouched = broken(_raises), start()
    mock.put(mock.create("One"), "alice", json={"title": "x"})
    untouched.create("One")
    assert mock.create("Two") == untouched.create("Two")


def test_an_operation_without_a_handler_stops_the_boot(start: Callable[..., Mock], monkeypatch: pytest.MonkeyPatch) -> None:
    handlers = {name: handler for name, handler in BEHAVIOUR.handlers.items() if name != "addMember"}
    monkeypatch.setattr(linagora, "BEHAVIOUR", replace(BEHAVIOUR, handlers=handlers))
    with pytest.raises(BootError, match="linagora: operations without a handler: addMember"):
        start()


def test_a_handler_without_an_operation_stops_the_boot(start: Callable[..., Mock], monkeypatch: pytest.MonkeyPatch) -> None:
    handlers = {**BEHAVIOUR.handlers, "paintCommunity": update_community}
    monkeypatch.setattr(linagora, "BEHAVIOUR", replace(BEHAVIOUR, handlers=handlers))
    with pytest.raises(BootError, match="linagora: operations not in the spec: paintCommunity"):
        start()
