"""Faults that show only after several calls, and that the machines beside the models have to find."""

import json
from dataclasses import replace
from typing import Any

from contract_tests.faults import changes as f
from contract_tests.faults.planting import Change, Fault, Request, Response, Send


def _body(asked: Request) -> dict[str, Any]:
    try:
        body = json.loads(asked.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _saying(asked: Request, body: dict[str, Any]) -> Request:
    return replace(asked, body=json.dumps(body).encode())


def undone(asked: Request, send: Send) -> Response:
    """The answer is right, and nothing has happened."""
    snapshot = replace(asked, method="PUT", path="/__mock/snapshots/before", query={}, body=b"")
    send(snapshot)
    answer = send(asked)
    if answer.status.startswith("2"):
        send(replace(snapshot, method="POST", path="/__mock/snapshots/before/restore"))
    return answer


def undone_with_two(asked: Request, send: Send) -> Response:
    return undone(asked, send) if len(_body(asked)) > 1 else send(asked)


def undone_again(asked: Request, send: Send) -> Response:
    """The first picture stays for ever."""
    there = send(replace(asked, method="GET", query={}, body=b"")).status.startswith("200")
    return undone(asked, send) if there else send(asked)


def without_the_second(asked: Request, send: Send) -> Response:
    """Of two new members, one is forgotten."""
    body = _body(asked)
    new = body.get("newMembers")
    return send(_saying(asked, body | {"newMembers": new[:1]}) if isinstance(new, list) and new else asked)


def half_done(asked: Request, send: Send) -> Response:
    """A refused update leaves its description, and a refused comment its text."""
    answer, body = send(asked), _body(asked)
    if answer.status[:3] in {"403", "404", "409"}:
        send(_saying(asked, {name: body[name] for name in ("description", "text") if name in body}))
    return answer


def one_more(query: dict[str, str]) -> dict[str, str]:
    limit = query.get("limit", "")
    return query | ({"limit": str(int(limit) + 1)} if limit.isdigit() and int(limit) > 0 else {})


def next_page(asked: Request, send: Send) -> Response:
    page = asked.query.get("page", "")
    if not page.isdigit() or page == "0":
        return send(asked)
    answer = send(replace(asked, query=asked.query | {"page": str(int(page) + 1)}))
    return answer.with_json(answer.json | {"page": int(page)}) if answer.status.startswith("200") else answer


def count_of_all(asked: Request, send: Send) -> Response:
    answer = send(asked)
    whole = send(replace(asked, query={}))
    return answer.with_json(answer.json | {"count": whole.json["count"]}) if answer.status.startswith("200") else answer


def only_the_newest(asked: Request, send: Send) -> Response:
    """Of all notifications, the newest is marked."""
    listed = send(replace(asked, method="GET", path=asked.path.removesuffix("/read"), query={"unreadOnly": "true"}))
    if not listed.status.startswith("200"):
        return send(asked)
    for row in listed.json["rows"][:1]:
        send(replace(asked, path=asked.path.replace("/read", f"/{row['id']}/read")))
    return Response("204 No Content", {}, b"")


def ever_pending() -> Change:
    """Who was pending once, in a session, is shown as pending for ever."""
    memory: dict[tuple[str, str], dict[str, Any]] = {}

    def change(asked: Request, send: Send) -> Response:
        answer = send(asked)
        if not answer.status.startswith("201"):
            return answer
        known = memory.setdefault((asked.headers.get("X-Mock-Session", ""), asked.path), {})
        known |= answer.json["pendingUsers"]
        return answer.with_json(answer.json | {"pendingUsers": known})

    return change


def never_fewer() -> Change:
    """The number of members does not fall."""
    memory: dict[tuple[str, str], int] = {}

    def change(asked: Request, send: Send) -> Response:
        answer = send(asked)
        name = next((name for name in answer.headers if name.lower() == "x-esn-items-count"), "")
        if not name:
            return answer
        key = asked.headers.get("X-Mock-Session", ""), asked.path
        memory[key] = max(memory.get(key, 0), int(answer.headers[name]))
        return replace(answer, headers=answer.headers | {name: str(memory[key])})

    return change


def _without_case(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(items, key=lambda item: str(item["title"]).casefold())


TEST = "machines/test_{}.py::test_every_answer_is_the_models"


def linagora(operator: int, name: str, operation: str, change: Change) -> Fault:
    return Fault("linagora", operator, name, operation, change, (TEST.format("linagora"),))


def casavi(operator: int, name: str, operation: str, change: Change) -> Fault:
    return Fault("casavi", operator, name, operation, change, (TEST.format("casavi"),))


FAULTS = (
    linagora(22, "an update of two things is lost", "updateCommunity", undone_with_two),
    linagora(22, "the second new member is forgotten", "updateCommunity", without_the_second),
    linagora(24, "a refused update is half done", "updateCommunity", half_done),
    linagora(35, "titles are ordered without case", "listCommunities", f.objects(_without_case)),
    linagora(38, "the number of members never falls", "listMembers", never_fewer()),
    linagora(32, "one request too many", "listMembershipRequests", f.queries(one_more)),
    linagora(22, "a second picture is lost", "uploadCommunityAvatar", undone_again),
    linagora(45, "leaving is lost", "removeMember", undone),
    casavi(32, "pages leave a gap", "listActivities", next_page),
    casavi(33, "all are counted whatever the filter", "listNotifications", count_of_all),
    casavi(22, "the newest alone is marked", "markAllNotificationsRead", only_the_newest),
    casavi(22, "marking is lost", "markNotificationRead", undone),
    casavi(24, "a refused comment is half done", "addTicketComment", half_done),
    casavi(35, "tickets stand oldest first", "listTickets", f.objects(lambda tickets: tickets[::-1])),
    casavi(46, "who has registered is still pending", "createInvitation", ever_pending()),
    casavi(21, "a registration is lost", "registerUser", undone),
)
