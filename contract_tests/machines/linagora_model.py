"""What linagora-rse has to hold and to answer, in dictionaries and lists: written from the document and the spec alone."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from contract_tests.machines.walker import Expected, Json, done
from contract_tests.profile import Principal

TAKES_REQUESTS = frozenset({"restricted", "private"})
EMPTY = 204


@dataclass(frozen=True)
class Picture:
    """An image file of a media type; `colour` is that of all its pixels, or None if the run did not paint it."""

    data: bytes = field(repr=False)
    media_type: str
    colour: tuple[int, int, int] | None = None


@dataclass
class Community:
    """A community: `shown` is its JSON for whoever has not asked to be a member.

    `members` are user ids with the times of joining, in that order, `requests` the same of asking; a time is None until it was
    read. `pictures` are all that were uploaded, by id, and `changes` the Last-Modified of each avatar that was read.
    """

    shown: Json
    members: dict[str, str | None]
    requests: dict[str, str | None] = field(default_factory=dict)
    pictures: dict[str, Picture] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    changed: bool = False  # since the last entry of `changes`

    @property
    def id(self) -> str:
        return str(self.shown["_id"])

    @property
    def title(self) -> str:
        return str(self.shown["title"])

    @property
    def type(self) -> str:
        return str(self.shown["type"])

    @property
    def creator(self) -> str:
        return str(self.shown["creator"])

    @property
    def domains(self) -> list[str]:
        return list(self.shown["domain_ids"])

    def shown_to(self, who: Principal) -> Json:
        asked = self.requests.get(who.user_id)
        return self.shown | ({"membershipRequest": asked} if asked else {})

    def add(self, user: str) -> None:
        self.requests.pop(user, None)
        self.members.setdefault(user, None)

    def show_avatar(self, image: str) -> None:
        self.shown["avatar"] = image
        self.changed = True


@dataclass
class Model:
    """All communities by id, the oldest first.

    `users` are the people of each domain by id, as those are shown who can be invited; `full` are users as members are shown.
    """

    communities: dict[str, Community] = field(default_factory=dict)
    users: dict[str, dict[str, Json]] = field(default_factory=dict)
    full: dict[str, Json] = field(default_factory=dict)

    def user(self, id_: str) -> Json | None:
        return next((users[id_] for users in self.users.values() if id_ in users), None)

    def homes(self, user: str) -> set[str]:
        return {domain for domain, users in self.users.items() if user in users}

    # What is to be answered. `who` is None for somebody without a login.

    def listing(self, who: Principal | None, domain: str) -> Expected:
        return _stranger(who) or self._foreign(who, [domain]) or done()

    def creation(self, who: Principal | None, body: Json, waived: bool) -> Expected:
        taken = None if waived else self._taken(body["title"], body["domain_ids"])
        return _stranger(who) or self._foreign(who, body["domain_ids"]) or taken or done(201)

    def reading(self, who: Principal | None, id_: str) -> Expected:
        return self._unseen(who, id_) or done()

    def update(self, who: Principal | None, id_: str, changes: Json) -> list[Expected]:
        """All that speaks against an update, or else that it is done; the documents do not say which refusal comes first."""
        malformed = None if changes else Expected(400, "nothing is named")
        first = _stranger(who) or malformed or self._unseen(who, id_)
        against = (
            [first, _in_both(changes)] if first else [self._unmanaged(who, id_), _in_both(changes), *self._unfit(id_, changes)]
        )
        return [verdict for verdict in against if verdict] or [done()]

    def deletion(self, who: Principal | None, id_: str) -> Expected:
        return self._unseen(who, id_) or self._not_creator(who, id_) or done(EMPTY)

    def upload(self, who: Principal | None, id_: str) -> Expected:
        return self._unseen(who, id_) or self._unmanaged(who, id_) or done()

    def avatar(self, who: Principal | None, id_: str, since: str | None) -> Expected:
        return self._unseen(who, id_) or self._without_avatar(id_, since) or done()

    def members(self, who: Principal | None, id_: str) -> Expected:
        unseen = self._unseen(who, id_)
        if unseen or self.communities[id_].type != "private":
            return unseen or done()
        return self._no_insider(who, id_) or done()

    def member(self, who: Principal | None, id_: str, user: str) -> Expected:
        return self._unseen(who, id_) or self._nobody(user) or self._no_insider(who, id_) or self._no_member(id_, user) or done()

    def joining(self, who: Principal | None, id_: str, user: str) -> Expected:
        return self._unseen(who, id_) or self._nobody(user) or self._may_not_join(who, id_, user) or done(EMPTY)

    def leaving(self, who: Principal | None, id_: str, user: str) -> Expected:
        return self._unseen(who, id_) or self._nobody(user) or self._may_not_leave(who, id_, user) or done(EMPTY)

    def requests(self, who: Principal | None, id_: str) -> Expected:
        return self._unseen(who, id_) or self._unmanaged(who, id_) or self._takes_no_requests(id_) or done()

    def asking(self, who: Principal | None, id_: str, user: str) -> Expected:
        return (
            self._unseen(who, id_)
            or self._nobody(user)
            or (None if who and who.user_id == user else Expected(403, "users ask for themselves alone"))
            or self._takes_no_requests(id_)
            or self._is_member(id_, user)
            or done()
        )

    def cancelling(self, who: Principal | None, id_: str, user: str) -> Expected:
        return (
            self._unseen(who, id_)
            or self._nobody(user)
            or (None if who and who.user_id == user else self._unmanaged(who, id_))
            or self._takes_no_requests(id_)
            or self._is_member(id_, user)
            or done(EMPTY)
        )

    def inviting(self, who: Principal | None, id_: str) -> Expected:
        return self._unseen(who, id_) or done()

    # What an update does.

    def apply(self, id_: str, changes: Json) -> None:
        community = self.communities[id_]
        community.shown |= {name: changes[name] for name in ("title", "description") if name in changes}
        if changes.get("avatar", community.shown.get("avatar")) != community.shown.get("avatar"):
            community.show_avatar(changes["avatar"])
        for user in changes.get("newMembers", ()):
            community.add(user)
        for user in changes.get("deleteMembers", ()):
            community.members.pop(user, None)

    # What the answers hold.

    def listed(self, who: Principal, domain: str, creator: str | None, title: str | None) -> list[Json]:
        found = [
            community
            for community in self.communities.values()
            if domain in community.domains
            and self._unseen(who, community.id) is None
            and creator in {None, community.creator}
            and (title is None or title.casefold() == community.title.casefold())
        ]
        return [community.shown_to(who) for community in sorted(found, key=lambda one: one.title)]

    def invitable(self, id_: str, search: str) -> list[Json]:
        """Everybody who can be invited and has all words of the search, in order."""
        community = self.communities[id_]
        people = {key: user for domain in community.domains for key, user in self.users[domain].items()}
        found = [user for key, user in people.items() if key not in community.members and _finds(search.split(), user)]
        return sorted(found, key=lambda user: (user["lastname"], user["firstname"], user["_id"]))

    def taken(self, title: str, domains: Iterable[str], but: str = "") -> bool:
        others = (one for one in self.communities.values() if one.id != but)
        return any(one.title == title and set(one.domains) & set(domains) for one in others)

    def is_manager(self, who: Principal | None, id_: str) -> bool:
        community = self.communities[id_]
        administers = who is not None and who.is_administrator and bool(set(who.homes) & set(community.domains))
        return administers or (who is not None and community.creator == who.user_id)

    # Refusals, in the order in which they come.

    def _unseen(self, who: Principal | None, id_: str) -> Expected | None:
        community = self.communities.get(id_)
        if who is None:
            return _stranger(who)
        if community is None:
            return Expected(404, "there is no such community")
        if not set(who.homes) & set(community.domains):
            return Expected(403, "the community is of another domain")
        if community.type == "confidential" and who.user_id not in community.members:
            return Expected(403, "a confidential community is seen by its members alone")
        return None

    def _foreign(self, who: Principal | None, domains: Sequence[str]) -> Expected | None:
        if not set(domains) <= set(self.users):
            return Expected(404, "there is no such domain")
        return None if who and set(domains) <= set(who.homes) else Expected(403, "a domain of others")

    def _taken(self, title: str, domains: Iterable[str], but: str = "") -> Expected | None:
        return Expected(409, "the domain has this title already") if self.taken(title, domains, but) else None

    def _unmanaged(self, who: Principal | None, id_: str) -> Expected | None:
        return None if self.is_manager(who, id_) else Expected(403, "the caller is no manager")

    def _not_creator(self, who: Principal | None, id_: str) -> Expected | None:
        own = who is not None and self.communities[id_].creator == who.user_id
        return None if own else Expected(403, "the creator alone may do so")

    def _unfit(self, id_: str, changes: Json) -> Iterator[Expected | None]:
        community = self.communities[id_]
        new, gone = changes.get("newMembers", []), changes.get("deleteMembers", [])
        for user in [*new, *gone]:
            yield self._nobody(user)
        if changes.get("avatar", community.shown.get("avatar")) not in {None, *community.pictures}:
            yield Expected(404, "no such image was uploaded for this community")
        if any(self.user(user) and self._is_outside(id_, user) for user in new) or community.creator in gone:
            yield Expected(403, "somebody from outside would come in, or the creator go")
        if "title" in changes:
            yield self._taken(changes["title"], community.domains, id_)

    def _without_avatar(self, id_: str, since: str | None) -> Expected | None:
        community = self.communities[id_]
        if "avatar" not in community.shown:
            return Expected(404, "the community has no avatar")
        if since and not community.changed and community.changes[-1:] == [since]:
            return Expected(304, "the avatar has not changed since")
        return None

    def _nobody(self, user: str) -> Expected | None:
        return None if self.user(user) else Expected(404, "there is no such user")

    def _no_insider(self, who: Principal | None, id_: str) -> Expected | None:
        inside = who is not None and who.user_id in self.communities[id_].members
        return None if inside or self.is_manager(who, id_) else Expected(403, "the caller is neither a member nor a manager")

    def _no_member(self, id_: str, user: str) -> Expected | None:
        return None if user in self.communities[id_].members else Expected(404, "the user is no member")

    def _is_member(self, id_: str, user: str) -> Expected | None:
        return Expected(400, "the user is a member") if user in self.communities[id_].members else None

    def _is_outside(self, id_: str, user: str) -> bool:
        return not self.homes(user) & set(self.communities[id_].domains)

    def _may_not_join(self, who: Principal | None, id_: str, user: str) -> Expected | None:
        community = self.communities[id_]
        oneself = who is not None and who.user_id == user
        if oneself and (community.type == "open" or user in community.members):
            return None
        if self._is_outside(id_, user):
            return Expected(403, "the user is of another domain")
        return self._unmanaged(who, id_)

    def _may_not_leave(self, who: Principal | None, id_: str, user: str) -> Expected | None:
        oneself = who is not None and who.user_id == user
        if not oneself and not self.is_manager(who, id_):
            return Expected(403, "managers alone remove others")
        return Expected(403, "the creator stays") if self.communities[id_].creator == user else None

    def _takes_no_requests(self, id_: str) -> Expected | None:
        type_ = self.communities[id_].type
        return None if type_ in TAKES_REQUESTS else Expected(400, f"{type_} communities take no requests")


def folded(text: str) -> str:
    """Without accents and case, as the document compares."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()


def _stranger(who: Principal | None) -> Expected | None:
    return Expected(401, "nobody is logged in") if who is None else None


def _in_both(changes: Json) -> Expected | None:
    both = set(changes.get("newMembers", ())) & set(changes.get("deleteMembers", ()))
    return Expected(400, "somebody is named in both lists") if both else None


def _finds(words: Sequence[str], user: Json) -> bool:
    fields = [folded(text) for text in (user["firstname"], user["lastname"], *user["emails"])]
    return all(any(folded(word) in field for field in fields) for word in words)
