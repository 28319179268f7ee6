"""What the schema cannot know of a scenario's part for casavi: whom and what its names and ids mean, and what can be made up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from mock_server.apis.casavi.crowd import resident_names
from mock_server.apis.casavi.people import fold_address
from mock_server.scenarios import Mistakes, Part

# All that somebody of the community, or the property management, has written.
_AUTHORS = (("manager",), ("tickets", "by"), ("tickets", "assigned_to"), ("tickets", "comments", "by"), ("official_posts", "by"))
_RESIDENTS = (("units", "residents"), ("members",), ("administrators",))
_READERS = (("notifications", "to"), ("unread_chats", "of"))


def check_scenario(part: Part, mistakes: Mistakes) -> None:
    """Tell what is wrong. Mistakes of shape are told elsewhere, and passed over here."""
    tenants = mistakes.defined("tenants", "name", part.all("tenants", "name"))
    mistakes.known("tenant", tenants, _each(part, ("contacts", "tenant"), ("communities", "tenant")))
    made_up = [name for community in part.all("communities") for name in _made_up(community)]
    mistakes.defined("contacts or users", "name", _people(part, "name"), made_up)
    mistakes.defined("contacts or users", "id", _people(part, "id"))
    mistakes.defined(
        "users", "address", (Part(fold_address(p.value), p.place) for p in part.all("users", "email") if _is_text(p))
    )
    mistakes.defined("users", "sub", (sub for user in part.all("users") for sub in _given_sub(user)), _subs_of_ids(part))
    mistakes.defined("clients", "client_id", part.all("clients", "client_id"))
    mistakes.defined("invitations", "token", part.all("communities", "invitations", "token"))
    for things in (("tenants",), ("communities",), *(("communities", key) for key in ("units", "ticket_types", "tickets"))):
        mistakes.defined(things[-1].replace("_", " "), "id", part.all(*things, "id"))
    users = {*(user.value for user in part.all("users", "name") if _is_text(user)), *made_up}
    contacts = {contact.value for contact in part.all("contacts", "name") if _is_text(contact)}
    for community in part.all("communities"):
        _check_people(community, users, contacts, mistakes)
        _check_tickets(community, mistakes)
        _check_crowd(community, part.get("time", str), mistakes)


def _each(part: Part, *places: Iterable[str]) -> Iterator[Part]:
    return chain.from_iterable(part.all(*place) for place in places)


def _people(part: Part, key: str) -> Iterator[Part]:
    return _each(part, ("contacts", key), ("users", key), ("communities", "invitations", "contact", key))


def _is_text(part: Part) -> bool:
    return isinstance(part.value, str)


def _given_sub(user: Part) -> list[Part]:
    """As scenario.py has it: its `sub`, or otherwise its `reference`."""
    return [*user.all("sub"), *user.all("reference")][:1]


def _subs_of_ids(part: Part) -> list[str]:
    """Those of the users who give neither."""
    return [f"c-{identifier.value}" for user in part.all("users") if not _given_sub(user) for identifier in user.all("id")]


def _made_up(community: Part) -> list[str]:
    crowd = Part(community.get("crowd", dict))
    return resident_names(community.get("id", int), crowd.amount("residents"))


def _check_people(community: Part, users: set[Any], contacts: set[Any], mistakes: Mistakes) -> None:
    mistakes.known("contact or user", users | contacts, _each(community, *_AUTHORS))
    mistakes.known("user", users, _each(community, *_RESIDENTS, *_READERS))
    residents = {*(one.value for one in _each(community, *_RESIDENTS) if _is_text(one)), *_made_up(community)}
    for reader in _each(community, *_READERS):
        if _is_text(reader) and reader.value in users - residents:
            mistakes.tell(reader, f"{reader.value} is not a resident of this community")
    mistakes.defined("unread chats", "of", community.all("unread_chats", "of"))


def _check_tickets(community: Part, mistakes: Mistakes) -> None:
    types = mistakes.defined("ticket types", "name", community.all("ticket_types", "name"))
    mistakes.known("ticket type", types, _each(community, ("tickets", "type"), ("faq_groups", "articles", "ticket_type")))
    units = {unit.value for unit in community.all("units", "id") if isinstance(unit.value, int)}
    for unit in _each(community, ("tickets", "unit"), ("invitations", "unit")):
        if isinstance(unit.value, int) and unit.value not in units:
            mistakes.tell(unit, f"unit {unit.value} is not in this community")
    for kind in community.all("ticket_types"):
        mistakes.defined("fields", "id", kind.all("fields", "id"))
        for field in kind.all("fields"):
            if field.get("type", str) == "select" and not field.get("options", list):
                mistakes.tell(field, "a select needs options")


def _check_crowd(community: Part, time: str, mistakes: Mistakes) -> None:
    for crowd in community.all("crowd"):
        if crowd.amount("tickets") and not (any(community.all("ticket_types")) and _someone(community, crowd)):
            mistakes.tell(crowd, "tickets need ticket types, and residents who open them")
        # At most 10,000 of a kind, the posts and appointments one a day.
        if time and not "0030" < time < "9970":
            mistakes.tell(crowd, f"its times leave the years 1 to 9999, around {time}")


def _someone(community: Part, crowd: Part) -> bool:
    return bool(crowd.amount("residents")) or any(community.all("units", "residents"))
