"""A server with independent faults: each is told, none is told twice, and nothing is told that is not planted."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract_tests.contract.cause import STATUS, settled
from contract_tests.contract.finding import Finding, Kind
from contract_tests.contract.operations import find_operation
from contract_tests.faults.changes import (
    ERROR,
    at,
    backwards,
    becomes,
    having,
    in_json,
    succeeds_with,
    with_header,
    without,
    without_header,
)
from contract_tests.faults.memory import undone
from contract_tests.faults.planting import Fault
from contract_tests.report.causes import Broken
from contract_tests.run.plan import Plan
from contract_tests.run.plugin import PLAN, REPORT
from contract_tests.selftests.runs import run
from contract_tests.transport.in_process import WsgiApp

MOST = 1.3  # findings for each fault
ROWS = 10  # of a test with more of them every tenth is looked at
CALLERS = ("alice", "resident")
# Where it is not done that somebody joins, by a snapshot, nothing is done that happens at the same time.
RACED = "test_a_community_is_deleted_once_and_nobody_joins_it_later"
# What meets the faults, by their number; the conformance tests meet the first one beside the others.
LAYERS = {1: ["conformance/test_links.py", "laws/linagora"], 25: ["conformance", "laws"]}
MEMBER = b'{"_id": "x", "firstname": "Ann", "lastname": "Other"}'


@dataclass(frozen=True)
class Planted:
    """A fault, and the kinds of the findings by which it may be told: all about its operation."""

    fault: Fault
    kinds: tuple[Kind, ...]

    def is_told_by(self, entry: Broken) -> bool:
        return entry.cause.kind in self.kinds and self.fault.operation in {*entry.operations, entry.cause.after}


def _planted(operation: str, name: str, change: Any, *kinds: Kind) -> Planted:
    return Planted(Fault(operation, 1, name, change), kinds)


# The first is told alone; all are of different operations.
FAULTS = (
    _planted("createCommunity", "200 for 201", becomes("200 OK", "201"), Kind.STATUS),
    _planted("listMembers", "no total", without_header("X-ESN-Items-Count"), Kind.HEADER),
    _planted("listMembershipRequests", "breaks", becomes(ERROR, "200"), Kind.SERVER_ERROR),
    _planted("listInvitablePeople", "no last name", without("lastname"), Kind.SCHEMA),
    _planted("addMember", "nobody is added", undone, Kind.BEHAVIOUR),
    _planted("getCommunity", "202 for 200", becomes("202 Accepted", "200"), Kind.STATUS),
    _planted("updateCommunity", "nothing is changed", undone, Kind.BEHAVIOUR),
    _planted("getMember", "everybody is a member", succeeds_with(MEMBER, "404"), Kind.BEHAVIOUR),
    _planted("getCommunityAvatar", "no date", without_header("Last-Modified"), Kind.HEADER),
    _planted("listCommunities", "backwards", in_json(backwards), Kind.BEHAVIOUR),
    _planted("removeMember", "205 for 204", becomes("205 Reset Content", "204"), Kind.STATUS),
    _planted("requestMembership", "other type", with_header("Content-Type", "text/html"), Kind.CONTENT_TYPE),
    _planted("listTickets", "backwards", in_json(backwards), Kind.BEHAVIOUR),
    _planted("createTicket", "202 for 201", becomes("202 Accepted", "201"), Kind.STATUS),
    _planted("listImportantContacts", "no name", without("name"), Kind.SCHEMA),
    _planted("listAppointments", "breaks", becomes(ERROR, "200"), Kind.SERVER_ERROR),
    _planted("listOfficialPosts", "one page too many", at("pageCount", lambda count: count + 1), Kind.BEHAVIOUR),
    _planted("listFaqArticles", "203 for 200", becomes("203 Non-Authoritative Information", "200"), Kind.STATUS),
    _planted("getUnreadChatCount", "a text", having(count="none"), Kind.SCHEMA),
    _planted("getUnreadNotificationCount", "one too many", at("count", lambda count: count + 1), Kind.BEHAVIOUR),
    _planted("listUnits", "other type", with_header("Content-Type", "text/html"), Kind.CONTENT_TYPE),
    _planted("uploadFile", "no address", without_header("Location"), Kind.HEADER, Kind.BEHAVIOUR),
    _planted("createInvitation", "no token", without("inviteToken"), Kind.SCHEMA),
    _planted("markNotificationRead", "not marked", undone, Kind.BEHAVIOUR),
    _planted("listTicketTypes", "206 for 200", becomes("206 Partial Content", "200"), Kind.STATUS),
)


class Planter:
    """A plugin of pytest that puts faults around the mock of a run, and keeps in `told` what the run tells."""

    def __init__(self, planted: tuple[Planted, ...]) -> None:
        self.planted, self.told = planted, list[Broken]()

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Of each operation one caller, and of long tables a few rows: all stumble over the same faults in the same way."""
        rows, row = Counter(map(_test, items)), Counter[str]()
        for item in items.copy():
            callspec = getattr(item, "callspec", None)
            role = callspec.params.get("role") if callspec else None
            is_one_of_many = not role and rows[_test(item)] > ROWS and row[_test(item)] % ROWS
            if role not in {None, *CALLERS} or is_one_of_many or _test(item).endswith(RACED):
                items.remove(item)
            row[_test(item)] += 1

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> None:
        plan = session.config.stash[PLAN]
        adapter: Any = plan.target.gate.inner
        adapter.app = self._around(adapter.app, _owner(plan))

    def _around(self, app: WsgiApp, owner: str) -> WsgiApp:
        faulty = {one.fault.operation: one.fault.around(app, owner) for one in self.planted}

        def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            found = find_operation(environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return faulty.get(found.id if found else "", app)(environ, start_response)

        return answer

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self.told = session.config.stash[REPORT].broken()


def _test(item: pytest.Item) -> str:
    return item.nodeid.partition("[")[0]


def _owner(plan: Plan) -> str:
    return next(person.headers["Authorization"] for person in plan.target.profile.of("linagora"))


@pytest.mark.parametrize("number", LAYERS)
def test_each_fault_is_told_and_nothing_else(number: int) -> None:
    planted = FAULTS[:number]
    planter = Planter(planted)
    run(LAYERS[number], *sorted({f"--api={one.fault.api}" for one in planted}), plugins=[planter])
    missing = [str(one.fault) for one in planted if not any(map(one.is_told_by, planter.told))]
    invented = [entry.sentence for entry in planter.told if not any(one.is_told_by(entry) for one in planted)]
    assert missing == []
    assert invented == []
    assert len(planter.told) <= MOST * number


WRONG = st.builds(
    Finding,
    st.just("linagora"),
    st.just("getMember"),
    st.sampled_from(Kind),
    status=st.sampled_from([200, 404, 500]),
    keyword=st.sampled_from(["", "json", "length", "required", STATUS]),
)


@given(findings=st.lists(WRONG, min_size=1))
def test_of_what_is_wrong_with_an_answer_something_is_told(findings: list[Finding]) -> None:
    told = settled(findings)
    assert told
    assert settled(told) == told
    assert settled(findings[::-1])[0].kind in {one.kind for one in told}


def test_what_never_came_from_the_api_settles_a_wrong_status() -> None:
    page = Finding("linagora", "getMember", Kind.CONTENT_TYPE, status=200, got="text/html")
    let_in = Finding("linagora", "getMember", Kind.STATUS, status=200, got=200, keyword=STATUS)
    assert settled([let_in, page]) == (page,)


def test_a_broken_server_settles_what_its_body_is() -> None:
    crash = Finding("linagora", "getMember", Kind.SERVER_ERROR, status=500, got=500)
    garbage = Finding("linagora", "getMember", Kind.BODY, status=500, keyword="json")
    assert settled([garbage, crash]) == (crash,)
