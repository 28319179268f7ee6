"""Each link of casavi's document, once: from an answer that has it to a success of what it leads to.

Those of linagora also lead to what is refused then, such as the avatar of a new community; random walks follow them.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from typing import Any, NamedTuple

import pytest
from schemathesis import Response

from contract_tests.actors.casavi import Casavi
from contract_tests.actors.expectations import require, same
from contract_tests.actors.real_values import RealValues, real_values
from contract_tests.conformance.cases import AnyCase, make_real, valid_case
from contract_tests.conformance.judge import Sender
from contract_tests.contract.basis import not_judged
from contract_tests.contract.cause import SUCCESSES
from contract_tests.contract.finding import ContractError, Finding
from contract_tests.contract.operations import METHODS, Operation, document, operations
from contract_tests.run.plan import Plan
from contract_tests.transport.guard import Need, Refused


class Link(NamedTuple):
    """What an answer with `status` to `source` says about the request that it leads to."""

    source: Operation
    status: str
    target: Operation
    parameters: Mapping[str, Any]
    body: Any

    def __str__(self) -> str:
        return f"{self.source.id}-{self.target.id}"


def _links() -> list[Link]:
    found, known = [], operations("casavi")
    for item in document("casavi")["paths"].values():
        for method in item.keys() & set(METHODS):
            for status, response in item[method]["responses"].items():
                for link in response.get("links", {}).values():
                    source, target = known[item[method]["operationId"]], known[link["operationId"]]
                    found.append(Link(source, status, target, link.get("parameters", {}), link.get("requestBody")))
    return sorted(found, key=str)


@pytest.mark.parametrize("link", _links(), ids=str)
def test_a_link_leads_to_a_success(plan: Plan, casavi: Casavi, link: Link) -> None:
    if plan.safety != "full":
        raise Refused(Need("full"))
    if not (link.target.documented or plan.target.judges_inferred):
        raise not_judged("the link leads to an operation that is inferred")
    _fill(casavi, {link.source.id, link.target.id})
    sender = Sender(casavi["resident"], inferred=plan.target.judges_inferred)
    first = _valid(plan, casavi, sender, link.source)
    answer = sender.send(first, RealValues())
    _as_the_spec_says(sender.judge(first, answer))
    same(str(answer.status_code), link.status, link.source.id, "answers another success than the one that has the link")
    then = _valid(plan, casavi, sender, link.target)
    values = {name: str(_value(expression, first, answer)) for name, expression in link.parameters.items()}
    then.path_parameters = then.path_parameters | {name: values[name] for name in values.keys() & set(link.target.parameters)}
    then.query = (then.query or {}) | {name: values[name] for name in values.keys() - set(link.target.parameters)}
    if link.body is not None:
        then.body = then.body | _value(link.body, first, answer)
    reached = sender.send(then, RealValues())
    _as_the_spec_says(sender.judge(then, reached))
    leads = reached.status_code in SUCCESSES
    require(leads, link.target.id, f"refuses what {link.source.id} links to", expected="a success", got=reached.status_code)


def _as_the_spec_says(wrong: Sequence[Finding]) -> None:
    if wrong:
        raise ContractError(wrong, own=False)


def _fill(casavi: Casavi, concerned: set[str]) -> None:
    """Sees to it that there is something to answer and to ask for; skips the test if that cannot be."""
    resident = casavi["resident"]
    if concerned & {"listTickets", "getTicket", "addTicketComment"}:
        casavi.open_ticket(resident)
    if concerned & {"listNotifications", "markNotificationRead"}:
        casavi.unread(resident, casavi["neighbour"], 1)
    if concerned & {"listTicketTypes", "createTicket"}:
        casavi.types(resident)
    if "listUnits" in concerned:
        casavi.own_unit(resident)


def _valid(plan: Plan, casavi: Casavi, sender: Sender, operation: Operation) -> AnyCase:
    """The first valid request that the document makes, with real values and no filters."""
    case, known = valid_case(operation, plan.seed, plan.safety), real_values(casavi, operation, sender.caller, plan.safety)
    make_real(case, known)
    case.query = {name: value for name, value in (case.query or {}).items() if name in known.parameters}
    return case


def _value(expression: Any, case: AnyCase, answer: Response) -> Any:
    """What a runtime expression of OpenAPI says, or a body made of such expressions."""
    if isinstance(expression, Mapping):
        return {name: _value(part, case, answer) for name, part in expression.items()}
    if isinstance(expression, list):
        return [_value(part, case, answer) for part in expression]
    source, _, pointer = str(expression).partition("#")
    if source.startswith("$request.path."):
        return case.path_parameters[source.removeprefix("$request.path.")]
    if source == "$response.body":
        parts = pointer.strip("/").split("/") if pointer else []
        return reduce(lambda value, part: value[int(part) if isinstance(value, list) else part], parts, answer.json())
    return expression
