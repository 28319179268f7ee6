"""Who may do what: one table. What is refused changes nothing that anybody sees.

Rows: an operation; where it is about: the community of the residents (`home`), that of the stranger (`elsewhere`) or all of the
caller's; and what else the request names: a ticket type of the other community, somebody's unit, file or notification.
Columns: resident, cookie (the resident again, logged in that way) and neighbour live at home, commuter at home and elsewhere,
stranger elsewhere, anonymous is nobody. All statuses are inferred, for the source shows none. Where two refusals would be right,
the cell has both; `-` is not asked.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from contract_tests.actors.caller import Caller, operation_of
from contract_tests.actors.casavi import Casavi, Json
from contract_tests.actors.expectations import refusal, same, status
from contract_tests.contract.basis import inferred
from contract_tests.contract.cause import settled
from contract_tests.contract.finding import ContractError, Finding
from contract_tests.contract.operations import operations, overlays

TABLE = """
operation                   where      what            resident  cookie   neighbour  commuter  stranger  anonymous
listTickets                 all        -               200       200      200        200       200       401
listTickets                 home       -               200       200      200        200       403       401
listTickets                 elsewhere  -               403       403      403        200       200       401
createTicket                home       -               201       201      201        201       403       401
createTicket                elsewhere  -               403       403      403        201       201       401
createTicket                home       type:elsewhere  404       404      404        404       403|404   401
createTicket                home       unit:resident   201       201      403        403       403       401
createTicket                home       unit:neighbour  403       403      201        403       403       401
createTicket                home       unit:stranger   403|409   403|409  403|409    403|409   403|409   401
createTicket                elsewhere  unit:commuter   403       403      403        409       403|409   401
createTicket                home       file:stranger   201       201      201        201       403       401
getTicket                   home       -               200       200      200        200       403       401
getTicket                   elsewhere  -               403       403      403        200       200       401
addTicketComment            home       -               201       201      201        201       403       401
addTicketComment            elsewhere  -               403       403      403        201       201       401
addTicketComment            home       file:stranger   201       201      201        201       403       401
listTicketTypes             home       -               200       200      200        200       403       401
listTicketTypes             elsewhere  -               403       403      403        200       200       401
listAppointments            home       -               200       200      200        200       403       401
listAppointments            elsewhere  -               403       403      403        200       200       401
listOfficialPosts           home       -               200       200      200        200       403       401
listOfficialPosts           elsewhere  -               403       403      403        200       200       401
listImportantContacts       home       -               200       200      200        200       403       401
listImportantContacts       elsewhere  -               403       403      403        200       200       401
listFaqArticles             all        -               200       200      200        200       200       401
listFaqArticles             home       -               200       200      200        200       403       401
listFaqArticles             elsewhere  -               403       403      403        200       200       401
getUnreadChatCount          home       -               200       200      200        200       403       401
getUnreadChatCount          elsewhere  -               403       403      403        200       200       401
getUnreadNotificationCount  home       -               200       200      200        200       403       401
getUnreadNotificationCount  elsewhere  -               403       403      403        200       200       401
listNotifications           home       -               200       200      200        200       403       401
listNotifications           elsewhere  -               403       403      403        200       200       401
markAllNotificationsRead    home       -               204       204      204        204       403       401
markAllNotificationsRead    elsewhere  -               403       403      403        204       204       401
markNotificationRead        home       note:resident   204       204      404        404       403       401
markNotificationRead        home       note:commuter   404       404      404        204       403       401
markNotificationRead        elsewhere  note:resident   403       403      403        404       404       401
markNotificationRead        elsewhere  note:commuter   403       403      403        404       404       401
markNotificationRead        elsewhere  note:stranger   403       403      403        404       204       401
listActivities              home       -               200       200      200        200       403       401
listActivities              elsewhere  -               403       403      403        200       200       401
listUnits                   all        -               200       200      200        200       200       401
listUnits                   home       -               200       200      200        200       403       401
listUnits                   elsewhere  -               403       403      403        200       200       401
createInvitation            home       -               201       201      201        201       403       401
createInvitation            elsewhere  -               403       403      403        201       201       401
createInvitation            home       unit:resident   201       201      403        403       403       401
createInvitation            home       unit:neighbour  403       403      201        403       403       401
createInvitation            home       unit:stranger   403|409   403|409  403|409    403|409   403|409   401
createInvitation            elsewhere  unit:commuter   403       403      403        409       403|409   401
registerUser                home       -               201       -        -          -         201       201
getOpenIdConfiguration      all        -               200       200      200        200       200       200
uploadFile                  all        -               201       201      201        201       201       201
checkInviteToken            home       -               200       200      200        200       200       200
"""
HEAD, *ROWS = (line.split() for line in TABLE.strip().splitlines())
ERRORS = 400

Row = tuple[str, str, dict[str, str]]  # where, what and the cells by column


def _groups() -> Iterator[object]:
    """The rows of an operation that name the same kind of thing belong to one test, for what is dear is to look at everything."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for operation, where, what, *cells in ROWS:
        kind = what.partition(":")[0].strip("-")
        groups.setdefault((operation, kind), []).append((where, what, dict(zip(HEAD[3:], cells, strict=True))))
    for (operation, kind), rows in groups.items():
        yield pytest.param(operation, rows, id="-".join(filter(None, (operation, kind))))


@pytest.mark.parametrize(("operation", "rows"), list(_groups()))
@inferred("Authorizations; 403 for what is of others, 404 or 409 for what does not belong there; what is refused changes nothing")
def test_permission(casavi: Casavi, operation: str, rows: list[Row]) -> None:
    writes = operation_of("casavi", operation).writes
    cells = [cell for where, what, columns in rows for cell in _cells(casavi, operation, where, what, columns)]
    refused = [cell for cell in cells if cell.codes[0] >= ERRORS]
    watched = writes and refused
    before = casavi.picture() if watched else {}
    wrong = [error for cell in refused for error in cell.errors(casavi)]
    if watched and not wrong:
        after = casavi.picture()
        for name in before:
            same(after.get(name), before[name], operation, f"was refused and has changed what {name} shows")
    wrong += [error for cell in cells if cell not in refused for error in cell.errors(casavi)]
    if wrong:
        raise ContractError(settled(wrong))


@dataclass(frozen=True)
class Cell:
    """A request, who sends it, and what may be answered."""

    operation: str
    row: str
    caller: Caller
    request: Json
    codes: list[int]

    def errors(self, casavi: Casavi) -> tuple[Finding, ...]:
        answer = self.caller.call(self.operation, **_fresh(casavi, self.operation, self.request))
        matcher = refusal(answer.status) if answer.status in self.codes and answer.status >= ERRORS else status(*self.codes)
        return answer.witnessed(matcher(answer))


def _cells(casavi: Casavi, operation: str, where: str, what: str, columns: dict[str, str]) -> Iterator[Cell]:
    request = _request(casavi, operation, where, what)
    for role, cell in columns.items():
        caller = None if cell == "-" else _caller(casavi, role, where)
        if caller is not None:
            yield Cell(operation, f"{where} {what}", caller, request, [int(code) for code in cell.split("|")])


@pytest.mark.usefixtures("casavi")
@inferred("every operation of the API says who may call it")
def test_the_table_knows_every_operation() -> None:
    known = {row[0] for row in ROWS}
    assert known >= set(operations("casavi")), "operations of the spec that the table has not"
    # An overlay may take operations out of the spec.
    assert overlays() or known == set(operations("casavi")), "operations of the table that the spec has not"


def _caller(casavi: Casavi, role: str, where: str) -> Caller | None:
    """Who plays a role; None where the profile has nobody who could."""
    if role == "anonymous":
        return casavi[role]
    person = casavi.cast.roles.get("resident" if role == "cookie" else role)
    if person is None or (role == "cookie" and not (person.bearer and person.cookie)):
        return None
    if role == "commuter" and where == "elsewhere" and str(casavi.elsewhere) not in person.homes:
        return None  # he lives in a third community
    return casavi.with_cookie("resident") if role == "cookie" else casavi[role]


def _fresh(casavi: Casavi, operation: str, request: Json) -> Json:
    """The request with what can be sent once alone."""
    if operation == "createInvitation":
        return request | {"body": casavi.new_invitation() | request["body"]}
    if operation in {"registerUser", "checkInviteToken"}:
        token = casavi.invite(casavi["resident"])["inviteToken"]
        return {"body": casavi.new_registration(token)} if operation == "registerUser" else {"query": {"invite_token": token}}
    return request


def _request(casavi: Casavi, operation: str, where: str, what: str) -> Json:
    """The request, but for who sends it. What it is about belongs to who lives there."""
    place, host = (casavi.elsewhere, casavi["stranger"]) if where == "elsewhere" else (casavi.community, casavi["resident"])
    kind, _, whose = what.partition(":")
    parameters = operations("casavi")[operation].parameters
    request: Json = {name: place for name in parameters if name == "community_id"}
    if "ticket_id" in parameters:
        request["ticket_id"] = casavi.open_ticket(host, communityId=place)["id"]
    if kind == "note":
        request["notification_id"] = _notification(casavi, whose)
    if operation == "markAllNotificationsRead":
        casavi.unread(casavi["resident"], casavi["neighbour"], 1)  # so that a mark would be seen
    if operation in {"listTickets", "listFaqArticles", "listUnits"} and where != "all":
        request["query"] = {"community_id": place}
    body = _body(casavi, operation, host, place, kind)
    if kind == "unit":
        body["unitId"] = _unit(casavi, whose)
    if operation == "uploadFile":
        request |= {"data": b"a file", "headers": {"X-Filename": "note.txt", "Content-Type": "text/plain"}}
    return request | ({"body": body} if body is not None else {})


def _body(casavi: Casavi, operation: str, host: Caller, place: int, kind: str) -> Any:
    file = casavi.upload(casavi["stranger"]) if kind == "file" else None
    if operation == "addTicketComment":
        return {"text": "let me in"} | ({"attachments": [file]} if file else {})
    if operation == "createInvitation":
        return {}
    if operation != "createTicket":
        return None
    if kind == "type":
        own = {type_["id"] for type_ in casavi.types(host)}
        foreign = [type_ for type_ in casavi.types(casavi["stranger"], community_id=casavi.elsewhere) if type_["id"] not in own]
        type_ = foreign[0] if foreign else pytest.skip("the communities have the same ticket types")
        return casavi.new_ticket(casavi["stranger"], type_, communityId=place)
    if file:
        type_, one = casavi.type_with(host, "file")
        return casavi.new_ticket(host, type_, fields=casavi.required(host, type_) | {str(one["id"]): [file]})
    return casavi.new_ticket(host, communityId=place)


def _unit(casavi: Casavi, whose: str) -> int:
    """The id of a unit that is somebody's and nobody else's."""
    others = [casavi[role] for role in casavi.cast.roles if casavi.person(role) != casavi.person(whose)]
    taken = {unit["id"] for other in others for unit in casavi.read(other, "listUnits")}
    home = casavi.elsewhere if whose == "stranger" else casavi.community
    units = [unit["id"] for unit in casavi.read(casavi[whose], "listUnits", {"community_id": home}) if unit["id"] not in taken]
    return int(units[0]) if units else pytest.skip(f"the {whose} has no unit of his own")


def _notification(casavi: Casavi, whose: str) -> int:
    if whose == "stranger":
        rows = casavi.read(casavi[whose], "listNotifications", community_id=casavi.elsewhere)["rows"]
    else:
        rows = casavi.unread(casavi[whose], casavi["resident" if whose == "commuter" else "neighbour"], 1)
    return int(rows[0]["id"]) if rows else pytest.skip(f"the {whose} has no notification")
