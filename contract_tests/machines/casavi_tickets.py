"""What the casavi machine does to tickets: files, opening, comments."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contract_tests.actors.caller import Answer, operation_of
from contract_tests.actors.casavi import UNKNOWN_ID
from contract_tests.actors.people import Cast
from contract_tests.actors.pictures import picture
from contract_tests.machines.casavi_ground import CasaviGround, callers, filters, homes, numbers
from contract_tests.machines.casavi_model import Model, Person, shown_fields, title_of
from contract_tests.machines.walker import Expected, Json, done
from contract_tests.profile import Profile
from contract_tests.run.walks import Walks

FILES = {
    "note.txt": ("text/plain", b"a note"),
    "empty": ("application/octet-stream", b""),
    "red.png": ("image/png", picture("red")),
}
UNKNOWN_FILE = {"path": "unknown-file.txt", "name": "unknown.txt", "fileType": "text/plain", "fileSize": 1, "thumbs": {}}
VALUES: dict[str, tuple[Any, ...]] = {
    "text": ("The tap drips", "two\nlines", "\U0001f6b0 é"),
    "number": (3, -1.5, 0),
    "boolean": (True, False),
    "date": ("2024-05-02", "2024-02-29"),
}
WRONG: dict[str, Any] = {
    "text": 1,
    "number": "3",
    "boolean": "true",
    "date": "2024-02-30",
    "select": "none of the options",
    "file": "x",
}

attachments = st.sampled_from(("none", "one", "two", "unknown", "unknown"))
kinds_of_fault = st.sampled_from(
    (
        *["nothing"] * 8,
        "a mandatory field is absent",
        "a field is foreign to the type",
        "a value is of another kind",
        "an upload is unknown",
    )
)
units = st.sampled_from(("none", "own", "own", "a neighbour's", "a neighbour's", "elsewhere", "unknown"))


@dataclass
class File:
    """What an upload answered, the bytes, and where they can be fetched."""

    shown: Json
    data: bytes = field(repr=False)
    reply: Answer = field(repr=False)
    url: str


class TicketRules(CasaviGround):
    """Uploading, opening, reading and commenting."""

    def __init__(self, walks: Walks, cast: Cast, profile: Profile, model: Model) -> None:
        super().__init__(walks, cast, profile, model)
        self.files: list[File] = []

    @rule(role=callers, name=st.sampled_from(sorted(FILES)))
    def upload(self, role: str, name: str) -> None:
        self._upload(role, name)

    def _upload(self, role: str, name: str) -> None:
        media_type, data = FILES[name]
        reply = self.callers[self.role(role)].call(
            "uploadFile", data=data, headers={"X-Filename": name, "Content-Type": media_type}
        )
        self.answered(reply, done(201))
        shown: Json = reply.json
        wanted = {"name": name, "fileType": media_type, "fileSize": len(data)}
        self.agree(reply, "the upload", wanted, {key: shown.get(key) for key in wanted})
        self.hold(reply, shown["path"] not in {file.shown["path"] for file in self.files}, "answers the path of another file")
        if media_type == "text/plain":
            self.agree(reply, "the smaller pictures of a file that is none", {}, shown["thumbs"])
        self.files.append(File(shown, data, reply, urljoin(reply.response.url, reply.headers.get("Location", "nowhere"))))

    @precondition(lambda self: self.files)
    @rule(number=numbers)
    def fetch(self, number: int) -> None:
        file = self.files[number % len(self.files)]
        reply = self.answered(self.callers["anonymous"].fetch(file.reply, file.url), done())
        self.hold(reply, reply.body == file.data, "stores other bytes than were uploaded")

    def attached(self, wanted: str) -> list[Json]:
        if wanted == "unknown":
            return [UNKNOWN_FILE]
        return [file.shown for file in self.files[-2:][: {"none": 0, "one": 1, "two": 2}[wanted]]]

    @rule(role=callers, home=homes, number=numbers, unit=units, fault=kinds_of_fault, values=numbers, more=st.booleans())
    def open_ticket(self, role: str, home: str, number: int, unit: str, fault: str, values: int, more: bool) -> None:
        role = self.role(role)
        who, place = self.who(role), self.place(role, home)
        types = (self.model.places.get(place) or self.model.places[self.known("resident").homes[0]]).types
        if not types:
            return
        type_ = types[number % len(types)]
        fields = self._fields(type_, values, more=more)
        # One fault at a time: which of two refusals comes first is not said.
        fine = who is not None and place in who.homes
        body: Json = {
            "communityId": place,
            "ticketTypeId": UNKNOWN_ID if fine and number == 19 else type_["id"],
            "fields": fields,
        }
        if fine and number != 19:
            unit_id = self._unit(who, place, unit) if who and fault == "nothing" else None
            body |= {"unitId": unit_id} if unit_id is not None else {}
            fault = fault if self._spoil(type_, fields, fault) else "nothing"
        reply = self.ask(role, "createTicket", body)
        self.answered(reply, self.model.opening(who, body, fault if fine and number != 19 else "nothing"))
        if who and reply.status == 201:
            self._note_opened(reply, who, type_, body)
        elif who and place in who.homes:
            listed = self.read(role, "listTickets")
            self.agree(listed, "the tickets", self.model.listed(who, None), listed.json)

    def _fields(self, type_: Json, number: int, *, more: bool) -> Json:
        """What somebody enters: all that is mandatory, and the rest too with `more`."""
        entered = [one for one in type_["fields"] if one["required"] or more]
        return {str(one["id"]): self._value(one, number) for one in entered}

    def _value(self, one: Json, number: int) -> Any:
        if one["type"] == "file":
            if one["required"] and not self.files:
                self._upload("resident", "note.txt")
            return [file.shown for file in self.files[: max(number % 3, int(one["required"]))]]
        options = [option for option in one["options"] if option] if one["type"] == "select" else VALUES[one["type"]]
        return options[number % len(options)]

    def _spoil(self, type_: Json, fields: Json, fault: str) -> bool:
        """Puts a fault into the fields of a new ticket; False if the type has no room for it."""
        required = [one for one in type_["fields"] if one["required"]]
        filled = [one for one in type_["fields"] if str(one["id"]) in fields]
        files = [one for one in type_["fields"] if one["type"] == "file"]
        if fault == "a mandatory field is absent" and required:
            del fields[str(required[0]["id"])]
        elif fault == "a field is foreign to the type":
            fields[str(UNKNOWN_ID)] = "foreign"
        elif fault == "a value is of another kind" and filled:
            fields[str(filled[-1]["id"])] = WRONG[filled[-1]["type"]]
        elif fault == "an upload is unknown" and files:
            fields[str(files[0]["id"])] = [UNKNOWN_FILE]
        else:
            return False
        return True

    def _unit(self, who: Person, place: int, wanted: str) -> int | None:
        others = [unit for person in self.model.people.values() for unit in person.units if unit not in who.units]
        found = {
            "own": [unit for unit in who.units if unit["communityId"] == place],
            "elsewhere": [unit for unit in who.units if unit["communityId"] != place],
            "a neighbour's": [unit for unit in others if unit["communityId"] == place],
            "unknown": [{"id": UNKNOWN_ID}],
        }.get(wanted)
        return int(found[0]["id"]) if found else None

    def _note_opened(self, reply: Answer, who: Person, type_: Json, body: Json) -> None:
        made: Json = reply.json
        self.hold(reply, made["id"] not in self.model.tickets, "answers the id of another ticket", got=made["id"])
        who.author = who.author or made["CreatedBy"]
        unit = next((unit for unit in who.units if unit["id"] == body.get("unitId")), None)
        wanted: Json = {
            "CreatedBy": who.author,
            "TicketComments": [],
            "TicketRating": None,
            "TicketType": {"id": type_["id"], "name": type_["name"]},
            "Unit": unit,
            "status": "OPEN",
            "title": title_of(type_, body["fields"]),
        }
        self.agree(reply, "the ticket", wanted, {name: made.get(name) for name in wanted})
        self.agree(reply, "the community", body["communityId"], made["Community"]["id"])
        self.agree(reply, "the fields", shown_fields(type_, body["fields"]), {one["id"]: one for one in made["customFields"]})
        self.agree(
            reply,
            "Location",
            self.wire.bases["casavi"] + operation_of("casavi", "getTicket").url_path({"ticket_id": made["id"]}),
            urljoin(reply.response.url, reply.headers.get("Location", "")),
        )
        self.model.opened(made)
        self.compare_ticket(self._role_of(who), made["id"])
        self.look_at_activities(self._role_of(who), self.model.places[body["communityId"]])

    @rule(role=callers, home=filters)
    def list_tickets(self, role: str, home: str) -> None:
        role = self.role(role)
        who, place = self.who(role), None if home == "all" else self.place(role, home)
        reply = self.ask(role, "listTickets", query={"community_id": place})
        self.answered(reply, self.model.inside(who, place))
        if who and reply.status == 200:
            self.agree(reply, "the tickets", self.model.listed(who, place), reply.json)

    @rule(role=callers, number=numbers)
    def get_ticket(self, role: str, number: int) -> None:
        role, id_ = self.role(role), self.ticket(number)
        reply = self.answered(self.ask(role, "getTicket", ticket_id=id_), self.model.ticket(self.who(role), id_))
        if reply.status == 200:
            self.agree(reply, "the ticket", self.model.tickets[id_], reply.json)

    @rule(role=callers, number=numbers, text=st.sampled_from(("hello", "two\nlines", "\U0001f44d")), files=attachments)
    def comment(self, role: str, number: int, text: str, files: str) -> None:
        self._comment(self.role(role), self.ticket(number), text, files)

    def _comment(self, role: str, id_: int, text: str, files: str) -> None:
        who, verdict = self.who(role), self.model.ticket(self.who(role), id_, 201)
        if verdict.code == 201 and files == "unknown":
            verdict = Expected(404, "there is no such upload")
        body = {"text": text, "attachments": self.attached(files)}
        reply = self.answered(self.ask(role, "addTicketComment", body, ticket_id=id_), verdict)
        if who and reply.status == 201:
            self._note_comment(reply, who, id_, body)
        elif id_ in self.model.tickets:
            self.compare_ticket(self._insider(self.model.tickets[id_]["Community"]["id"]), id_)
        if id_ in self.model.tickets and reply.status in {201, 404}:
            self.look_at_news(self.model.tickets[id_])

    @rule(role=callers, number=numbers)
    def comment_plainly(self, role: str, number: int) -> None:
        who = self.who(self.role(role))
        seen = who.tickets if who else []
        self._comment(self.role(role), seen[number % min(3, len(seen))] if seen else UNKNOWN_ID, "me too", "none")

    def _note_comment(self, reply: Answer, who: Person, id_: int, body: Json) -> None:
        made: Json = reply.json
        who.author = who.author or made["CreatedBy"]
        wanted = {"text": body["text"], "Attachments": body["attachments"], "CreatedBy": who.author}
        self.agree(reply, "the comment", wanted, {name: made.get(name) for name in wanted})
        ids = {comment["id"] for ticket in self.model.tickets.values() for comment in ticket["TicketComments"]}
        self.hold(reply, made["id"] not in ids, "answers the id of another comment", got=made["id"])
        self.model.commented(id_, made)
        self.compare_ticket(self._role_of(who), id_)

    def ticket(self, number: int) -> int:
        """The id of a ticket, mostly of a new one; the highest number is none."""
        ids = sorted(self.model.tickets, reverse=True)
        return UNKNOWN_ID if number == 19 or not ids else ids[number % 6 % len(ids)]
