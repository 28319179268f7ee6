"""Many requests at once, in real threads: nothing is doubled, nothing is lost, and readers wait for nobody."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from sqlalchemy import update
from werkzeug.test import TestResponse

from mock_server.apis.linagora.tables import communities
from mock_server.tests.client import Mock

THREADS = 8


T = TypeVar("T")


def at_once(calls: Sequence[Callable[[], T]]) -> list[T]:
    """Results of calls that start together, each in a thread of its own."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        barrier.wait(10)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def statuses(calls: Sequence[Callable[[], TestResponse]]) -> list[int]:
    return [response.status_code for response in at_once(calls)]


def test_of_many_simultaneous_creations_with_one_title_exactly_one_is_201(any_mock: Mock) -> None:
    any_mock.titles()
    for title in ("One", "Two", "Three"):
        assert Counter(statuses([partial(any_mock.try_create, title)] * THREADS)) == {201: 1, 409: THREADS - 1}
    assert [any_mock.titles().count(title) for title in ("One", "Two", "Three")] == [1, 1, 1]


def test_of_many_simultaneous_creations_with_their_own_titles_none_is_lost(any_mock: Mock) -> None:
    titles = [f"Title {number}" for number in range(THREADS * 2)]
    any_mock.credentials()
    responses = at_once([partial(any_mock.try_create, title) for title in titles])
    assert [response.status_code for response in responses] == [201] * len(titles)
    assert len({response.get_json()["_id"] for response in responses}) == len(titles)
    assert set(titles) <= set(any_mock.titles())


def test_a_session_that_many_use_first_at_once_is_made_once(any_mock: Mock) -> None:
    any_mock.credentials()
    fresh = any_mock.beside("fresh")
    lists = at_once([fresh.titles] * THREADS)
    assert all(titles == lists[0] for titles in lists)
    assert lists[0].count("Welcome") == 1


def test_changes_of_different_properties_at_once_are_both_kept(any_mock: Mock) -> None:
    path = any_mock.create("Before")
    for number in range(5):
        changes = [{"title": f"Title {number}"}, {"description": f"Text {number}"}]
        assert statuses([partial(any_mock.put, path, "alice", json=change) for change in changes]) == [200, 200]
        community = any_mock.get(path, "alice").get_json()
        assert (community["title"], community["description"]) == (f"Title {number}", f"Text {number}")


def test_members_added_at_once_are_all_there(any_mock: Mock) -> None:
    path = any_mock.create("Crowd")
    people = ["bob", "carol", "dave", "admin"]
    joins = [partial(any_mock.put, f"{path}/members/{any_mock.id_of(name)}", name) for name in people * 2]
    assert statuses(joins) == [204] * 8
    members = any_mock.get(f"{path}/members", "alice")
    assert members.headers["X-ESN-Items-Count"] == "5"
    assert {m["user"]["_id"] for m in members.get_json()} == {any_mock.id_of(name) for name in ("alice", *people)}


def test_writers_of_different_sessions_do_not_disturb_each_other(any_mock: Mock) -> None:
    any_mock.credentials()
    mocks = [any_mock.beside(f"s{number}") for number in range(4)]
    assert statuses([partial(mock.try_create, "Same title") for mock in mocks]) == [201] * 4


def test_resets_and_restores_between_writes_leave_whole_states(any_mock: Mock) -> None:
    scenario = any_mock.titles()
    any_mock.create("In the snapshot")
    any_mock.put("/__mock/snapshots/s")
    calls = [partial(any_mock.post, "/__mock/reset"), partial(any_mock.post, "/__mock/snapshots/s/restore")] * 3
    calls += [partial(any_mock.try_create, f"Title {number}") for number in range(6)]
    assert sorted(statuses(calls)) == [201] * 6 + [204] * 6
    assert set(scenario) <= set(any_mock.titles())


def test_a_read_while_a_writer_is_open_does_not_wait(shared_database_url: str, start: Callable[..., Mock]) -> None:
    mock = start(database_url=shared_database_url)
    path = mock.create("Committed")
    opened, done = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with mock.app.store.transaction("default", write=True) as connection:
            connection.execute(update(communities).values(title="Not yet"))
            opened.set()
            done.wait(10)

    writer = threading.Thread(target=write_slowly)
    writer.start()
    try:
        assert opened.wait(10)
        with ThreadPoolExecutor(1) as pool:
            title = pool.submit(lambda: mock.get(path, "alice").get_json()["title"]).result(timeout=3)
    finally:
        done.set()
        writer.join()
    assert title == "Committed"
    assert mock.get(path, "alice").get_json()["title"] == "Not yet"
