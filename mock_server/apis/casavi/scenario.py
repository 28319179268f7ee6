"""A scenario's part for casavi: from YAML into the tables."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from sqlalchemy import Table, insert

from mock_server.apis.casavi import tables
from mock_server.apis.casavi.crowd import grow
from mock_server.apis.casavi.openid_logins import OWN_PROVIDER
from mock_server.apis.casavi.people import fold_address
from mock_server.apis.casavi.scenario_checks import check_form, check_values
from mock_server.apis.casavi.texts import render, status_text
from mock_server.apis.casavi.ticket_types import custom_fields
from mock_server.dispatch import Ids
from mock_server.errors import BootError
from mock_server.scenarios import Names
from mock_server.statements import Connection
from mock_server.store import metadata

_ACCESS_TOKEN_SECONDS = 3600


def load_scenario(connection: Connection, session: str, data: Mapping[str, Any], ids: Ids) -> None:
    """Fill an empty session from the `casavi` part of a scenario (fixtures/README.md has its shape). Raises BootError."""
    check_values(data)
    loader = _Loader(session, data["time"], ids)
    try:
        loader.load(grow(data))
    except BootError as error:
        raise BootError(": ".join(("/".join(loader.place), str(error))) if loader.place else str(error)) from error
    for table in metadata.sorted_tables:
        if loader.rows[table]:
            connection.execute(_insert(table), loader.rows[table])


_insert = functools.cache(insert)


class _Loader:
    """Turns the scenario into rows; a thing without an id gets one, a thing without a time has that of the scenario.

    place is where in the scenario it is: after a BootError, where the fault is.
    """

    def __init__(self, session: str, time: str, ids: Ids) -> None:
        self.rows: dict[Table, list[dict[str, Any]]] = defaultdict(list)
        self.place: list[str] = []
        self._session = session
        self._time = time
        self._ids = ids
        self._tenants: Names[int] = Names("tenant")
        self._people: Names[int] = Names("contact or user")
        self._users: Names[int] = Names("user")
        self._types: Names[Mapping[str, Any]] = Names("ticket type")
        self._seen: set[tuple[object, ...]] = set()
        # Of the community that is being loaded.
        self._units: set[int] = set()
        self._members: set[int] = set()

    def load(self, data: Mapping[str, Any]) -> None:
        for key in data["providers"]:
            self._put(tables.providers, key=key)
        self._each("tenants", data["tenants"], self._tenant)
        self._each("clients", data["clients"], self._client)
        self._each("contacts", data.get("contacts", []), self._contact)
        self._each("users", data["users"], self._user)
        self._each("communities", data["communities"], self._community)

    def _each(self, key: str, items: Iterable[Mapping[str, Any]], load: Callable[[Mapping[str, Any]], object]) -> None:
        for number, item in enumerate(items):
            self.place += (key, str(number))
            load(item)
            del self.place[-2:]

    def _once(self, things: str, what: str, *value: object) -> None:
        """Raises BootError the second time that things have the same value."""
        if (things, what, *value) in self._seen:
            raise BootError(f"two {things} have the {what} {', '.join(map(str, value))}")
        self._seen.add((things, what, *value))

    def _put(self, table: Table, **row: object) -> None:
        key = [column.name for column in table.primary_key if column.name != "session"]
        self._once(table.name.removeprefix("cas_"), ", ".join(key), *(row[name] for name in key))
        # Rows of one table go in together, so each has all columns.
        self.rows[table].append({**dict.fromkeys(table.c.keys()), "session": self._session, **row})

    def _add(self, table: Table, data: Mapping[str, Any], **row: object) -> int:
        """Store what data has of the table's columns, and row; the answer is the id."""
        identifier: int = data["id"] if "id" in data else self._ids.next_number()
        known = {key: value for key, value in data.items() if key in table.c}
        self._put(table, **{**known, **row, "id": identifier})
        return identifier

    def _tenant(self, tenant: Mapping[str, Any]) -> None:
        self._tenants[tenant["name"]] = self._add(tables.tenants, tenant)

    def _client(self, client: Mapping[str, Any]) -> None:
        self._put(
            tables.clients,
            client_id=client["client_id"],
            secret=client.get("secret"),
            redirect_uris=client["redirect_uris"],
            post_logout_redirect_uris=client.get("post_logout_redirect_uris", []),
            lifetime=client.get("access_token_seconds", _ACCESS_TOKEN_SECONDS),
        )

    def _contact(self, contact: Mapping[str, Any]) -> int:
        identifier: int = contact["id"] if "id" in contact else self._ids.next_number()
        if "name" in contact:
            self._people[contact["name"]] = identifier
        reference = contact.get("reference", f"c-{identifier}")
        tenant_id = self._tenants[contact["tenant"]] if "tenant" in contact else None
        return self._add(tables.contacts, {**contact, "id": identifier}, reference=reference, tenant_id=tenant_id)

    def _user(self, user: Mapping[str, Any]) -> None:
        identifier = self._users[user["name"]] = self._contact(user)
        sub = user.get("sub", user.get("reference", f"c-{identifier}"))
        row = {"provider": OWN_PROVIDER, "email_folded": fold_address(user["email"]), "sub": sub, "id": identifier}
        self._once("users", "address", row["email_folded"])
        self._once("users", "sub", sub)
        self._add(tables.users, {**user, **row})

    def _community(self, data: Mapping[str, Any]) -> None:
        tenant_id, manager_id = self._tenants[data["tenant"]], self._people[data["manager"]]
        community_id = self._add(tables.communities, data, tenant_id=tenant_id, manager_id=manager_id)
        self._units, self._members = set(), set()
        self._each("units", data.get("units", []), partial(self._unit, community_id))
        administrators = [self._users[name] for name in data.get("administrators", [])]
        self._members |= {*administrators, *(self._users[name] for name in data.get("members", []))}
        for user_id in sorted(self._members):
            self._put(tables.members, user_id=user_id, community_id=community_id, administrator=user_id in administrators)
        # In an order in which each finds what it refers to.
        loaders: dict[str, Callable[[int, Mapping[str, Any]], None]] = {
            "invitations": self._invitation,
            "ticket_types": self._ticket_type,
            "tickets": self._ticket,
            "appointments": self._appointment,
            "official_posts": self._post,
            "important_contacts": self._important_contact,
            "faq_groups": self._faq_group,
            "activities": self._activity,
            "notifications": self._notification,
            "unread_chats": self._unread_chat,
        }
        for key, load in loaders.items():
            self._each(key, data.get(key, []), partial(load, community_id))

    def _unit(self, community_id: int, data: Mapping[str, Any]) -> None:
        unit_id = self._add(tables.units, data, community_id=community_id)
        self._units.add(unit_id)
        for name in data.get("residents", []):
            self._put(tables.residents, user_id=self._users[name], unit_id=unit_id)
            self._members.add(self._users[name])

    def _unit_of(self, data: Mapping[str, Any]) -> int | None:
        unit_id: int | None = data.get("unit")
        if unit_id is not None and unit_id not in self._units:
            raise BootError(f"unit {unit_id} is not in this community")
        return unit_id

    def _member(self, name: str) -> int:
        if self._users[name] not in self._members:
            raise BootError(f"{name} is not a resident of this community")
        return self._users[name]

    def _invitation(self, community_id: int, data: Mapping[str, Any]) -> None:
        token = data["token"] if "token" in data else self._ids.next_hex(8)
        self._once("invitations", "token", token)
        self._add(
            tables.invitations,
            {},
            token=token,
            community_id=community_id,
            contact_id=self._contact(data["contact"]),
            unit_id=self._unit_of(data),
            firstname=data["contact"]["firstname"],
            lastname=data["contact"]["lastname"],
            email=data["contact"]["email"],
            administrator=data.get("administrator", False),
            used=False,
        )

    def _ticket_type(self, community_id: int, data: Mapping[str, Any]) -> None:
        check_form(data["fields"])
        type_id = self._add(tables.ticket_types, data, community_id=community_id)
        self._types[f"{community_id} {data['name']}"] = {**data, "id": type_id}

    def _ticket(self, community_id: int, data: Mapping[str, Any]) -> None:
        kind = self._types[f"{community_id} {data['type']}"]
        status = data.get("status", "OPEN")
        texts = [field for field in kind["fields"] if field["type"] == "text"][:1]
        ticket_id = self._add(
            tables.tickets,
            data,
            community_id=community_id,
            type_id=kind["id"],
            unit_id=self._unit_of(data),
            created_by=self._people[data["by"]],
            assigned_to=self._people[data["assigned_to"]] if "assigned_to" in data else None,
            status=status,
            status_text=status_text(status),
            description_rendered=render(data["text"]),
            custom_fields=custom_fields(texts, {str(field["id"]): data["text"] for field in texts}),
            attachments=[],
        )
        for comment in data.get("comments", []):
            self._written(tables.ticket_comments, comment, ticket_id=ticket_id, attachments=[])

    def _written(self, table: Table, data: Mapping[str, Any], **row: object) -> None:
        """A text that somebody wrote."""
        self._add(table, data, created_by=self._people[data["by"]], created_at=data.get("time", self._time), **row)

    def _post(self, community_id: int, data: Mapping[str, Any]) -> None:
        self._written(tables.official_posts, data, community_id=community_id, attachments=[])

    def _appointment(self, community_id: int, data: Mapping[str, Any]) -> None:
        times = {"starts_at": data["start"], "ends_at": data["end"], "all_day": data.get("all_day", False)}
        self._add(tables.appointments, data, community_id=community_id, **times)

    def _important_contact(self, community_id: int, data: Mapping[str, Any]) -> None:
        self._add(tables.important_contacts, data, community_id=community_id)

    def _faq_group(self, community_id: int, data: Mapping[str, Any]) -> None:
        group_id = self._add(tables.faq_groups, data, community_id=community_id)
        for article in data["articles"]:
            kind = article.get("ticket_type")
            type_id = self._types[f"{community_id} {kind}"]["id"] if kind else None
            self._add(tables.faq_articles, article, community_id=community_id, group_id=group_id, ticket_type_id=type_id)

    def _activity(self, community_id: int, data: Mapping[str, Any]) -> None:
        row = {"created_at": data.get("time", self._time), "object_id": data.get("object")}
        self._add(tables.activities, data, community_id=community_id, **row)

    def _notification(self, community_id: int, data: Mapping[str, Any]) -> None:
        row = {"created_at": data.get("time", self._time), "object_id": data.get("object"), "read": data.get("read", False)}
        for name in data["to"]:
            self._add(tables.notifications, {**data, **row}, community_id=community_id, user_id=self._member(name))

    def _unread_chat(self, community_id: int, data: Mapping[str, Any]) -> None:
        self._put(tables.unread_chats, community_id=community_id, user_id=self._member(data["of"]), count=data["count"])
