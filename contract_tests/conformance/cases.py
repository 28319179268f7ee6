"""Generated requests: Schemathesis' examples, boundary values and random ones for every operation, partly with real ids."""

import copy
from collections.abc import Iterator
from itertools import chain
from typing import Any, TypeAlias

import schemathesis
from hypothesis import strategies as st
from schemathesis import APIOperation, BaseSchema, Case, GenerationMode

from contract_tests.actors.real_values import RealValues
from contract_tests.contract.operations import METHODS, Operation, cached, document
from contract_tests.insides.of_schemathesis import (
    CONTENT_TYPE_PROBES,
    NO_FEEDBACK,
    CoverageGenerator,
    ExamplesGenerator,
    NotSet,
    Override,
    ParameterLocation,
    coverage_scenario,
)

AnyCase: TypeAlias = "Case[Any]"
AnyOperation: TypeAlias = "APIOperation[Any, Any, Any, Any]"

# What may answer an invalid request. Schemathesis' own default also lets 5xx, 406, 409, 415, 422, 428 and 429 pass.
REJECTIONS = ["400", "401", "403", "404", "405", "413"]
# What may answer a valid one: a fuzzed id is rarely known, a fuzzed title may be taken, and not everybody may do everything.
ACCEPTANCES = ["2xx", "304", "401", "403", "404", "409"]
LONGEST_TITLE = 255  # of a community; a longer one is invalid, and stays so


@cached
def schema(api: str, seed: int, safety: str) -> BaseSchema:
    """The document as Schemathesis sees it, with our settings; no file in the user's folder is read or written."""
    coverage: dict[str, Any] = {"unexpected-methods": []} if safety == "read-only" else {}
    settings = {
        "seed": seed,
        "generation": {"with-security-parameters": False, "database": "none"},
        "phases": {"coverage": coverage},
        "checks": {
            "negative_data_rejection": {"expected-statuses": REJECTIONS},
            "positive_data_acceptance": {"expected-statuses": ACCEPTANCES},
        },
        "operations": [_may_have_to_wait(operation_id) for operation_id in _waiting(api)],
    }
    return schemathesis.openapi.from_dict(copy.deepcopy(document(api)), config=schemathesis.Config.from_dict(settings))


def _waiting(api: str) -> list[str]:
    """The operations that may answer 429: they make a caller wait after failures, whatever he sends next."""
    items = [path[method] for path in document(api)["paths"].values() for method in path.keys() & set(METHODS)]
    return [item["operationId"] for item in items if "429" in item["responses"]]


def _may_have_to_wait(operation_id: str) -> dict[str, Any]:
    return {
        "include-operation-id": operation_id,
        "checks": {
            "negative_data_rejection": {"expected-statuses": [*REJECTIONS, "429"]},
            "positive_data_acceptance": {"expected-statuses": [*ACCEPTANCES, "429"]},
        },
    }


def find(operation: Operation, seed: int, safety: str) -> AnyOperation:
    found: AnyOperation = schema(operation.api, seed, safety)[operation.path][operation.method]
    return found


@cached
def _fixed(operation: Operation, seed: int, safety: str) -> tuple[AnyCase, ...]:
    return tuple(_generated(operation, seed, safety))


def _generated(operation: Operation, seed: int, safety: str) -> Iterator[AnyCase]:
    """The examples first, then the boundary cases, which take longer to make."""
    target = find(operation, seed, safety)
    generation = target.schema.config.generation_for(operation=target, phase="coverage")
    examples = ExamplesGenerator(operation=target, fill_missing=False, override=Override(), feedback=NO_FEEDBACK)
    coverage = CoverageGenerator(
        operation=target,
        generation_modes=generation.modes,
        generation_config=generation,
        auth_storage=None,
        override=Override(),
        feedback=NO_FEEDBACK,
    )
    return (case for case in chain(examples, coverage) if _means_something(case))


def _means_something(case: AnyCase) -> bool:
    # Where the document takes any media type, another Content-Type is no mistake.
    takes_all = any(body.media_type == "*/*" for body in case.operation.body)
    return not (takes_all and coverage_scenario(case) in CONTENT_TYPE_PROBES)


def fixed_cases(operation: Operation, seed: int, safety: str, *, invalid: int = 1) -> list[AnyCase]:
    """The examples of the document and the boundary cases, valid ones first; the same in each run.

    Of the invalid ones one in so many as `invalid` says.
    """
    valid = [case for case in _fixed(operation, seed, safety) if is_valid(case)]
    others = [case for case in _fixed(operation, seed, safety) if not is_valid(case)]
    return [_twin(case) for case in (*valid, *others[::invalid])]


def valid_case(operation: Operation, seed: int, safety: str) -> AnyCase:
    """The first valid request that the document makes."""
    return _twin(next(case for case in _generated(operation, seed, safety) if is_valid(case)))


def _twin(case: AnyCase) -> AnyCase:
    # A case is changed when it is sent, and making one costs more than sending it.
    twin = case.derive()
    twin._meta = copy.deepcopy(case._meta)  # noqa: SLF001 - derive() shares it
    return twin


def random_cases(operation: Operation, seed: int, safety: str) -> st.SearchStrategy[AnyCase]:
    """Valid and invalid requests alike."""
    target = find(operation, seed, safety)
    return st.one_of([target.as_strategy(generation_mode=mode) for mode in GenerationMode])


def is_valid(case: AnyCase) -> bool:
    """Whether the document allows the request."""
    return case.meta is None or case.meta.generation.mode.is_positive


def _valid_in(case: AnyCase, location: ParameterLocation) -> bool:
    return case.meta is None or not case.meta.is_negative_at(location)


def make_real(case: AnyCase, known: RealValues) -> None:
    """Puts real ids where the case has valid invented ones, so that it gets beyond a 404."""
    names = case.path_parameters.keys() & known.parameters.keys()
    if names and _valid_in(case, ParameterLocation.PATH):
        case.path_parameters = {**case.path_parameters, **{name: known.parameters[name] for name in names}}
    names = (case.query or {}).keys() & known.parameters.keys()
    if names and _valid_in(case, ParameterLocation.QUERY):
        case.query = {**case.query, **{name: known.parameters[name] for name in names}}
    if isinstance(case.body, dict) and _valid_in(case, ParameterLocation.BODY):
        kept = {name: value for name, value in case.body.items() if name not in known.never}
        case.body = kept | {name: known.properties[name] for name in kept.keys() & known.properties.keys()} | known.always


def make_consistent(case: AnyCase, known: RealValues) -> dict[str, Any]:
    """What the document says in words alone. Returns options for the call.

    The size of an image is its length, and nobody is admitted and removed at once. A title that is one gets the prefix. A file
    is sent as such, and not as a form, which any media type would include.
    """
    # Schemathesis writes any kind of multipart as a form.
    if str(case.media_type).startswith("multipart/") and all(body.media_type != case.media_type for body in case.operation.body):
        case.media_type = "application/octet-stream"
    body: Any = case.body
    title = body.get("title") if known.prefix and isinstance(body, dict) else None
    if isinstance(title, str) and title.strip() and len(title) <= LONGEST_TITLE:
        case.body = body = body | {"title": f"{known.prefix}{title}"[:LONGEST_TITLE]}
    if isinstance(body, dict) and {"newMembers", "deleteMembers"} <= body.keys() and is_valid(case):
        case.body = body | {"newMembers": [user for user in body["newMembers"] if user not in body["deleteMembers"]]}
    image = known.images.get(str((case.query or {}).get("mimetype")))
    if image is None or isinstance(case.body, NotSet) or not is_valid(case):
        return {}
    case.query = {**case.query, "size": len(image)}
    return {"data": image}
