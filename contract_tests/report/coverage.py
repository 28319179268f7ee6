"""How much of the contract a run exercised: of each operation its documented statuses, its parameters, and who looked at it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from contract_tests.contract.operations import Operation, operations, parameters, statuses

# What can look at an answer, in the order of the page: generated requests first, then what looks at several answers at once.
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "positive_data_acceptance",
    "negative_data_rejection",
    "missing_required_header",
    "unsupported_method",
    "ignored_auth",
    "use_after_free",
    "ensure_resource_availability",
    "no_body_where_none_may_be",
    "length_is_the_length",
    "refused_logins_say_how_to_log_in",
    "refused_methods_say_which_are_allowed",
    "errors_have_their_shape",
    "openapi-core",
)
LAYERS = ("law", "machine", "security")


@dataclass
class Covered:
    """One operation: how often each status came, each parameter was sent, each check looked; 0 is never.

    `parameters` count by (place, name) what was accepted and what was refused; `undocumented` are statuses that came all the
    same; `layers` count the tests of laws, machines and security that reached the operation.
    """

    operation: Operation
    statuses: dict[str, int]
    undocumented: dict[str, int]
    parameters: dict[tuple[str, str], tuple[int, int]]
    checks: dict[str, int]
    layers: dict[str, int] = field(default_factory=dict)


def coverage(outcomes: Iterable[Mapping[str, Any]], apis: Iterable[str]) -> list[Covered]:
    """What tests did, as `seen`, `sent`, `checked` and `layer` of each, added up by operation."""
    seen, sent, checked, layers = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for outcome in outcomes:
        seen.update(outcome["seen"])
        sent.update(outcome["sent"])
        checked.update(outcome["checked"])
        layers.update(f"{reached} {outcome['layer']}" for reached in {key.rpartition(" ")[0] for key in outcome["seen"]})
    return [_covered(operation, seen, sent, checked, layers) for api in apis for operation in operations(api).values()]


def _covered(operation: Operation, *counted: Counter[str]) -> Covered:
    what = f"{operation.api} {operation.id} "
    seen, sent, checked, layers = ({k.removeprefix(what): n for k, n in one.items() if k.startswith(what)} for one in counted)
    documented = [status for status in statuses(operation) if not status.startswith("5")]  # nobody can ask for those
    return Covered(
        operation,
        {status: seen.get(status, 0) for status in documented},
        {status: count for status, count in sorted(seen.items()) if status not in documented},
        {
            (place, name): (sent.get(f"{place} {name} accepted", 0), sent.get(f"{place} {name} refused", 0))
            for place, name in parameters(operation)
        },
        {check: checked.get(check, 0) for check in CHECKS if operation.needs_login or check != "ignored_auth"},
        {layer: layers.get(layer, 0) for layer in LAYERS},
    )


@dataclass(frozen=True)
class Totals:
    """How much was met of how much there is; statuses and parameters are those of the operations that were reached."""

    operations: tuple[int, int]
    statuses: tuple[int, int]
    parameters: tuple[int, int]
    never: list[str]
    unsent: list[str]


def totals(covered: Iterable[Covered]) -> Totals:
    """The coverage in numbers, and what was never met by name."""
    every = list(covered)
    reached = [one for one in every if any(one.statuses.values()) or one.undocumented]
    never = [f"{one.operation.id} {status}" for one in reached for status, count in one.statuses.items() if not count]
    unsent = [f"{one.operation.id} {name}" for one in reached for (_, name), counts in one.parameters.items() if not sum(counts)]
    documented = sum(len(one.statuses) for one in reached)
    sendable = sum(len(one.parameters) for one in reached)
    return Totals(
        (len(reached), len(every)), (documented - len(never), documented), (sendable - len(unsent), sendable), never, unsent
    )


SHOWN = 8


def summary(covered: Iterable[Covered]) -> list[str]:
    """The coverage in a few lines for the terminal; what was never met by name, as far as there is room."""
    met = totals(covered)
    return [
        f"documented statuses seen: {met.statuses[0]} of {met.statuses[1]}{_named(met.never)}",
        f"parameters sent: {met.parameters[0]} of {met.parameters[1]}{_named(met.unsent)}",
    ]


def _named(names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return f"; never {', '.join(names[:SHOWN])}{more}"
