"""At a server that can create nothing, tests that cannot prepare are not judged because of that, and none ends as an error."""

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from contract_tests.faults.servers import near, shared_mock
from contract_tests.selftests.runs import run
from contract_tests.transport.in_process import WsgiApp

BODY = b'{"error": {"code": 500, "message": "Internal Server Error", "details": "the database is full"}}'
CREATIONS = ("/communities", "/tickets", "/invitations")
LINKS = "conformance/test_links.py::test_links_lead_to_answers_that_conform"
TESTS = {
    "linagora": ["laws/linagora/test_joining.py", "machines/test_linagora.py", f"{LINKS}[alice]"],
    "casavi": ["laws/casavi/test_comments.py", "machines/test_casavi.py", f"{LINKS}[resident]"],
}


def _creating_nothing(app: WsgiApp) -> WsgiApp:
    def broken(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != "POST" or not environ["PATH_INFO"].endswith(CREATIONS):
            return app(environ, start_response)
        environ["wsgi.input"] = io.BytesIO(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        start_response("500 Broken", [("Content-Type", "application/json"), ("Content-Length", str(len(BODY)))])
        return [BODY]

    return broken


@pytest.mark.parametrize("api", TESTS)
def test_what_cannot_be_prepared_is_not_judged(api: str, tmp_path: Path) -> None:
    with near(_creating_nothing(shared_mock())) as url:
        result = run(TESTS[api], "--target", url, "--api", api, "--report", str(tmp_path))
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["errors"] == []
    machine = f"machines/test_{api}.py::test_every_answer_is_the_models"
    assert result.outcomes[machine] == "skipped"
    assert any(reason.startswith("Skipped: not judged because of: ") and "breaks with 500" in reason for reason in result.reasons)
