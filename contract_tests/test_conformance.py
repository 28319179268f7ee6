"""Every operation answers as its document says, to everybody, whatever is sent: Schemathesis generates and checks."""

from collections.abc import Callable, Sequence
from functools import partial

import pytest
from hypothesis import given, seed
from hypothesis import strategies as st
from schemathesis import CheckFunction
from schemathesis.specs.openapi.checks import positive_data_acceptance

from contract_tests.cases import AnyCase, Known, fixed_cases, make_real, random_cases
from contract_tests.client import Caller
from contract_tests.images import MEDIA_TYPES, picture, upload
from contract_tests.judge import Sender, Verdicts
from contract_tests.match import expect, status
from contract_tests.plan import Plan
from contract_tests.plugin import PLAN, property_settings
from contract_tests.report import UNJUDGED
from contract_tests.safety import Refused
from contract_tests.specs import Operation, operations
from contract_tests.wire import Wire
from contract_tests.world import World

ROLES = {"linagora": ("alice", "admin", "outsider", "anonymous"), "casavi": ("resident", "anonymous")}
SUCCESSES, NOT_IMPLEMENTED = range(200, 300), 501
IMAGES = {media_type: picture("red", kind) for kind, media_type in MEDIA_TYPES.items()}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    plan = metafunc.config.stash[PLAN]
    pairs = [(op, role) for api in plan.apis for op in operations(api).values() for role in ROLES[api]]
    metafunc.parametrize(("operation", "role"), pairs, ids=[f"{op.api}-{op.id}-{role}" for op, role in pairs])


def test_conformance(plan: Plan, wire: Wire, request: pytest.FixtureRequest, operation: Operation, role: str) -> None:
    if not operation.documented and not plan.target.judges_inferred:
        pytest.skip(f"{UNJUDGED}the operation itself is inferred (judge_inferred)")
    world: World | None = request.getfixturevalue("world") if operation.api == "linagora" else None
    caller = world[role] if world else _resident(plan, wire, role)
    make_known = partial(_known, plan, world, operation, caller) if world else partial(_known_of_casavi, plan)
    sender = Sender(caller, inferred=plan.target.judges_inferred)
    trial = Trial(operation, sender, make_known, _not_for(plan, operation))
    for number, case in enumerate(fixed_cases(operation, plan.seed, plan.safety)):
        trial.send(case, real=number % 3 < 2)  # every third keeps its invented ids
    trial.conclude()
    if plan.depth.fuzz:
        trial.fuzz(plan)


def _not_for(plan: Plan, operation: Operation) -> list[CheckFunction]:
    # Of the communities that are there some take no membership requests, however well formed; of our own we know.
    return [positive_data_acceptance] if plan.safety == "read-only" and "/membership" in operation.path else []


class Trial:
    """One operation, called by one principal in many ways; of each kind of fault the first is told."""

    def __init__(
        self, operation: Operation, sender: Sender, make_known: Callable[[], Known], without: Sequence[CheckFunction]
    ) -> None:
        self.operation, self.caller = operation, sender.caller
        self._sender, self._make_known, self._without = sender, make_known, without
        self._known: Known | None = None
        self._sent, self._login_was_judged = 0, not operation.needs_login
        self._verdicts: Verdicts = {}
        self._refusal: Refused | None = None

    def send(self, case: AnyCase, *, real: bool) -> None:
        """Sends a case and remembers what was wrong with the answer; one that the guard keeps back is left out."""
        try:
            self._send(case, real=real)
        except Refused as refusal:
            self._refusal = refusal

    def _send(self, case: AnyCase, *, real: bool) -> None:
        if self._known is None or self.operation.id == "deleteCommunity":
            self._known = self._make_known()
        if real:
            make_real(case, self._known)
        response = self._sender.send(case, self._known)
        if response.status_code == NOT_IMPLEMENTED and not self._sent:
            pytest.skip("not implemented by the target (501)")
        self._sent += 1
        self._verdicts = self._sender.judge(case, response, without=self._without) | self._verdicts
        # Asking for a login is a property of the operation, so one success is enough to try it without.
        if not self._login_was_judged and response.status_code in SUCCESSES and response.request.method == self.operation.method:
            self._login_was_judged = True
            self._verdicts |= self._sender.judge_login(response)

    def conclude(self) -> None:
        """Raises AssertionError with one fault of each kind, or Refused if nothing could be sent at all."""
        if self._verdicts:
            told = "\n\n".join(self._verdicts.values())
            raise AssertionError(f"{self.operation} as {self.caller.name} breaks its contract:\n\n{told}")
        if self._refusal is not None and not self._sent:
            raise self._refusal

    def fuzz(self, plan: Plan) -> None:
        """Sends random cases; Hypothesis shrinks the first that fails."""

        @seed(plan.seed)
        @property_settings(plan.depth.fuzz)
        @given(case=random_cases(self.operation, plan.seed, plan.safety), real=st.booleans())
        def attempt(case: AnyCase, real: bool) -> None:
            self._verdicts = {}
            self.send(case, real=real)
            self.conclude()

        attempt()


def _known(plan: Plan, world: World, operation: Operation, caller: Caller) -> Known:
    """Real values with which a valid request of alice's succeeds: her own community, or bob's where one asks to enter."""
    asks = operation.id in {"requestMembership", "cancelMembershipRequest"}
    properties = {"domain_ids": [world.domain], "newMembers": [world.user_id("bob")], "deleteMembers": [world.user_id("carol")]}
    user = caller.user_id if asks else world.user_id("alice" if operation.id == "getMember" else "bob")
    parameters = {"domain_id": world.domain, "user_id": user}
    if "community_id" in operation.parameters and plan.safety == "read-only":
        parameters |= {"community_id": world.existing(world["alice"])}
    elif "community_id" in operation.parameters:
        takes_requests = {"type": "private"} if asks or operation.id == "listMembershipRequests" else {}
        community = parameters["community_id"] = world.id(world["bob" if asks else "alice"], **takes_requests)
        if operation.id in {"updateCommunity", "getCommunityAvatar"}:
            avatar = expect(upload(world["alice"], community, IMAGES["image/png"]), status(200))
            properties["avatar"] = avatar.json["_id"]
    return Known({name: value for name, value in parameters.items() if value}, properties, IMAGES)


def _resident(plan: Plan, wire: Wire, role: str) -> Caller:
    people = plan.target.profile.of("casavi")
    if role == "anonymous":
        return Caller("casavi", wire, role, {})
    if not people:
        pytest.skip("the profile names nobody of the casavi API")
    return Caller("casavi", wire, people[0].name, people[0].headers, people[0].user_id)


def _known_of_casavi(plan: Plan) -> Known:
    people = plan.target.profile.of("casavi")
    return Known({"community_id": people[0].homes[0]} if people else {})
