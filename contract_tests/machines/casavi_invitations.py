"""What the casavi machine does to invitations, and who comes by them."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contract_tests.actors.caller import Answer
from contract_tests.actors.casavi import UNKNOWN_ID
from contract_tests.actors.people import Cast
from contract_tests.machines.casavi_ground import callers, homes, numbers
from contract_tests.machines.casavi_model import Invitation, Model
from contract_tests.machines.casavi_tickets import TicketRules, units
from contract_tests.machines.walker import Expected, Json, done
from contract_tests.profile import Profile
from contract_tests.run.walks import Walks

MOST_NEWCOMERS = 2

whoms = st.sampled_from((*["somebody new"] * 5, "somebody pending", "a user"))
details = st.fixed_dictionaries({}, optional={"firstName": st.just("Nora"), "lastName": st.just("Neu"), "isAdmin": st.booleans()})


class InvitationRules(TicketRules):
    """Inviting, looking at tokens, registering."""

    def __init__(self, walks: Walks, cast: Cast, profile: Profile, model: Model) -> None:
        super().__init__(walks, cast, profile, model)
        self.newcomers = 0
        self.bad_tokens = 0  # since the last good one; the third would make the client wait

    @rule(
        role=callers,
        home=homes,
        number=numbers,
        unit=units,
        whom=whoms,
        more=details,
        contact=st.sampled_from((*[False] * 4, True)),
    )
    def invite(self, role: str, home: str, number: int, unit: str, whom: str, more: Json, contact: bool) -> None:
        self._invite(role, home, number, unit, whom, more, contact=contact)

    def _invite(self, role: str, home: str, number: int, unit: str, whom: str, more: Json, *, contact: bool) -> None:
        role = self.role(role)
        who, place = self.who(role), self.place(role, home)
        body: Json = {"email": self._email(place, number, whom)} | more
        fine = who is not None and place in who.homes
        if who and fine and whom == "somebody new":  # one fault at a time
            unit_id = None if contact else self._unit(who, place, unit)
            body |= {"contactId": UNKNOWN_ID} if contact else {}
            body |= {"unitId": unit_id} if unit_id is not None else {}
        reply = self.ask(role, "createInvitation", body, community_id=place)
        self.answered(reply, self.model.inviting(who, place, body))
        if reply.status == 201:
            self._note_invited(reply, place, body)

    @precondition(
        lambda self: self.newcomers < MOST_NEWCOMERS and self.casavi.profile.provider_keys and self.casavi.profile.clients
    )
    @rule(
        role=st.sampled_from(("resident", "neighbour", "commuter", "stranger")),
        unit=st.sampled_from(("none", "own")),
        named=st.booleans(),
    )
    def invite_and_register(self, role: str, unit: str, named: bool) -> None:
        """Somebody is invited and registers, but not twice, and cannot be invited again; then somebody else is invited."""
        role = self.role(role)
        more = {"firstName": "Nora", "lastName": "Neu", "isAdmin": True} if named else {}
        before = len(self.model.invitations)
        self._invite(role, "home", 0, unit, "somebody new", more, contact=False)
        if len(self.model.invitations) == before:
            return  # an administrator may be invited by administrators alone
        found = self.model.invitations[-1]
        self._look_at_token(role, found)
        for _ in range(2):
            self._register(found, "invited", "nothing", named=named)
        self._look_at_token(role, found)
        self._invite(role, "home", 0, "none", "somebody new", more, contact=False)
        self._look_at_token(role, self.model.invitations[-1])
        body = {"email": found.body["email"]}
        reply = self.ask(role, "createInvitation", body, community_id=found.place)
        self.answered(reply, self.model.inviting(self.who(role), found.place, body))

    def _email(self, place: int, number: int, whom: str) -> str:
        pending = [
            row["email"] for id_, community in self.model.places.items() if id_ == place for row in community.pending.values()
        ]
        known = {"a user": sorted(self.model.emails()), "somebody pending": pending}.get(whom)
        return str(known[number % len(known)]) if known else self.casavi.new_email()

    def _note_invited(self, reply: Answer, place: int, body: Json) -> None:
        pending: dict[str, Json] = reply.json["pendingUsers"]
        known = self.model.places[place].pending
        new = [id_ for id_ in pending if id_ not in known]
        self.agree(reply, "the number of new pending users", 1, len(new))
        row = pending[new[0]]
        self.agree(
            reply, "the pending users that were there before", known, {id_: one for id_, one in pending.items() if id_ in known}
        )
        wanted = {"id": int(new[0]), "isAdmin": False} | body
        self.agree(reply, "the pending user", wanted, {name: row.get(name) for name in wanted})
        self.agree(reply, "the unit of somebody invited without one", None, None if "unitId" in body else row.get("unitId"))
        token = reply.json["inviteToken"]
        self.hold(
            reply, token not in {one.token for one in self.model.invitations}, "answers a token that it has answered before"
        )
        known[new[0]] = row
        self.model.invitations.append(Invitation(token, place, body, new[0]))

    @precondition(lambda self: self.model.invitations)
    @rule(role=callers, number=numbers)
    def look_at_token(self, role: str, number: int) -> None:
        self._look_at_token(role, self.model.invitations[-1 - number % len(self.model.invitations)])

    def _look_at_token(self, role: str, found: Invitation) -> None:
        if found.used and self.bad_tokens:
            return  # after the next failure clients have to wait
        self.bad_tokens = 1 if found.used else 0
        reply = self.ask(self.role(role), "checkInviteToken", query={"invite_token": found.token})
        self.answered(reply, Expected(404, "the token was used") if found.used else done())
        if found.used:
            return
        names = {name: found.body[name] for name in ("firstName", "lastName", "email") if name in found.body}
        self.agree(reply, "the contact", names, {name: reply.json["contact"].get(name) for name in names})
        self.agree(reply, "the token", found.token, reply.json["tokenString"])
        self.agree(reply, "the communities", [found.place], [one["id"] for one in reply.json["communities"]])
        found.shown = found.shown or reply.json
        self.agree(reply, "the answer", found.shown, reply.json)

    @precondition(lambda self: self.model.invitations and self.casavi.profile.provider_keys and self.casavi.profile.clients)
    @rule(number=numbers, email=st.sampled_from(("invited", "invited", "new", "a user's")), named=st.booleans(),
          fault=st.sampled_from((*["nothing"] * 5, "client", "provider", "code", "sub")))  # fmt: skip
    def register(self, number: int, email: str, named: bool, fault: str) -> None:
        self._register(self.model.invitations[-1 - number % len(self.model.invitations)], email, fault, named=named)

    def _register(self, found: Invitation, email: str, fault: str, *, named: bool) -> None:
        body = self._registration(found, email, fault)
        body |= {"firstName": "Rosa", "lastName": "Rot"} if named else {}
        known = fault not in {"client", "provider"}
        verdict = self.model.registering(None if fault == "code" else found, body, known=known)
        if (found.used and fault != "nothing") or (verdict.code == 201 and self.newcomers == MOST_NEWCOMERS):
            return  # which of two refusals comes first is not said; and each newcomer makes every look at the news longer
        reply = self.answered(self.ask("anonymous", "registerUser", body), verdict)
        if reply.status == 201:
            self._note_newcomer(reply, found, body)

    def _registration(self, found: Invitation, email: str, fault: str) -> Json:
        sub = next(iter(sorted(self.model.subs)), None) if fault == "sub" else None
        users = sorted(self.model.emails())
        chosen = (
            {"invited": found.body["email"], "a user's": users[0] if users else ""}.get(email) if fault == "nothing" else None
        )
        provider = sub[0] if sub else self.casavi.profile.provider_keys[0]
        return {
            "email": chosen or self.casavi.new_email(),
            "clientId": "unknown" if fault == "client" else self.casavi.client.id,
            "providerKey": "unknown" if fault == "provider" else provider,
            "inviteCode": "unknown-code" if fault == "code" else found.token,
        } | ({"sub": sub[1]} if sub else {})

    def _note_newcomer(self, reply: Answer, found: Invitation, body: Json) -> None:
        self.newcomers += 1
        role = f"newcomer{self.newcomers}"
        person = self.model.registered(found, role, body["email"])
        self.model.subs.add((body["providerKey"], body.get("sub") or reply.json["contactExtRef"]))
        self.keys[role], self.callers[role] = role, self.caller_of(reply.json)
        mine = self.read(role, "listUnits")
        self.agree(
            mine, "the units", [found.body["unitId"]] if "unitId" in found.body else [], [unit["id"] for unit in mine.json]
        )
        person.units = mine.json
        self.look_at_notes(role, person, found.place)
        chats = self.read(role, "getUnreadChatCount", community_id=found.place)
        self.agree(chats, "the number of unread messages of somebody new", 0, chats.json["count"])
        listed = self.read(role, "listTickets")
        self.agree(listed, "the tickets", self.model.listed(person, None), listed.json)
