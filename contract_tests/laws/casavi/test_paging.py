"""Pages of appointments, official posts and activities."""

from datetime import datetime
from typing import Any

import pytest

from contract_tests.actors.caller import Caller
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import each_once, expect, refusal, require, same
from contract_tests.contract.basis import inferred

ORDERS = {"listAppointments": ("start", False), "listOfficialPosts": ("createdAt", True), "listActivities": ("createdAt", True)}
EACH = pytest.mark.parametrize("operation", list(ORDERS))
# The source shows no `limit` for official posts.
LIMITED = pytest.mark.parametrize("operation", ["listAppointments", "listActivities"])
MOST, USUAL, TOO_BIG = 100, 20, 2**31


def _page(casavi: Casavi, caller: Caller, operation: str, **query: int) -> Json:
    page: Json = casavi.read(caller, operation, query)
    return page


def _pages(casavi: Casavi, caller: Caller, operation: str, **query: int) -> list[Json]:
    """All pages, as the first one counts them; the test is skipped if there is nothing on them."""
    first = _page(casavi, caller, operation, **query)
    if not first["rows"]:
        pytest.skip(f"{operation} has no rows at this deployment")
    return [first] + [_page(casavi, caller, operation, page=number, **query) for number in range(1, first["pageCount"])]


def _rows(pages: list[Json]) -> list[Json]:
    return [row for page in pages for row in page["rows"]]


@EACH
@inferred("pages have no row twice; all but the last one are full; pageSize is how many rows a page has at most")
def test_pages_are_full_and_repeat_nothing(casavi: Casavi, resident: Caller, operation: str) -> None:
    pages = _pages(casavi, resident, operation)
    ids = [row["id"] for row in _rows(pages)]
    each_once(ids, operation)
    sizes, size = [len(page["rows"]) for page in pages], pages[0]["pageSize"]
    same(sizes[:-1], [size] * (len(pages) - 1), operation, "has pages before the last one that are not full")
    require(0 < sizes[-1] <= size, operation, "has an empty last page, or one with more than pageSize rows", got=sizes)


@LIMITED
@pytest.mark.parametrize("limit", [1, 3, 7])
@inferred("limit: how many rows a page has; the pages are slices of the whole list")
def test_pages_of_any_size_add_up_to_the_whole(casavi: Casavi, resident: Caller, operation: str, limit: int) -> None:
    whole = _rows(_pages(casavi, resident, operation, limit=MOST))
    pages = _pages(casavi, resident, operation, limit=limit)
    wanted = [whole[start : start + limit] for start in range(0, len(whole), limit)]
    shown = [page["rows"] for page in pages]
    same(shown, wanted, operation, f"shows other rows in pages of {limit} than in pages of {MOST}")


@LIMITED
@pytest.mark.parametrize("limit", [1, 3, 7, MOST])
@inferred("pageCount is the number of pages, pageSize how many rows a page has at most")
def test_the_numbers_of_a_page_follow_the_limit(casavi: Casavi, resident: Caller, operation: str, limit: int) -> None:
    rows = len(_rows(_pages(casavi, resident, operation, limit=MOST)))
    page = _page(casavi, resident, operation, limit=limit)
    shown, wanted = {name: page[name] for name in ("pageCount", "pageSize")}, {"pageCount": -(-rows // limit), "pageSize": limit}
    same(shown, wanted, operation, f"says something else of its {rows} rows, with limit {limit}")


@EACH
@inferred("page: the first is 0, and it is the one that is shown if none is named; the answer says which one it is")
def test_a_page_says_which_it_is(casavi: Casavi, resident: Caller, operation: str) -> None:
    pages = _pages(casavi, resident, operation)
    same([page["page"] for page in pages], list(range(len(pages))), operation, "does not number its pages from 0")
    same(_page(casavi, resident, operation, page=0), pages[0], operation, "does not answer page 0 where no page is named")


@LIMITED
@inferred("limit is 20 where none is named")
def test_a_page_has_twenty_rows_if_nothing_is_said(casavi: Casavi, resident: Caller, operation: str) -> None:
    usual = _page(casavi, resident, operation, limit=USUAL)
    same(_page(casavi, resident, operation), usual, operation, f"does not answer {USUAL} rows where no limit is named")


@EACH
@inferred("appointments stand earliest first, posts and activities newest first")
def test_rows_are_ordered_by_time(casavi: Casavi, resident: Caller, operation: str) -> None:
    key, newest_first = ORDERS[operation]
    times = [row[key] for row in _rows(_pages(casavi, resident, operation))]
    same(times, sorted(times, key=datetime.fromisoformat, reverse=newest_first), operation, f"is not in the order of {key}")


@EACH
@inferred("a page past the last one has no rows")
def test_a_page_past_the_end_is_empty(casavi: Casavi, resident: Caller, operation: str) -> None:
    count = _page(casavi, resident, operation)["pageCount"]
    for number in (count, count + 1, TOO_BIG - 1):
        page = _page(casavi, resident, operation, page=number)
        shown = {name: page[name] for name in ("rows", "page", "pageCount")}
        same(shown, {"rows": [], "page": number, "pageCount": count}, operation, "answers something else past the last page")


@EACH
@inferred("reading changes nothing")
def test_a_page_is_the_same_twice(casavi: Casavi, resident: Caller, operation: str) -> None:
    first = _pages(casavi, resident, operation)
    same(_pages(casavi, resident, operation), first, operation, "shows other pages the second time")


@EACH
@inferred("what a community shows, it shows to all its residents")
def test_neighbours_see_the_same_pages(casavi: Casavi, resident: Caller, neighbour: Caller, operation: str) -> None:
    same(_pages(casavi, neighbour, operation), _pages(casavi, resident, operation), operation, "shows neighbours different pages")


@EACH
@inferred("what a community shows, it shows to its residents alone")
def test_communities_show_different_rows(casavi: Casavi, resident: Caller, stranger: Caller, operation: str) -> None:
    own = {row["id"] for row in _rows(_pages(casavi, resident, operation))}
    theirs = {row["id"] for row in casavi.read(stranger, operation, community_id=casavi.elsewhere)["rows"]}
    same(sorted(own & theirs), [], operation, "shows rows of another community")


@pytest.mark.parametrize("query", [{"page": -1}, {"page": "x"}, {"page": "1.5"}, {"page": TOO_BIG}], ids=str)
@EACH
@inferred("page is an integer from 0")
def test_a_bad_page_is_refused(casavi: Casavi, resident: Caller, operation: str, query: dict[str, Any]) -> None:
    expect(casavi.ask(resident, operation, query=query), refusal(400))


@pytest.mark.parametrize("limit", [0, -1, MOST + 1, "x", "1.5", ""], ids=str)
@LIMITED
@inferred("limit is an integer from 1 to 100")
def test_a_bad_limit_is_refused(casavi: Casavi, resident: Caller, operation: str, limit: Any) -> None:
    expect(casavi.ask(resident, operation, query={"limit": limit}), refusal(400))
