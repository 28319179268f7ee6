"""The report as JSON data, masked, and all its files; templates/report.schema.json says what each key holds."""

import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from contract_tests.contract.finding import Finding
from contract_tests.contract.masking import masked
from contract_tests.report.causes import Broken
from contract_tests.report.collected import Report
from contract_tests.report.coverage import totals
from contract_tests.report.curl import told
from contract_tests.report.markdown import markdown
from contract_tests.report.outcome import Outcome, errors
from contract_tests.report.page import write_page
from contract_tests.report.replay import MOST, names, write_failures
from contract_tests.report.verdict import next_steps
from contract_tests.report.writing import write

FORMAT, VERSION = "community-contracts report", 2
JSON, MARKDOWN = "report.json", "report.md"
SCHEMA = Path(__file__).resolve().parent / "templates" / "report.schema.json"


def document(report: Report, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The report as JSON data; `facts` are those of the run."""
    verdict, met = report.verdict(), totals(report.coverage())
    data = {
        "format": FORMAT,
        "version": VERSION,
        "verdict": {"state": verdict.state.value, "text": verdict.text, "next": next_steps(report.ended())},
        "run": dict(facts),
        "unit": report.unit,
        "outcomes": dict(Counter(outcome.outcome for outcome in report.tests)),
        "broken": [_entry(number, one) for number, one in enumerate(report.broken(), 1)],
        "known": [_entry(0, one) for one in report.known()],
        "deviations": report.states,
        "errors": [{"test": outcome.test, "reason": outcome.reason} for outcome in errors(report.tests)],
        "skips": report.skips(),
        "not_judged": report.not_judged(),
        "not_tested": report.not_reached(),
        "coverage": {name: _share(*getattr(met, name)) for name in ("operations", "statuses", "parameters")},
        "operations": _operations(report),
        "tests": [_test(outcome) for outcome in report.tests],
    }
    clean: dict[str, Any] = _masked(data)
    return clean


def write_report(report: Report, directory: Path, facts: Mapping[str, Any]) -> None:
    """Writes report.json for machines, report.md and report.html for people, and failures/ to repeat them.

    Raises ReportError.
    """
    data = document(report, facts)
    write_failures(directory, data["broken"], report.broken(), data["run"].get("options", ()))
    write(directory / JSON, json.dumps(data, indent=1) + "\n")
    write(directory / MARKDOWN, markdown(data))
    write_page(directory, data, report.coverage())


def _entry(number: int, one: Broken) -> dict[str, Any]:
    """A broken contract as plain data; what has no number, because it is known, has no files either."""
    script, test = names(number, one) if 0 < number <= MOST else ("", "")
    if "::" not in one.tests[0]:  # what an app has sent is no test that could be run again
        test = ""
    return {
        "number": number,
        "sentence": one.sentence,
        "cause": {name: value for name, value in vars(one.cause).items() if value not in {"", None}},
        "known": one.known,
        "operations": one.operations,
        "places": [{"operation": operation, "pointer": pointer} for operation, pointer in one.places],
        "judges": one.judges,
        "laws": one.laws,
        "sources": one.sources,
        "tests": one.tests,
        "findings": [_finding(finding) for finding in one.findings[:MOST]],
        "requests": told(one.steps),
        "curl": script,
        "repeat": test,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    named = ("operation", "expected", "got", "status", "keyword", "detail", "law", "judge")
    said = {name: getattr(finding, name) for name in named if getattr(finding, name) not in ("", None)}
    return said | ({"pointer": finding.place.pointer} if finding.place.pointer else {})


def _test(outcome: Outcome) -> dict[str, Any]:
    kept = {name: value for name, value in vars(outcome).items() if name not in {"counts", "findings"}}
    return kept | outcome.counts.plain


def _operations(report: Report) -> dict[str, dict[str, dict[str, int]]]:
    """For every operation of each API the statuses seen and how often; empty for one that was never reached."""
    found: dict[str, dict[str, dict[str, int]]] = {}
    for one in report.coverage():
        seen = {**one.statuses, **one.undocumented}
        counts = {status: number for status, number in sorted(seen.items()) if number}
        found.setdefault(one.operation.api, {})[one.operation.id] = counts
    return found


def _share(met: int, of: int) -> dict[str, int]:
    return {"met": met, "of": of}


def _masked(value: Any) -> Any:
    """The same without secrets; what counts has no texts of the target in it, and most of the size."""
    if isinstance(value, dict):
        return {name: part if name in {"seen", "sent", "checked"} else _masked(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(part) for part in value]
    return masked(value) if isinstance(value, str) else value
