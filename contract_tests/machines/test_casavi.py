"""casavi beside a plain model: whatever is done in whichever order, every answer is the model's."""

from copy import deepcopy

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contract_tests.actors.casavi import Casavi
from contract_tests.actors.people import Cast
from contract_tests.machines.casavi_ground import callers, numbers
from contract_tests.machines.casavi_invitations import InvitationRules
from contract_tests.machines.casavi_model import Model
from contract_tests.machines.casavi_news import NewsRules
from contract_tests.machines.walker import Expected, Json, skip_unless_repeatable, walk
from contract_tests.profile import Profile
from contract_tests.run.plan import Plan
from contract_tests.run.walks import Walks, getting_somewhere
from contract_tests.transport.wire import Wire

AUDIT = 20  # requests between two looks at everything
MALFORMED: tuple[tuple[str, Json], ...] = (
    ("createTicket", {"body": {"communityId": 1}}),
    ("createTicket", {"body": {"communityId": 1, "ticketTypeId": 1, "status": "CLOSED"}}),
    ("addTicketComment", {"body": {"text": ""}}),
    ("addTicketComment", {"body": {"text": "x", "author": 1}}),
    ("createInvitation", {"body": {"email": "nobody"}}),
    ("listNotifications", {"query": {"after": "yesterday"}}),
    ("listNotifications", {"query": {"unreadOnly": "maybe"}}),
    ("listActivities", {"query": {"page": -1}}),
    ("listAppointments", {"query": {"limit": 101}}),
    ("listTickets", {"query": {"community_id": "x"}}),
    ("markNotificationRead", {"notification_id": "x"}),
)


def test_every_answer_is_the_models(plan: Plan, wire: Wire, casavi: Casavi) -> None:
    skip_unless_repeatable(plan)
    explore(plan, wire, casavi.cast, casavi.profile)


def explore(plan: Plan, wire: Wire, cast: Cast, profile: Profile) -> None:
    """Walks about as long as the plan says. Raises ContractError."""
    walks = Walks(plan, wire)
    with getting_somewhere(walks):
        found = find(walks, cast, profile)

        class Walk(CasaviWalker):
            def __init__(self) -> None:
                super().__init__(walks, cast, profile, deepcopy(found))

        walk(plan, walks, Walk)


def find(walks: Walks, cast: Cast, profile: Profile) -> Model:
    """What every walk finds at its beginning: read once, in a state of its own."""
    scout = CasaviWalker(walks, cast, profile, Model())
    try:
        scout.find()
    finally:
        scout.teardown()
    return scout.model


class CasaviWalker(InvitationRules, NewsRules):
    """Does at random what the API allows and what it refuses, and tells the model."""

    @precondition(lambda self: self.asked > AUDIT)
    @rule()
    def look_at_everything(self) -> None:
        self.asked = 0
        self.audit()

    @rule(role=callers, number=numbers, what=st.sampled_from(MALFORMED))
    def ask_something_malformed(self, role: str, number: int, what: tuple[str, Json]) -> None:
        role, (operation, more) = self.role(role), what
        who = self.who(role) or self.known("resident")
        about: Json = {"ticket_id": self.ticket(number), "community_id": who.homes[0]} | more
        verdict = Expected(400, "the request is malformed") if self.who(role) else Expected(401, "nobody is logged in")
        self.answered(self.ask(role, operation, **about), verdict)
