"""What the linagora machine does to communities and their avatars."""

from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contract_tests.actors.linagora import UNKNOWN_ID
from contract_tests.actors.pictures import MEDIA_TYPES, picture
from contract_tests.machines.linagora_ground import NOWHERE, PARTS, PEOPLE, LinagoraGround, callers, places, readers
from contract_tests.machines.linagora_model import Community, Picture
from contract_tests.machines.walker import Expected, Json

# No two differ by case alone, of which the documents do not say whether it makes two titles of one. The first stands in another
# order without case than by code point, the last two by UTF-16. There are few, so that they meet.
TITLES = ("ant", "Zebra", "\uff5a Émeu", "\U0001f989 owl")
TAKEN, FREED = "one that is there", "one that was there"
TEXTS = ("", "a description", "zwei\nZeilen", "\U0001f989")
CASES: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "its beginning": lambda title: title[:-1],
    "its end": lambda title: title[1:],
    "its first letters": lambda title: title[:2],
}
COLOURS = {"red": (255, 0, 0), "blue": (0, 0, 255), "white": (255, 255, 255)}
KINDS = (("red", "PNG"), ("blue", "GIF"), ("white", "JPEG"), ("blue", "PNG"))
PICTURES = {f"{colour} {kind}": Picture(picture(colour, kind), MEDIA_TYPES[kind], COLOURS[colour]) for colour, kind in KINDS}
OTHER_TYPES = {"image/png": "image/gif", "image/gif": "image/jpeg", "image/jpeg": "image/png"}

titles, texts = st.sampled_from((*TITLES, TAKEN, TAKEN, FREED)), st.sampled_from(TEXTS)
domains = st.sampled_from((*["home"] * 6, "foreign", "unknown"))
types = st.sampled_from(("open", "restricted", "private", "private", "restricted", "confidential"))
details = st.fixed_dictionaries({}, optional={"type": types, "description": texts})
insiders = st.lists(st.sampled_from(("bob", "carol", "dave", "admin")), max_size=2, unique=True)
anybody = st.lists(st.sampled_from((*PEOPLE, "creator", "nobody")), max_size=2, unique=True)
avatars = st.sampled_from(("first", "first", "last", "unknown"))
managers = st.sampled_from(("creator", "creator", "creator", "admin"))
good_changes = {"title": st.sampled_from(TITLES), "description": texts, "newMembers": insiders, "deleteMembers": insiders}
some_changes = st.fixed_dictionaries({}, optional=good_changes).filter(bool)
bad_changes = st.sampled_from(
    (
        {"title": TAKEN},
        {"title": TAKEN},
        {"avatar": "unknown"},
        {"newMembers": ["nobody"]},
        {"newMembers": ["bob", "outsider"]},
        {"newMembers": ["carol"], "deleteMembers": ["creator"]},
    )
)
any_changes = st.fixed_dictionaries(
    {}, optional=good_changes | {"avatar": avatars, "newMembers": anybody, "deleteMembers": anybody}
).filter(bool)


class CommunityRules(LinagoraGround):
    """Making, reading, listing, changing and deleting communities."""

    freed = "nothing was deleted yet"  # the title of what was deleted last

    def title(self, wanted: str, number: int = 0) -> str:
        """A title; of those that there are or were, some other with each number."""
        there = [self.model.communities[id_].title for id_ in self.ours]
        if wanted == TAKEN and there:
            return there[number % len(there)]
        return self.freed if wanted == FREED else TITLES[0] if wanted == TAKEN else wanted

    def domain(self, role: str, wanted: str) -> str:
        person = self.who(role)
        homes = person.homes if person else (self.cast.home,)
        foreign = [domain for domain in self.model.users if domain not in homes]
        return {"home": homes[0], "foreign": foreign[0] if foreign else UNKNOWN_ID, "unknown": UNKNOWN_ID}[wanted]

    @rule(role=callers, title=titles, more=details, waived=st.sampled_from((None, "false", "true")), domain=domains)
    def create_community(self, role: str, title: str, more: Json, waived: str | None, domain: str) -> None:
        role = self.role(role)
        self._create(role, {"title": self.title(title), "domain_ids": [self.domain(role, domain)]} | more, waived)

    @rule(role=st.sampled_from(PEOPLE), names=st.lists(st.sampled_from(TITLES), min_size=2, max_size=3, unique=True))
    def create_several(self, role: str, names: Sequence[str]) -> None:
        role = self.role(role)
        for title in names:
            self._create(role, {"title": title, "domain_ids": [self.domain(role, "home")]}, None)

    @precondition(lambda self: self.ours)
    @rule(role=st.sampled_from(PEOPLE), place=st.integers(0, NOWHERE - 1), before=st.booleans())
    def replace_community(self, role: str, place: int, before: bool) -> None:
        """Makes another community of the same title, before or after the deletion."""
        old = self.model.communities[self.place(place)]
        body = {"title": old.title, "domain_ids": old.domains}
        if before:
            self._create(self.role(role), body, "true")
        self._delete("creator", old.id)
        if not before:
            self._create(self.role(role), body, None)

    def _create(self, role: str, body: Json, waived: str | None) -> None:
        reply = self.callers[role].call("createCommunity", body, query={"noTitleCheck": waived})
        who = self.who(role)
        self.answered(reply, self.model.creation(who, body, waived == "true"))
        if who is None or reply.status != 201:
            return
        made: Json = reply.json
        wanted = {"type": "open"} | body | {"creator": who.user_id}
        self.agree(reply, "the community", wanted, {name: made.get(name) for name in wanted})
        extra = {"avatar", "membershipRequest", *({"description"} - body.keys())} & {name for name in made if made[name]}
        self.hold(reply, not extra, "shows properties that nobody has set", got=sorted(extra))
        self.hold(
            reply,
            made["_id"] not in {*self.model.communities, *self.gone},
            "answers the id of another community",
            got=made["_id"],
        )
        self.model.communities[made["_id"]] = Community(made, {who.user_id: None})
        self.ours.append(made["_id"])
        self.look(reply, made["_id"], "community", "members", "title")

    @rule(role=readers, place=places)
    def get_community(self, role: str, place: int) -> None:
        id_ = self.place(place)
        role = self.role(role, id_)
        reply, who = self.call(role, "getCommunity", id_), self.who(role)
        self.answered(reply, self.model.reading(who, id_))
        if who and reply.status == 200:
            self.agree(reply, "the community", self.model.communities[id_].shown_to(who), reply.json)

    @rule(
        role=readers,
        domain=domains,
        creator=st.sampled_from((*[None] * 6, "creator", "creator", *PEOPLE)),
        number=places,
        title=st.sampled_from((None, *[TAKEN] * 5, *TITLES, FREED)),
        case=st.sampled_from(sorted(CASES)),
    )
    def list_communities(self, role: str, domain: str, creator: str | None, number: int, title: str | None, case: str) -> None:
        role = self.role(role)
        home = self.domain(role, domain)
        creator = self.user(creator, role, self.place(number)) if creator else None
        whole = self.title(title, number) if title else None
        for wanted in (case, "its beginning") if whole else (case,):
            text = CASES[wanted](whole) if whole else None
            query = {"domain_id": home, "creator": creator, "title": text}
            reply, who = self.callers[role].call("listCommunities", query=query), self.who(role)
            self.answered(reply, self.model.listing(who, home))
            if who and reply.status == 200:
                self.agree(reply, "the list", self.model.listed(who, home, creator, text), reply.json)

    @rule(role=managers, place=places, wanted=some_changes)
    def change(self, role: str, place: int, wanted: Json) -> None:
        self._update(role, self.place(place), wanted)

    @rule(role=managers, place=places, wanted=some_changes, fault=bad_changes)
    def change_wrongly(self, role: str, place: int, wanted: Json, fault: Json) -> None:
        self._update(role, self.place(place), wanted | fault)

    @rule(role=callers, place=places, wanted=any_changes)
    def change_somehow(self, role: str, place: int, wanted: Json) -> None:
        self._update(role, self.place(place, lambda community: "avatar" not in wanted or community.pictures), wanted)

    def _update(self, role: str, id_: str, wanted: Json) -> None:
        role = self.role(role, id_)
        body = {name: self._change(name, value, role, id_) for name, value in wanted.items()}
        verdicts = self.model.update(self.who(role), id_, body)
        community = self.model.communities.get(id_)
        if len({verdict.code for verdict in verdicts}) > 1:
            return  # which refusal comes first, the documents do not say
        if community and body.get("title") == community.title and self.model.taken(community.title, community.domains, id_):
            return  # whether a title that was let in twice can be confirmed, they do not say either
        reply = self.answered(self.call(role, "updateCommunity", id_, body=body), verdicts[0])
        if community and reply.status == 200:
            self.agree(reply, "the body", {}, reply.json)
            self.model.apply(id_, body)
        self.look(reply, id_, *PARTS, *(name for name in ("avatar", "title") if name in wanted))

    def _change(self, name: str, value: Any, role: str, id_: str) -> Any:
        if name == "avatar":
            uploaded = [*(self.model.communities[id_].pictures if id_ in self.model.communities else ()), UNKNOWN_ID]
            return {"first": uploaded[0], "last": uploaded[-2:][0], "unknown": UNKNOWN_ID}[value]
        if name == "title":
            return self.title(value, len(self.ours) + sum(map(ord, id_)))
        return list(dict.fromkeys(self.user(user, role, id_) for user in value)) if name.endswith("Members") else value

    @precondition(lambda self: len(self.ours) > 3)
    @rule(role=st.sampled_from(("creator", "creator", "admin", "admin", *PEOPLE)), place=places)
    def delete_community(self, role: str, place: int) -> None:
        self._delete(role, self.place(place))

    def _delete(self, role: str, id_: str) -> None:
        role = self.role(role, id_)
        reply = self.answered(self.call(role, "deleteCommunity", id_), self.model.deletion(self.who(role), id_))
        if reply.status == 204:
            self.freed = self.model.communities.pop(id_).title
            self.ours.remove(id_)
            self.gone.append(id_)
            self.compare_list(role)
            for again in ("getCommunity", "listMembers", "deleteCommunity"):
                self.answered(self.call(role, again, id_), Expected(404, "the community was deleted"))
        self.look(reply, id_, *PARTS)

    @rule(
        role=callers,
        place=places,
        image=st.sampled_from(sorted(PICTURES)),
        fault=st.sampled_from(("", "", "", "size", "bytes", "type")),
    )
    def upload_avatar(self, role: str, place: int, image: str, fault: str) -> None:
        self._upload(role, self.place(place, lambda community: community.pictures), image, fault)

    @rule(place=places, images=st.lists(st.sampled_from(sorted(PICTURES)), min_size=2, max_size=2, unique=True))
    def swap_avatars(self, place: int, images: Sequence[str]) -> None:
        id_ = self.place(place)
        for image in images:
            self._upload("creator", id_, image, "")
        self._update("creator", id_, {"avatar": "first"})

    def _upload(self, role: str, id_: str, image: str, fault: str) -> None:
        role = self.role(role, id_)
        verdict = self.model.upload(self.who(role), id_)
        file = PICTURES[image]
        data, media_type = file.data, file.media_type
        if verdict.code == 200 and fault:  # of somebody who may not upload, and does it wrongly, the first refusal is not said
            verdict = Expected(412 if fault == "size" else 400, f"the {fault} is wrong")
            data = data[:40] if fault == "bytes" else data
            media_type = OTHER_TYPES[media_type] if fault == "type" else media_type
        size = len(data) + (fault == "size")
        query = {"mimetype": media_type, "size": size}
        reply = self.call(role, "uploadCommunityAvatar", id_, data=data, query=query, headers={"Content-Type": media_type})
        self.answered(reply, verdict)
        if reply.status == 200:
            self.model.communities[id_].pictures[reply.json["_id"]] = file
            self.model.communities[id_].show_avatar(reply.json["_id"])
        self.look(reply, id_, "community", "avatar")

    @rule(role=readers, place=places, original=st.booleans(), since=st.sampled_from((None, "last", "last", "first", "yesterday")))
    def get_avatar(self, role: str, place: int, original: bool, since: str | None) -> None:
        id_ = self.place(place, lambda community: community.pictures)
        role = self.role(role, id_)
        community = self.model.communities.get(id_)
        known = community.changes if community else []
        since = {"last": known[-1], "first": known[0]}.get(since or "", since) if known else since
        self.see_avatar(role, id_, since, original=original)
