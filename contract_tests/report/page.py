"""HTML pages that need nothing beside them: a report, and which planted faults each layer of the suite caught."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2

from contract_tests.report.coverage import CHECKS, LAYERS, Covered
from contract_tests.report.numbers import counted
from contract_tests.report.sentences import value
from contract_tests.report.writing import write

PAGE = "report.html"
FAULTS_PAGE = "faults.html"
MATRIX = "faults.json"
_ELSEWHERE = {"options", "left_behind"}  # facts that the page shows where they belong, or not at all
_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).resolve().parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
)
_TEMPLATES.filters |= {"counted": counted, "short": value}


def write_page(directory: Path, data: Mapping[str, Any], covered: Sequence[Covered]) -> None:
    """Writes the page of a report, which `Report.data` holds; the fault matrix joins it if one is in the same folder.

    Raises ReportError.
    """
    _write(directory / PAGE, data["run"], covered, data)


def write_faults_page(directory: Path, facts: Mapping[str, object], covered: Sequence[Covered]) -> None:
    """Writes the page of a fault matrix: how sharp the suite is, and what of the contract it asked. Raises ReportError."""
    _write(directory / FAULTS_PAGE, facts, covered, None)


def _write(file: Path, facts: Mapping[str, object], covered: Sequence[Covered], report: Mapping[str, Any] | None) -> None:
    by_api: defaultdict[str, list[Covered]] = defaultdict(list)
    for one in covered:
        by_api[one.operation.api].append(one)
    text = _TEMPLATES.get_template(PAGE).render(
        report=report,
        facts={
            name: _plain(value) for name, value in facts.items() if value not in ("", [], {}, None) and name not in _ELSEWHERE
        },
        written=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        apis=by_api,
        checks=CHECKS,
        layers=LAYERS,
        matrix=_matrix(file.parent / MATRIX),
    )
    write(file, text)


def _plain(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{number} {name}" for name, number in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _matrix(file: Path) -> dict[str, Any] | None:
    """The heat map: for each operator, operation and layer how many planted faults were caught, of how many."""
    if not file.exists():
        return None
    data = json.loads(file.read_text("utf-8"))
    faults = data["faults"]
    columns = [*data["layers"], "all layers", *(["schemathesis run"] if any(fault.get("peer") for fault in faults) else [])]
    operators = {number: f"{number} {name}" for number, name in data["operators"].items()}
    return {
        "columns": columns,
        "by operator": _rows(faults, columns, lambda fault: operators[str(fault["operator"])], list(operators.values())),
        "by operation": _rows(faults, columns, lambda fault: f"{fault['api']} {fault['operation']}", None),
        "total": _cells(faults, columns),
        "survivors": [fault for fault in faults if not fault["killed"]],
        "run": data["run"],
    }


def _rows(faults: list[Any], columns: list[str], key: Any, order: list[str] | None) -> list[tuple[str, list[Any]]]:
    groups: defaultdict[str, list[Any]] = defaultdict(list)
    for fault in faults:
        groups[key(fault)].append(fault)
    names = [name for name in order if name in groups] if order else sorted(groups)
    return [(name, _cells(groups[name], columns)) for name in names]


def _cells(faults: list[Any], columns: list[str]) -> list[tuple[int, int] | None]:
    """For each column how many of the faults were killed and how many were tried; None where none was tried."""
    cells: list[tuple[int, int] | None] = []
    for column in columns:
        results = [_result(fault, column) for fault in faults]
        tried = [result for result in results if result is not None]
        cells.append((sum(tried), len(tried)) if tried else None)
    return cells


def _result(fault: Any, column: str) -> bool | None:
    if column == "all layers":
        return bool(fault["killed"])
    tried = fault.get("peer") if column == "schemathesis run" else fault["layers"].get(column)
    return None if tried is None else bool(tried["killed"])
