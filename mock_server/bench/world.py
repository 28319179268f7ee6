"""Who is in a session of a mock server within this process."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mock_server.bench.requests import Person, Request, ask

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class World:
    """The people of scenario `default`, who send their requests in that session; domain and community are the first ones."""

    def __init__(self, app: WSGIApplication, session: str) -> None:
        self._session = session
        credentials = ask(app, Request("", "GET", "/__mock/credentials", {"X-Mock-Session": session}).environ()).value
        self.domain: str = credentials["linagora"]["domains"][0]["id"]
        self.community: int = credentials["casavi"]["communities"][0]["id"]
        self._people = {api: {p["name"]: self._person(p) for p in credentials[api]["principals"]} for api in credentials}

    def linagora(self, name: str) -> Person:
        return self._people["linagora"][name]

    def casavi(self, name: str) -> Person:
        return self._people["casavi"][name]

    def communities(self) -> Request:
        """The list of the domain's communities, for alice."""
        return self.linagora("alice").get("listCommunities", f"/api/communities?domain_id={self.domain}")

    def new_community(self, title: str) -> Request:
        """alice creates a community that one has to ask to be let in."""
        body = {"title": title, "description": "Every Monday at 8", "type": "restricted", "domain_ids": [self.domain]}
        return self.linagora("alice").send("createCommunity", "POST", "/api/communities", body)

    def _person(self, principal: Mapping[str, Any]) -> Person:
        return Person(str(principal["user_id"]), principal["bearer"], self._session)
