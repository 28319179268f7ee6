"""linagora-rse beside a plain model: whatever is done in whichever order, every answer is the model's."""

from copy import deepcopy

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from contract_tests.actors.linagora import UNKNOWN_ID, Linagora
from contract_tests.actors.people import Cast
from contract_tests.machines.linagora_ground import callers, places
from contract_tests.machines.linagora_model import Model
from contract_tests.machines.linagora_people import PeopleRules
from contract_tests.machines.walker import Expected, Json, skip_unless_repeatable, walk
from contract_tests.run.plan import Plan
from contract_tests.run.walks import Walks, getting_somewhere
from contract_tests.transport.wire import Wire

AUDIT = 20  # requests between two looks at everything
DATA = b"GIF89a and so on"
IMAGE_QUERY = {"mimetype": "image/png", "size": 1}
MALFORMED: tuple[tuple[str, Json], ...] = (
    ("createCommunity", {"body": {"title": "no domains"}}),
    ("createCommunity", {"body": {"title": " ", "domain_ids": [UNKNOWN_ID]}}),
    ("createCommunity", {"body": {"title": "a type", "domain_ids": [UNKNOWN_ID], "type": "secret"}}),
    ("listCommunities", {}),
    ("updateCommunity", {"body": {}}),
    ("updateCommunity", {"body": {"description": "must not stick", "title": 1}}),
    ("updateCommunity", {"body": {"description": "must not stick", "creator": UNKNOWN_ID}}),
    ("getCommunityAvatar", {"query": {"format": "small"}}),
    ("uploadCommunityAvatar", {"data": DATA, "query": IMAGE_QUERY | {"size": None}}),
    ("uploadCommunityAvatar", {"data": DATA, "query": IMAGE_QUERY | {"mimetype": "image/webp"}}),
    ("listMembers", {"query": {"limit": 0}}),
    ("listMembers", {"query": {"offset": -1}}),
    ("listMembershipRequests", {"query": {"limit": "x"}}),
    ("listInvitablePeople", {"query": {"limit": 0}}),
)


def test_every_answer_is_the_models(plan: Plan, wire: Wire, linagora: Linagora) -> None:
    skip_unless_repeatable(plan)
    explore(plan, wire, linagora.cast)


def explore(plan: Plan, wire: Wire, cast: Cast) -> None:
    """Walks about as long as the plan says. Raises ContractError."""
    walks = Walks(plan, wire)
    with getting_somewhere(walks):
        found = find(walks, cast)

        class Walk(LinagoraWalker):
            def __init__(self) -> None:
                super().__init__(walks, cast, deepcopy(found))

        walk(plan, walks, Walk)


def find(walks: Walks, cast: Cast) -> Model:
    """What every walk finds at its beginning: read once, in a state of its own."""
    scout = LinagoraWalker(walks, cast, Model())
    try:
        scout.find()
    finally:
        scout.teardown()
    return scout.model


class LinagoraWalker(PeopleRules):
    """Does at random what the API allows and what it refuses, and tells the model."""

    @precondition(lambda self: self.asked > AUDIT)
    @rule()
    def look_at_everything(self) -> None:
        self.asked = 0
        self.audit()

    @rule(role=callers, place=places, what=st.sampled_from(MALFORMED))
    def ask_something_malformed(self, role: str, place: int, what: tuple[str, Json]) -> None:
        id_, (operation, more) = self.place(place), what
        role = self.role(role, id_)
        verdict = Expected(400, "the request is malformed") if self.who(role) else Expected(401, "nobody is logged in")
        reply = self.answered(self.call(role, operation, id_, **more), verdict)
        self.look(reply, id_, "community")
