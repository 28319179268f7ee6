"""What the linagora machine does to members and to requests to be let in, and whom it finds to invite."""

from collections.abc import Callable, Sequence

from hypothesis import strategies as st
from hypothesis.stateful import rule

from contract_tests.machines.linagora_communities import CommunityRules
from contract_tests.machines.linagora_ground import COUNT, PEOPLE, callers, places, readers
from contract_tests.machines.linagora_model import TAKES_REQUESTS, folded

USUAL_PEOPLE, USUAL = 5, 50  # the documented limits
WORDS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "plain": folded,
    "its beginning": lambda word: word[:3],
    "its end": lambda word: word[1:],
    "nobody's": lambda word: f"{word}q",
}

everybody = st.sampled_from((*PEOPLE, "anonymous"))
users = st.sampled_from((*PEOPLE, *PEOPLE, "creator", "nobody"))
pages: st.SearchStrategy[dict[str, int]] = st.fixed_dictionaries(
    {"offset": st.integers(0, 2)}, optional={"limit": st.integers(1, 3)}
) | st.just({})
LIMITS = (None, None, 1, 3, 8, 100)
searches = st.lists(st.tuples(st.integers(0, 3), st.sampled_from((*WORDS, "nobody's"))), max_size=2)  # parts of a name, changed


class PeopleRules(CommunityRules):
    """Joining, leaving, asking to be let in, and reading who is inside."""

    @rule(role=readers, place=places, query=pages, user=users)
    def read_members(self, role: str, place: int, query: dict[str, int], user: str) -> None:
        id_ = self.place(place, lambda community: len(community.members) > 1)
        role = self.role(role, id_)
        reply = self.answered(self.call(role, "listMembers", id_, query=query), self.model.members(self.who(role), id_))
        if reply.status == 200:
            self.compare_members(reply, self.model.communities[id_], query.get("offset", 0), query.get("limit", USUAL))
        user = self.user(user, role, id_)
        reply = self.answered(self.call(role, "getMember", id_, user_id=user), self.model.member(self.who(role), id_, user))
        if reply.status == 200:
            known = {name: (self.model.user(user) or {}).get(name) for name in ("_id", "firstname", "lastname")}
            self.agree(reply, "the user", known, {name: reply.json.get(name) for name in known})

    @rule(role=everybody, place=places, coming=st.booleans())
    def join_or_leave(self, role: str, place: int, coming: bool) -> None:
        role = self.role(role)
        user = self.user("oneself", role, "")
        id_ = self.place(place, lambda one: (user in one.members) is not coming)
        (self._add if coming else self._remove)(role, id_, "oneself")

    @rule(role=callers, place=places, user=users, in_=st.booleans())
    def admit_or_remove(self, role: str, place: int, user: str, in_: bool) -> None:
        (self._add if in_ else self._remove)(role, self.place(place), user)

    @rule(
        people=st.permutations(PEOPLE),
        place=places,
        twice=st.booleans(),
        end=st.sampled_from(("admit", "update", "cancel", "turn down")),
    )
    def ask_and_decide(self, people: Sequence[str], place: int, twice: bool, end: str) -> None:
        """Some ask to be let in; the first of them is let in, or is not."""
        id_ = self.place(place, lambda community: community.type in TAKES_REQUESTS)
        for role in (*people[:3], *([people[0]] if twice else [])):
            self._ask(self.role(role), id_, "oneself")
        for query in ({"limit": 1}, {"limit": 2, "offset": 1}):
            self._list_requests("creator", id_, query)
        self._add(self.role(people[1]), id_, "oneself")  # without waiting for an answer
        first = self.role(people[0])
        if end == "admit":
            self._add("creator", id_, first)
        elif end == "update":
            self._update("creator", id_, {"newMembers": [first]})
        else:
            self._cancel(first if end == "cancel" else "creator", id_, first)

    def _add(self, role: str, id_: str, user: str) -> None:
        role = self.role(role, id_)
        user = self.user(user, role, id_)
        reply = self.answered(self.call(role, "addMember", id_, user_id=user), self.model.joining(self.who(role), id_, user))
        if reply.status == 204:
            self.model.communities[id_].add(user)
        self.look(reply, id_, "members", "requests")

    def _remove(self, role: str, id_: str, user: str) -> None:
        role = self.role(role, id_)
        user = self.user(user, role, id_)
        reply = self.answered(self.call(role, "removeMember", id_, user_id=user), self.model.leaving(self.who(role), id_, user))
        if reply.status == 204:
            self.model.communities[id_].members.pop(user, None)
        self.look(reply, id_, "members", "requests")

    @rule(role=readers, place=places, limit=st.sampled_from(LIMITS), person=st.integers(0, 99), words=searches)
    def list_people(self, role: str, place: int, limit: int | None, person: int, words: Sequence[tuple[int, str]]) -> None:
        id_ = self.place(place)
        role = self.role(role, id_)
        search = self._search(id_, person, words)
        query = {"limit": limit, "search": search or None}
        reply = self.answered(self.call(role, "listInvitablePeople", id_, query=query), self.model.inviting(self.who(role), id_))
        if reply.status == 200:
            expected = self.model.invitable(id_, search)[: limit or USUAL_PEOPLE]
            self.agree(reply, "the people", expected, reply.json)
            self.agree(reply, COUNT, str(len(expected)), reply.headers.get(COUNT))

    def _search(self, id_: str, person: int, words: Sequence[tuple[int, str]]) -> str:
        """Words of somebody's name or address, changed; they may find others too, or nobody."""
        everybody = self.model.invitable(id_, "") if id_ in self.model.communities else []
        if not everybody:
            return ""
        user = everybody[person % len(everybody)]
        texts = [*user["firstname"].split(), *user["lastname"].split(), *user["emails"]]
        return "  ".join(WORDS[change](texts[number % len(texts)]) for number, change in words).strip()

    @rule(role=everybody, place=places, user=st.sampled_from((*["oneself"] * 12, *PEOPLE, "nobody")))
    def ask_to_be_let_in(self, role: str, place: int, user: str) -> None:
        self._ask(role, self.place(place, lambda community: community.type in TAKES_REQUESTS), user)

    def _ask(self, role: str, id_: str, user: str) -> None:
        role = self.role(role, id_)
        user, who = self.user(user, role, id_), self.who(role)
        reply = self.answered(self.call(role, "requestMembership", id_, user_id=user), self.model.asking(who, id_, user))
        if who and reply.status == 200:
            community = self.model.communities[id_]
            community.requests.setdefault(user, reply.json.get("membershipRequest"))
            for answer in (reply, self.read(role, "getCommunity", id_)):
                self.agree(answer, "the community", community.shown_to(who), answer.json)
        self.look(reply, id_, "requests")

    @rule(role=callers, place=places, user=st.sampled_from(("oneself", "asking", "asking", *PEOPLE, "nobody")))
    def cancel(self, role: str, place: int, user: str) -> None:
        self._cancel(role, self.place(place, lambda community: community.requests), user)

    def _cancel(self, role: str, id_: str, user: str) -> None:
        role = self.role(role, id_)
        user = self.user(user, role, id_)
        verdict = self.model.cancelling(self.who(role), id_, user)
        reply = self.answered(self.call(role, "cancelMembershipRequest", id_, user_id=user), verdict)
        if reply.status == 204:
            self.model.communities[id_].requests.pop(user, None)
        self.look(reply, id_, "requests")

    @rule(role=readers, place=places, query=pages)
    def list_requests(self, role: str, place: int, query: dict[str, int]) -> None:
        self._list_requests(role, self.place(place, lambda community: community.requests), query)

    def _list_requests(self, role: str, id_: str, query: dict[str, int]) -> None:
        role = self.role(role, id_)
        reply = self.call(role, "listMembershipRequests", id_, query=query)
        self.answered(reply, self.model.requests(self.who(role), id_))
        if reply.status == 200:
            self.compare_requests(reply, self.model.communities[id_], query.get("offset", 0), query.get("limit", USUAL))
