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
    "listCommunities": (2, 5, 210),
    "getOpenIdConfiguration": (1, 1, 120),
    "listUnits": (2, 3, 150),
    "listTickets": (2, 5, 210),
    "listFaqArticles": (3, 6, 170),
    "listTicketTypes": (2, 5, 180),
    "listAppointments": (3, 22, 260),
    "listOfficialPosts": (3, 12, 230),
    "listImportantContacts": (2, 4, 160),
    "listActivities": (3, 22, 210),
    "getUnreadChatCount": (2, 2, 160),
    "getUnreadNotificationCount": (2, 2, 160),
    "listNotifications": (3, 8, 190),
    "markNotificationRead": (2, 1, 160),
    "markAllNotificationsRead": (2, 1, 150),
    "createCommunity": (7, 2, 230),
    "getCommunity": (2, 2, 160),
    "updateCommunity": (5, 2, 220),
    "uploadCommunityAvatar": (8, 5, 470),
    "getCommunityAvatar": (3, 3, 190),
    "requestMembership": (6, 4, 230),
    "listMembershipRequests": (3, 3, 190),
    "cancelMembershipRequest": (5, 3, 200),
    "listInvitablePeople": (3, 7, 190),
    "addMember": (8, 4, 230),
    "listMembers": (4, 5, 200),
    "getMember": (3, 3, 190),
    "removeMember": (4, 3, 190),
    "deleteCommunity": (7, 2, 160),
    "uploadFile": (5, 3, 200),
    "createTicket": (9, 5, 290),
    "addTicketComment": (10, 7, 290),
    "getTicket": (3, 3, 180),
    "createInvitation": (8, 11, 280),
    "checkInviteToken": (3, 2, 150),
    "registerUser": (16, 8, 490),
}
# Whatever else there is, one thing costs what it cost. These are of many: two count or change all of something, and each
# resident might have to be told of a comment.
OF_MANY = ("addTicketComment", "getUnreadNotificationCount", "markAllNotificationsRead")

Counted = Counter[str]


@contextlib.contextmanager
def counting_sql(driver: sqlite3.Connection) -> Iterator[Counted]:
    """Counts statements, rows, and work, in tens of SQLite's instructions: they tell of rows that are looked at in vain."""
    counted: Counted = Counter()

    def statement(text: str) -> None:
        # What begins with dashes is what a foreign key entails.
        counted["statements"] += not text.startswith(("BEGIN", "COMMIT", "--"))

    def row(_cursor: sqlite3.Cursor, values: tuple[Any, ...]) -> tuple[Any, ...]:
        counted["rows"] += 1
        return values

    driver.set_trace_callback(statement)
    driver.row_factory = row
    driver.set_progress_handler(lambda: counted.update(work=1), 10)
    yield counted
    driver.set_trace_callback(None)
    driver.row_factory = None
    driver.set_progress_handler(None, 0)


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
        sql = partial(counting_sql, connection.driver.connection)
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
    of_one = [name for name in usual if not name.startswith("list") and name not in OF_MANY]
    work = {name: (usual[name]["work"], crowded[name]["work"]) for name in of_one}
    assert {name: counted for name, counted in work.items() if counted[1] > 2 * counted[0]} == {}, "in default, in crowded"
