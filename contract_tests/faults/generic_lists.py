"""Faults in lists: pages, totals, order, filters. For all lists of both APIs that have such a thing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from contract_tests.faults import casavi_changes as c
from contract_tests.faults import changes as f
from contract_tests.faults.described import Described, described, some
from contract_tests.faults.planting import Change, Fault, Request, Response, Send

PAGING = ("page", "offset", "limit")
TOTALS = ("pageCount", "count", "rowsOnPage")
COUNT = "X-ESN-Items-Count"


def faults() -> Iterator[Fault]:
    """All of them."""
    for one in described():
        for name in set(one.query) & {"page", "offset"}:
            yield _fault(one, 30, f"{name} one too far", c.shifted(name, 1))
            yield _fault(one, 31, f"{name} ignored", f.dropped(name))
        if "limit" in one.query:
            yield _fault(one, 32, "one more than the limit", c.shifted("limit", 1))
            yield _fault(one, 32, "the last of a full page lost", _full_pages(lambda rows: rows[:-1]))
        for name in TOTALS:
            if name in one.item.get("properties", {}):
                yield _fault(one, 33, f"{name} one too many", f.objects(_added(name)))
                yield _fault(one, 38, f"{name} out of date", first_said(name))
        if COUNT in one.headers(one.success):
            yield _fault(one, 33, "total one too many", f.answers(_counted))
            yield _fault(one, 38, "total out of date", first_said(COUNT))
        for name, schema in one.query.items():
            if name not in PAGING:
                yield _fault(one, 37, f"{name} ignored", f.dropped(name))
                if schema.get("type") == "string" and schema.get("maxLength", 0) > 64:
                    yield _fault(one, 36, f"{name} in the other case", f.queries(_other_case(name)))
    yield from _of_order()


def _of_order() -> Iterator[Fault]:
    lists = [one for one in described() if _rows(one)]
    for one in some(iter(lists), 4):
        yield _fault(one, 34, "order turns", in_rows(one, turning()))
        yield _fault(one, 35, "backwards", in_rows(one, c.backwards))
    for one in some(iter(lists), 4):
        yield _fault(one, 29, "the last stands there twice", in_rows(one, lambda rows: rows + rows[-1:]))


def _fault(one: Described, operator: int, name: str, change: Change) -> Fault:
    return Fault(one.api, operator, name, one.operation.id, change, only="" if operator in {30, 31, 32, 37} else "2")


def _rows(one: Described) -> bool:
    return one.answer.get("type") == "array" or "rows" in one.answer.get("properties", {})


def in_rows(one: Described, change: Callable[[list[Any]], list[Any]]) -> Change:
    return f.objects(change) if one.answer.get("type") == "array" else c.in_each("rows", change)


def turning() -> Callable[[list[Any]], list[Any]]:
    """Rows begin elsewhere each time."""
    calls: list[int] = []

    def turned(rows: list[Any]) -> list[Any]:
        calls.append(1)
        start = len(calls) % max(len(rows), 1)
        return rows[start:] + rows[:start]

    return turned


def first_said(name: str) -> Change:
    """A number, in a header or a property, stays what it was when it was first asked for."""
    memory: dict[tuple[Any, ...], Any] = {}

    def change(asked: Request, send: Send) -> Response:
        answer = send(asked)
        if not answer.status.startswith("2"):
            return answer
        query = tuple(sorted((key, value) for key, value in asked.query.items() if key not in PAGING))
        key = asked.headers.get("X-Mock-Session"), asked.headers.get("Authorization"), asked.path, query
        if name == COUNT:
            own = next(header for header in answer.headers if header.lower() == COUNT.lower())
            return f.headed(answer, own, memory.setdefault(key, answer.headers[own]))
        return answer.with_json(answer.json | {name: memory.setdefault(key, answer.json[name])})

    return change


def _full_pages(change: Callable[[list[Any]], list[Any]]) -> Change:
    """Pages that have as many rows as they may are changed."""

    def changed(asked: Request, send: Send) -> Response:
        answer = send(asked)
        if not answer.status.startswith("2"):
            return answer
        body = answer.json
        rows = body if isinstance(body, list) else body["rows"]
        if str(len(rows)) != asked.query.get("limit") or not rows:
            return answer
        return answer.with_json(change(rows) if isinstance(body, list) else body | {"rows": change(rows)})

    return changed


def _added(name: str) -> Callable[[Any], Any]:
    return lambda body: body | {name: body[name] + 1}


def _counted(answer: Response) -> Response:
    own = next(header for header in answer.headers if header.lower() == COUNT.lower())
    return replace(answer, headers=answer.headers | {own: str(int(answer.headers[own]) + 1)})


def _other_case(name: str) -> Callable[[dict[str, str]], dict[str, str]]:
    return lambda query: query | ({name: query[name].swapcase()} if name in query else {})
