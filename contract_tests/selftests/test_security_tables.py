"""The security tables know every operation and every id; and each row about somebody else's id is red where it has to be."""

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import run_wsgi_app

from contract_tests.contract.operations import operations, use_overlays
from contract_tests.faults.servers import near, shared_mock
from contract_tests.laws.security import test_casavi_permissions as casavi
from contract_tests.laws.security import test_linagora_foreign_ids as foreign
from contract_tests.laws.security import test_linagora_permissions as linagora
from contract_tests.laws.security.ids import ids_of
from contract_tests.selftests.runs import run
from contract_tests.transport.in_process import WsgiApp

FOREIGN = "laws/security/test_linagora_foreign_ids.py::test_a_foreign_id_opens_nothing"
PERMISSION = "laws/security/test_casavi_permissions.py::test_permission"
NEW_ROWS = [f"{PERMISSION}[{name}]" for name in ("createInvitation-contact", "createInvitation-isAdmin", "createTicket-field")]
REFUSALS = {"403", "404", "409"}
NEW_ID = """
overlay: 1.0.0
info: {title: An invitation names a manager, version: 1.0.0}
extends: casavi.yaml
actions:
  - target: $.components.schemas.NewInvitation.properties
    update: {managerId: {$ref: "#/components/schemas/Id"}}
"""

Changed = Callable[[dict[str, Any], str, bytes], tuple[str, bytes]]


def test_the_tables_know_every_operation() -> None:
    assert {row[0] for row in casavi.ROWS} == set(operations("casavi"))
    assert {row[0] for row in linagora._rows()} == set(operations("linagora"))  # noqa: SLF001 - the table, read


def _asked_of_casavi() -> set[tuple[str, str]]:
    """Each operation with the ids that its rows ask about."""
    kinds = {(operation, casavi.NAMES[what.partition(":")[0]]) for operation, _, what, *_ in casavi.ROWS if ":" in what}
    files = {("createTicket", "fields")} if ("createTicket", "attachments") in kinds else set()
    places = {(operation, name) for operation, where, *_ in casavi.ROWS if where == "elsewhere" for name in casavi.PLACES}
    return kinds | files | places | casavi.FOR_ALL


def test_the_tables_ask_for_every_id() -> None:
    assert ids_of("casavi") <= _asked_of_casavi()
    assert ids_of("linagora") == {(operation, name) for operation, name, _ in foreign.ROWS}


def test_a_new_id_is_in_no_row(tmp_path: Path) -> None:
    file = tmp_path / "manager.yaml"
    file.write_text(NEW_ID)
    try:
        use_overlays([file])
        assert ids_of("casavi") - _asked_of_casavi() == {("createInvitation", "managerId")}
    finally:
        use_overlays([])


def _changing(app: WsgiApp, change: Changed) -> WsgiApp:
    """The app with the status and the body of its answers changed."""

    def changed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        parts, status, headers = run_wsgi_app(app, environ)
        body = b"".join(parts)
        if not environ["PATH_INFO"].startswith("/__mock"):
            status, body = change(environ, status, body)
        headers["Content-Length"] = str(len(body))
        start_response(status, headers.to_wsgi_list())
        return [body]

    return changed


def _refusing_nothing(environ: dict[str, Any], status: str, body: bytes) -> tuple[str, bytes]:
    return ("200 OK", b"[]") if status[:3] in REFUSALS else (status, body)


def _telling(environ: dict[str, Any], status: str, body: bytes) -> tuple[str, bytes]:
    if status[:3] not in REFUSALS:
        return status, body
    error = json.loads(body)
    error["error"]["details"] += " Oscar Lindqvist, Leonora Neuland, What happened?"
    return status, json.dumps(error).encode()


@pytest.mark.parametrize("change", [_refusing_nothing, _telling])
def test_each_row_that_is_refused_fails_where_it_is_not_or_where_something_is_told(change: Changed) -> None:
    refused = [f"{FOREIGN}[{operation}-{name}]" for operation, name, code in foreign.ROWS if code >= foreign.ERRORS]
    asked = [*refused, *(row for row in NEW_ROWS if change is _refusing_nothing or "isAdmin" not in row)]
    with near(_changing(shared_mock(), change)) as url:
        result = run(asked, "--target", url)
    assert set(result.outcomes) == set(asked)
    assert "passed" not in result.outcomes.values(), result.outcomes  # a cause that was met before is told once
