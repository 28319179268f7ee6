"""How much of the contract a run exercised: of each operation its documented statuses, its parameters, and who looked at it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from contract_tests.contract.counts import Checked, Counts, Sent
from contract_tests.contract.operations import Operation, operations, parameters, statuses
from contract_tests.report.outcome import Outcome, counted

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


def coverage(outcomes: Iterable[Outcome], apis: Iterable[str]) -> list[Covered]:
    """What tests did, added up by operation."""
    every = list(outcomes)
    counts = counted(every)
    layers = Counter((*reached, outcome.layer) for outcome in every for reached in {one[:2] for one in outcome.counts.seen})
    return [_covered(operation, counts, layers) for api in apis for operation in operations(api).values()]


def _covered(operation: Operation, counts: Counts, layers: Counter[tuple[str, str, str]]) -> Covered:
    api, id_ = operation.api, operation.id
    seen = {str(one.status): number for one, number in counts.seen.items() if one[:2] == (api, id_)}
    documented = [status for status in statuses(operation) if not status.startswith("5")]  # nobody can ask for those
    return Covered(
        operation,
        {status: seen.get(status, 0) for status in documented},
        {status: number for status, number in sorted(seen.items()) if status not in documented},
        {one: _sent(counts, operation, *one) for one in parameters(operation)},
        {check: counts.checked[Checked(api, id_, check)] for check in CHECKS if operation.needs_login or check != "ignored_auth"},
        {layer: layers[api, id_, layer] for layer in LAYERS},
    )


def _sent(counts: Counts, operation: Operation, place: str, name: str) -> tuple[int, int]:
    """In how many requests a parameter was accepted, and in how many refused."""
    accepted, refused = (counts.sent[Sent(operation.api, operation.id, place, name, how)] for how in (True, False))
    return accepted, refused


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
