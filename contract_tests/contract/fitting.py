"""The documents fitted to a deployment: whether they are good for the suite after an overlay, and what goes with what is gone."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from referencing.exceptions import Unresolvable

from contract_tests.contract.overlay import Json, Misfit, OverlayError, adapted, brief, places, value_at, without

PARAMETER = re.compile(r"\{([^{}/]+)\}")


def fitted(documents: Mapping[str, Json], file: Path) -> dict[str, Json]:
    """The documents, by API, after one overlay, as `adapted` has them, and valid still. Raises OverlayError."""
    result = adapted(documents, file)
    try:
        _check(documents, result)
    except Misfit as error:
        raise OverlayError(f"{file}: leaves no valid document: {error}") from None
    return result


def without_dead_links(document: Json) -> Json:
    """The document without links to operations that it does not have, which no walk can follow."""
    alive = {None, *(operation["operationId"] for _, _, operation in _operations({"": document}))}
    links = places(document, "$..links[?@.operationId]")
    return without(document, frozenset(place for place in links if value_at(place, document)["operationId"] not in alive))


def give_links_their_bodies(document: Json) -> None:
    """Make `requestBody` of what the documents keep as `x-request-body`, since some of their readers take only text there."""
    for _, _, operation in _operations({"": document}):
        for response in operation["responses"].values():
            for link in response.get("links", {}).values():
                if "x-request-body" in link:
                    link["requestBody"] = link["x-request-body"]


def _check(before: Mapping[str, Json], after: Mapping[str, Json]) -> None:
    """Valid documents, and what tests need besides: they call operations by id, with path parameters by name."""
    for api, document in after.items():
        if document is not before[api]:
            _check_document(api, document)
    had = {operation["operationId"]: _parameters(path) for path, _, operation in _operations(before)}
    taken: dict[tuple[str, str], str] = {}
    for path, method, operation in _operations(after):
        id_, where = operation.get("operationId"), f"{method.upper()} {path}"
        if not {"operationId", "responses"} <= operation.keys():
            raise Misfit(f"{where} needs `operationId` and `responses`")
        if had.get(id_, _parameters(path)) != _parameters(path):
            raise Misfit(f"{id_} has to keep its path parameters: {', '.join(sorted(had[id_]))}")
        place = method, PARAMETER.sub("{}", path)
        if place in taken:
            raise Misfit(f"{taken[place]} and {id_} are both {where}")
        taken[place] = id_


def check_valid(document: Json) -> None:
    """Raises Misfit unless it is OpenAPI 3.0 or 3.1."""
    # Here, since it takes 0.4 s to load, and few runs have overlays.
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

    version = str(document.get("openapi", "")) if isinstance(document, dict) else ""
    validator = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}.get(version[:3])
    if validator is None:
        raise Misfit(f"no OpenAPI 3.0 or 3.1: `openapi` is {version or 'missing'}")
    try:
        error = next(validator(document).iter_errors(), None)
    except Unresolvable as raised:
        raise Misfit(f"there is no {raised.ref}") from None
    except (LookupError, TypeError, ValueError, AttributeError) as raised:  # such as a parameter that refers to a schema
        raise Misfit(f"a reference leads to something of another kind: {brief(raised)}") from None
    if error is not None:
        raise Misfit(": ".join(filter(None, ["/".join(map(str, error.absolute_path)), brief(error)])))


def _check_document(api: str, document: Json) -> None:
    if not document.get("paths") or "securitySchemes" not in document.get("components", {}):
        raise Misfit(f"{api} needs `paths` and `components.securitySchemes`")
    try:
        check_valid(document)
    except Misfit as misfit:
        raise Misfit(f"{api}: {misfit}") from None


def _parameters(path: str) -> set[str]:
    return set(PARAMETER.findall(path))


def _operations(documents: Mapping[str, Json]) -> Iterator[tuple[str, str, Json]]:
    for document in documents.values():
        for path, item in document["paths"].items():
            for method, operation in item.items():
                if isinstance(operation, dict) and not method.startswith("x-"):
                    yield path, method, operation
