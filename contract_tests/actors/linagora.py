"""The people of the linagora tests, and the communities that they make for a test."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar
from zlib import crc32

from contract_tests.actors.caller import Answer, Caller
from contract_tests.actors.expectations import need, same, status
from contract_tests.actors.people import Cast, People, largest_home
from contract_tests.profile import Principal

ORDINARY = ("alice", "bob", "carol", "dave")
UNKNOWN_ID = "000000000000000000000000"
TAKES_REQUESTS = ("restricted", "private")


def choose_cast(principals: Sequence[Principal]) -> Cast | str:
    """Fills the roles from the people of a profile, whatever their names; a text says why it cannot be done.

    All but the outsider share a domain.
    """
    domain = largest_home(principals)
    if domain is None:
        return "the profile names nobody of the linagora API"
    insiders = [p for p in principals if domain in p.homes]
    roles = dict(zip(ORDINARY, (p for p in insiders if not p.is_administrator), strict=False))
    admins = [p for p in insiders if p.is_administrator]
    outsiders = [p for p in principals if domain not in p.homes]
    roles |= {"admin": admins[0]} if admins else {}
    return Cast(domain, roles | ({"outsider": outsiders[0]} if outsiders else {}))


@dataclass
class Linagora(People):
    """Callers by role, and a maker of communities with titles that nobody else uses."""

    api: ClassVar[str] = "linagora"

    @property
    def domain(self) -> str:
        return self.cast.home

    @property
    def elsewhere(self) -> str:
        """A domain that the outsider has and the others do not; the test is skipped if there is no outsider."""
        return self.person("outsider").homes[0]

    def user_id(self, role: str) -> str:
        """The user who plays a role, or alice where nobody does."""
        return (self.cast.roles.get(role) or self.cast.roles["alice"]).user_id

    def title(self, text: str = "") -> str:
        """A title of plain letters that nobody else uses; `text` is in it."""
        return self.new_name(f"{text} community")

    def new(self, **properties: Any) -> dict[str, Any]:
        """The body of a creation with no more than it needs, unless said otherwise."""
        return {"title": self.title(), "domain_ids": [self.domain]} | properties

    def try_to_create(self, caller: Caller, query: dict[str, Any] | None = None, **properties: Any) -> Answer:
        return caller.call("createCommunity", self.new(**properties), query=query)

    def create(self, caller: Caller, query: dict[str, Any] | None = None, **properties: Any) -> dict[str, Any]:
        """The new community as the API answered it. Raises ContractError."""
        reply = need(self.try_to_create(caller, query, **properties), status(201))
        created: dict[str, Any] = reply.json
        return created

    def id(self, caller: Caller, **properties: Any) -> str:
        """The id of a new community of the caller's."""
        return str(self.create(caller, **properties)["_id"])

    def existing(self, caller: Caller) -> str:
        """The id of a community that somebody else made; of none if the domain has none. Raises ContractError."""
        if "community_id" in self.known:
            return self.known["community_id"]
        listed = need(caller.call("listCommunities", query={"domain_id": self.domain}), status(200)).json
        return str(listed[0]["_id"]) if listed else UNKNOWN_ID

    def join(self, person: Caller, community_id: str) -> None:
        """A person joins an open community. Raises ContractError."""
        need(person.call("addMember", community_id=community_id, user_id=person.user_id), status(204))

    def admit(self, manager: Caller, community_id: str, person: Caller) -> None:
        """A manager makes a person a member. Raises ContractError."""
        need(manager.call("addMember", community_id=community_id, user_id=person.user_id), status(204))

    def members(self, caller: Caller, community_id: str) -> list[str]:
        """The user ids of the members, the earliest first. Raises ContractError."""
        reply = need(caller.call("listMembers", community_id=community_id), status(200))
        return [member["user"]["_id"] for member in reply.json]

    @contextmanager
    def unchanged(self, owner: Caller, community_id: str) -> Iterator[None]:
        """What is done inside has to be refused: all that the owner sees stays what it was. Raises ContractError."""
        before = self._snapshot(owner, community_id)
        yield
        after = self._snapshot(owner, community_id)
        for name, shown in before.items():
            same(after[name], shown, name, "shows what a refused request changed")

    def _snapshot(self, owner: Caller, community_id: str) -> dict[str, Any]:
        """The answers to whoever reads all there is to read of a community, and the list of its domain."""
        community = need(owner.call("getCommunity", community_id=community_id), status(200)).json
        reads = ["listMembers", "getCommunityAvatar"] + ["listMembershipRequests"] * (community.get("type") in TAKES_REQUESTS)
        replies = {name: owner.call(name, community_id=community_id) for name in reads}
        listed = need(owner.call("listCommunities", query={"domain_id": community["domain_ids"][0]}), status(200)).json
        return {
            "getCommunity": community,
            # At a real deployment others make communities too, but none with our prefix.
            "listCommunities": [item for item in listed if item["title"].startswith(self.prefix)],
            **{
                name: [answer.status, answer.headers.get("Last-Modified"), crc32(answer.body)] for name, answer in replies.items()
            },
        }
