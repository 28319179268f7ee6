"""A scenario's part for linagora-rse: from YAML into the tables, and who can log in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import bindparam, insert, select

from mock_server.apis.linagora.access import Community
from mock_server.apis.linagora.communities import add_community
from mock_server.apis.linagora.crowd import grow
from mock_server.apis.linagora.folding import fold
from mock_server.apis.linagora.members import admit
from mock_server.apis.linagora.tables import domains, membership_requests, user_domains, users
from mock_server.dispatch import Ids
from mock_server.statements import Connection


def load_scenario(connection: Connection, session: str, data: Mapping[str, Any], ids: Ids) -> None:
    """Fill an empty session from the `linagora` part of a scenario (fixtures/README.md has its shape), which has no mistakes."""
    _Loader(connection, session, data["time"], ids).load(grow(data))


_INSERTS = {table: insert(table) for table in (domains, users, user_domains, membership_requests)}
_DOMAINS = select(domains).where(domains.c.session == bindparam("key")).order_by(domains.c.name)
_USERS = select(users).where(users.c.session == bindparam("key"), users.c.password.is_not(None)).order_by(users.c.name)
_LINKS = select(user_domains).where(user_domains.c.session == bindparam("key")).order_by(user_domains.c.domain_id)


class _Loader:
    def __init__(self, connection: Connection, session: str, time: str, ids: Ids) -> None:
        self._connection = connection
        self._session = session
        self._time = time
        self._ids = ids
        self._domain_ids: dict[str, str] = {}
        self._user_ids: dict[str, str] = {}

    def load(self, data: Mapping[str, Any]) -> None:
        for domain in data["domains"]:
            self._domain(domain)
        for user in data["users"]:
            self._user(user)
        for community in data["communities"]:
            self._community(community)

    def _insert(self, table: Any, **row: object) -> None:
        self._connection.execute(_INSERTS[table], {"session": self._session, **row})

    def _domain(self, domain: Mapping[str, Any]) -> None:
        name = domain["name"]
        self._domain_ids[name] = domain.get("id") or self._ids.named_hex(f"domain {name}")
        self._insert(domains, id=self._domain_ids[name], name=name)

    def _user(self, user: Mapping[str, Any]) -> None:
        user_id = self._user_ids[user["name"]] = user.get("id") or self._ids.named_hex(f"user {user['name']}")
        self._insert(
            users,
            id=user_id,
            name=user["name"],
            email=user["email"],
            password=user.get("password"),
            firstname=user["firstname"],
            lastname=user["lastname"],
            job_title=user.get("job_title"),
            avatar=self._ids.next_uuid() if user.get("avatar") else None,
            created_at=self._time,
            search=fold(f"{user['firstname']}\n{user['lastname']}\n{user['email']}"),
        )
        administrated = user.get("administrator_of", [])
        for domain in user["domains"]:
            link = {"user_id": user_id, "domain_id": self._domain_ids[domain], "joined_at": self._time}
            self._insert(user_domains, **link, administrator=domain in administrated)

    def _community(self, data: Mapping[str, Any]) -> None:
        time = data.get("time", self._time)
        community = Community(
            id=data.get("id") or self._ids.next_hex(),
            title=data["title"],
            description=data.get("description"),
            type=data.get("type", "open"),
            creator=self._user_ids[data["creator"]],
            created_at=time,
            activity_uuid=self._ids.next_uuid(),
            domain_ids=tuple(self._domain_ids[name] for name in data["domains"]),
        )
        add_community(self._connection, self._session, community, self._ids.next_rank(), checked=True)
        for name in (data["creator"], *data.get("members", [])):
            user_id = self._user_ids[name]
            admit(self._connection, self._session, community.id, user_id, self._ids.next_rank(), time)
        for name in data.get("requests", []):
            link = {"community_id": community.id, "user_id": self._user_ids[name]}
            self._insert(membership_requests, **link, rank=self._ids.next_rank(), requested_at=time)


def credentials(connection: Connection, session: str, mint: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    """Domains, and the users who have a password."""
    domain_rows, user_rows, links = (connection.execute(query, {"key": session}) for query in (_DOMAINS, _USERS, _LINKS))
    return {
        "domains": [{"id": row.id, "name": row.name} for row in domain_rows],
        "principals": [
            {
                "name": row.name,
                "user_id": row.id,
                "email": row.email,
                "password": row.password,
                "domain_ids": [link.domain_id for link in links if link.user_id == row.id],
                "roles": ["domain_administrator"] if any(li.administrator for li in links if li.user_id == row.id) else ["user"],
                **mint(row.id),
            }
            for row in user_rows
        ],
    }
