"""Faults made of what the document says: each rule is planted into several operations of both APIs."""

from collections.abc import Iterator
from itertools import chain

from contract_tests.faults import changes as c
from contract_tests.faults import generated_changes as g
from contract_tests.faults import handlers as h
from contract_tests.faults import memory as m
from contract_tests.faults import schemas as s
from contract_tests.faults.planting import Fault, InHandler, InStore
from contract_tests.faults.schemas import every, says, some

OTHER_SUCCESS = {"200": "201 Created", "201": "200 OK", "204": "205 Reset Content"}
OTHER_REFUSAL = {"400": "422 Unprocessable Content", "404": "410 Gone", "403": "406 Not Acceptable"}
WRONG = {"string": ["text"], "integer": "7", "number": "7", "boolean": "yes", "array": {}, "object": []}
TOTALS = ("pageCount", "count", "rowsOnPage", m.COUNT)
# What rules would plant in vain: the faulty server answers as the sound one does.
NEVER_CHANGE = {("listOfficialPosts", "pageCount"), ("getUnreadChatCount", "count")}  # no operation adds a post or a message
NO_ORDER = {"listUnits"}
NO_CASE = {"title", "search"}
NEEDS_QUERY = {"uploadCommunityAvatar"}  # without a query it refuses again
NOTHING_UNIQUE = {"createTicket"}

PERSONAL = {"listCommunities", "listTickets", "listNotifications", "listUnits"}  # lists that differ for who asks
# What a manager of a community alone may do; casavi has no such roles.
MANAGED = {"updateCommunity", "uploadCommunityAvatar", "listMembershipRequests", "cancelMembershipRequest", "removeMember"}
UNDONE = {"POST": 21, "PUT": 22, "DELETE": 45}
# What operations write, and the operator that losing it is an example of.
WRITES = (
    ("addMember", "DELETE FROM lin_membership_requests", 46),
    ("addMember", "INSERT INTO lin_members", 21),
    ("addTicketComment", "INSERT INTO cas_activities", 21),
    ("addTicketComment", "INSERT INTO cas_notifications", 21),
    ("addTicketComment", "INSERT INTO cas_ticket_comments", 21),
    ("cancelMembershipRequest", "DELETE FROM lin_membership_requests", 45),
    ("checkInviteToken", "DELETE FROM cas_failures", 38),
    ("checkInviteToken", "INSERT INTO cas_failures", 47),
    ("createCommunity", "INSERT INTO lin_members", 46),
    ("createInvitation", "INSERT INTO cas_invitations", 21),
    ("createTicket", "INSERT INTO cas_activities", 21),
    ("createTicket", "INSERT INTO cas_tickets", 21),
    ("deleteCommunity", "DELETE FROM lin_communities", 45),
    ("markAllNotificationsRead", "UPDATE cas_notifications", 22),
    ("markNotificationRead", "UPDATE cas_notifications", 22),
    ("registerUser", "INSERT INTO cas_members", 21),
    ("registerUser", "INSERT INTO cas_residents", 21),
    ("registerUser", "INSERT INTO cas_users", 21),
    ("registerUser", "UPDATE cas_contacts", 22),
    ("registerUser", "UPDATE cas_invitations", 46),
    ("removeMember", "DELETE FROM lin_members", 45),
    ("requestMembership", "INSERT INTO lin_membership_requests", 21),
    ("updateCommunity", "DELETE FROM lin_members", 45),
    ("updateCommunity", "DELETE FROM lin_membership_requests", 46),
    ("updateCommunity", "INSERT INTO lin_members", 22),
    ("updateCommunity", "UPDATE lin_communities", 22),
    ("updateCommunity", "UPDATE lin_community_domains", 23),
    ("uploadCommunityAvatar", "INSERT INTO lin_images", 46),
    ("uploadCommunityAvatar", "UPDATE lin_communities", 22),
    ("uploadFile", "INSERT INTO cas_uploads", 21),
)


def faults() -> Iterator[Fault]:
    """All of them."""
    return chain(
        _statuses(), _headers(), _properties(), _requests(), _pages(), _rows(), _state(), _access(), _handlers(), _store()
    )


def _statuses() -> Iterator[Fault]:
    for o in some(o for o in every() if o.method == "POST" or s.success(o) == "204"):
        yield Fault(o.id, 1, "another success", c.becomes(OTHER_SUCCESS[s.success(o)], s.success(o)))
    for o in some(every(), 2):
        yield Fault(o.id, 2, "203", c.becomes("203 Non-Authoritative Information", s.success(o)))
    for status, other in OTHER_REFUSAL.items():
        for o in some((o for o in every() if says(o, status)), 1):
            yield Fault(o.id, 2, f"{other[:3]} for {status}", g.recoded(other, status))
    for o in some(o for o in every() if says(o, "404") and s.answer(o)):
        yield Fault(o.id, 3, "404 becomes an empty success", c.succeeds_with(b"[]" if s.is_list(o) else b"{}", "404"))
    for o in some(o for o in every() if s.success(o) == "204"):
        yield Fault(o.id, 4, "204 with a body", c.with_text(b"{}", "204"))
    for o in some(o for o in every() if says(o, "400")):
        yield Fault(o.id, 5, "400 becomes 500", c.becomes(c.ERROR, "400"))


def _headers() -> Iterator[Fault]:
    for o in some(o for o in every() if s.answer(o)):
        yield Fault(o.id, 8, "success as HTML", c.with_header("Content-Type", "text/html"))
    for o in some((o for o in every() if says(o, "404")), 2):
        yield Fault(o.id, 8, "refusal as text", c.with_header("Content-Type", "text/plain", "404"))
    for o, status in s.answers():
        for name in s.headers(o, status):
            if name not in {"WWW-Authenticate", "Content-Length"}:
                yield Fault(o.id, 9, f"{status} without {name}", c.without_header(name, status))
    for o in some(o for o in every() if o.id != "deleteCommunity"):
        yield Fault(o.id, 11, "405 without Allow", c.without_header("Allow", "405"))
        yield Fault(o.id, 11, "405 that allows anything", c.with_header("Allow", "GET, PUT, POST, DELETE, PATCH", "405"))
    for o in some(o for o in every() if o.needs_login):
        yield Fault(o.id, 12, "no challenge", c.without_header("WWW-Authenticate", "401"))


def _properties() -> Iterator[Fault]:
    objects = [o for o in every() if s.required(o)]
    for o in some(objects, 2):
        yield Fault(o.id, 13, f"{s.required(o)[0]} missing", c.without(s.required(o)[0]))
    for o in some(objects):
        names = s.required(o)
        last, middle = names[-1], names[len(names) // 2]
        plain = next((name for name in names if isinstance(s.property_type(o, name), str)), names[0])
        yield Fault(o.id, 14, f"{last} renamed", c.in_each(g.renamed(last)))
        yield Fault(o.id, 15, f"{middle} retyped", c.in_each(g.put_in(middle, WRONG.get(s.property_type(o, middle), 7.5))))
        yield Fault(o.id, 16, f"{plain} null", c.in_each(g.put_in(plain, None)))
    for o in some((o for o in every() if s.mentions(o, "date-time")), 2):
        yield Fault(o.id, 17, "times with a blank", c.answers(g.blank_times))
    for o in some(o for o in every() if s.mentions(o, "date-time")):
        yield Fault(o.id, 17, "times in seconds", c.in_json(g.in_seconds))


def _requests() -> Iterator[Fault]:
    for o in some(o for o in every() if g.has_long_texts(o)):
        yield Fault(o.id, 6, "500 on astral letters", g.broken_by(lambda text: any(map(c.is_astral, text))))
        yield Fault(o.id, 7, "500 on long texts", g.broken_by(lambda text: len(text) > g.LONG))
    for o in some(o for o in every() if g.optional(o)):
        yield Fault(o.id, 18, f"{g.optional(o)[0]} is required", g.refused_without(g.optional(o)[0]))
    for o in some((o for o in every() if g.limited(o)), 4):
        name, schema = g.limited(o)[0]
        yield Fault(o.id, 19, f"{name}: the limit itself refused", g.refused_at(name, schema))
        yield Fault(o.id, 19, f"{name}: one more taken", g.taken_beyond(name, schema))
    for o in some(o for o in every() if s.body(o).get("additionalProperties") is False):
        yield Fault(o.id, 20, "unknown properties taken", c.accepted("400", g.only_known(o)))
    for o in some(o for o in every() if s.query(o)):
        if o.id not in NEEDS_QUERY:
            yield Fault(o.id, 20, "malformed query taken", c.lenient)
    for o in some(o for o in every() if s.body(o).get("properties") and s.answer(o).get("properties")):
        yield Fault(o.id, 48, "what is sent is shown, whatever it is", g.echoed(o))


def _pages() -> Iterator[Fault]:
    for o, name in s.queries():
        if name in {"page", "offset"}:
            yield Fault(o.id, 30, f"{name} one too far", c.shifted(name, 1))
            yield Fault(o.id, 31, f"{name} ignored", c.ignored(name))
        elif name == "limit":
            yield Fault(o.id, 32, "one more than the limit", c.shifted("limit", 1))
            yield Fault(o.id, 32, "the last of a full page lost", g.full_pages(o, lambda rows: rows[:-1]))
        else:
            yield Fault(o.id, 37, f"{name} ignored", c.ignored(name))
            if s.query(o)[name].get("maxLength", 0) > 64 and name not in NO_CASE:
                yield Fault(o.id, 36, f"{name} in the other case", c.requests(g.other_case(name)))
    for o in every():
        for name in (name for name in TOTALS if name in s.item(o).get("properties", {}) or name in s.headers(o, s.success(o))):
            yield Fault(o.id, 33, f"{name} one too many", g.one_more(name))
            if (o.id, name) not in NEVER_CHANGE:
                yield Fault(o.id, 38, f"{name} out of date", m.first_said(name))


def _rows() -> Iterator[Fault]:
    lists = [o for o in every() if s.is_list(o) or "rows" in s.answer(o).get("properties", {})]
    for o in some(lists, 4):
        yield Fault(o.id, 29, "the last stands there twice", g.rows(o, lambda rows: rows + rows[-1:]))
        yield Fault(o.id, 34, "order turns", g.rows(o, m.turning()))
        if o.id not in NO_ORDER:
            yield Fault(o.id, 35, "backwards", g.rows(o, c.backwards))


def _state() -> Iterator[Fault]:
    for o in (o for o in every() if "Location" in s.headers(o, s.success(o))):
        yield Fault(o.id, 10, "Location names another", c.answers(g.elsewhere))
    for o in some(o for o in every() if {"id", "_id"} & set(s.required(o))):
        yield Fault(o.id, 10, "another id", c.in_each(g.other_ids))
    for o in (o for o in every() if says(o, "409")):
        yield Fault(o.id, 23, "a conflict answers the last success", m.last_success("409", f"{s.success(o)} OK"))
        if o.id not in NOTHING_UNIQUE:
            yield Fault(o.id, 23, "not looked at in a race", m.raced(lost=False))
    for o in some(o for o in every() if o.method == "PUT"):
        yield Fault(o.id, 25, "refused the second time", m.second_time("409 Conflict"))
    for o in some(o for o in every() if o.method in {"PUT", "DELETE"}):
        yield Fault(o.id, 28, "500 the second time", m.second_time(c.ERROR))
    for o in some(o for o in every() if not o.safe):
        yield Fault(o.id, 40, "of two at once one is lost", m.raced(lost=True))
    for o in some((o for o in every() if o.safe and says(o, "404") and o.api == "linagora"), 4):  # of casavi nothing ever goes
        yield Fault(o.id, 45, "what was once there is there for ever", m.for_ever())


def _access() -> Iterator[Fault]:
    guarded = [o for o in every() if o.needs_login]
    for o in some(guarded):
        yield Fault(o.id, 41, "any token is good", c.any_token)
        yield Fault(o.id, 41, "no token is needed", c.no_token)
    for o in some(o for o in guarded if o.safe):
        yield Fault(o.id, 42, "reads as the owner", c.owned)
    for o in some(o for o in guarded if not o.safe):
        yield Fault(o.id, 43, "refused, and written as the owner", c.done_anyway("403", c.as_owner))
    for o in (o for o in guarded if o.id in PERSONAL):
        yield Fault(o.id, 44, "shows what others were shown", m.leaking(g.in_rows(o)))


def _handlers() -> Iterator[Fault]:
    writing = [o for o in every() if not o.safe]
    guarded = [o for o in every() if o.needs_login and says(o, "403")]
    for o in some((o for o in writing if o.method in UNDONE), 5):
        yield Fault(o.id, UNDONE[o.method], "rolled back after a success", InHandler(h.rolled_back))
    for o in some(o for o in writing if o.method == "POST"):
        yield Fault(o.id, 29, "done twice", InHandler(h.done_twice))
    for o in some(guarded, 4):
        yield Fault(o.id, 42 if o.safe else 43, "the caller belongs everywhere", InHandler(h.at_home_everywhere))
    for o in (o for o in guarded if o.id in MANAGED):
        yield Fault(o.id, 47, "all are administrators of their domains", InHandler(h.administrating))
    for o in some(o for o in guarded if not o.safe):
        yield Fault(o.id, 24, "refused, and done", InHandler(h.done_though_refused))


def _store() -> Iterator[Fault]:
    for operation, statement, operator in WRITES:
        yield Fault(operation, operator, f"{statement} lost", InStore(f"{statement} "))
    for operation in ("updateCommunity", "uploadCommunityAvatar"):
        yield Fault(operation, 40, "an old update comes back", InStore("UPDATE lin_communities ", late=True))
