"""A scenario's part for casavi: from YAML into the tables."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import Table, insert

from mock_server.apis.casavi import tables
from mock_server.apis.casavi.crowd import grow
from mock_server.apis.casavi.openid_logins import OWN_PROVIDER
from mock_server.apis.casavi.people import fold_address
from mock_server.apis.casavi.texts import render, status_text
from mock_server.apis.casavi.ticket_types import custom_fields
from mock_server.dispatch import Ids
from mock_server.statements import Connection
from mock_server.store import metadata

_ACCESS_TOKEN_SECONDS = 3600


def load_scenario(connection: Connection, session: str, data: Mapping[str, Any], ids: Ids) -> None:
    """Fill an empty session from the `casavi` part of a scenario (fixtures/README.md has its shape), which has no mistakes."""
    loader = _Loader(session, data["time"], ids)
    loader.load(grow(data))
    for table in metadata.sorted_tables:
        if loader.rows[table]:
            connection.execute(_insert(table), loader.rows[table])


_insert = functools.cache(insert)


class _Loader:
    """Turns the scenario into rows; a thing without an id gets one, a thing without a time has that of the scenario."""

    def __init__(self, session: str, time: str, ids: Ids) -> None:
        self.rows: dict[Table, list[dict[str, Any]]] = defaultdict(list)
        self._session = session
        self._time = time
        self._ids = ids
        self._tenants: dict[str, int] = {}
        self._people: dict[str, int] = {}
        self._types: dict[str, Mapping[str, Any]] = {}

    def load(self, data: Mapping[str, Any]) -> None:
        for key in data["providers"]:
            self._put(tables.providers, key=key)
        for tenant in data["tenants"]:
            self._tenants[tenant["name"]] = self._add(tables.tenants, tenant)
        for client in data["clients"]:
            self._client(client)
        for contact in data.get("contacts", []):
            self._contact(contact)
        for user in data["users"]:
            self._user(user)
        for community in data["communities"]:
            self._community(community)

    def _put(self, table: Table, **row: object) -> None:
        # Rows of one table go in together, so each has all columns.
        self.rows[table].append({**dict.fromkeys(table.c.keys()), "session": self._session, **row})

    def _add(self, table: Table, data: Mapping[str, Any], **row: object) -> int:
        """Store what data has of the table's columns, and row; the answer is the id."""
        identifier: int = data["id"] if "id" in data else self._ids.next_number()
        known = {key: value for key, value in data.items() if key in table.c}
        self._put(table, **{**known, **row, "id": identifier})
        return identifier

    def _client(self, client: Mapping[str, Any]) -> None:
        self._put(
            tables.clients,
            client_id=client["client_id"],
            secret=client.get("secret"),
            redirect_uris=client["redirect_uris"],
            post_logout_redirect_uris=client.get("post_logout_redirect_uris", []),
            native=client.get("native", False),
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
        identifier = self._contact(user)
        sub = user.get("sub", user.get("reference", f"c-{identifier}"))
        row = {"provider": OWN_PROVIDER, "email_folded": fold_address(user["email"]), "sub": sub, "id": identifier}
        self._add(tables.users, {**user, **row})

    def _community(self, data: Mapping[str, Any]) -> None:
        tenant_id, manager_id = self._tenants[data["tenant"]], self._people[data["manager"]]
        community_id = self._add(tables.communities, data, tenant_id=tenant_id, manager_id=manager_id)
        members = self._residents(community_id, data.get("units", []))
        administrators = [self._people[name] for name in data.get("administrators", [])]
        members |= {*administrators, *(self._people[name] for name in data.get("members", []))}
        for user_id in sorted(members):
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
            for item in data.get(key, []):
                load(community_id, item)

    def _residents(self, community_id: int, units: Iterable[Mapping[str, Any]]) -> set[int]:
        residents = set()
        for unit in units:
            unit_id = self._add(tables.units, unit, community_id=community_id)
            for name in unit.get("residents", []):
                self._put(tables.residents, user_id=self._people[name], unit_id=unit_id)
                residents.add(self._people[name])
        return residents

    def _invitation(self, community_id: int, data: Mapping[str, Any]) -> None:
        token = data["token"] if "token" in data else self._ids.next_hex(8)
        self._add(
            tables.invitations,
            {},
            token=token,
            community_id=community_id,
            contact_id=self._contact(data["contact"]),
            unit_id=data.get("unit"),
            firstname=data["contact"]["firstname"],
            lastname=data["contact"]["lastname"],
            email=data["contact"]["email"],
            administrator=data.get("administrator", False),
            used=False,
        )

    def _ticket_type(self, community_id: int, data: Mapping[str, Any]) -> None:
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
            unit_id=data.get("unit"),
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
            self._add(tables.notifications, {**data, **row}, community_id=community_id, user_id=self._people[name])

    def _unread_chat(self, community_id: int, data: Mapping[str, Any]) -> None:
        self._put(tables.unread_chats, community_id=community_id, user_id=self._people[data["of"]], count=data["count"])
