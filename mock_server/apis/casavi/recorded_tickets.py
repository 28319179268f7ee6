"""What recorded answers tell of tickets, their comments and types."""

from __future__ import annotations

from typing import Any

from mock_server.apis.casavi.recorded_world import Ticket, World, number, number_in, rows_of
from mock_server.recordings import Seen


def list_tickets(world: World, seen: Seen, _: Any, who: Any) -> None:
    for row in rows_of(seen.answer):
        _ticket(world, row, who)


def get_ticket(world: World, seen: Seen, _: Any, who: Any) -> None:
    _ticket(world, seen.answer, who)


def add_ticket_comment(world: World, seen: Seen, _: Any, __: Any) -> None:
    ticket = world.tickets.get(number(seen.path["ticket_id"]))
    if ticket is None:
        world.early.setdefault(number(seen.path["ticket_id"]), []).append(seen.answer)
    else:
        _comment(world, ticket, seen.answer)


def list_ticket_types(world: World, seen: Seen, community_id: int, _: Any) -> None:
    for row in rows_of(seen.answer):
        identifier = number_in(row)
        if identifier is not None:
            world.community(community_id).types[identifier] = None
            world.types[identifier] = row


def _ticket(world: World, row: Any, who: Any) -> None:
    identifier = number_in(row)
    home, kind = (row.get("Community"), row.get("TicketType")) if isinstance(row, dict) else (None, None)
    place, type_id = (number_in(one) for one in (home, kind))
    if identifier is None or place is None or type_id is None or not isinstance(kind, dict):
        world.notes.add("answers with a ticket that has no id, community or type")
        return
    world.named(place, home)
    world.community(place, who).types[type_id] = None
    world.types.setdefault(type_id, kind)
    ticket = world.tickets.setdefault(identifier, Ticket(place, type_id))
    ticket.community, ticket.type = place, type_id
    ticket.row = {**ticket.row, **row}
    for comment in world.early.pop(identifier, ()):
        _comment(world, ticket, comment)
    world.unit(row.get("Unit"), place)
    for key in ("AssignedTo", "CreatedBy"):
        world.person(row.get(key))
    if isinstance(row.get("TicketComments"), list):
        ticket.comments.clear()
    for comment in rows_of(row.get("TicketComments")):
        _comment(world, ticket, comment)


def _comment(world: World, ticket: Ticket, comment: Any) -> None:
    if isinstance(comment, dict) and isinstance(comment.get("text"), str) and world.person(comment.get("CreatedBy")) is not None:
        ticket.comments[number_in(comment)] = comment
