"""Reports made by hand, for the tests of what is written of them."""

import json
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from contract_tests.contract.counts import Counts, Seen
from contract_tests.contract.finding import Finding, Kind, Step
from contract_tests.report.collected import Report
from contract_tests.report.document import SCHEMA, document, write_report
from contract_tests.report.outcome import Outcome

APIS = ("linagora",)
FACTS: dict[str, object] = {"target": "https://staging.example.org", "safety": "full", "options": ["--hypothesis-seed=0"]}
NASTY = "a|b `c` <script>alert(1)</script> @octocat #12 [x](y) **d**"
BODY = b'{"title": "it\'s; rm -rf /"}'


def step(body: bytes = BODY, answer: bytes = b'{"_id": "1"}') -> Step:
    """A creation by alice."""
    return Step(
        "linagora",
        "alice",
        "createCommunity",
        "POST",
        "http://x/api/communities",
        (("Content-Type", "application/json"),),
        body,
        201,
        (),
        answer,
        "Authorization",
        "Bearer ",
    )


def finding(number: int = 1, detail: str = "", **more: Any) -> Finding:
    """A finding with a cause of its own for each number."""
    said = detail or f"answers 5{number:02} where 200 is right"
    values: dict[str, Any] = {"detail": said, "law": "a_law", "source": "documented: x", "steps": (step(),)}
    return Finding("linagora", f"op{number}", Kind.BEHAVIOUR, **(values | more))


def made(*findings: Finding, **more: Any) -> Report:
    """A report of one failed test for each finding, and one that passed."""
    report = Report(str(FACTS["target"]), APIS)
    for number, one in enumerate(findings):
        outcome = "known" if one.known else "failed"
        values: dict[str, Any] = {"law": "a law", "source": "documented: x"} | more
        report.outcomes[f"t{number}"] = Outcome(f"x.py::t{number}", outcome, "why", findings=(one,), **values)
    good = report.outcomes["good"] = Outcome("x.py::good", counts=Counts())
    good.counts.seen[Seen("linagora", "createCommunity", 201)] += 1
    return report


def data(report: Report, **facts: Any) -> dict[str, Any]:
    """The report as JSON data."""
    return document(report, FACTS | facts)


def written(report: Report, folder: Path, **facts: Any) -> None:
    """Writes all files of a report."""
    write_report(report, folder, FACTS | facts)


def deviation(state: str, **more: Any) -> dict[str, Any]:
    """A known difference as a report has it."""
    told = {"what": "behaviour, operation op1", "cause": {"kind": "behaviour", "operation": "op1"}, "reason": "OPS-1", "link": ""}
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
