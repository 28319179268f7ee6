"""A mock server as its callers see it: requests of named people in one session, without a socket."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select
from werkzeug.test import TestResponse

from mock_server import MockServer
from mock_server.store import metadata

STATE = [table for table in metadata.sorted_tables if table.info.get("state", True)]
# When a session was used is noted now and then, whatever becomes of a request.
_ROWS = {
    table.name: select(*(column for column in table.c if column.name not in ("session", "used_at"))).where(
        table.c.session == bindparam("session")
    )
    for table in STATE
}


@dataclass(slots=True)
class Mock:
    """An application seen through one session; safe to use from several threads."""

    app: MockServer
    session: str = "default"
    _credentials: dict[str, Any] | None = field(default=None, repr=False)

    def __call__(self, method: str, path: str, person: str | None = None, **options: Any) -> TestResponse:
        """Send a request as that person of linagora (or `casavi:NAME`), or as nobody."""
        headers = dict(options.pop("headers", {}))
        headers.setdefault("X-Mock-Session", self.session)
        if person is not None:
            headers["Authorization"] = f"Bearer {self.principal(person)['bearer']}"
        return self.app.test_client(use_cookies=False).open(path, method=method, headers=headers, **options)

    def get(self, path: str, person: str | None = None, **options: Any) -> TestResponse:
        return self("GET", path, person, **options)

    def post(self, path: str, person: str | None = None, **options: Any) -> TestResponse:
        return self("POST", path, person, **options)

    def put(self, path: str, person: str | None = None, **options: Any) -> TestResponse:
        return self("PUT", path, person, **options)

    def delete(self, path: str, person: str | None = None, **options: Any) -> TestResponse:
        return self("DELETE", path, person, **options)

    def beside(self, name: str) -> Mock:
        """The same server seen through another session."""
        return Mock(self.app, f"{self.session}.{name}", self._credentials)

    def credentials(self) -> dict[str, Any]:
        """What /__mock/credentials says; asked once, for it is the same as long as the scenario and the seed are."""
        if self._credentials is None:
            self._credentials = self.get("/__mock/credentials").get_json()
        return self._credentials

    def principal(self, person: str) -> dict[str, Any]:
        api, _, name = person.rpartition(":")
        return next(p for p in self.credentials()[api or "linagora"]["principals"] if p["name"] == name)

    def id_of(self, person: str) -> str:
        return str(self.principal(person)["user_id"])

    def domain(self, name: str = "main") -> str:
        return next(str(d["id"]) for d in self.credentials()["linagora"]["domains"] if d["name"] == name)

    def try_create(self, title: str, person: str = "alice", path: str = "/api/communities", **more: Any) -> TestResponse:
        return self.post(path, person, json={"title": title, "domain_ids": [self.domain()], **more})

    def create(self, title: str, person: str = "alice", **more: Any) -> str:
        """The path of a new community."""
        response = self.try_create(title, person, **more)
        assert response.status_code == 201, response.get_json()
        return f"/api/communities/{response.get_json()['_id']}"

    def titles(self, person: str = "alice") -> list[str]:
        response = self.get("/api/communities", person, query_string={"domain_id": self.domain()})
        assert response.status_code == 200, response.get_json()
        return [community["title"] for community in response.get_json()]

    def state(self) -> dict[str, list[Any]]:
        """All that the session holds, by table: what a refused request must leave as it is."""
        self.credentials()  # makes a session that does not exist yet
        with self.app.store.transaction(self.session, write=False) as connection:
            return {name: sorted(connection.execute(rows, {"session": self.session}), key=repr) for name, rows in _ROWS.items()}

    def freeze(self) -> None:
        """The session's clock stands still from now on."""
        assert self.put("/__mock/clock", json={"frozen": True}).status_code == 200

    def turn(self, seconds: float) -> None:
        """Move the session's clock on."""
        assert self.post("/__mock/clock/advance", json={"seconds": seconds}).status_code == 200

    def journal(self, **filters: str) -> list[dict[str, Any]]:
        response = self.get("/__mock/journal", query_string=filters)
        assert response.status_code == 200, response.get_json()
        entries: list[dict[str, Any]] = response.get_json()
        return entries


def problem(response: TestResponse) -> tuple[int, str]:
    """Status and details of a refusal; it has to have the error shape of both APIs."""
    assert response.mimetype == "application/json", response.get_data()
    error = response.get_json()["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["code"] == response.status_code
    return response.status_code, error["details"]
