"""What each operation costs, counted and not timed: nothing gets dearer unseen, and no machine is too slow for the tests.

Where an operation is above its bound, look at what it does now and did not do before. If that is worth it, or if it does less
now, set the bound anew: statements and rows to what was counted, calls a tenth above.
"""

from __future__ import annotations

import contextlib
import sqlite3
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from operator import gt
from types import FrameType
from typing import Any

import pytest

from mock_server import Config, MockServer, create_app
from mock_server.bench.requests import ask
from mock_server.bench.story import Story, tell
from mock_server.bench.world import World
from mock_server.tests.client import Mock
from mock_server.tests.documents import operations

# In scenario `default`: statements of SQL besides BEGIN and COMMIT, rows that Python reads, calls of Python functions.
BOUNDS = {
    "listCommunities": (2, 5, 200),
    "getOpenIdConfiguration": (1, 1, 110),
    "listUnits": (2, 3, 140),
    "listTickets": (2, 5, 190),
    "listFaqArticles": (3, 6, 150),
    "listTicketTypes": (2, 5, 150),
    "listAppointments": (3, 22, 210),
    "listOfficialPosts": (3, 12, 200),
    "listImportantContacts": (2, 4, 140),
    "listActivities": (3, 22, 170),
    "getUnreadChatCount": (2, 2, 130),
    "getUnreadNotificationCount": (2, 2, 130),
    "listNotifications": (3, 8, 160),
    "markNotificationRead": (2, 1, 160),
    "markAllNotificationsRead": (2, 1, 130),
    "createCommunity": (7, 2, 200),
    "getCommunity": (2, 2, 160),
    "updateCommunity": (5, 2, 210),
    "uploadCommunityAvatar": (7, 5, 410),
    "getCommunityAvatar": (3, 3, 190),
    "requestMembership": (5, 4, 210),
    "listMembershipRequests": (3, 3, 180),
    "cancelMembershipRequest": (5, 3, 190),
    "listInvitablePeople": (3, 7, 180),
    "addMember": (7, 4, 210),
    "listMembers": (4, 5, 190),
    "getMember": (3, 3, 180),
    "removeMember": (4, 3, 180),
    "deleteCommunity": (7, 2, 160),
    "uploadFile": (4, 3, 190),
    "createTicket": (8, 5, 240),
    "addTicketComment": (10, 7, 250),
    "getTicket": (3, 3, 180),
    "createInvitation": (7, 6, 220),
    "checkInviteToken": (3, 2, 140),
    "registerUser": (11, 4, 390),
}
# Whatever else there is, one thing costs what it cost. These are of many: two count or change all of something, and each
# resident might have to be told of a comment.
OF_MANY = ("addTicketComment", "getUnreadNotificationCount", "markAllNotificationsRead")
# Neither does a page of these lists, however many there are on the others.
PAGES = ("listInvitablePeople", "listMembers", "listMembershipRequests")

Counted = Counter[str]


@contextlib.contextmanager
def counting_sql(cursor: sqlite3.Cursor) -> Iterator[Counted]:
    """Counts statements, rows, and work, in tens of SQLite's instructions: they tell of rows that are looked at in vain."""
    counted: Counted = Counter()

    def statement(text: str) -> None:
        # What begins with dashes is what a foreign key entails.
        counted["statements"] += not text.startswith(("BEGIN", "COMMIT", "--"))

    def row(_cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> tuple[Any, ...]:
        counted["rows"] += 1
        return values

    cursor.connection.set_trace_callback(statement)
    cursor.row_factory = row
    cursor.connection.set_progress_handler(lambda: counted.update(work=1), 10)
    yield counted
    cursor.connection.set_trace_callback(None)
    cursor.row_factory = None
    cursor.connection.set_progress_handler(None, 0)


@contextlib.contextmanager
def counting_calls() -> Iterator[Counted]:
    counted: Counted = Counter()

    def note(_frame: FrameType, event: str, _argument: object) -> None:
        counted["calls"] += event == "call"

    sys.setprofile(note)
    yield counted
    sys.setprofile(None)


@contextlib.contextmanager
def warming_up() -> Iterator[Counted]:
    """Counts nothing: what is asked for first compiles and caches."""
    yield Counter()


def costs(app: MockServer, session: str) -> dict[str, Counted]:
    """By operation."""
    with app.store.transaction(None, write=False) as connection:
        sql = partial(counting_sql, connection.driver)
    world = World(app, session)
    found: dict[str, Counted] = defaultdict(Counter)
    kinds: tuple[Callable[[], AbstractContextManager[Counted]], ...] = (warming_up, sql, counting_calls)
    for number, counting in enumerate(kinds):
        for operation, counted in live(app, tell(world, number), counting):
            found[operation].update(counted)
    return found


def live(app: MockServer, story: Story, counting: Callable[[], AbstractContextManager[Counted]]) -> Iterator[tuple[str, Counted]]:
    answer = None
    with contextlib.suppress(StopIteration):
        while True:
            request = story.send(answer)
            environ = request.environ()
            with counting() as counted:
                answer = ask(app, environ).value
            yield request.operation, counted


@pytest.fixture(scope="module")
def app() -> Iterator[MockServer]:
    app = create_app(Config())
    yield app
    app.close()


@pytest.fixture(scope="module")
def usual(app: MockServer) -> dict[str, Counted]:
    return costs(app, "usual")


def test_each_operation_has_a_bound(usual: dict[str, Counted]) -> None:
    assert BOUNDS.keys() == usual.keys() == {operation.id for operation in operations()}


def test_no_operation_is_above_its_bound(usual: dict[str, Counted]) -> None:
    counted = {name: (cost["statements"], cost["rows"], cost["calls"]) for name, cost in usual.items()}
    above = {name: (cost, BOUNDS[name]) for name, cost in counted.items() if any(map(gt, cost, BOUNDS[name]))}
    assert above == {}, "operation: (counted, bound)"


def test_one_thing_costs_the_same_among_hundreds(app: MockServer, usual: dict[str, Counted]) -> None:
    assert Mock(app, "crowd").put("/__mock/scenario", json={"name": "crowded"}).status_code == 204
    crowded = costs(app, "crowd")
    of_one = [name for name in usual if name in PAGES or not (name.startswith("list") or name in OF_MANY)]
    work = {name: (usual[name]["work"], crowded[name]["work"]) for name in of_one}
    assert {name: counted for name, counted in work.items() if counted[1] > 2 * counted[0]} == {}, "in default, in crowded"


def test_a_reset_writes_nothing_but_what_has_changed(app: MockServer) -> None:
    mock = Mock(app, "again")
    assert mock.put("/__mock/scenario", json={"name": "crowded"}).status_code == 204
    with app.store.transaction(None, write=False) as connection:
        driver: sqlite3.Connection = connection.driver.connection
    before = driver.total_changes
    mock.create("One community, one link, one member")
    changed = driver.total_changes - before
    mock.post("/__mock/reset")
    # Besides the row of the session, gone and written anew, with when it was used.
    assert driver.total_changes - before - changed <= changed + 5
