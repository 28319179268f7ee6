"""Faults inside the mock: wrapped handlers, and a store that loses writes or repeats old ones. For both APIs."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from contract_tests.faults.described import Described, described, some
from contract_tests.faults.planting import Fault, Handled, Stored
from mock_server.dispatch import Call, Handler, Reply
from mock_server.errors import Problem

UNDONE = {"POST": 21, "PUT": 22, "DELETE": 45}
FORBIDDEN = 403
# What a manager of a community alone may do; casavi has no such roles.
MANAGED = {
    "updateCommunity",
    "deleteCommunity",
    "uploadCommunityAvatar",
    "listMembershipRequests",
    "cancelMembershipRequest",
    "removeMember",
}
# What the operations write: for each the table, and the kind of fault that losing it is.
INSERTS = {
    "addMember": {"lin_members": 21},
    "addTicketComment": {"cas_activities": 21, "cas_notifications": 21, "cas_ticket_comments": 21},
    "checkInviteToken": {"cas_failures": 47},
    "createCommunity": {"lin_members": 46},
    "createInvitation": {"cas_invitations": 21},
    "createTicket": {"cas_activities": 21, "cas_tickets": 21},
    "registerUser": {"cas_members": 21, "cas_residents": 21, "cas_users": 21},
    "requestMembership": {"lin_membership_requests": 21},
    "updateCommunity": {"lin_members": 22},
    "uploadCommunityAvatar": {"lin_images": 46},
    "uploadFile": {"cas_uploads": 21},
}
UPDATES = {
    "markAllNotificationsRead": {"cas_notifications": 22},
    "markNotificationRead": {"cas_notifications": 22},
    "registerUser": {"cas_invitations": 46, "cas_contacts": 22},
    "updateCommunity": {"lin_communities": 22, "lin_community_domains": 23},
    "uploadCommunityAvatar": {"lin_communities": 22},
}
DELETES = {
    "addMember": {"lin_membership_requests": 46},
    "cancelMembershipRequest": {"lin_membership_requests": 45},
    "checkInviteToken": {"cas_failures": 38},
    "deleteCommunity": {"lin_communities": 45},
    "removeMember": {"lin_members": 45},
    "updateCommunity": {"lin_members": 45, "lin_membership_requests": 46},
}
VERBS = {"INSERT INTO": INSERTS, "UPDATE": UPDATES, "DELETE FROM": DELETES}


def faults() -> Iterator[Fault]:
    """All of them."""
    writing = [one for one in described() if not one.operation.safe]
    for one in some((o for o in writing if o.operation.method in UNDONE), 5):
        yield _handled(one, UNDONE[one.operation.method], "rolled back after a success", rolled_back)
    for one in some((o for o in writing if o.operation.method == "POST"), 3):
        yield _handled(one, 29, "done twice", done_twice)
    guarded = [one for one in described() if one.operation.needs_login and "403" in one.statuses]
    for one in some(iter(guarded), 4):
        kind = 42 if one.operation.safe else 43
        yield _handled(one, kind, "the caller belongs everywhere", at_home_everywhere)
    for one in (o for o in guarded if o.operation.id in MANAGED):
        yield _handled(one, 47, "all are administrators of their domains", administrating)
    for one in some((o for o in guarded if not o.operation.safe), 3):
        yield _handled(one, 24, "refused, and done", done_though_refused)
    for verb, operations in VERBS.items():
        for operation, tables in operations.items():
            for table, operator in tables.items():
                yield Fault(_api(table), operator, f"{verb} {table} lost", operation, Stored(f"{verb} {table} "))
    for operation in ("updateCommunity", "uploadCommunityAvatar"):
        yield Fault("linagora", 40, "an old update comes back", operation, Stored("UPDATE lin_communities ", late=True))


def _handled(one: Described, operator: int, name: str, wrap: Any) -> Fault:
    return Fault(one.api, operator, name, one.operation.id, Handled(wrap))


def _api(table: str) -> str:
    return {"lin": "linagora", "cas": "casavi"}[table[:3]]


def rolled_back(handler: Handler) -> Handler:
    """The answer is right, and nothing has happened."""

    def undone(call: Call) -> Reply:
        point = call.connection.begin_nested()
        reply = handler(call)
        point.rollback()
        return reply

    return undone


def done_twice(handler: Handler) -> Handler:
    def twice(call: Call) -> Reply:
        reply = handler(call)
        handler(call)
        return reply

    return twice


def at_home_everywhere(handler: Handler) -> Handler:
    """Whoever asks is in all domains, or in all communities."""

    def welcome(call: Call) -> Reply:
        name = "domain_ids" if hasattr(call.caller, "domain_ids") else "community_ids"
        table = "lin_domains" if name == "domain_ids" else "cas_communities"
        rows = call.connection.exec_driver_sql(f"SELECT id FROM {table} WHERE session = ?", (call.session,))
        return handler(replace(call, caller=replace(call.caller, **{name: frozenset(row[0] for row in rows)})))

    return welcome


def administrating(handler: Handler) -> Handler:
    """Whoever asks administrates his domains."""
    return lambda call: handler(replace(call, caller=replace(call.caller, administrated=call.caller.domain_ids)))


def done_though_refused(handler: Handler) -> Handler:
    """Who is refused sees the refusal; what he asked for is done all the same, as for somebody with every right."""
    entitled = at_home_everywhere(with_every_right(handler))

    def sly(call: Call) -> Reply:
        try:
            return handler(call)
        except Problem as problem:
            if problem.status != FORBIDDEN:
                raise
            try:
                entitled(call)
            except Problem:
                raise problem from None
            return Reply(problem.status, problem.body(), problem.headers)

    return sly


def with_every_right(handler: Handler) -> Handler:
    return lambda call: (administrating(handler) if hasattr(call.caller, "domain_ids") else handler)(call)
