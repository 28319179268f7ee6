"""Reports made by hand, for the tests of what is written of them."""

import json
from typing import Any

from jsonschema_rs import Draft202012Validator

from contract_tests.report.collected import SCHEMA, Report
from contract_tests.report.outcome import Outcome

APIS = ("linagora",)
FACTS: dict[str, object] = {"target": "https://staging.example.org", "safety": "full", "options": ["--hypothesis-seed=0"]}
NASTY = "a|b `c` <script>alert(1)</script> @octocat #12 [x](y) **d**"
CURL = """# createCommunity (POST /api/communities)
curl -i -X POST http://x/api/communities -H "Authorization: Bearer $ALICE_TOKEN" --data-binary '{"title": "it'"'"'s; rm -rf /"}'
-> 201 {"_id": "1"}"""


def finding(number: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "operation": f"op{number} (GET /{number})",
        "check": "a_law",
        "text": f"status 5{number:02} where 200 is right",
    } | more


def made(*findings: dict[str, Any], **more: Any) -> Report:
    """A report of one failed test for each finding, and one that passed."""
    report = Report()
    for number, one in enumerate(findings):
        outcome = "known" if one.get("known") else "failed"
        values: dict[str, Any] = {"law": "a law", "source": "documented: x", "curl": [CURL]} | more
        report.outcomes[f"t{number}"] = Outcome(f"x.py::t{number}", outcome, "why", findings=[one], **values)
    report.outcomes["good"] = Outcome("x.py::good", seen={"linagora createCommunity 201": 1})
    return report


def deviation(state: str, **more: Any) -> dict[str, Any]:
    told = {"operation": "op1", "check": "a_law", "status": 500, "pointer": "", "text": "", "reason": "OPS-1", "link": ""}
    return told | {"review": "2027-01-31", "state": state} | more


def _strict(schema: Any) -> Any:
    """The schema, with no keys but those that it describes."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {"additionalProperties": False} if "properties" in schema and "additionalProperties" not in schema else {}
    return {name: _strict(part) for name, part in schema.items()} | closed


def strictly(data: Any) -> list[str]:
    """What is wrong with a report by its schema, if no keys were allowed but those that the schema describes."""
    schema = _strict(json.loads(SCHEMA.read_text("utf-8")))
    return [error.message for error in Draft202012Validator(schema).iter_errors(data)]
