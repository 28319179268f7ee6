"""What rows of recorded answers are in a scenario, as far as that needs nothing else."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mock_server.apis.casavi.recorded_world import Row, World, number_in, rows_of
from mock_server.recordings import Kept, Number, OfPerson, Text, moment_of

TITLE = 255  # letters at most


def faq_group(row: Row) -> dict[str, Any]:
    return {"name": Text("FAQ group", text_of(row.get("name")), TITLE), "articles": []}


def important_contact(row: Row) -> dict[str, Any]:
    kinds = {"phone": "phone", "email": "e-mail", "address": "address", "note": "text"}
    return {
        "name": Text("contact", text_of(row.get("name")), TITLE),
        "category": Kept("category", text_of(row.get("category"))),
        **{key: Text(kind, row[key], TITLE) for key, kind in kinds.items() if isinstance(row.get(key), str)},
    }


def person_of(identifier: Any) -> dict[str, Any]:
    names = {what: OfPerson(what, "casavi", identifier) for what in ("name", "firstname", "lastname", "email")}
    return {"id": Number("person", identifier), **names}


def ticket_text(row: Row) -> str:
    """What was entered into the first field that is a text, or else the description without its markup."""
    entered = [text_of(one.get("value")) for one in rows_of(row.get("customFields")) if one.get("type") == "text"]
    described = re.sub(r"</p>\s*<p>", "\n\n", text_of(row.get("descriptionRendered")))
    return entered[0] if entered else html.unescape(re.sub(r"<[^>]*>", "", described))


def rating_of(row: Any) -> dict[str, Any] | None:
    if not isinstance(row, dict) or row.get("rating") not in range(1, 6):
        return None
    comment = {"comment": Text("text", row["comment"])} if isinstance(row.get("comment"), str) else {}
    return {"rating": int(row["rating"]), **comment}


def times_in(world: World) -> Iterator[Any]:
    for ticket in world.tickets.values():
        yield from (one.get("createdAt") for one in ticket.comments.values())
    for community in world.communities.values():
        for rows in (community.posts, community.activities, *community.notifications.values()):
            yield from (row.get("createdAt") for row in rows.values())


def time_of(value: Any) -> dict[str, str]:
    time = moment_of(value)
    return {"time": time} if time else {}


def in_order(rows: Mapping[Any, Row]) -> list[Row]:
    return [rows[key] for key in sorted(rows, key=lambda key: key or 0)]


def age(row: Row) -> tuple[str, int]:
    return moment_of(row.get("createdAt")) or "", number_in(row) or 0


def text_of(value: Any) -> str:
    return value if isinstance(value, str) else ""


def is_name(text: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9_.-]{1,64}", text) is not None
