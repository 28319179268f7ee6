"""Who may do what: one table. What is refused changes nothing that anybody sees.

Rows: an operation; where it is about: the community of the residents (`home`), that of the stranger (`elsewhere`) or all of the
caller's; and what else the request names: somebody's unit, file or notification, a contact, ticket type or field of a community,
or `isAdmin: true`. Columns: resident, cookie (the resident again, logged in by cookie) and neighbour live at home, commuter at
home and elsewhere, stranger elsewhere, anonymous sends no login. All statuses are inferred, for the source shows none. Where two
refusals would be right, the cell has both; `admin` is 201 for an administrator, 403 for anybody else; `-` is not asked.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from contract_tests.actors.caller import Caller, operation_of
from contract_tests.actors.casavi import UNKNOWN_ID, Casavi, Json
from contract_tests.actors.expectations import expect, need, refusal, same, status
from contract_tests.contract.basis import inferred
from contract_tests.contract.cause import settled
from contract_tests.contract.finding import ContractError, Finding
from contract_tests.contract.operations import operations
from contract_tests.laws.security.ids import tells_nothing_of, texts_in

TABLE = """
operation                   where      what               resident  cookie   neighbour  commuter  stranger  anonymous
listTickets                 all        -                  200       200      200        200       200       401
listTickets                 home       -                  200       200      200        200       403       401
listTickets                 elsewhere  -                  403       403      403        200       200       401
createTicket                home       -                  201       201      201        201       403       401
createTicket                elsewhere  -                  403       403      403        201       201       401
createTicket                home       type:elsewhere     404       404      404        404       403|404   401
createTicket                home       unit:resident      201       201      403        403       403       401
createTicket                home       unit:neighbour     403       403      201        403       403       401
createTicket                home       unit:stranger      403|409   403|409  403|409    403|409   403|409   401
createTicket                elsewhere  unit:commuter      403       403      403        409       403|409   401
createTicket                home       field:elsewhere    409       409      409        409       403       401
createTicket                home       file:stranger      201       201      201        201       403       401
getTicket                   home       -                  200       200      200        200       403       401
getTicket                   elsewhere  -                  403       403      403        200       200       401
addTicketComment            home       -                  201       201      201        201       403       401
addTicketComment            elsewhere  -                  403       403      403        201       201       401
addTicketComment            home       file:stranger      201       201      201        201       403       401
listTicketTypes             home       -                  200       200      200        200       403       401
listTicketTypes             elsewhere  -                  403       403      403        200       200       401
listAppointments            home       -                  200       200      200        200       403       401
listAppointments            elsewhere  -                  403       403      403        200       200       401
listOfficialPosts           home       -                  200       200      200        200       403       401
listOfficialPosts           elsewhere  -                  403       403      403        200       200       401
listImportantContacts       home       -                  200       200      200        200       403       401
listImportantContacts       elsewhere  -                  403       403      403        200       200       401
listFaqArticles             all        -                  200       200      200        200       200       401
listFaqArticles             home       -                  200       200      200        200       403       401
listFaqArticles             elsewhere  -                  403       403      403        200       200       401
getUnreadChatCount          home       -                  200       200      200        200       403       401
getUnreadChatCount          elsewhere  -                  403       403      403        200       200       401
getUnreadNotificationCount  home       -                  200       200      200        200       403       401
getUnreadNotificationCount  elsewhere  -                  403       403      403        200       200       401
listNotifications           home       -                  200       200      200        200       403       401
listNotifications           elsewhere  -                  403       403      403        200       200       401
markAllNotificationsRead    home       -                  204       204      204        204       403       401
markAllNotificationsRead    elsewhere  -                  403       403      403        204       204       401
markNotificationRead        home       note:resident      204       204      404        404       403       401
markNotificationRead        home       note:commuter      404       404      404        204       403       401
markNotificationRead        elsewhere  note:resident      403       403      403        404       404       401
markNotificationRead        elsewhere  note:commuter      403       403      403        404       404       401
markNotificationRead        elsewhere  note:stranger      403       403      403        404       204       401
listActivities              home       -                  200       200      200        200       403       401
listActivities              elsewhere  -                  403       403      403        200       200       401
listUnits                   all        -                  200       200      200        200       200       401
listUnits                   home       -                  200       200      200        200       403       401
listUnits                   elsewhere  -                  403       403      403        200       200       401
createInvitation            home       -                  201       201      201        201       403       401
createInvitation            elsewhere  -                  403       403      403        201       201       401
createInvitation            home       unit:resident      201       201      403        403       403       401
createInvitation            home       unit:neighbour     403       403      201        403       403       401
createInvitation            home       unit:stranger      403|409   403|409  403|409    403|409   403|409   401
createInvitation            elsewhere  unit:commuter      403       403      403        409       403|409   401
createInvitation            home       contact:elsewhere  404       404      404        404       403       401
createInvitation            elsewhere  contact:home       403       403      403        404       404       401
createInvitation            home       isAdmin            admin     admin    admin      admin     403       401
createInvitation            elsewhere  isAdmin            403       403      403        admin     admin     401
registerUser                home       -                  201       -        -          -         201       201
getOpenIdConfiguration      all        -                  200       200      200        200       200       200
uploadFile                  all        -                  201       201      201        201       201       201
checkInviteToken            home       -                  200       200      200        200       200       200
"""
HEAD, *ROWS = (line.split() for line in TABLE.strip().splitlines())
ERRORS = 400
NAMES = {  # the ids that rows of a kind ask about; that of a community, and of what lies in it, is asked about by all rows
    "unit": "unitId",
    "type": "ticketTypeId",
    "field": "fields",
    "file": "attachments",
    "note": "notification_id",
    "contact": "contactId",
}
PLACES = {"community_id", "communityId", "ticket_id"}
FOR_ALL = {  # ids of what belongs to no community, and whoever has one may use it
    ("checkInviteToken", "invite_token"),
    ("registerUser", "inviteCode"),
    ("registerUser", "clientId"),
    ("registerUser", "providerKey"),
    ("registerUser", "sub"),
}
SHOWN = ("name", "title", "text", "label", "firstName", "lastName", "email")

Row = tuple[str, str, dict[str, str]]  # where, what and the cells by column


def _groups() -> Iterator[object]:
    """The rows of an operation that name the same kind of thing are one test, because looking at everything is slow."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for operation, where, what, *cells in ROWS:
        kind = what.partition(":")[0].strip("-")
        groups.setdefault((operation, kind), []).append((where, what, dict(zip(HEAD[3:], cells, strict=True))))
    for (operation, kind), rows in groups.items():
        yield pytest.param(operation, rows, id="-".join(filter(None, (operation, kind))))


@pytest.mark.parametrize(("operation", "rows"), list(_groups()))
@inferred("Authorizations: 403 for what belongs to others, 404 or 409 for what does not belong there; a refusal changes nothing")
def test_permission(casavi: Casavi, operation: str, rows: list[Row]) -> None:
    writes = operation_of("casavi", operation).writes
    cells = [cell for where, what, columns in rows for cell in _cells(casavi, operation, where, what, columns)]
    refused = [cell for cell in cells if cell.codes[0] >= ERRORS]
    watched = writes and refused
    before = casavi.snapshot() if watched else {}
    wrong = [error for cell in refused for error in cell.errors(casavi)]
    if watched and not wrong:
        after = casavi.snapshot()
        for name in before:
            same(after.get(name), before[name], operation, f"changes what {name} shows with a request that it refuses")
    wrong += [error for cell in cells if cell not in refused for error in cell.errors(casavi)]
    if wrong:
        raise ContractError(settled(wrong))


@dataclass(frozen=True)
class Cell:
    """A request, who sends it, what may be answered, and texts that a refusal must not tell."""

    operation: str
    caller: Caller
    request: Json
    codes: list[int]
    secrets: list[str]

    def errors(self, casavi: Casavi) -> tuple[Finding, ...]:
        answer = self.caller.call(self.operation, **_fresh(casavi, self.operation, self.request))
        if answer.status not in self.codes:
            return answer.witnessed(status(*self.codes)(answer))
        if answer.status < ERRORS:
            return ()
        return answer.witnessed(refusal(answer.status)(answer) or tells_nothing_of(self.secrets)(answer))


def _cells(casavi: Casavi, operation: str, where: str, what: str, columns: dict[str, str]) -> Iterator[Cell]:
    kind, _, whose = what.partition(":")
    thing = _thing(casavi, kind, whose) if whose else {}
    request = _request(casavi, operation, where, kind, thing)
    secrets = texts_in([thing.get(name) for name in SHOWN])
    for role, cell in columns.items():
        caller = None if cell == "-" else _caller(casavi, role, where)
        if caller is not None:
            yield Cell(operation, caller, request, _codes(casavi, role, cell), secrets)


def _codes(casavi: Casavi, role: str, cell: str) -> list[int]:
    if cell != "admin":
        return [int(code) for code in cell.split("|")]
    person = casavi.person("resident" if role == "cookie" else role)
    if not person.is_administrator:
        return [403]
    return [201] if len(person.homes) == 1 else [201, 403]  # a profile does not say of which community


def _caller(casavi: Casavi, role: str, where: str) -> Caller | None:
    """Who plays a role; None where the profile has nobody who could."""
    if role == "anonymous":
        return casavi[role]
    person = casavi.cast.roles.get("resident" if role == "cookie" else role)
    if person is None or (role == "cookie" and not (person.bearer and person.cookie)):
        return None
    if role == "commuter" and where == "elsewhere" and str(casavi.elsewhere) not in person.homes:
        return None  # their other community is a third one
    return casavi.with_cookie("resident") if role == "cookie" else casavi[role]


def _fresh(casavi: Casavi, operation: str, request: Json) -> Json:
    """The request, with new values for what can be sent only once."""
    if operation == "createInvitation":
        return request | {"body": casavi.new_invitation() | request["body"]}
    if operation in {"registerUser", "checkInviteToken"}:
        token = casavi.invite(casavi["resident"])["inviteToken"]
        return {"body": casavi.new_registration(token)} if operation == "registerUser" else {"query": {"invite_token": token}}
    return request


def _request(casavi: Casavi, operation: str, where: str, kind: str, thing: Json) -> Json:
    """The request, whoever sends it; what it is about belongs to somebody who lives there."""
    place, host = (casavi.elsewhere, casavi["stranger"]) if where == "elsewhere" else (casavi.community, casavi["resident"])
    parameters = operations("casavi")[operation].parameters
    request: Json = {name: place for name in parameters if name == "community_id"}
    if "ticket_id" in parameters:
        request["ticket_id"] = casavi.open_ticket(host, communityId=place)["id"]
    if kind == "note":
        request["notification_id"] = thing["id"]
    if operation == "markAllNotificationsRead":
        casavi.unread(casavi["resident"], casavi["neighbour"], 1)  # so that a mark would be seen
    if operation in {"listTickets", "listFaqArticles", "listUnits"} and where != "all":
        request["query"] = {"community_id": place}
    if operation == "uploadFile":
        request |= {"data": b"a file", "headers": {"X-Filename": "note.txt", "Content-Type": "text/plain"}}
    body = _body(casavi, operation, host, place, kind, thing)
    return request | ({"body": body} if body is not None else {})


def _body(casavi: Casavi, operation: str, host: Caller, place: int, kind: str, thing: Json) -> Json | None:
    if operation == "addTicketComment":
        return {"text": "let me in"} | ({"attachments": [thing]} if thing else {})
    if operation == "createInvitation":
        named = {"unit": "unitId", "contact": "contactId"}
        return {named[kind]: thing["id"]} if kind in named else {"isAdmin": True} if kind == "isAdmin" else {}
    if operation != "createTicket":
        return None
    if kind == "type":
        return casavi.new_ticket(casavi["stranger"], thing, communityId=place)
    if kind == "file":
        type_, one = casavi.type_with(host, "file")
        return casavi.new_ticket(host, type_, fields=casavi.required(host, type_) | {str(one["id"]): [thing]})
    body = casavi.new_ticket(host, communityId=place)
    if kind == "field":
        body["fields"] |= {str(thing["id"]): casavi.value(host, thing)}
    return body | ({"unitId": thing["id"]} if kind == "unit" else {})


def _thing(casavi: Casavi, kind: str, whose: str) -> Json:
    """What a request names besides the community: of a kind, and of somebody or of a community."""
    return _THINGS[kind](casavi, whose)


def _unit(casavi: Casavi, whose: str) -> Json:
    """A unit that is somebody's and nobody else's."""
    others = [casavi[role] for role in casavi.cast.roles if casavi.person(role) != casavi.person(whose)]
    taken = {unit["id"] for other in others for unit in casavi.read(other, "listUnits")}
    home = casavi.elsewhere if whose == "stranger" else casavi.community
    units: list[Json] = [unit for unit in casavi.read(casavi[whose], "listUnits") if unit["communityId"] == home]
    own = [unit for unit in units if unit["id"] not in taken]
    return own[0] if own else pytest.skip(f"the {whose} has no unit of their own")


def _type(casavi: Casavi, _: str) -> Json:
    """A ticket type of the other community, which this one has not."""
    own = {type_["id"] for type_ in casavi.types(casavi["resident"])}
    types = casavi.types(casavi["stranger"], community_id=casavi.elsewhere)
    foreign = [type_ for type_ in types if type_["id"] not in own]
    return foreign[0] if foreign else pytest.skip("the communities have the same ticket types")


def _field(casavi: Casavi, whose: str) -> Json:
    """A field of such a ticket type; its value is no file."""
    fields: list[Json] = [one for one in _type(casavi, whose)["fields"] if one["type"] != "file"]
    return fields[0] if fields else pytest.skip("the ticket type of the other community has no fields")


def _file(casavi: Casavi, whose: str) -> Json:
    return casavi.upload(casavi[whose])


def _contact(casavi: Casavi, where: str) -> Json:
    """Somebody who is invited into a community."""
    host, place = (casavi["resident"], casavi.community) if where == "home" else (casavi["stranger"], casavi.elsewhere)
    body = casavi.new_invitation(firstName="Leonora", lastName="Neuland")
    token = need(casavi.ask(host, "createInvitation", body, community_id=place), status(201)).json["inviteToken"]
    looked = need(casavi["anonymous"].call("checkInviteToken", query={"invite_token": token}), status(200))
    contact: Json = looked.json["contact"]
    return contact


def _notification(casavi: Casavi, whose: str) -> Json:
    if whose == "stranger":
        rows = casavi.read(casavi[whose], "listNotifications", community_id=casavi.elsewhere)["rows"]
    else:
        rows = casavi.unread(casavi[whose], casavi["resident" if whose == "commuter" else "neighbour"], 1)
    return dict(rows[0]) if rows else pytest.skip(f"the {whose} has no notification")


_THINGS: dict[str, Callable[[Casavi, str], Json]] = {
    "unit": _unit,
    "type": _type,
    "field": _field,
    "file": _file,
    "note": _notification,
    "contact": _contact,
}


@inferred("status 404: a contact of another tenant or community is as unknown, in the same words")
def test_a_contact_of_another_community_is_as_unknown(casavi: Casavi, resident: Caller) -> None:
    told = []
    for contact in (UNKNOWN_ID, _contact(casavi, "elsewhere")["id"]):
        answer = casavi.ask(resident, "createInvitation", casavi.new_invitation(contactId=contact))
        told.append(expect(answer, refusal(404)).body.decode().replace(str(contact), "…"))
    same(told[1], told[0], "createInvitation", "refuses a contact of another community in other words than an unknown one")
