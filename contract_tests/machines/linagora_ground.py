"""What the linagora machine stands on: its people, the state that it finds, and its looks at all that there is."""

from collections.abc import Callable
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from hypothesis import strategies as st

from contract_tests.actors.caller import Answer
from contract_tests.actors.linagora import UNKNOWN_ID, Linagora
from contract_tests.actors.people import Cast
from contract_tests.actors.pictures import opened
from contract_tests.machines.linagora_model import TAKES_REQUESTS, Community, Model, Picture
from contract_tests.machines.walker import Json, Walker, done
from contract_tests.profile import Principal
from contract_tests.run.walks import Walks

COUNT = "X-ESN-Items-Count"
ALL = 1_000_000
NEAR = 16  # what scaling and compression may do to a channel
NOWHERE = 15
UNAUTHORIZED = 401
PARTS = ("community", "members", "requests")
PERSON = ("_id", "firstname", "lastname", "emails")


PEOPLE = ("alice", "bob", "carol", "dave", "admin", "outsider")
callers = st.sampled_from((*["creator"] * 6, "admin", "admin", *PEOPLE, "anonymous"))
readers = st.sampled_from(("creator", "admin", *PEOPLE, *PEOPLE, "anonymous"))
places = st.integers(0, NOWHERE)  # a number among the communities; the last one is none of them


class LinagoraGround(Walker):
    """Callers, the model, and comparisons of the two."""

    def __init__(self, walks: Walks, cast: Cast, model: Model) -> None:
        super().__init__(walks)
        self.cast, self.model = cast, model
        linagora = Linagora(self.wire, cast)
        self.callers = {role: linagora[role] for role in (*cast.roles, "anonymous")}
        # What one of our people created: the rest cannot be looked into.
        self.ours = [id_ for id_, community in model.communities.items() if self.role_of(community.creator)]
        self.gone = [UNKNOWN_ID]
        self.asked = 0  # since the last look at everything

    # People

    def role(self, wanted: str, id_: str = "") -> str:
        """Who plays a role, alice where nobody does; `creator` is who created the community."""
        if wanted == "creator" and id_ in self.model.communities:
            wanted = self.role_of(self.model.communities[id_].creator)
        return wanted if wanted in self.callers else "alice"

    def role_of(self, user: str) -> str:
        return next((role for role, person in self.cast.roles.items() if person.user_id == user), "")

    def who(self, role: str) -> Principal | None:
        return self.cast.roles.get(role)

    def place(self, number: int, likely: Callable[[Community], object] = lambda _: True) -> str:
        """The id of a community: a likely one where the number is even; for the highest number, one that is not there."""
        likely_ones = [id_ for id_ in self.ours if likely(self.model.communities[id_])]
        chosen = likely_ones if number % 2 == 0 and likely_ones else self.ours
        return chosen[number // 2 % len(chosen)] if chosen and number != NOWHERE else self.gone[-1]

    def user(self, wanted: str, role: str, id_: str) -> str:
        """The id of a user, or of none."""
        if wanted == "nobody":
            return UNKNOWN_ID
        if wanted == "asking" and id_ in self.model.communities and self.model.communities[id_].requests:
            return next(iter(self.model.communities[id_].requests))
        person = self.who(role if wanted == "oneself" else self.role(wanted, id_))
        return person.user_id if person else self.cast.roles["alice"].user_id

    def call(self, role: str, operation: str, id_: str, **more: Any) -> Answer:
        self.asked += 1
        return self.callers[role].call(operation, community_id=id_, **more)

    def read(self, role: str, operation: str, id_: str = "", **query: Any) -> Answer:
        return self.answered(self.call(role, operation, id_, query=query), done())

    # The state that is found

    def find(self) -> None:
        """Reads the state at the beginning; to see some of it, something has to be made, in a state that is thrown away."""
        found: dict[str, Community] = {}
        for role, person in self.cast.roles.items():
            for domain in person.homes:
                self.model.users.setdefault(domain, {})
                for item in self.read(role, "listCommunities", domain_id=domain).json:
                    _note(found, item, person)
        by_age = sorted(found.values(), key=lambda one: str(one.shown["timestamps"]["creation"]))
        self.model.communities = {community.id: community for community in by_age}
        for community in by_age:
            if self.role_of(community.creator):
                self._find_inside(community)
        for domain in self.model.users:
            self._find_people(domain)

    def _find_inside(self, community: Community) -> None:
        role, id_ = self.role_of(community.creator), community.id
        rows = self.read(role, "listMembers", id_, limit=ALL).json
        community.members = {row["user"]["_id"]: row["metadata"]["timestamps"]["creation"] for row in rows}
        if community.type in TAKES_REQUESTS:
            rows = self.read(role, "listMembershipRequests", id_, limit=ALL).json
            community.requests = {row["user"]["_id"]: row["timestamps"]["creation"] for row in rows}
        if "avatar" in community.shown:
            reply = self.read(role, "getCommunityAvatar", id_, format="original")
            community.pictures[community.shown["avatar"]] = Picture(reply.body, reply.headers.get("Content-Type", ""))
            community.changed = True

    def _find_people(self, domain: str) -> None:
        """Reads who is in a domain: those who can be invited into a new community, and who made it."""
        role = next(role for role, person in self.cast.roles.items() if domain in person.homes)
        body = {"title": "Who is there?", "domain_ids": [domain]}
        reply = self.callers[role].call("createCommunity", body, query={"noTitleCheck": "true"})
        id_ = self.answered(reply, done(201)).json["_id"]
        members = [row["user"] for row in self.read(role, "listMembers", id_).json]
        others = self.read(role, "listInvitablePeople", id_, limit=ALL).json
        people = [{name: user[name] for name in PERSON} for user in [*members, *others]]
        self.model.users[domain] = {user["_id"]: user for user in people}

    # Looks at what there is now

    def look(self, reply: Answer, id_: str, *parts: str) -> None:
        """Compares with the model what a request may have changed in a community, as its creator sees it."""
        community = self.model.communities.get(id_)
        if community is not None and reply.status != UNAUTHORIZED:
            role = self.role_of(community.creator)
            if "community" in parts:
                shown = self.read(role, "getCommunity", id_)
                self.agree(shown, "the community", community.shown, shown.json)
            if "members" in parts:
                self.compare_members(self.read(role, "listMembers", id_, limit=ALL), community, 0, ALL)
            if "requests" in parts and community.type in TAKES_REQUESTS:
                for limit in (ALL, max(len(community.requests) - 1, 1)):
                    asked = self.read(role, "listMembershipRequests", id_, limit=limit)
                    self.compare_requests(asked, community, 0, limit)
            if "title" in parts:
                self.compare_list(role)
            if "avatar" in parts and "avatar" in community.shown:
                for _ in range(2):  # the second time, it has not changed
                    self.see_avatar(role, id_, community.changes[-1] if community.changes else None, original=True)

    def see_avatar(self, role: str, id_: str, since: str | None, *, original: bool) -> None:
        """Gets an avatar; `since` is the time of the picture that the caller has."""
        query, headers = {"format": "original"} if original else {}, {"If-Modified-Since": since} if since else {}
        reply = self.call(role, "getCommunityAvatar", id_, query=query, headers=headers)
        self.answered(reply, self.model.avatar(self.who(role), id_, since))
        if reply.status == 200:
            self._compare_avatar(reply, self.model.communities[id_], original)

    def _compare_avatar(self, reply: Answer, community: Community, original: bool) -> None:
        image = community.pictures[community.shown["avatar"]]
        self.agree(reply, "Content-Type", image.media_type, reply.headers.get("Content-Type"))
        if original:
            self.hold(reply, reply.body == image.data, "shows other bytes than were uploaded")
        else:
            small = opened(reply)
            middle = small.convert("RGB").getpixel((64, 64))
            self.agree(reply, "the size", (128, 128), small.size)
            if image.colour and isinstance(middle, tuple):
                near = all(abs(one - other) < NEAR for one, other in zip(middle, image.colour, strict=True))
                self.hold(reply, near, "shows another picture than was uploaded", expected=image.colour, got=middle)
        time, known = reply.headers.get("Last-Modified", ""), community.changes
        if not known or community.changed:
            later = not known or parsedate_to_datetime(time) >= parsedate_to_datetime(known[-1]) + timedelta(seconds=1)
            self.hold(reply, later, "does not say a later Last-Modified for a new picture", expected=known[-1:], got=time)
            known.append(time)
        self.agree(reply, "Last-Modified", known[-1], time)
        community.changed = False

    def audit(self) -> None:
        """Compares what each person sees of all communities."""
        for role in self.cast.roles:
            self.compare_list(role)

    def compare_list(self, role: str) -> None:
        person = self.cast.roles[role]
        for domain in person.homes:
            reply = self.read(role, "listCommunities", domain_id=domain)
            self.agree(reply, "the list", self.model.listed(person, domain, None, None), reply.json)

    def compare_members(self, reply: Answer, community: Community, offset: int, limit: int) -> None:
        self.agree(reply, COUNT, str(len(community.members)), reply.headers.get(COUNT))
        shown = [row["user"]["_id"] for row in reply.json]
        _settle(community.members, shown)
        self.agree(reply, "the user ids", list(community.members)[offset : offset + limit], shown)
        for row in reply.json:
            self._compare_time(reply, community.members, row["user"]["_id"], row["metadata"]["timestamps"]["creation"])
            self._compare_user(reply, row["user"])
        times = [time for time in community.members.values() if time]
        self.agree(reply, "the times of joining", sorted(times), times)

    def compare_requests(self, reply: Answer, community: Community, offset: int, limit: int) -> None:
        expected = [(user, time) for user, time in community.requests.items()][offset : offset + limit]
        self.agree(reply, "the requests", expected, [(row["user"]["_id"], row["timestamps"]["creation"]) for row in reply.json])
        for row in reply.json:
            self._compare_user(reply, row["user"])

    def _compare_time(self, reply: Answer, known: dict[str, str | None], user: str, time: str) -> None:
        self.agree(reply, "the time of a member or a request", known[user] or time, time)
        known[user] = time

    def _compare_user(self, reply: Answer, shown: Json) -> None:
        known = self.model.user(shown["_id"])
        if known:
            self.agree(reply, "a user", known, {name: shown[name] for name in PERSON})
        self.agree(reply, "a user", self.model.full.setdefault(shown["_id"], shown), shown)


def _note(found: dict[str, Community], item: Json, reader: Principal) -> None:
    """Takes a community of a list into what was found; a confidential one is listed for its members."""
    shown = {name: value for name, value in item.items() if name != "membershipRequest"}
    community = found.setdefault(item["_id"], Community(shown, {}))
    if "membershipRequest" in item:
        community.requests[reader.user_id] = item["membershipRequest"]
    if community.type == "confidential":
        community.members[reader.user_id] = None


def _settle(members: dict[str, str | None], shown: list[str]) -> None:
    """Those whom one update added joined at the same moment; their order is the target's to choose."""
    new = [user for user, time in members.items() if time is None]
    if len(new) > 1 and sorted(shown[-len(new) :]) == sorted(new):
        for user in shown[-len(new) :]:
            members[user] = members.pop(user)
